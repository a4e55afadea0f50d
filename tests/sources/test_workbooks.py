"""Workbooks as clerks make them, read by either way alike."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from conftest_numbers import number
from shouwang.kernel.errors import InputError
from shouwang.sources.contract import contract
from shouwang.sources.files import open_reader, survey
from shouwang.sources.workbooks import Workbook

HEADER = ["身份证号码", "人员姓名", "单位", "入职日期", "月工资(元)"]
ROWS: list[list[Any]] = [
    [number(1), "龚𠮷䶮", "A&B<厂>", date(2021, 3, 5), 1234.5],
    [float(int(number(2)[:17] + "0")), "向小山", None, datetime(2021, 3, 6, 8, 30), 0.1 + 0.2],
    [number(3), "冉大田", "", "2021年3月7日", "1,200元"],
]
EXPECTED = [
    (4, number(1), "龚𠮷䶮", "A&B<厂>", "2021-03-05", "1234.5"),
    (5, "5.00229198001010E+17", "向小山", "", "2021-03-06", "0.3"),
    (7, number(3), "冉大田", "", "2021年3月7日", "1,200元"),
]


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    hidden = book.create_sheet("旧")
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("名单")
    sheet.append(["务工就业名单（合成数据）"])
    sheet.merge_cells("A1:E1")
    sheet.append([])
    sheet.append(HEADER)
    for row in [*ROWS[:2], [], ROWS[2]]:
        sheet.append(row)
    sheet.row_dimensions[5].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def by_xlsxwriter(constant_memory: bool) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": constant_memory, "strings_to_numbers": False})
    sheet = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy/m/d"})
    sheet.write(0, 0, "务工就业名单（合成数据）")
    sheet.write_row(2, 0, HEADER)
    for place, row in zip((3, 4, 6), ROWS, strict=True):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(place, column, cell, day)
            elif cell is not None:
                sheet.write(place, column, cell)
    book.close()
    return stream.getvalue()


def read(content: bytes) -> list[tuple[Any, ...]]:
    stream = io.BytesIO(content)
    reader = open_reader(stream, "a.xlsx", survey(stream))
    header = reader.find_header(contract("employment_record"))
    places = [header.positions[f] for f in ("id_number", "name", "employer", "started_on", "monthly_wage")]
    frame = pl.concat(list(reader.chunks(header)))
    cells = frame.select("line", *(pl.col(f"c{place}").fill_null("") for place in places))
    return [row for row in cells.iter_rows() if any(row[1:])]


@pytest.mark.parametrize("make", [by_openpyxl, lambda: by_xlsxwriter(True), lambda: by_xlsxwriter(False)])
@pytest.mark.parametrize("slowly", [False, True])
def test_both_ways_of_reading_agree(monkeypatch: pytest.MonkeyPatch, make: Any, slowly: bool) -> None:
    if slowly:
        monkeypatch.setattr(Workbook, "_parse", lambda self, block, width: None)
    found = read(make())
    assert [(row[0], *row[2:]) for row in found] == [(row[0], *row[2:]) for row in EXPECTED]
    assert [row[1] for row in found][::2] == [number(1), number(3)]
    assert "E+17" in found[1][1]


def test_a_file_of_another_source_names_the_one_it_looks_like() -> None:
    stream = io.BytesIO(by_openpyxl())
    reader = open_reader(stream, "a.xlsx", survey(stream))
    with pytest.raises(InputError, match="务工就业"):
        reader.find_header(contract("income_statement"))


def test_half_a_workbook_is_refused() -> None:
    with pytest.raises(InputError, match="损坏"):
        read(by_openpyxl()[:2000])
