"""Identity numbers: one by one and many at once agree, and the well-known example holds."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel import citizen_id as ids
from shouwang.kernel.citizen_id_columns import as_bytes, birth_date_exists_many, check_digit_fits_many

DAY = date(2021, 6, 30)


def test_the_example_of_the_standard() -> None:
    assert ids.is_valid("11010519491231002X")
    assert not ids.is_valid("110105194912310021")
    assert ids.mask("11010519491231002X") == "110105********002X"
    assert ids.sex("11010519491231002X") == "女"


@given(st.text(alphabet="0123456789X", min_size=18, max_size=18))
def test_many_at_once_agree_with_one_by_one(text: str) -> None:
    codes = as_bytes(pl.Series([text]))
    if ids.has_format(text):
        assert bool(check_digit_fits_many(codes)[0]) == (ids.check_digit(text[:17]) == text[17])
        born = ids.birth_date(text)
        assert bool(birth_date_exists_many(codes, DAY)[0]) == (born is not None and born <= DAY)


@given(st.dates(date(1850, 1, 1), date(2025, 12, 31)))
def test_every_real_day_is_a_birth_date_until_the_day_of_receipt(born: date) -> None:
    first = f"500229{born:%Y%m%d}001"
    codes = as_bytes(pl.Series([first + ids.check_digit(first)]))
    assert bool(birth_date_exists_many(codes, DAY)[0]) == (born <= DAY)


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2005, 6, 30), date(2021, 6, 29), 15),
        (date(2005, 6, 30), date(2021, 6, 30), 16),
        (date(2004, 2, 29), date(2021, 2, 28), 16),
        (date(2004, 2, 29), date(2021, 3, 1), 17),
    ],
)
def test_completed_years(born: date, day: date, years: int) -> None:
    assert ids.completed_years(born, day) == years
