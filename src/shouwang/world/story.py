"""What has happened in one county and who came to know of it: rows for the departments, and the truth beside them."""

from typing import Any

import numpy as np
import polars as pl

from shouwang.world.calendar import NEVER
from shouwang.world.draws import Flags, Ints, days
from shouwang.world.people import PERSON_SPAN, County

TROUBLES = (
    "illness", "schooling", "disability", "unstable_employment", "labour_shortage", "unsafe_housing", "unsafe_water",
    "natural_disaster", "accident", "industry_failure", "other",
)  # fmt: skip
"""The risk types of the standard rules."""


class Story:
    """Collects rows by source, each with the month in which its department sends it, and troubles by household.

    What one theme leaves for later ones: `ill_since` and `left_on` (day numbers, a person), `dropped_ill` (a person),
    `registered_from` (month index, a person), `income_lost` (share, a household) with `income_lost_since`, `own_costs`
    (yuan of the year, a household) and `standing_support` (a household).
    """

    def __init__(self, county: County) -> None:
        self.county = county
        self._rows: dict[str, list[pl.DataFrame]] = {}
        self._troubles: list[pl.DataFrame] = []
        self._serials: dict[str, int] = {}
        size, households = county.size, county.households
        self.ill_since = np.zeros(size, dtype=np.int64)
        self.dropped_ill = np.zeros(size, dtype=bool)
        self.left_on = np.zeros(size, dtype=np.int64)
        self.registered_from = np.zeros(size, dtype=np.int64)
        self.income_lost = np.zeros(households)
        self.income_lost_since = np.full(households, county.calendar.end_day, dtype=np.int64)
        self.own_costs = np.zeros(households)
        self.standing_support = np.zeros(households, dtype=bool)

    def take_numbers(self, source: str, size: int) -> int:
        """The first of `size` serial numbers that no row of the source has yet, counted from 1."""
        start = self._serials.get(source, 1)
        self._serials[source] = start + size
        return start

    def loses_income(self, households: Ints, share: float, since: Ints) -> None:
        """A setback takes a share of the income of these households from a day on."""
        np.maximum.at(self.income_lost, households, share)
        np.minimum.at(self.income_lost_since, households, since)

    def tell(self, source: str, persons: Ints, arrives: Ints, **fields: pl.Series | Ints) -> None:
        """Rows about persons (order within the county); rows that never arrive are left out.

        Money is given in fen, days as dates, and `id_number` and `name` are filled in by the person.
        """
        columns: dict[str, Any] = {"person": persons, "arrives": np.asarray(arrives, dtype=np.int64), **fields}
        frame = pl.DataFrame(columns).filter(pl.col("arrives") < NEVER)
        if frame.height:
            self._rows.setdefault(source, []).append(frame.with_columns(pl.col("arrives").cast(pl.Int16)))

    def trouble(self, kind: str, households: Ints, since: Ints, until: Ints, persons: Ints, known: Flags) -> None:
        """Households in real trouble from a day to another (`NO_DAY`: still); `known` says if any file tells of it."""
        if kind not in TROUBLES:
            raise ValueError(kind)
        frame = pl.DataFrame(
            {
                "household_no": self.county.h_number.gather(households),
                "division_code": self.county.village_codes(households),
                "kind": pl.Series([kind], dtype=pl.String).new_from_index(0, len(households)),
                "since": days(since),
                "until": days(until),
                "id_number": self.county.ids.gather(np.maximum(persons, 0)).set(pl.Series(persons < 0), None),
                "known": known,
            }
        )
        self._troubles.append(frame)

    def rows(self, source: str) -> pl.DataFrame | None:
        """All rows of a source in the order they arrive, with the true person and household beside the fields."""
        if source not in self._rows:
            return None
        frame = pl.concat(self._rows[source], how="diagonal").with_row_index("order").sort("arrives", "order")
        persons = frame["person"].to_numpy()
        nobody = pl.Series(persons < 0)
        place = np.maximum(persons, 0)
        numbers = self.county.ids.gather(place).set(nobody, None)
        households = self.county.h_number.gather(self.county.household[place]).set(nobody, None)
        frame = frame.with_columns(
            pl.Series("person", self.county.code * PERSON_SPAN + persons).set(nobody, -1),
            numbers.alias("true_id"),
            households.alias("true_household"),
        )
        if "id_number" not in frame.columns:
            frame = frame.with_columns(numbers.alias("id_number"))
        if "name" not in frame.columns:
            frame = frame.with_columns(self.county.names.gather(place).set(nobody, None).alias("name"))
        return frame.drop("order")

    def troubles(self) -> pl.DataFrame:
        if not self._troubles:
            return pl.DataFrame()
        return pl.concat(self._troubles).sort("since", "household_no", "kind")
