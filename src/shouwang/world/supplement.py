"""A few rows that one county's department typed by hand and sent later, with the slips of such a sheet."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from shouwang.sources.contract import contract
from shouwang.world.build import open_world
from shouwang.world.dirt import NOTHING, Rates, spoil
from shouwang.world.draws import NO_AMOUNT, stream
from shouwang.world.habits import HABITS
from shouwang.world.tables import as_texts
from shouwang.world.writing import write_table

SOURCE, ROWS = "medical_settlement", 48
TYPED = Rates(wrong_number=0.2, missing_number=0.04, writing=0.1, name=0.1, other=0.3, date_style=0.3)
PAID, REFUNDED = 86_50, 50_00
"""A visit to the doctor in fen: too little to put anybody in trouble."""


def write_supplement(folder: Path, county: str) -> tuple[str, Path]:
    """Writes the sheet of a county (6 digits) beside the files of a finished world.

    Returns:
        Source and path.

    Raises:
        InputError: the world is missing or unfinished.
    """
    world, plan = open_world(folder)
    rng = stream(plan.seed, "supplement", SOURCE, county)
    persons = pl.read_parquet(world.truth / "persons" / f"{county}.parquet").filter(pl.col("left_on").is_null())
    chosen = persons[np.sort(rng.permutation(persons.height)[:ROWS])]
    month = plan.calendar.month(plan.months - 1)
    rows = chosen.select("id_number", "name").with_columns(
        pl.Series("settlement_no", [f"BL{county}{number:04}" for number in range(1, chosen.height + 1)]),
        pl.lit(month.replace(day=20)).alias("settled_on"),
        pl.lit("普通门诊").alias("care_type"),
        pl.lit(PAID).alias("total_cost"),
        pl.lit(REFUNDED).alias("basic_paid"),
        pl.lit(NO_AMOUNT).alias("serious_illness_paid"),
        pl.lit(NO_AMOUNT).alias("assistance_paid"),
        pl.lit(PAID - REFUNDED).alias("out_of_pocket"),
    )
    known, habit = contract(SOURCE), replace(HABITS[SOURCE], workbook=True)
    texts = as_texts(rows, known, habit, TYPED.date_style, rng)
    nothing = pl.Series("dirt", [NOTHING] * rows.height, dtype=pl.String)
    texts, _ = spoil(texts, known, TYPED, rng, plan.calendar.start.year, nothing)
    table = write_table(texts, known, habit, month, folder / "files" / f"{known.title}_补报_{county}")
    path = table.temporary.with_name(table.name)
    table.temporary.rename(path)
    return SOURCE, path
