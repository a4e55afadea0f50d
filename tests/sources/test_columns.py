"""Cells become values exactly, or a reason; columns at once and texts one by one agree."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest_numbers import number
from shouwang.kernel import citizen_id
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.pack import divisions_folder
from shouwang.sources.columns import Reading, Setting, parse_amount, parse_date, read_column
from shouwang.sources.contract import Column, ColumnType

SETTING = Setting(date(2021, 6, 30), load_divisions(divisions_folder()))


def read(kind: ColumnType, *cells: str | None) -> Reading:
    return read_column(pl.Series("c", cells, dtype=pl.String), Column("c", "列", kind), SETTING)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024/3/5",
        "20240305",
        "2024.3.5",
        "2024年3月5日",
        "２０２４-03-05",
        "2024-03-05 08:30:00",
        "2024/03/05 8:30",
    ],
)
def test_dates_in_every_writing(text: str) -> None:
    assert parse_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize(
    "text", ["5/3/2024", "05-03-2024", "2024-02-30", "2024-3/5", "2024年3月", "45356", "0024-03-05", ""]
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1,234.50", "1234.50"),
        ("１２３４", "1234"),
        ("1234元", "1234"),
        ("¥12.3", "12.3"),
        ("￥ 12 元", "12"),
        ("1.2万元", "12000"),
        ("-5", "-5"),
        (".5", "0.5"),
    ],
)
def test_amounts_in_every_writing(text: str, yuan: str) -> None:
    assert parse_amount(text) == Decimal(yuan)


@pytest.mark.parametrize(
    "text", ["1.234", "1e5", "1.2.3", "12,34", "一百", "1-2", "--5", "(5)", "1 000", "99999999999999999"]
)
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None


@given(st.lists(st.one_of(st.text(max_size=12), st.from_regex(r"-?\d{1,16}(\.\d{0,3})?", fullmatch=True)), max_size=20))
def test_a_column_of_amounts_reads_as_its_cells_do(cells: list[str]) -> None:
    reading = read("amount", *cells)
    bad = reading.faults.get("bad_amount", pl.Series([False] * len(cells)))
    for cell, value, is_bad in zip(cells, reading.values, bad, strict=True):
        if not is_bad and value is not None:
            assert parse_amount(cell.strip().lstrip("'`‘’＇")) == value


@given(st.lists(st.from_regex(r"-?[0-9]{1,3}(,[0-9]{2,3}){0,6}(\.[0-9]{0,3})?元{0,2}", fullmatch=True), max_size=20))
def test_amounts_with_thousands_and_unit_are_read_together_as_each_alone(cells: list[str]) -> None:
    assert read("amount", *cells).values.to_list() == [parse_amount(cell) for cell in cells]


@given(st.dates(date(1900, 1, 1), date(2021, 6, 30)), st.integers(0, 999))
def test_numbers_in_every_writing_are_one_number(born: date, serial: int) -> None:
    right = number(serial, born.strftime("%Y%m%d"))
    wide = right.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    writings = [right, right.lower(), f"'{right}", f" {right[:6]} {right[6:]} ", wide]
    if born.year < 2000:
        writings.append(right[:6] + right[8:17])
    reading = read("id_number", *writings)
    assert reading.faults == {}
    assert set(reading.values) == {right}


@given(st.text(alphabet="0123456789Xx' .E+", max_size=20))
def test_a_number_is_good_exactly_when_it_is_valid(text: str) -> None:
    reading = read("id_number", text)
    value = reading.values[0]
    assert (not reading.faults) == (value is None or (len(value) == 18 and citizen_id.is_valid(value)))


def test_reasons_for_wrong_numbers() -> None:
    good = number(1)
    future = number(1, (date(2021, 6, 30) + timedelta(days=1)).strftime("%Y%m%d"))
    cells = [
        "123",
        good[:17] + ("0" if good[17] != "0" else "1"),
        number(1, "19801301"),
        future,
        "5.00229E+17",
        "500229801301001",
    ]
    reading = read("id_number", *cells)
    assert {reason: list(mask) for reason, mask in reading.faults.items()} == {
        "id_format": [True, False, False, False, False, False],
        "id_check_digit": [False, True, False, False, False, False],
        "id_birth_date": [False, False, True, True, False, True],
        "id_precision_lost": [False, False, False, False, True, False],
    }
