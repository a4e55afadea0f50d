"""Clocks and calendar are read from the pack, with their ground, and whatever does not read as one is refused."""

from datetime import date
from typing import Any

import pytest

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.kernel.working_days import Limit
from shouwang.policy.deadlines import CLOCKS, read_deadline
from shouwang.policy.decided import Decided
from shouwang.policy.holidays import read_holidays
from shouwang.policy.pack import load_pack

WRITTEN: dict[str, Any] = {
    "title": "村级入户核实",
    "unit": "natural",
    "values": {date(2021, 1, 1): 3, date(2022, 1, 1): 5},
    "ground": {"document": "other-counties", "clause": "入户核实"},
    "confidence": "M",
}
YEAR: dict[str, Any] = {
    "title": "通知",
    "number": "国办发明电〔2020〕27号",
    "days_off": {"元旦": [date(2021, 1, 1), date(2021, 1, 3)]},
    "worked": [date(2021, 2, 7)],
}


def test_the_shipped_clocks_are_complete_and_grounded() -> None:
    pack = load_pack()
    assert set(CLOCKS) <= set(pack.deadlines)
    for each in pack.deadlines.values():
        assert each.ground.clause in pack.documents[each.ground.document].clauses
    steps = [pack.deadlines[name] for name in ("city", "county", "township", "village", "township_review")]
    assert sum(each.at(date(2021, 6, 17)).days for each in steps) <= 15 - 5


def test_the_value_of_the_day_holds() -> None:
    deadline = read_deadline("village", WRITTEN)
    assert [deadline.at(date(2021, 12, 31)), deadline.at(date(2022, 1, 1))] == [
        Limit(3, "natural"),
        Limit(5, "natural"),
    ]
    assert deadline.words(deadline.at(date(2021, 6, 1))) == "3天"
    with pytest.raises(InputError, match="2021-01-01起才有"):
        deadline.at(date(2020, 12, 31))


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("3天", Limit(3, "natural")),
        ("３ 天", Limit(3, "natural")),
        ("5日", Limit(5, "natural")),
        ("5个自然日", Limit(5, "natural")),
        ("2个工作日", Limit(2, "working")),
        (" 2工作日 ", Limit(2, "working")),
        ("0天", Limit(0, "natural")),
        ("1 day", Limit(1, "natural")),
        ("2 working days", Limit(2, "working")),
    ],
)
def test_a_limit_is_read_from_words_and_written_as_it_is_read(text: str, limit: Limit) -> None:
    deadline = read_deadline("village", WRITTEN)
    assert deadline.parse(text) == limit
    assert deadline.parse(deadline.text(limit)) == limit


@pytest.mark.parametrize("text", ["3", "", "三天", "-1天", "3.5天", "3周", "3天以内", "1001天", "99999个工作日"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="时限"):
        read_deadline("village", WRITTEN).parse(text)


def test_a_decided_limit_may_count_by_other_days(home: Home) -> None:
    decided = Decided(
        1, "chongqing", "deadline.village", "5个工作日", date(2022, 7, 1), "通知", "", "二", date(2022, 6, 1), 1
    )
    pack = load_pack().with_decided([decided])
    assert pack.deadlines["village"].at(date(2022, 6, 30)) == Limit(3, "natural")
    assert pack.deadlines["village"].at(date(2022, 7, 1)) == Limit(5, "working")
    assert pack.dated["deadline.village"].decided_at(date(2022, 7, 1)) == decided
    assert pack.version.startswith("2021.1-1+")
    assert pack.at(date(2022, 7, 1)) == load_pack().at(date(2022, 7, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "title"),
        ({"unit": "weeks"}, "单位"),
        ({"confidence": "sure"}, "可信程度"),
        ({"values": {}}, "日期: 天数"),
        ({"values": {"2021": 3}}, "日期: 天数"),
        ({"values": {date(2021, 1, 1): "3"}}, "整数"),
        ({"values": {date(2021, 1, 1): -3}}, "整数"),
        ({"values": {date(2022, 1, 1): 3, date(2021, 1, 1): 3}}, "先后"),
        ({"ground": {}}, "依据"),
    ],
)
def test_what_is_no_clock_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_deadline("village", WRITTEN | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": ""}, "文号"),
        ({"days_off": {"元旦": [date(2021, 1, 1)]}}, "首日"),
        ({"days_off": {"元旦": [date(2021, 1, 3), date(2021, 1, 1)]}}, "不像一个假期"),
        ({"days_off": {"元旦": [date(2020, 1, 1), date(2021, 1, 3)]}}, "不像一个假期"),
        ({"worked": ["2021-02-07x"]}, "不是日期"),
    ],
)
def test_what_is_no_calendar_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_holidays({2021: YEAR | change})
