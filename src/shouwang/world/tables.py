"""Rows of a world as the texts that a department's sheet shows: its dates, its amounts, its way with numbers."""

import numpy as np
import polars as pl

from shouwang.sources.contract import Contract
from shouwang.world.draws import NO_AMOUNT, happens, pick
from shouwang.world.habits import DATE_STYLES, FULL_WIDTH, THOUSANDS, WITH_UNIT, Habit

WIDE_DIGITS = dict(zip("0123456789.", "０１２３４５６７８９．", strict=True))


def as_texts(
    rows: pl.DataFrame, contract: Contract, habit: Habit, other_style: float, rng: np.random.Generator
) -> pl.DataFrame:
    """One text column a field of the contract that the rows have; empty cells are empty texts.

    `other_style` is the share of dates that somebody has typed in another style than the department's.
    """
    columns = []
    for column in contract.columns:
        if column.field not in rows.columns:
            continue
        values = rows[column.field]
        if column.type == "date":
            text = _dates(values, habit.dates, other_style, rng)
        elif column.type == "amount":
            text = _amounts(values, habit.amounts)
        else:
            text = values.cast(pl.String)
        columns.append(text.fill_null("").alias(column.field))
    return pl.DataFrame(columns)


def with_apostrophes(texts: pl.DataFrame, habit: Habit) -> pl.DataFrame:
    """Identity numbers as some departments keep a spreadsheet from taking them for amounts."""
    number = pl.col("id_number")
    adorned = pl.when(number != "").then(pl.concat_str(pl.lit("'"), number)).otherwise(number)
    return texts.with_columns(id_number=adorned) if habit.apostrophe else texts


def _dates(values: pl.Series, style: str, other_style: float, rng: np.random.Generator) -> pl.Series:
    text = values.dt.strftime(style)
    typed = np.flatnonzero(happens(rng, other_style, len(values)))
    chosen = pick(rng, [1.0] * len(DATE_STYLES), len(typed))
    for index, other in enumerate(DATE_STYLES):
        where = typed[chosen == index]
        text = text.scatter(where, values.gather(where).dt.strftime(other))
    return text


def _amounts(values: pl.Series, style: str) -> pl.Series:
    """Fen as yuan; whole amounts are written without their two noughts where people write by hand."""
    empty = values == NO_AMOUNT
    yuan, rest = values // 100, values % 100
    whole = yuan.cast(pl.String)
    if style == THOUSANDS:
        whole = _with_commas(yuan)
    text = whole + "." + rest.cast(pl.String).str.zfill(2)
    if style == WITH_UNIT:
        text = text + "元"
    if style == FULL_WIDTH:
        text = text.str.replace_many(WIDE_DIGITS)
    return text.set(empty, None)


def _with_commas(yuan: pl.Series) -> pl.Series:
    digits = yuan.cast(pl.String)
    for power in (3, 7, 11):
        long = digits.str.len_chars() > power
        head = digits.str.slice(0, digits.str.len_chars() - power)
        split = digits.to_frame("d").select(head.alias("h") + "," + pl.col("d").str.tail(power)).to_series()
        digits = (
            pl.DataFrame({"l": long, "s": split, "d": digits}).select(pl.when("l").then("s").otherwise("d")).to_series()
        )
    return digits
