"""A table of texts written to disk as a department would: text file, workbook or parquet, with what stands around it."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter

from shouwang.sources.columns import parse_date
from shouwang.sources.contract import Contract
from shouwang.world.habits import TOTAL, XLSX_ROWS, Habit

NUMBER = "序号"
_NUMERAL = re.compile(r"\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Table:
    """A table on disk that waits for its name; `first_line` is that of its first row, as a reader of the file counts."""

    temporary: Path
    name: str
    first_line: int


def write_table(texts: pl.DataFrame, contract: Contract, habit: Habit, month: date, place: Path) -> Table:
    """Writes the rows beside `place`, whose ending follows from the habit and the number of rows."""
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f"{place.name}.tmp")
    if habit.parquet:
        _named(texts, contract, habit).write_parquet(temporary)
        return Table(temporary, f"{place.name}.parquet", 1)
    title = [f"重庆市{contract.title}（{month:%Y年%m月}，合成数据）"] if habit.title else []
    shown = _named(texts, contract, habit)
    if habit.workbook and texts.height <= XLSX_ROWS:
        _write_workbook(shown, contract, habit, title, temporary)
        ending = "xlsx"
    else:
        _write_text(shown, habit, title, temporary)
        ending = "csv"
    return Table(temporary, f"{place.name}.{ending}", len(title) + 2)


def _named(texts: pl.DataFrame, contract: Contract, habit: Habit) -> pl.DataFrame:
    """The columns under the department's own headers, its extra ones beside them."""
    headers = {column.field: habit.headers.get(column.field, column.header) for column in contract.columns}
    shown = texts.rename({field: headers[field] for field in texts.columns})
    shown = shown.with_columns(pl.lit(value).alias(header) for header, value in habit.extra.items())
    if habit.numbered:
        serial = pl.int_range(1, shown.height + 1, eager=True).cast(pl.String).alias(NUMBER)
        shown = shown.insert_column(0, serial)
    return shown


def _closing(shown: pl.DataFrame, habit: Habit) -> list[str]:
    """The line below the table: how many rows there are, or who filled it in."""
    if not habit.closing:
        return []
    line = [habit.closing, *[""] * (shown.width - 1)]
    if habit.closing == TOTAL:
        line[-1] = f"共{shown.height}行"
    return line


def _write_text(shown: pl.DataFrame, habit: Habit, title: list[str], path: Path) -> None:
    buffer = io.BytesIO()
    ends = "\r\n" if habit.encoding != "utf-8" else "\n"
    for line in title:
        buffer.write((line + habit.separator * (shown.width - 1) + ends).encode())
    shown.with_columns(pl.all().replace("", None)).write_csv(buffer, separator=habit.separator, line_terminator=ends)
    if closing := _closing(shown, habit):
        buffer.write((habit.separator.join(closing) + ends).encode())
    content = buffer.getvalue()
    if habit.encoding != "utf-8":
        content = content.decode().encode(habit.encoding)
    path.write_bytes(content)


def _write_workbook(shown: pl.DataFrame, contract: Contract, habit: Habit, title: list[str], path: Path) -> None:
    """Amounts and dates as true numbers and true dates where they are what they should be, all else as text."""
    left = 1 if habit.margin else 0
    kinds = {habit.headers.get(column.field, column.header): column.type for column in contract.columns}
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2021, 1, 1, tzinfo=UTC), "comments": "合成数据"})
        sheet = book.add_worksheet(contract.title)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        if title:
            sheet.merge_range(0, left, 0, left + shown.width - 1, title[0], bold)
        sheet.write_row(len(title), left, shown.columns, bold)
        for place, column in enumerate(shown.iter_columns(), start=left):
            kind = kinds.get(column.name, "text")
            for line, text in enumerate(column, start=len(title) + 1):
                _write_cell(sheet, line, place, text, kind, day)
            sheet.set_column(place, place, 22 if kind in ("id_number", "long_text") else 13)
        if closing := _closing(shown, habit):
            sheet.write_row(len(title) + 1 + shown.height, left, closing)


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, place: int, text: str, kind: str, day: xlsxwriter.format.Format
) -> None:
    if not text:
        return
    if kind == "date" and "-" in text and (found := parse_date(text)):
        sheet.write_datetime(line, place, datetime(found.year, found.month, found.day, tzinfo=None), day)
    elif kind in ("amount", "count", "year") and _NUMERAL.fullmatch(text):
        sheet.write_number(line, place, float(text))
    else:
        sheet.write_string(line, place, text)
