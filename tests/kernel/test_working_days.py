"""Clocks in natural and working days, against the notices of the State Council's office and against counting by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import InputError
from shouwang.kernel.working_days import WorkingDays
from shouwang.policy.pack import load_pack

CALENDAR = load_pack().calendar
DAYS = st.dates(date(2020, 6, 1), date(2028, 6, 1))
SPANS = st.integers(0, 60)


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("began", "days", "ends"),
    [
        ("2021-02-09", 1, "2021-02-10"),  # the last day before the Spring Festival
        ("2021-02-10", 1, "2021-02-18"),  # over the whole holiday
        ("2021-02-18", 3, "2021-02-22"),  # Saturday the 20th is worked
        ("2021-02-05", 1, "2021-02-07"),  # and so is Sunday the 7th
        ("2021-09-17", 2, "2021-09-22"),  # 18 worked, 19 to 21 off
        ("2021-09-30", 2, "2021-10-09"),  # 1 to 7 off, Saturday the 9th worked
        ("2022-12-30", 1, "2023-01-03"),  # a holiday that begins in the year before its notice
        ("2024-02-09", 1, "2024-02-18"),  # Sunday worked
        ("2025-01-24", 1, "2025-01-26"),
        ("2026-01-02", 1, "2026-01-04"),
        ("2021-06-11", 0, "2021-06-11"),
    ],
)
def test_working_days_by_the_notices(began: str, days: int, ends: str) -> None:
    assert CALENDAR.deadline(d(began), days, "working") == d(ends)


def test_natural_days_run_through_holidays() -> None:
    assert CALENDAR.deadline(d("2021-02-10"), 3, "natural") == d("2021-02-13")


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025, 2026])
def test_a_year_has_as_many_days_off_as_the_law_gives(year: int) -> None:
    """Regulation on public holidays: 11 days a year, 13 from 2025; make-up days only move weekends."""
    first, last = date(year - 1, 12, 31), date(year, 12, 31)
    week_days = sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))
    lost = week_days - CALENDAR.between(first, last, "working")
    assert lost == pytest.approx(13 if year >= 2025 else 11, abs=2)


@given(DAYS, SPANS)
def test_a_clock_ends_on_a_working_day_with_as_many_in_between(began: date, days: int) -> None:
    ends = CALENDAR.deadline(began, days, "working")
    by_hand = [each for n in range((ends - began).days) if CALENDAR.is_working(each := began + timedelta(days=n + 1))]
    assert len(by_hand) == days == CALENDAR.between(began, ends, "working")
    assert days == 0 or by_hand[-1] == ends


@given(DAYS, SPANS, st.sampled_from(["natural", "working"]))
def test_who_begins_later_never_ends_earlier(began: date, days: int, unit: str) -> None:
    first, second = (CALENDAR.deadline(day, days, unit) for day in (began, began + timedelta(days=1)))  # type: ignore[arg-type]
    assert first <= second
    assert CALENDAR.deadline(began, days, "natural") <= CALENDAR.deadline(began, days, "working")


@given(DAYS, DAYS, st.sampled_from(["natural", "working"]))
def test_counting_back_is_counting_forth_negative(first: date, last: date, unit: str) -> None:
    assert CALENDAR.between(first, last, unit) == -CALENDAR.between(last, first, unit)  # type: ignore[arg-type]


@given(st.dates(date(2027, 1, 1), date(2040, 1, 1)))
def test_beyond_the_table_weekdays_are_worked_and_said_to_be_assumed(day: date) -> None:
    assert CALENDAR.is_working(day) == (day.weekday() < 5)
    assert CALENDAR.assumed(day, day) == [day.year]
    assert CALENDAR.assumed(d("2026-12-30"), d("2027-01-04")) == [2027]


@pytest.mark.parametrize("days", [-1, 1001])
def test_a_clock_that_nobody_means_is_refused(days: int) -> None:
    with pytest.raises(InputError, match="时限"):
        CALENDAR.deadline(d("2021-06-17"), days, "natural")


def test_a_table_that_contradicts_itself_is_refused() -> None:
    saturday, monday = d("2021-06-19"), d("2021-06-21")
    with pytest.raises(InputError, match="既是"):
        WorkingDays(frozenset({saturday}), frozenset({saturday}), frozenset({2021}))
    with pytest.raises(InputError, match="本来就是工作日"):
        WorkingDays(frozenset(), frozenset({monday}), frozenset({2021}))
