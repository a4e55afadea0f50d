"""Decided values over the pack: which value holds on a day, which ground it has, and that nobody edits the list by hand."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.policy.decided import Decided, decided_path, read_decided, render
from shouwang.policy.pack import decided_in, load_pack, pack_of
from shouwang.policy.parameters import Parameter, parse_value, plain, read_parameter, written

LINE = "income.monitoring_line"
FIRST = date(2020, 1, 1)
DAYS = st.dates(FIRST, FIRST + timedelta(days=60))
VALUES = st.integers(1, 9).map(lambda number: str(number * 1000))


def decided(number: int, value: str, since: date, parameter: str = LINE, pack: str = "chongqing") -> Decided:
    return Decided(
        number, pack, parameter, value, since, "关于调整监测线的通知", "渝乡振〔2022〕1号", "第二条", since, 40 + number
    )


def a_parameter(values: dict[date, str]) -> Parameter:
    ground = {"document": "plan-149", "clause": "第五章第二节"}
    dated = {day: values[day] for day in sorted(values)}
    return read_parameter(LINE, {"title": "监测线", "type": "amount", "values": dated, "ground": ground})


@given(
    in_pack=st.dictionaries(DAYS, VALUES, min_size=1, max_size=4),
    accepted=st.lists(st.tuples(DAYS, VALUES), max_size=6),
    day=DAYS,
)
def test_the_latest_value_that_has_begun_holds_and_the_later_decision_of_two(
    in_pack: dict[date, str], accepted: list[tuple[date, str]], day: date
) -> None:
    parameter = a_parameter(in_pack).with_decided([decided(n, v, since) for n, (since, v) in enumerate(accepted, 1)])
    # What a clerk would do: lay the papers in order of their day, then of their decision, and take the last one that began.
    papers = [(since, 0, value, None) for since, value in in_pack.items()]
    papers += [(since, number, value, number) for number, (since, value) in enumerate(accepted, 1)]
    begun = sorted(paper[:3] + (paper[3] or 0,) for paper in papers if paper[0] <= day)
    if not begun:
        with pytest.raises(InputError):
            parameter.at(day)
        assert parameter.decided_at(day) is None
        return
    _, _, value, number = begun[-1]
    assert parameter.at(day) == Decimal(value)
    by = parameter.decided_at(day)
    assert (by.number if by else 0) == number


@given(accepted=st.lists(st.tuples(DAYS, VALUES), max_size=5))
def test_laid_on_one_by_one_or_all_at_once_is_the_same(accepted: list[tuple[date, str]]) -> None:
    listed = [decided(number, value, since) for number, (since, value) in enumerate(accepted, 1)]
    step_by_step = a_parameter({FIRST: "6000"})
    for count in range(len(listed) + 1):
        step_by_step = step_by_step.with_decided(listed[:count])
    assert step_by_step == a_parameter({FIRST: "6000"}).with_decided(listed)
    assert step_by_step.written == ((FIRST, Decimal("6000")),)


@pytest.mark.parametrize("text", ["7000", "7000.50"])
def test_a_value_is_written_as_it_is_read(text: str) -> None:
    assert parse_value("amount", written(parse_value("amount", text, LINE)), LINE) == Decimal(text)
    assert written(parse_value("codes", "在校，休学", "x.y")) == "在校,休学"
    assert plain(parse_value("codes", written(("在校", "休学")), "x.y")) == "在校、休学"


def test_a_home_without_decisions_works_by_the_pack(home: Home) -> None:
    assert pack_of(home) is load_pack()


def lay(home: Home, *listed: Decided) -> Path:
    path = decided_path(home)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(render(listed))
    return path


def test_a_decision_counts_and_the_version_says_so(home: Home) -> None:
    first = decided(1, "7000", date(2022, 7, 1))
    path = lay(home, first)
    pack = pack_of(home)
    assert pack.at(date(2022, 6, 30))[LINE] == Decimal(6000)
    assert pack.at(date(2022, 7, 1))[LINE] == Decimal(7000)
    assert pack.decided_at(date(2022, 7, 1)) == {LINE: first}
    assert pack.version.startswith("2021.1-1+")
    lay(home, first, decided(2, "7100", date(2022, 7, 1)))
    assert pack_of(home).version.startswith("2021.1-2+")
    lay(home, decided(1, "7001", date(2022, 7, 1)))
    assert pack_of(home).version not in (pack.version, load_pack().version)
    assert decided_in(path)[0].value == "7001"
    assert load_pack().parameters[LINE].at(date(2022, 7, 1)) == Decimal(6000)


def test_decisions_for_another_pack_or_a_parameter_that_is_gone_change_no_value(home: Home) -> None:
    lay(home, decided(1, "7000", FIRST, pack="chengdu"))
    assert pack_of(home) is not None
    assert pack_of(home).version == load_pack().version
    lay(home, decided(1, "7000", FIRST, parameter="income.abolished"))
    assert pack_of(home).parameters == load_pack().parameters
    assert len(pack_of(home).decided) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("number: 1", "number: 2"),
        ("'7000'", "7000"),
        ("clause: 第二条\n", ""),
        ("2022-07-01", "2022年"),
        ("decided:", "x:\n y"),
    ],
)
def test_a_list_that_was_edited_is_noticed(home: Home, old: str, new: str) -> None:
    path = lay(home, decided(1, "7000", date(2022, 7, 1)))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=r"decided\.yaml"):
        pack_of(home)


def test_an_unsuitable_value_is_noticed(home: Home) -> None:
    lay(home, decided(1, "七千", FIRST))
    with pytest.raises(InputError, match=LINE):
        pack_of(home)


def test_the_list_reads_back_as_it_was_written() -> None:
    import yaml

    listed = (decided(1, "7000", date(2022, 7, 1)), decided(2, "是: 'x'", date(2023, 1, 1)))
    assert read_decided(yaml.safe_load(render(listed))) == listed
    assert render(listed) == render(read_decided(yaml.safe_load(render(listed))))
