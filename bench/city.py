"""What the benchmark measures on: a city of synthetic people, its department files, and one file in three formats.

python -m bench.city FOLDER PERSONS
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter
from rich.console import Console

from bench.multiplying import multiply
from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import Home, init_home
from shouwang.sources.contract import contract
from shouwang.world.build import WorldPlan, build_world
from shouwang.world.dirt import USUAL, spoil, strangers_and_repeats
from shouwang.world.draws import stream
from shouwang.world.files import MANIFEST, Sent, write_files
from shouwang.world.habits import Habit
from shouwang.world.tables import as_texts

SEED, MONTHS = 2021, 12
SETTLEMENTS = "medical_settlement"
RECEIVED_ON = AS_OF = date(2021, 12, 31)
ROUNDS = 3
"""How often the year's settlements stand in the file, under other numbers: about three million rows a million persons."""
XLSX_ROWS = 300_000
"""Rows of the workbook: a sheet holds a million at most, and nobody sends that many."""
Progress = Callable[[int], None]
console = Console(soft_wrap=True, highlight=False)


@dataclass(frozen=True)
class City:
    """The folder of one size of benchmark; what is in it is kept for the next run."""

    under: Path
    persons: int
    months: int = MONTHS
    multiplied: int = 1
    """How often the people of a city of a tenth are taken, each time as others; 1: this city was built."""

    def arguments(self) -> list[str]:
        return [str(self.under), str(self.persons), str(self.months), str(self.multiplied)]

    @property
    def folder(self) -> Path:
        months = "" if self.months == MONTHS else f"-{self.months}m"
        return self.under / f"{self.persons}{months}{f'-x{self.multiplied}' if self.multiplied > 1 else ''}"

    @property
    def world(self) -> Path:
        return self.folder / "world"

    @property
    def plan(self) -> WorldPlan:
        return WorldPlan(self.persons, self.months, SEED, f"2021-{13 - self.months:02}")

    @property
    def registered(self) -> Path:
        """A home that knows the register alone: what each ingest begins with."""
        return self.folder / "registered"

    @property
    def home(self) -> Path:
        """A home into which all files were taken."""
        return self.folder / "home"

    def settlements(self, kind: str) -> Path:
        ending = "xlsx" if kind == "xlsx" else "csv"
        return self.folder / f"settlements-{kind}.{ending}"

    def build(self, progress: Progress) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        build_world(self.world, self.plan, progress)

    def write(self, progress: Progress) -> None:
        write_files(self.world, False, progress)

    def sent(self) -> list[Sent]:
        files = json.loads((self.world / MANIFEST).read_text(encoding="utf-8"))["files"]
        return [Sent(each["source"], each["file"], date.fromisoformat(each["received_on"])) for each in files]

    def write_settlements(self, progress: Progress) -> None:
        """Settlements in one file, as UTF-8, as GB18030 and as a workbook, with the dirt that is usual."""
        if self.settlements("xlsx").exists():
            return
        year = pl.read_parquet(self.world / "lives" / SETTLEMENTS / "*.parquet").drop("arrives")
        number = pl.col("settlement_no")
        lives = pl.concat(year.with_columns(number + f"-{round}") for round in range(ROUNDS))
        rng = stream(SEED, "bench", SETTLEMENTS)
        rows = strangers_and_repeats(lives, USUAL, rng, self.plan.calendar.first_day)
        of = contract(SETTLEMENTS)
        texts = as_texts(rows, of, Habit(), USUAL.date_style, rng)
        texts, _ = spoil(texts, of, USUAL, rng, AS_OF.year, rows["dirt"])
        table = texts.rename({column.field: column.header for column in of.columns})
        table = table.with_columns(pl.all().replace("", None))
        progress(1)
        table.write_csv(self.settlements("utf-8"))
        text = self.settlements("utf-8").read_text(encoding="utf-8")
        self.settlements("gb18030").write_bytes(text.encode("gb18030"))
        progress(2)
        _write_workbook(table.head(XLSX_ROWS), self.settlements("xlsx"))
        progress(3)

    def register(self, progress: Progress) -> None:
        first = min(each.received_on for each in self.sent())
        self._take_in(self.registered, [each for each in self.sent() if each.received_on == first], progress)

    def take_in(self, progress: Progress) -> None:
        self._take_in(self.home, self.sent(), progress)

    def _take_in(self, place: Path, sent: list[Sent], progress: Progress) -> None:
        done = place.with_suffix(".done")
        if done.exists():
            return
        shutil.rmtree(place, ignore_errors=True)
        home = init_home(place)
        for count, each in enumerate(sent, start=1):
            ingest_file(home, each.source, self.world / each.file, each.received_on)
            progress(count)
        done.touch()

    def multiply(self, progress: Progress) -> None:
        """A home with the lake of a smaller city's so many times: households, people and keys of their own each time."""
        done = self.home.with_suffix(".done")
        if done.exists():
            return
        smaller = City(self.under, self.persons // self.multiplied, self.months)
        self.folder.mkdir(parents=True, exist_ok=True)
        multiply(smaller.home, self.home, self.multiplied, progress)
        done.touch()


def rows_at_rest(home: Path) -> dict[str, int]:
    """Accepted rows by source."""
    return {
        folder.name: pl.scan_parquet(folder / "*.parquet").select(pl.len()).collect().item()
        for folder in sorted(Home(home).rows("").iterdir())
    }


def _write_workbook(table: pl.DataFrame, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    amounts = {column.header for column in contract(SETTLEMENTS).columns if column.type == "amount"}
    with xlsxwriter.Workbook(temporary, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, table.columns)
        numeric = [name in amounts for name in table.columns]
        for line, row in enumerate(table.iter_rows(), start=1):
            for place, (cell, is_amount) in enumerate(zip(row, numeric, strict=True)):
                if cell is None:
                    continue
                if is_amount and cell.replace(".", "", 1).isdigit():
                    sheet.write_number(line, place, float(cell))
                else:
                    sheet.write_string(line, place, cell)
    temporary.rename(path)


@contextmanager
def telling(title: str) -> Iterator[Progress]:
    """Shows what is going on, and how far it has come."""
    with console.status(title) as status:
        yield lambda done: status.update(f"{title}: {done}")
    console.print(f"✓ {title}")


def main(under: str, persons: str, months: str, multiplied: str) -> None:
    """Builds whatever of the city is not there yet."""
    city = City(Path(under), int(persons), int(months), int(multiplied))
    steps = [
        ("city", city.build),
        ("department files", city.write),
        ("settlements in three formats", city.write_settlements),
        ("register", city.register),
        ("all files taken in", city.take_in),
    ]
    if city.multiplied > 1:
        steps = [(f"city of {city.persons:,} from one of {city.persons // city.multiplied:,}", city.multiply)]
    for title, step in steps:
        with telling(title) as tell:
            step(tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
