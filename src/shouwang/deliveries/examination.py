"""Examining a chunk of raw rows: values typed, faults named, closing lines set aside. Nothing is dropped silently."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from shouwang.kernel.citizen_id_columns import mask_in_texts
from shouwang.sources.columns import AMOUNT, WRONG_NUMBER, Setting, read_column
from shouwang.sources.contract import Contract, SumCheck
from shouwang.sources.headers import Header

CLOSING = r"^(合计|总计|填表人|制表人|填报人|审核人|填表日期|填报日期|制表日期|填报单位|制表单位)"
# What lies open in the lake. A number that somebody wrote where it does not belong is masked there; phone and address
# are sealed as they came.
OPEN_TEXT, SEALED = ("text", "long_text", "name"), ("phone", "address")
DTYPES: dict[str, Any] = {"date": pl.Date, "amount": AMOUNT, "count": pl.Int32, "year": pl.Int32}


@dataclass(frozen=True)
class Fault:
    """A reason code, the column (or the rule between columns) it concerns, and the rows where it holds."""

    reason: str
    about: str
    mask: pl.Series

    @property
    def text(self) -> str:
        return f"{self.reason}:{self.about}"


@dataclass(frozen=True)
class Examined:
    """`raw` and `rows` run side by side: the cells as they came, and the typed fields with `line`."""

    raw: pl.DataFrame
    rows: pl.DataFrame
    faults: list[Fault]
    closing_lines: list[int]

    def faulty(self, among_wrong_numbers: bool) -> pl.Series:
        """Rows with any fault, counting or not counting the wrong identity numbers that may still be explained."""
        mask = pl.Series([False]).new_from_index(0, self.rows.height)
        for fault in self.faults:
            if among_wrong_numbers or fault.reason not in WRONG_NUMBER:
                mask = mask | fault.mask
        return mask


def examine(chunk: pl.DataFrame, header: Header, contract: Contract, setting: Setting) -> Examined:
    """Types every column of a chunk (`line`, `surplus`, `c0` …) and names what is wrong with each row."""
    chunk, closing = _without_empty_and_closing_lines(chunk, header, contract)
    columns: list[pl.Series] = [chunk["line"]]
    faults: list[Fault] = []
    for column in contract.columns:
        if column.field not in header.positions:
            empty = pl.Series(column.field, [None], dtype=DTYPES.get(column.type, pl.String))
            columns.append(empty.new_from_index(0, chunk.height))
            continue
        reading = read_column(chunk[f"c{header.positions[column.field]}"], column, setting)
        values = (
            mask_in_texts(reading.values) if column.type in OPEN_TEXT and column.field not in SEALED else reading.values
        )
        columns.append(values.alias(column.field))
        faults += [Fault(reason, column.header, mask) for reason, mask in reading.faults.items()]
    rows = pl.DataFrame(columns)
    faults += [found for check in contract.checks if (found := _sum_fault(rows, check)) is not None]
    if chunk["surplus"].any():
        faults.append(Fault("inconsistent", "表头以外还有内容", chunk["surplus"]))
    return Examined(chunk, rows, faults, closing)


def _without_empty_and_closing_lines(
    chunk: pl.DataFrame, header: Header, contract: Contract
) -> tuple[pl.DataFrame, list[int]]:
    """A line that begins with 合计, 填表人 … and lacks a required cell is no data; nor is an empty one."""
    blank = [pl.col(f"c{place}").fill_null("").str.strip_chars() == "" for place in range(header.width)]
    lacking = pl.any_horizontal(blank[header.positions[column.field]] for column in contract.required)
    suspects = chunk.filter(lacking)
    if suspects.is_empty():
        return chunk, []
    cells = [pl.col(f"c{place}").str.replace_all(r"\s", "") for place in range(header.width)]
    first = pl.coalesce(pl.when(~empty).then(cell) for empty, cell in zip(blank, cells, strict=True))
    judged = suspects.select(
        "line",
        empty=pl.all_horizontal(blank) & ~pl.col("surplus"),
        closing=first.str.contains(CLOSING).fill_null(False),
    ).filter(pl.col("empty") | pl.col("closing"))
    if judged.is_empty():
        return chunk, []
    return chunk.filter(~pl.col("line").is_in(judged["line"].implode())), judged.filter("closing")["line"].to_list()


def _sum_fault(rows: pl.DataFrame, check: SumCheck) -> Fault | None:
    parts = sum((pl.col(part).fill_null(0) for part in check.parts), pl.lit(0, dtype=AMOUNT))
    difference = (pl.col(check.total) - parts).abs() > pl.lit(check.within).cast(AMOUNT)
    mask = rows.select(difference.fill_null(False).alias("mask"))["mask"]
    return Fault("inconsistent", check.name, mask) if mask.any() else None
