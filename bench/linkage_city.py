"""What linkage without a number is measured on: the register of a synthetic city, and rows about its people, spoilt as usual.

```
<folder>/world/             the city's people; nothing else of it is looked at
<folder>/home/              a home that knows the register and has its key map
<folder>/asked.parquet      line, name, division_code, birth_date, sex: what the linkage is given
<folder>/truth.parquet      row, dirt, true_person, registered: what only the measurement sees
```
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from bench.city import telling
from shouwang.deliveries.key_map import REGISTER, KeyMap, key_map
from shouwang.deliveries.ledger import DeliveryReport, commit, deliveries
from shouwang.kernel import citizen_id
from shouwang.kernel.home import Home, init_home
from shouwang.sources.contract import contract
from shouwang.world.build import WorldPlan, build_world
from shouwang.world.dirt import MISSING_NUMBER, RATES, STRANGER, spoil, strangers_and_repeats
from shouwang.world.draws import stream

SEED, START = 2021, "2021-10"
CALLS = "hotline_complaint"
RECEIVED_ON = date(2021, 10, 31)
EXPLAINED = ("错一位号码", "相邻两位颠倒")
"""What is wrong with a number that the name beside it explains: such a row never comes to the proposals."""
UNUSABLE = (*EXPLAINED, "少一位号码", "号码失精度", MISSING_NUMBER)
FIRST_DAY = (RECEIVED_ON - date(1970, 1, 1)).days
SCATTERED = 0x9E3779B97F4A7C15
LARGEST = 2**63
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Calls:
    """So many calls without a usable number about the people of a city of so many persons."""

    under: Path
    persons: int
    rows: int

    @property
    def folder(self) -> Path:
        return self.under / f"linkage-{self.persons}"

    @property
    def asked(self) -> Path:
        return self.folder / f"asked-{self.rows}.parquet"

    @property
    def truth(self) -> Path:
        return self.folder / f"truth-{self.rows}.parquet"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def world(self) -> Path:
        return self.folder / "world"

    def register(self) -> KeyMap:
        """The register as an ingest sees it."""
        home = Home(self.home)
        return key_map(home, deliveries(home, source=REGISTER), keep=False)

    def build(self, progress: Progress) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        build_world(self.world, WorldPlan(self.persons, 1, SEED, START), progress)

    def take_in(self, progress: Progress) -> None:
        """The register as one delivery of a home, as far as linkage looks at it, and the key map of it."""
        if self.home.exists() and deliveries(Home(self.home)):
            return
        home = Home(self.home) if self.home.exists() else init_home(self.home)
        rows = home.rows(REGISTER) / "D000001.parquet"
        rows.parent.mkdir(parents=True, exist_ok=True)
        people = (
            self._people()
            .filter(_registered())
            .select(
                pl.int_range(pl.len(), dtype=pl.Int32).alias("line"),
                "person",
                "name",
                "division_code",
                "birth_date",
                "sex",
            )
        )
        people.sink_parquet(rows)
        count = pl.scan_parquet(rows).select(pl.len()).collect().item()
        progress(count)
        report = DeliveryReport(
            1, REGISTER, "register", "", 0, RECEIVED_ON, "", "utf-8", None, 1, read=count, accepted=count
        )
        key_map(home, [report], keep=True)
        commit(home, report)

    def call(self, progress: Progress) -> None:
        """Draws who calls, spoils what is written down, and keeps the rows without a usable number."""
        if self.asked.exists():
            return
        rates, of = RATES[CALLS], contract(CALLS)
        without = rates.missing_number + rates.wrong_number
        rng = stream(SEED, "bench", CALLS, self.rows)
        drawn = np.sort(rng.choice(self.persons, min(self.persons, round(self.rows / without * 1.13)), replace=False))
        # Counted through the city's people in their order, so that nobody is held who was not drawn.
        people = (
            self._people()
            .with_row_index("place")
            .join(pl.LazyFrame({"place": drawn}, schema={"place": pl.UInt32}), on="place", how="semi")
            .collect()
        )
        progress(people.height)
        calls = people.with_columns(true_id="id_number", registered=_registered())
        calls = strangers_and_repeats(calls.sample(fraction=1, shuffle=True, seed=SEED), rates, rng, FIRST_DAY)
        texts = calls.select("name", "id_number", "division_code")
        texts, dirt = spoil(texts, of, replace(rates, other=0.0), rng, RECEIVED_ON.year, calls["dirt"])
        calls = calls.select("person", "registered").with_columns(dirt.alias("dirt"), *texts)
        unusable = pl.col("dirt").str.contains_any(UNUSABLE) & ~pl.col("dirt").is_in(EXPLAINED)
        left = calls.filter(unusable).head(self.rows).with_row_index("line")
        progress(left.height)
        self._keep(left)

    def _keep(self, calls: pl.DataFrame) -> None:
        line = pl.col("line").cast(pl.Int64)
        stranger = pl.col("dirt").str.contains(STRANGER)
        truth = calls.select(
            line.alias("row"),
            "dirt",
            pl.when(~stranger).then("person").alias("true_person"),
            (pl.col("registered") & ~stranger).alias("registered"),
        )
        truth.write_parquet(self.truth)
        numbers = calls["id_number"].to_list()
        asked = calls.select(line, "name", "division_code").with_columns(
            pl.Series("birth_date", [_birth(each) for each in numbers], dtype=pl.Date),
            pl.Series("sex", [_sex(each) for each in numbers], dtype=pl.String),
        )
        asked.write_parquet(self.asked)

    def _people(self) -> pl.LazyFrame:
        """Persons under keys that scatter as those of a lake do."""
        files = sorted((self.world / "truth" / "persons").glob("*.parquet"))
        key = ((pl.col("person").cast(pl.UInt64) * SCATTERED) % LARGEST).cast(pl.Int64)
        return pl.scan_parquet(files).with_columns(person=key)


def _registered() -> pl.Expr:
    return pl.col("registered_from") <= RECEIVED_ON


def _birth(number: str) -> date | None:
    """What an ingest takes from a wrong number that has the form of one."""
    return citizen_id.birth_date(number) if citizen_id.has_format(number) else None


def _sex(number: str) -> str | None:
    return citizen_id.sex(number) if citizen_id.has_format(number) else None


def main(under: str, persons: str, rows: str) -> None:
    """Builds whatever is not there yet."""
    calls = Calls(Path(under), int(persons), int(rows))
    steps = [("people", calls.build), ("register", calls.take_in), ("calls", calls.call)]
    for title, step in steps:
        with telling(title) as tell:
            step(tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
