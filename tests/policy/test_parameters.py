"""Dated parameters: the value that holds on a day, and what may stand for one."""

from datetime import date
from decimal import Decimal

import pytest

from shouwang.kernel.errors import InputError
from shouwang.policy.pack import load_pack
from shouwang.policy.parameters import Value, parse_value, plain, read_parameter

GROUND = {"document": "plan-149", "clause": "第五章第二节"}


def line(**values: object) -> dict[str, object]:
    dated = {date.fromisoformat(day.replace("d", "").replace("_", "-")): value for day, value in values.items()}
    return {"title": "监测线", "type": "amount", "values": dated, "ground": GROUND}


def test_each_value_holds_from_its_day_and_the_last_goes_on() -> None:
    parameter = read_parameter("income.monitoring_line", line(d2020_01_01=6000, d2022_07_01="6660.50"))
    assert parameter.at(date(2022, 6, 30)) == Decimal("6000.00")
    assert parameter.at(date(2022, 7, 1)) == Decimal("6660.50")
    assert parameter.at(date(2035, 1, 1)) == Decimal("6660.50")


def test_before_the_first_value_there_is_none() -> None:
    with pytest.raises(InputError, match="自2020-01-01起"):
        read_parameter("income.monitoring_line", line(d2020_01_01=6000)).at(date(2019, 12, 31))


def test_older_than_a_year_is_said_from_the_day_after_the_anniversary() -> None:
    parameter = read_parameter("income.monitoring_line", line(d2020_01_01=6000))
    assert not parameter.is_older_than_a_year(date(2021, 1, 1))
    assert parameter.is_older_than_a_year(date(2021, 1, 2))


@pytest.mark.parametrize(
    "change",
    [
        {"values": {}},
        {"values": {"2020": 6000}},
        {"values": {date(2022, 1, 1): 1, date(2020, 1, 1): 2}},
        {"type": "money"},
        {"title": ""},
        {"ground": {"document": "plan-149"}},
        {"ground": None},
        {"values": {date(2020, 1, 1): True}},
        {"values": {date(2020, 1, 1): "6000.001"}},
    ],
)
def test_a_faulty_parameter_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        read_parameter("income.monitoring_line", line(d2020_01_01=6000) | change)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("amount", "7000", Decimal("7000.00")),
        ("amount", "7000.5", Decimal("7000.50")),
        ("ratio", "1.25", Decimal("1.2500")),
        ("days", "30", 30),
        ("codes", "在校，休学", ("在校", "休学")),
    ],
)
def test_values_as_people_write_them(kind: str, text: str, value: Value) -> None:
    assert parse_value(kind, text, "x.y") == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("amount", "abc"),
        ("amount", "-1"),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("amount", "1.001"),
        ("amount", "1e99"),
        ("days", "1.5"),
        ("days", ""),
        ("ratio", "1.00001"),
        ("codes", " , "),
        ("codes", ""),
    ],
)
def test_values_that_cannot_be_read(kind: str, text: str) -> None:
    with pytest.raises(InputError, match=r"x\.y"):
        parse_value(kind, text, "x.y")  # type: ignore[arg-type]


def test_plain_words() -> None:
    assert [plain(v) for v in (Decimal("6000.00"), Decimal("1.5000"), Decimal("0.50"), 90, ("甲", "乙"))] == [
        "6000",
        "1.5",
        "0.5",
        "90",
        "甲、乙",
    ]


def test_the_monitoring_line_of_the_shipped_pack_rests_on_the_plan() -> None:
    line_of_chongqing = load_pack().parameters["income.monitoring_line"]
    assert line_of_chongqing.values == ((date(2020, 1, 1), Decimal("6000.00")),)
    assert load_pack().documents[line_of_chongqing.ground.document].number == "渝府办发〔2021〕149号"
