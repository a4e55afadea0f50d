"""Daily screening beside a full one: a city as it stood the evening before, one in a hundred rows new, the day moved on.

python -m bench.daily [--persons 1000000] [--months 12] [--runs 3] [--multiplied 1] [--folder bench-data]

`--multiplied 10` takes the tenth of the city ten times over: each time other people, the same lives and the same day.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from bench.city import AS_OF, MONTHS, SEED, City, console, telling
from bench.multiplying import multiply
from bench.processes import Measured, measured, typical
from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import Home
from shouwang.sources.contract import Contract, contracts
from shouwang.world.draws import stream
from shouwang.world.habits import Habit
from shouwang.world.tables import as_texts

EVE, DAY = AS_OF - timedelta(days=1), AS_OF
SHARE = 0.01
"""Of all rows that were ever delivered, so many are new on one day: three and a half days' worth of a year."""
BACK = 40
"""What comes is up to so many days old."""
TO_REACH = 0.15
KINDS = {"full": "everybody", "daily": "only whom something has touched", "nothing": "the same day asked again"}


def main() -> None:
    """Builds what is missing, measures and prints; keeps the table in `daily.md`. Ends in an error where both differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.daily", description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=MONTHS, help="so many months of deliveries")
    parser.add_argument("--runs", type=int, default=3, help="the median of so many runs")
    parser.add_argument("--multiplied", type=int, default=1, help="take a part of the city so many times over")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    options = parser.parse_args()
    built = City(options.folder.absolute(), options.persons // options.multiplied, options.months)
    subprocess.run([sys.executable, "-m", "bench.city", *built.arguments()], check=True)
    rows, city = _day_comes(built), built
    if options.multiplied > 1:
        city = City(options.folder.absolute(), options.persons, options.months)
        rows = _many_times_over(built, city, options.multiplied, rows)
    results: dict[str, list[Measured]] = {kind: [] for kind in KINDS}
    with telling("screening") as tell:
        for run in range(options.runs):
            for kind in KINDS:
                results[kind].append(_screening(city, kind))
            tell(run + 1)
    found = {kind: typical(runs) for kind, runs in results.items()}
    clues = {json.loads(each.output)["clues"] for each in found.values()}
    if len(clues) > 1:
        sys.exit("full and daily screening do not find the same clues")
    _publish(city, rows, found)


def _home(city: City) -> Path:
    return city.folder / "daily"


def _kept(city: City) -> Path:
    """What the screening of the evening before left; each run begins with it."""
    return city.folder / "kept"


def _day_comes(city: City) -> int:
    """Screens the evening before, then takes in what is new; returns how many rows that are."""
    home, done = _home(city), city.folder / "daily.done"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(city.home, home, ignore=shutil.ignore_patterns("screened"))
        _screen_the_eve(city)
        with telling("one row in a hundred is new") as tell:
            accepted = []
            for place, (source, file) in enumerate(_new_files(city)):
                accepted.append(ingest_file(Home(home), source, file, DAY).accepted)
                tell(place + 1)
        done.write_text(str(sum(accepted)))
    return int(done.read_text())


def _many_times_over(built: City, city: City, times: int, rows: int) -> int:
    """The same day of a city so many times as large; of the evening before only what was received by then is known."""
    done = city.folder / "daily.done"
    if not done.exists():
        with telling(f"{times} times over") as tell:
            multiply(_home(built), _home(city), times, tell)
        _screen_the_eve(city)
        done.write_text(str(rows * times))
    return int(done.read_text())


def _screen_the_eve(city: City) -> None:
    screened = _home(city) / "lake" / "screened"
    shutil.rmtree(screened, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "bench.daily_run", "keep", str(_home(city)), EVE.isoformat()], check=True)
    shutil.rmtree(_kept(city), ignore_errors=True)
    shutil.copytree(screened, _kept(city))


def _new_files(city: City) -> Iterator[tuple[str, Path]]:
    """Rows like those of the year, of the last weeks, under keys of their own; of the register some of its rows again."""
    folder = city.folder / "new"
    folder.mkdir(exist_ok=True)
    for source, of in contracts().items():
        lives = pl.read_parquet(city.world / "lives" / source / "*.parquet")
        rng = stream(SEED, "bench", "daily", source)
        some = lives.sample(fraction=SHARE, seed=SEED, shuffle=True)
        texts = as_texts(_of_late(some, of), of, Habit(), 0.0, rng)
        file = folder / f"{source}.csv"
        table = texts.rename({column.field: column.header for column in of.columns}).with_columns(
            pl.all().replace("", None)
        )
        table.write_csv(file)
        yield source, file


def _of_late(rows: pl.DataFrame, of: Contract) -> pl.DataFrame:
    dates = [column.field for column in of.columns if column.type == "date" and column.field != "birth_date"]
    dated = next((column.field for column in of.columns if column.type == "date" and column.required), None)
    if of.source == "income_statement":
        dated = "period_end"
    if dated:
        wanted = pl.lit(DAY) - pl.duration(days=pl.int_range(pl.len()) % BACK)
        later = wanted - pl.col(dated)
        rows = rows.with_columns((pl.col(name) + later).alias(name) for name in dates)
    numbered = [name for name in ("settlement_no", "complaint_no") if name in rows.columns]
    rows = rows.with_columns(pl.col(name) + "-9" for name in numbered)
    if of.source == "household_register":
        rows = rows.with_columns(labour=pl.lit("普通劳动力"))
    return rows


def _screening(city: City, kind: str) -> Measured:
    kept = _home(city) / "lake" / "screened"
    if kind != "nothing":
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(_kept(city), kept)
    return measured([sys.executable, "-m", "bench.daily_run", kind, str(_home(city)), DAY.isoformat()])


def _publish(city: City, rows: int, found: dict[str, Measured]) -> None:
    full = found["full"]
    told = json.loads(full.output)
    lines = [
        f"{city.persons:,} persons, {told['screened']:,} households; {rows:,} new rows; to reach: {TO_REACH:.0%} of a full run",
        "",
        "| screening | households looked at | seconds | CPU s | peak MB | of the full run's CPU |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, title in KINDS.items():
        run = found[kind]
        figures = f"{run.seconds:.2f} | {run.cpu_seconds:.2f} | {run.peak_mb:,.0f}"
        looked = json.loads(run.output)["looked"]
        lines.append(f"| {title} | {looked:,} | {figures} | {run.cpu_seconds / full.cpu_seconds:.1%} |")
    text = "\n".join(lines) + "\n"
    console.print(text)
    (city.folder / "daily.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
