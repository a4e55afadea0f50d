"""Cells merged downwards: a department writes 户编号 once and merges it over the rows of the household's members.

The sheet stores the value in the first row only and says after its last row which cells were merged. Readers ask for
these ranges only once a cell is found empty, since finding them means unpacking the sheet another time.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import IO

import polars as pl

from shouwang.kernel.errors import InputError

BLOCK_BYTES = 8 << 20
LONGEST_TAG = 1_000
MOST_RANGES = 2_000_000
SCHEMA = {"place": pl.Int32, "first": pl.Int32, "last": pl.Int32}
_END_OF_ROWS = re.compile(rb"</sheetData>|<sheetData\s*/>")
_RANGE = r"""<mergeCell\s[^>]*?ref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?[A-Z]{1,3}\$?(\d{1,7})["']"""


def merged_downwards(stream: IO[bytes], place_of: Callable[[str], int]) -> pl.DataFrame:
    """place (of the range's first column), first, last (lines) of every range over several rows, in bounded memory.

    Raises:
        InputError: more ranges than a sheet made by people holds.
    """
    parts, count = [pl.DataFrame(schema=SCHEMA)], 0
    for text in _after_the_rows(stream):
        found = pl.select(pl.lit(text).str.extract_all(_RANGE).alias("tag")).explode("tag").drop_nulls()
        cells = found.select(pl.col("tag").str.extract_groups(_RANGE).alias("g")).unnest("g")
        cells.columns = ["letters", "first", "last"]
        cells = cells.with_columns(pl.col("first", "last").cast(pl.Int32)).filter(pl.col("last") > pl.col("first"))
        if cells.is_empty():
            continue
        letters = cells["letters"].unique().to_list()
        places = [place_of(each) for each in letters]
        place = pl.col("letters").replace_strict(letters, places, return_dtype=pl.Int32)
        parts.append(cells.select(place.alias("place"), "first", "last"))
        count += cells.height
        if count > MOST_RANGES:
            raise InputError("合并单元格过多，已拒绝读取", "请部门取消合并单元格后再报送")
    return pl.concat(parts)


def _after_the_rows(stream: IO[bytes]) -> Iterator[str]:
    """What follows the rows of a sheet, in parts that end where a tag ends."""
    carry, begun = b"", False
    while block := stream.read(BLOCK_BYTES):
        carry += block
        if not begun:
            found = _END_OF_ROWS.search(carry)
            begun = found is not None
            carry = carry[found.end() :] if found else carry[-LONGEST_TAG:]
        if begun:
            cut = carry.rfind(b">") + 1
            yield carry[:cut].decode(errors="replace")
            carry = carry[cut:][-LONGEST_TAG:]


class Filling:
    """Fills chunks of a sheet, given in order, with what was merged over their rows.

    `ranges` is asked for when the first cell in question is empty. Only the columns `places` are filled, and only in
    rows that hold something: an empty row stays none of the data.
    """

    def __init__(self, places: Sequence[int], below: int, ranges: Callable[[], pl.DataFrame]) -> None:
        self._places = places
        self._below = below
        self._ask = ranges
        self._ranges: dict[int, pl.DataFrame] | None = None
        self._last_value: dict[int, tuple[int, str | None]] = {}

    def fill(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The same rows with merged cells filled; `frame` has line (ascending) and c0 … as text."""
        if frame.is_empty() or not frame["line"].is_sorted():
            return frame
        empty = [place for place in self._places if frame.select(_is_blank(f"c{place}").any()).item()]
        if self._ranges is None and empty:
            self._ranges = self._known()
        filled = [self._column(frame, place) for place in (self._ranges or {}) if place in empty]
        self._remember(frame)
        return frame.with_columns(filled)

    def _known(self) -> dict[int, pl.DataFrame]:
        wanted = pl.col("place").is_in(list(self._places)) & (pl.col("first") > self._below)
        by_place = self._ask().filter(wanted).sort("first").partition_by("place", as_dict=True)
        return {int(place): ranges for (place,), ranges in by_place.items()}

    def _column(self, frame: pl.DataFrame, place: int) -> pl.Series:
        name = f"c{place}"
        assert self._ranges is not None
        cells = frame.select("line", name, holds=pl.any_horizontal(~_is_blank(each) for each in _cells(frame)))
        covered = cells.set_sorted("line").join_asof(
            self._ranges[place].set_sorted("first"),
            left_on="line",
            right_on="first",
            strategy="backward",
            coalesce=False,
        )
        values = frame.select(pl.col("line").alias("first"), pl.col(name).alias("value"))
        before = self._last_value.get(place)
        if before is not None:
            values = pl.concat([pl.DataFrame([before], schema=values.schema, orient="row"), values])
        values = values.unique("first", keep="last")
        joined = covered.join(values, on="first", how="left", maintain_order="left")
        under = (pl.col("line") > pl.col("first")) & (pl.col("line") <= pl.col("last")) & pl.col("holds")
        value = pl.when(under & _is_blank(name)).then("value").otherwise(name)
        return joined.select(value.alias(name))[name]

    def _remember(self, frame: pl.DataFrame) -> None:
        """The values of ranges that may go on in the next chunk: of each column the last cell that was filled in."""
        for place in self._places:
            filled = frame.select("line", f"c{place}").filter(~_is_blank(f"c{place}")).tail(1)
            if filled.height:
                self._last_value[place] = filled.row(0)


def _cells(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name not in ("line", "surplus")]


def _is_blank(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars() == ""
