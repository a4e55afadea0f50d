"""What is counted of a register, in one pass: how common each name is where, how many live in each place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shouwang.linkage.features import SEXES, births, coded_names, county, places

SLICE = 1_000_000
"""How many of the register are looked at together."""
LARGE_ENOUGH = 2_000
"""Persons of a county from which its own names say how common a name is there; below that the whole register does."""
Progress = Callable[[int], None]


class Register(Protocol):
    """Everybody who is registered, a person once: person (Int64), name, division_code (String), birth_date (Date), sex."""

    @property
    def height(self) -> int: ...

    def is_empty(self) -> bool: ...

    def iter_slices(self, n_rows: int) -> Iterator[pl.DataFrame]: ...


@dataclass(frozen=True)
class Population:
    """The people of a register, counted.

    `names` has each name once with its `features.NAME_FORMS` and `count`; `names_by_county` county, name_no (the place
    in `names`) and count. `places` counts village, township and county, `births` birth and birth_year, `sexes` sex.
    """

    height: int
    names: pl.DataFrame
    names_by_county: pl.DataFrame
    places: pl.DataFrame
    births: pl.DataFrame
    sexes: pl.DataFrame

    def shares(self, asked: pl.DataFrame, form: str) -> pl.Series:
        """How common the name of each asked row is where the row comes from, by one of its forms.

        Among the people of the row's county, for names keep to their country; among everybody where the row names none or
        too few live there. The one at hand counts too, so that nobody is as rare as nobody.

        Args:
            asked: `features` of rows.
        """
        wanted = (
            self.names.with_row_index("name_no")
            .select("name_no", form)
            .join(asked.select(form).unique(), on=form, how="semi")
        )
        counts = self.names_by_county.join(wanted, on="name_no").group_by("county", form).agg(pl.col("count").sum())
        everywhere = counts.group_by(form).agg(everywhere=pl.col("count").sum())
        sizes = (
            self.places.group_by("county").agg(people=pl.col("count").sum()).filter(pl.col("people") >= LARGE_ENOUGH)
        )
        found = (
            asked.select("county", form)
            .join(sizes, on="county", how="left", maintain_order="left")
            .join(counts, on=["county", form], how="left", maintain_order="left")
            .join(everywhere, on=form, how="left", maintain_order="left")
        )
        here = (pl.col("count").fill_null(0) + 1) / (pl.col("people") + 1)
        anywhere = (pl.col("everywhere").fill_null(0) + 1) / (self.height + 1)
        return found.select(pl.when(pl.col("people").is_null()).then(anywhere).otherwise(here)).to_series()


def agreement(groups: pl.DataFrame, column: str) -> float:
    """How often two different persons drawn at random are the same in a column; a missing value is like none.

    `groups` stand for as many persons as their `count` says.
    """
    counts = groups.drop_nulls(column).group_by(column).agg(pl.col("count").sum())["count"].cast(pl.Float64)
    total = float(groups["count"].sum())
    return float((counts * (counts - 1)).sum()) / (total * (total - 1)) if total > 1 else 0.0


def count_population(register: Register, progress: Progress) -> Population:
    """Counts a register; `progress` hears how many persons were looked at."""
    names, by_county = _Names(), _NamesByCounty()
    divisions, born, sexes = (_Tally(column) for column in ("division_code", "birth_date", "sex"))
    seen = 0
    for people in register.iter_slices(SLICE):
        numbered = people.select(county(), names.numbers(people["name"]))
        by_county.add(numbered.drop_nulls("name_no"))
        for tally in (divisions, born, sexes):
            tally.add(people)
        seen += people.height
        progress(seen)
    counts = by_county.total()
    return Population(
        height=seen,
        names=names.coded(counts),
        names_by_county=counts,
        places=divisions.total().select(*places(), "count"),
        births=born.total().select(*births(), "count"),
        sexes=sexes.total().select(pl.col("sex").replace_strict(SEXES, default=None, return_dtype=pl.Int8), "count"),
    )


class _Names:
    """The distinct names met so far, numbered as they came."""

    def __init__(self) -> None:
        self._known = pl.DataFrame(schema={"name": pl.String, "name_no": pl.UInt32})

    def numbers(self, names: pl.Series) -> pl.Series:
        """name_no of each name; null stays null."""
        new = names.drop_nulls().unique().alias("name").to_frame().join(self._known, on="name", how="anti")
        if new.height:
            number = pl.int_range(self._known.height, self._known.height + new.height, dtype=pl.UInt32, eager=True)
            self._known = pl.concat([self._known, new.with_columns(number.alias("name_no"))])
        return names.alias("name").to_frame().join(self._known, on="name", how="left", maintain_order="left")["name_no"]

    def coded(self, counts: pl.DataFrame) -> pl.DataFrame:
        """name, its forms, count, in the order of their numbers."""
        totals = counts.group_by("name_no").agg(pl.col("count").sum())
        numbered = self._known.join(totals, on="name_no", how="left", maintain_order="left").drop("name_no")
        forms = coded_names(self._known["name"])
        return numbered.join(forms, on="name", how="left", maintain_order="left")


class _NamesByCounty:
    """How many bear a name in a county: one number for each person, sorted at the end. A hash table of the groups, of which there are
    half as many as people, takes ten times the room."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]

    def add(self, numbered: pl.DataFrame) -> None:
        """county, name_no of some people."""
        county = pl.col("county").fill_null(_NO_COUNTY).cast(pl.Int64)
        self._parts.append(numbered.select(county * _NAMES + pl.col("name_no").cast(pl.Int64)).to_series().to_numpy())

    def total(self) -> pl.DataFrame:
        """county, name_no, count, in this order."""
        groups, counts = np.unique(np.concatenate(self._parts), return_counts=True)
        county = pl.Series(groups // _NAMES, dtype=pl.Int32)
        return pl.DataFrame(
            {
                "county": county.set(county == _NO_COUNTY, None),
                "name_no": pl.Series(groups % _NAMES, dtype=pl.UInt32),
                "count": pl.Series(counts, dtype=pl.Int64),
            }
        )


_NAMES, _NO_COUNTY = 2**32, -1


class _Tally:
    """Counts by a column of few values."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._parts: list[pl.DataFrame] = []

    def add(self, people: pl.DataFrame) -> None:
        self._parts.append(people.group_by(self._column).agg(count=pl.len().cast(pl.Int64)))

    def total(self) -> pl.DataFrame:
        return pl.concat(self._parts).group_by(self._column).agg(pl.col("count").sum()).sort(self._column)
