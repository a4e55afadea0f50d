"""Days and months counted as the page of the standard rules counts them."""

from datetime import date

import pytest

from shouwang.facts.conditions import Aged
from shouwang.facts.setting import Period, Setting


@pytest.mark.parametrize(
    ("d", "first", "last"),
    [
        (date(2021, 6, 17), date(2020, 6, 1), date(2021, 5, 31)),
        (date(2021, 6, 1), date(2020, 6, 1), date(2021, 5, 31)),
        (date(2021, 6, 30), date(2020, 6, 1), date(2021, 5, 31)),
        (date(2021, 1, 1), date(2020, 1, 1), date(2020, 12, 31)),
        (date(2020, 3, 31), date(2019, 3, 1), date(2020, 2, 29)),
    ],
)
def test_twelve_whole_months_end_before_the_month_of_the_day(d: date, first: date, last: date) -> None:
    assert Setting(d, {"w.months": 12}).whole_months("w.months") == Period(first, last)


def test_within_n_days_leaves_the_first_day_out_and_takes_the_last_in() -> None:
    assert Setting(date(2021, 6, 17), {"w.days": 90}).within("w.days") == Period(date(2021, 3, 20), date(2021, 6, 17))


def test_a_list_is_no_number_and_a_number_no_list() -> None:
    at = Setting(date(2021, 6, 17), {"a.codes": ("甲",), "a.days": 3})
    with pytest.raises(TypeError):
        at.number("a.codes")
    with pytest.raises(TypeError):
        at.names("a.days")


@pytest.mark.parametrize(
    ("born", "d", "age"),
    [
        (date(2004, 2, 29), date(2010, 2, 28), 5),
        (date(2004, 2, 29), date(2010, 3, 1), 6),
        (date(2004, 2, 29), date(2012, 2, 29), 8),
        (date(2014, 3, 1), date(2020, 2, 29), 5),
        (date(2014, 2, 28), date(2020, 2, 29), 6),
        (date(2021, 6, 17), date(2021, 6, 17), 0),
    ],
)
def test_age_is_in_completed_years(born: date, d: date, age: int) -> None:
    import duckdb

    for lowest, highest, expected in ((age, age, True), (age + 1, age + 9, False), (0, age - 1, False)):
        at = Setting(d, {"l": lowest, "h": highest})
        sql = Aged("birth_date", "l", "h").sql(at)
        found = duckdb.connect().execute(f"SELECT {sql} FROM (SELECT DATE '{born}' AS birth_date) AS r").fetchone()
        assert found == (expected,)
