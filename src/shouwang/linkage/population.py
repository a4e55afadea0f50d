"""What is counted of a register, in one pass: how common each name is where, how many live in each place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

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
    names = _Names()
    by_county, divisions, born, sexes = (_Tally(keys) for keys in _TALLIED)
    seen = 0
    for people in register.iter_slices(SLICE):
        numbered = people.select(county(), names.numbers(people["name"]))
        by_county.add(numbered.drop_nulls("name_no"))
        divisions.add(people.select("division_code"))
        born.add(people.select("birth_date"))
        sexes.add(people.select("sex"))
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


_TALLIED = (["county", "name_no"], ["division_code"], ["birth_date"], ["sex"])


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


class _Tally:
    """Counts by some columns; what was added is summed up now and then, so that it takes the room of the groups only."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._parts: list[pl.DataFrame] = []
        self._summed = 0

    def add(self, rows: pl.DataFrame) -> None:
        self._parts.append(rows.group_by(self._keys).agg(count=pl.len().cast(pl.Int64)))
        if sum(part.height for part in self._parts) > 2 * self._summed + SLICE:
            self._sum_up()

    def total(self) -> pl.DataFrame:
        self._sum_up()
        return self._parts[0].sort(self._keys)

    def _sum_up(self) -> None:
        self._parts = [pl.concat(self._parts).group_by(self._keys).agg(pl.col("count").sum())]
        self._summed = self._parts[0].height
