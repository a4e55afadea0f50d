"""The holidays of a year: read from people's words, laid over the pack by a decision, and missing out loud."""

from datetime import date

import pytest

from shouwang.kernel.errors import InputError
from shouwang.policy.decided import Decided
from shouwang.policy.holidays import AHEAD, table_of
from shouwang.policy.pack import Pack, load_pack
from shouwang.screening.pack_check import check_pack

NEXT = """元旦 2027-01-01 至 2027-01-03
春节：2027年2月5日到2027年2月12日
清明节 2027-04-05
调休上班 2027-02-14、2027-02-20"""
LINES = (
    "元旦 2027-01-01至2027-01-03",
    "春节 2027-02-05至2027-02-12",
    "清明节 2027-04-05至2027-04-05",
    "上班 2027-02-14",
    "上班 2027-02-20",
)


def decided(pack: Pack, value: str, number: int = 1, year: int = 2027) -> Pack:
    told = (
        pack.id,
        f"calendar.{year}",
        value,
        date(year, 1, 1),
        "通知",
        "国办发明电〔2026〕9号",
        "全文",
        date(2026, 11, 5),
    )
    return pack.with_decided((*pack.decided, Decided(number, *told, number)))


def test_people_write_it_as_the_notice_does() -> None:
    year = load_pack().holidays["2027"]
    assert year.is_missing
    assert year.parse(NEXT) == LINES
    assert year.parse(year.text(LINES)) == LINES
    assert year.parse("New Year 2027-01-01 to 2027-01-03; worked 2027-02-14") == (
        "NewYear 2027-01-01至2027-01-03",
        "上班 2027-02-14",
    )


def test_a_decision_counts_and_a_later_one_replaces_it() -> None:
    pack = load_pack()
    monday = date(2027, 2, 8)
    assert 2027 not in pack.calendar.years
    assert pack.calendar.is_working(monday)
    first = decided(pack, "；".join(LINES))
    assert not first.calendar.is_working(monday)
    assert first.calendar.is_working(date(2027, 2, 14))
    assert first.version != pack.version
    second = decided(first, "元旦 2027-01-01", number=2)
    assert second.calendar.is_working(monday)
    assert second.calendar.years == pack.calendar.years | {2027}
    assert second.calendar.holidays - pack.calendar.holidays == {date(2027, 1, 1)}


def test_the_packs_own_years_read_the_same_as_before() -> None:
    calendar = load_pack().calendar
    assert calendar.years == set(range(2021, 2027))
    assert date(2021, 2, 11) in calendar.holidays
    assert date(2022, 12, 31) in calendar.holidays
    assert date(2021, 2, 7) in calendar.worked
    assert set(load_pack().holidays) == {str(year) for year in range(2021, 2027 + AHEAD)}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "没有写任何"),
        ("春节放假", "看不明白"),
        ("春节 2027-02-30", "没有 2027-2-30"),
        ("春节 2027-02-12至2027-02-05", "不像一个假期"),
        ("春节 2027-02-05至2027-03-12", "不像一个假期"),
        ("春节 2037-02-05", "不在 2027 年"),
        ("上班 2028-02-12", "不在 2027 年"),
        ("春节 2027-02-05至2027-02-12；上班 2027-02-06", "既是放假日又是上班日"),
        ("上班 2027-02-15", "本来就是工作日"),
    ],
)
def test_what_is_no_table_is_refused(written: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        load_pack().holidays["2027"].parse(written)


def test_a_holiday_of_the_new_year_may_begin_in_the_old_one() -> None:
    assert load_pack().holidays["2027"].parse("元旦 2026-12-31至2027-01-02") == ("元旦 2026-12-31至2027-01-02",)


@pytest.mark.parametrize(("today", "complains"), [(date(2026, 11, 26), False), (date(2026, 12, 5), True)])
def test_a_missing_year_is_told_before_it_begins(today: date, complains: bool) -> None:
    warnings = check_pack(None, today, with_cases=False).warnings
    assert any("2027" in each and "节假日" in each for each in warnings) is complains
    assert decided(load_pack(), NEXT).calendar.assumed(today, date(2027, 12, 31)) == []


def test_an_empty_table_has_no_day() -> None:
    assert table_of([], []).holidays == frozenset()
