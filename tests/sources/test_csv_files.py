"""CSV from hostile hands: every cell comes through, or the file is refused in words."""

import csv
import io
from contextlib import suppress
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.kernel.errors import InputError
from shouwang.sources import csv_files
from shouwang.sources.contract import contract
from shouwang.sources.files import open_reader, survey

HEADER = ["证件号码", "姓名", "单位", "入职日期"]
CELL = st.text(alphabet='ab1 ,;\t"\n张𠮷·', max_size=6)


def read(content: bytes) -> list[tuple[Any, ...]]:
    stream = io.BytesIO(content)
    reader = open_reader(stream, "a.csv", survey(stream))
    header = reader.find_header(contract("employment_record"))
    frames = list(reader.chunks(header))
    frame = pl.concat(frames) if frames else pl.DataFrame()
    return [tuple(cell or "" for cell in row) for row in frame.select("line", "c0", "c1", "c2", "c3").iter_rows()]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([64, 1 << 20]),
)
def test_every_cell_comes_through(
    rows: list[tuple[str, ...]], separator: str, encoding: str, end: str, block: int
) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_MINIMAL).writerows([HEADER, *rows])
    before = csv_files.BLOCK_BYTES
    csv_files.BLOCK_BYTES = block
    try:
        found = read(stream.getvalue().encode(encoding))
    finally:
        csv_files.BLOCK_BYTES = before
    assert found == [(line, *row) for line, row in enumerate(rows, start=2)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused_in_words(noise: bytes, with_header: bool) -> None:
    content = (",".join(HEADER) + "\n").encode() + noise if with_header else noise
    with suppress(InputError):
        assert all(len(row) == 5 for row in read(content))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="缺少必需列：入职日期"):
        read("证件号码,姓名,单位\n1,2,3\n".encode())


def test_the_header_may_stand_in_the_twentieth_row_but_no_later() -> None:
    row = ",".join(HEADER)
    assert read(("标题,,,\n" * 19 + row + "\n1,2,3,4\n").encode()) == [(21, "1", "2", "3", "4")]
    with pytest.raises(InputError, match="前20行"):
        read(("标题,,,\n" * 20 + row + "\n1,2,3,4\n").encode())


def test_old_mac_line_ends() -> None:
    assert read(("\r".join([",".join(HEADER), "1,2,3,4", "5,6,7,8"]) + "\r").encode()) == [
        (2, "1", "2", "3", "4"),
        (3, "5", "6", "7", "8"),
    ]
