"""Files made to fill memory or disk, or that no program writes: refused in words, before they are unpacked."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shouwang.kernel.errors import InputError
from shouwang.sources import csv_files, parquet_files, workbooks
from shouwang.sources.contract import contract
from shouwang.sources.files import open_reader, survey

HEADER = ["证件号码", "姓名", "单位", "入职日期", "月工资"]
SHEET, BOOK, STYLES, TEXTS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
MUCH = 32 << 20


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["", "向小山", "甲厂", "2021-03-05", 1200])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook with one part changed, or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w", method) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return stream.getvalue()


def read(content: bytes, name: str = "a.xlsx") -> int:
    """How many rows there are."""
    stream = io.BytesIO(content)
    reader = open_reader(stream, name, survey(stream))
    header = reader.find_header(contract("employment_record"))
    return sum(chunk.height for chunk in reader.chunks(header))


def test_the_workbook_that_is_spoiled_here_is_read() -> None:
    assert read(workbook()) == 1
    assert read(with_part(SHEET, lambda old: old)) == 1


def test_a_part_that_unpacks_to_far_more_than_it_takes_is_refused() -> None:
    content = with_part(SHEET, lambda old: old.replace(b"</sheetData>", b" " * (101 << 20) + b"</sheetData>"))
    assert len(content) < 1 << 20
    tracemalloc.start()
    with pytest.raises(InputError, match="解压后过大"):
        read(content)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("part", [BOOK, STYLES, "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_is_read_whole_is_small(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_SMALL_PART", 1 << 20)
    assert read(with_part(part, lambda old: old + b" " * (1 << 19))) == 1
    with pytest.raises(InputError, match="解压后过大"):
        read(with_part(part, lambda old: old + b" " * ((1 << 20) + 1)))


def test_texts_beyond_measure_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_TEXTS", 1 << 20)
    with pytest.raises(InputError, match="文字量过大"):
        read(with_part(TEXTS, lambda old: old + b" " * ((1 << 20) + 1)))


def test_a_row_without_end_before_the_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_SMALL_PART", 1 << 20)
    endless = b'<row r="1">' + b"<c><v>1</v></c>" * 100_000
    with pytest.raises(InputError, match="解压后过大"):
        read(with_part(SHEET, lambda old: old.replace(b'<row r="1"', endless + b'</row><row r="2"', 1)))


def test_a_row_without_end_after_the_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LONGEST_ROW", 1 << 20)
    monkeypatch.setattr(workbooks, "BLOCK_BYTES", 1 << 16)
    endless = b'<row r="3">' + b'<c r="A3"><v>1</v></c>' * 100_000 + b"</row></sheetData>"
    with pytest.raises(InputError, match="写法无法识别"):
        read(with_part(SHEET, lambda old: old.replace(b"</sheetData>", endless)))


def test_more_parts_than_a_workbook_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_DIRECTORY", 1 << 16)
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as more:
        for place in range(2000):
            more.writestr(f"xl/media/{place}", b"")
    with pytest.raises(InputError, match="解压后过大"):
        read(stream.getvalue())


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "xxxxxxxxxx">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(9))
    + b"]>"
)


@pytest.mark.parametrize("part", [BOOK, TEXTS])
def test_entities_are_not_unfolded(part: str) -> None:
    def spoil(old: bytes) -> bytes:
        bare = old.split(b"?>", 1)[1] if old.startswith(b"<?xml") else old
        return LAUGHS + bare.replace(b"</workbook>", b"<x>&a8;</x></workbook>").replace(b"</sst>", b"&a8;</sst>")

    tracemalloc.start()
    with suppress(InputError):
        read(with_part(part, spoil))
    assert tracemalloc.get_traced_memory()[1] < MUCH
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<v>1200</v>", b'<v>1200</v></c><c r="F2" t="s"><v>9999</v>'),
        (b'<row r="2"', b'<row r="two"'),
        (b"</sheetData>", b""),
        (b"<v>1200</v>", b"<v>\xff\xfe</v>"),
    ],
)
def test_what_no_program_writes_is_said_to_be_broken(old: bytes, new: bytes) -> None:
    def spoil(part: bytes) -> bytes:
        assert old in part
        return part.replace(old, new)

    with pytest.raises(InputError, match="损坏"):
        read(with_part(SHEET, spoil))


def test_a_sheet_that_is_named_and_not_there() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            if part != SHEET:
                new.writestr(part, old.read(part))
    with pytest.raises(InputError, match="损坏"):
        read(stream.getvalue())


def test_macros_are_refused() -> None:
    spoiled = with_part(
        "[Content_Types].xml", lambda old: old.replace(b"spreadsheetml.sheet.main", b"macroEnabled.main")
    )
    with pytest.raises(InputError, match="带宏"):
        read(spoiled)


def test_a_text_file_without_a_line_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "LONGEST_RECORD", 1 << 20)
    content = ",".join(HEADER).encode() + b"\n,a,b,2021-01-01,1" * 30 + b'\n,"' + b"x" * (3 << 20)
    with pytest.raises(InputError, match="引号"):
        read(content, "a.csv")


def parquet(rows: int) -> bytes:
    stream = io.BytesIO()
    columns: dict[str, Any] = {name: ["x" * 100] * rows for name in HEADER}
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.mark.parametrize(("limit", "least"), [("MOST_ROWS", 9), ("LARGEST_COLUMN", 64)])
def test_a_table_that_unpacks_too_large_is_refused(limit: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(parquet(10), "a.parquet") == 10
    monkeypatch.setattr(parquet_files, limit, least)
    with pytest.raises(InputError, match="展开后过大"):
        read(parquet(10), "a.parquet")
