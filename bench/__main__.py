"""`make bench`: ingest and screening at a hundredth, a tenth and the whole of a city, beside others on the same files.

python -m bench [--persons 1000000] [--runs 5] [--patience 120] [--peers duckdb,polars,…] [--months 12] [--multiplied 1]
                [--folder bench-data]

Each run is kept in the city's folder: a benchmark that was ended goes on with the one that is missing, as long as code and machine
are the same. `--multiplied 10` does not build the whole city but takes the tenth ten times over: each time other people, the same lives.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl
from rich.table import Table

from bench.city import AS_OF, MONTHS, RECEIVED_ON, SETTLEMENTS, City, console, rows_at_rest, telling
from bench.from_files import FILES_SCANNED, TAKEN_IN, measured_from_files, table_from_files
from bench.growth import chart, exponent
from bench.hand_sql import COLUMNS
from bench.peers import PEERS, SHOUWANG, Peer, require_same
from bench.processes import Measured, typical
from bench.runs import Runs

TO_REACH = {"utf-8": 300_000, "gb18030": 150_000, "xlsx": 60_000}
"""Rows a second, for two cores."""
FORMATS = {"utf-8": "CSV, UTF-8", "gb18030": "CSV, GB18030", "xlsx": "xlsx"}
SMALLEST = 1_000
"""A city of fewer persons says nothing of growth."""
PRODUCT, LITTLE_MEMORY, SCAN = "shouwang screen", "shouwang screen, SHOUWANG_MEMORY=2GB", "bare scan of the columns"
PARTS = ("duckdb", "polars", "pyarrow", "pandas", "django", "pyspark")
Row = tuple[str, ...]
Screenings = dict[int, dict[str, Measured]]


def main() -> None:
    """Builds what is missing, measures, prints, and keeps the figures in `result.json`, `result.md` and `growth.svg`."""
    options = _options()
    cities = [City(options.folder.absolute(), size, options.months) for size in _sizes(options.persons)]
    if options.multiplied > 1:
        cities[-1] = City(options.folder.absolute(), options.persons, options.months, options.multiplied)
    for city in cities:
        # In a process of its own: a child inherits its parent's peak memory, and building a city takes some.
        subprocess.run([sys.executable, "-m", "bench.city", *city.arguments()], check=True)
    built = [city for city in cities if city.multiplied == 1][-1]
    ingests = {kind: _ingest(built, kind, options.runs) for kind in FORMATS}
    peers = [peer for peer in PEERS if peer.name in options.peers]
    from_files = {city.persons: measured_from_files(city, options.runs) for city in cities if city.multiplied == 1}
    screenings = {city.persons: _screening(city, peers, options.runs, options.patience) for city in cities}
    everything = {size: runs | from_files.get(size, {}) for size, runs in screenings.items()}
    whole = table_from_files(everything, PRODUCT, SCAN)
    tables = [_ingest_table(ingests), *_screening_tables(screenings, cities), whole, _growth_table(everything)]
    _publish(cities[-1], tables, everything, [peer for peer in peers if peer.lacking()])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    every = [peer.name for peer in PEERS]
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5, help="the median of so many runs")
    parser.add_argument(
        "--patience", type=int, default=120, help="a peer that has taken so many seconds at one size is not run again"
    )
    parser.add_argument(
        "--peers", type=lambda text: _named(text, every), default=every, help=f"some of {','.join(every)}"
    )
    parser.add_argument(
        "--months", type=int, default=MONTHS, help="how many months of deliveries, up to the end of 2021"
    )
    parser.add_argument("--multiplied", type=int, default=1, help="take the tenth of the city so many times over")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    return parser.parse_args()


def _named(text: str, every: Sequence[str]) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(every):
        raise argparse.ArgumentTypeError(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    return names


def _sizes(persons: int) -> list[int]:
    return [size for size in (persons // 100, persons // 10) if size >= SMALLEST] + [persons]


def _ingest(city: City, kind: str, runs: int) -> Measured:
    """The same file into a fresh home that knows the register, several times."""
    results, kept, home = [], Runs(city.folder), city.folder / "fresh"

    def begin() -> None:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(city.registered, home)

    with telling(f"ingest {FORMATS[kind]}") as tell:
        for run in range(runs):
            file = str(city.settlements(kind))
            command = [sys.executable, "-m", "bench.ingest", str(home), SETTLEMENTS, file, RECEIVED_ON.isoformat()]
            results.append(kept.measured(f"ingest {kind}", run, command, before=begin))
            tell(run + 1)
    shutil.rmtree(home, ignore_errors=True)
    return typical(results)


def _screening(city: City, peers: Sequence[Peer], runs: int, patience: int) -> dict[str, Measured]:
    """Product, peers and bare scan in turn, so that all meet the machine in the same mood.

    A peer that has taken `patience` seconds is not run again. Exits with a message where one of the peers does not find the very
    same clues as the product.
    """
    ours, home, day = city.folder / "clues.csv", city.home, AS_OF.isoformat()
    product = [SHOUWANG, "screen", "--as-of", day, "--dry-run", "--json", "--out", str(ours)]
    commands = {PRODUCT: product, LITTLE_MEMORY: product}
    commands[SCAN] = [sys.executable, "-m", "bench.bare_scan", str(home), json.dumps(COLUMNS)]
    asked = [peer for peer in peers if city.persons <= peer.largest and not peer.lacking()]
    commands |= {peer.title: peer.command(home, day, city.folder / f"{peer.name}.parquet") for peer in asked}
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    titles, kept = {peer.title for peer in asked}, Runs(city.folder)
    with telling(f"screening of {city.persons:,} persons") as tell:
        for run in range(runs):
            for name, command in commands.items():
                if name in titles and sum(each.seconds for each in results[name]) >= patience:
                    continue
                memory = {"SHOUWANG_MEMORY": "2GB"} if name == LITTLE_MEMORY else {}
                results[name].append(kept.measured(name, run, command, {"SHOUWANG_HOME": str(home), **memory}))
            tell(run + 1)
    found = pl.read_csv(ours, infer_schema=False)
    for peer in asked:
        require_same(found, city.folder / f"{peer.name}.parquet", peer.title)
    return {name: typical(runs_of) for name, runs_of in results.items()}


def _ingest_table(ingests: dict[str, Measured]) -> list[Row]:
    table: list[Row] = [("ingest with linkage", "rows", "seconds", "CPU s", "peak MB", "rows a second", "to reach")]
    for kind, run in ingests.items():
        rows = json.loads(run.output)["read"]
        speed = f"{rows / run.seconds:,.0f}"
        table.append((FORMATS[kind], f"{rows:,}", *_figures(run), speed, f"{TO_REACH[kind]:,}"))
    return table


def _screening_tables(screenings: Screenings, cities: Sequence[City]) -> list[list[Row]]:
    """For each size: everybody beside the product and the bare scan, by processor time."""
    tables = []
    for city in cities:
        runs, rows = screenings[city.persons], rows_at_rest(city.home)
        households = json.loads(runs[PRODUCT].output)["households_screened"]
        title = f"{city.persons:,} persons, {households:,} households, {sum(rows.values()):,} rows"
        table: list[Row] = [(title, "runs", "seconds", "CPU s", "peak MB", "× product", "× bare scan")]
        for name, run in runs.items():
            ratios = (run.cpu_seconds / runs[other].cpu_seconds for other in (PRODUCT, SCAN))
            table.append((name, str(run.runs), *_figures(run), *(f"{ratio:,.2f}" for ratio in ratios)))
        tables.append(table)
    return tables


def _growth_table(screenings: Screenings) -> list[Row]:
    """Exponents of processor time over the sizes that somebody did; a peer that did one only has none."""
    table: list[Row] = [("growth", *(f"{size:,}: CPU s" for size in screenings), "exponent")]
    for name, points in _points(screenings).items():
        work, found = dict(points), exponent(points)
        cells = (f"{work[size]:.2f}" if size in work else "–" for size in screenings)
        table.append((name, *cells, "–" if found is None else f"{found:.2f}"))
    return table


def _points(screenings: Screenings) -> dict[str, list[tuple[int, float]]]:
    points: dict[str, list[tuple[int, float]]] = {}
    for size, runs in screenings.items():
        for name, run in runs.items():
            points.setdefault(name, []).append((size, run.cpu_seconds))
    return points


def _figures(run: Measured) -> tuple[str, str, str]:
    return f"{run.seconds:.2f}", f"{run.cpu_seconds:.2f}", f"{run.peak_mb:,.0f}"


def _publish(city: City, tables: Sequence[list[Row]], screenings: Screenings, lacking: Sequence[Peer]) -> None:
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    machine = f"{os.cpu_count()} cores, {_processor()}, load at the end {load}; Python {platform.python_version()}"
    times = f", the tenth taken {city.multiplied} times over" if city.multiplied > 1 else ""
    header = f"{city.persons:,} persons{times}; {machine}; {', '.join(_versions())}"
    notes = [f"{peer.title}: left out, {peer.lacking()}" for peer in lacking]
    for line in (header, *notes):
        console.print(line, markup=False)
    for rows in tables:
        shown = Table(*rows[0])
        for row in rows[1:]:
            shown.add_row(*row)
        console.print(shown)
    text = "\n\n".join([header, *notes, *map(_markdown, tables)]) + "\n"
    (city.folder / "result.md").write_text(text, encoding="utf-8")
    kept = {size: {name: vars(run) for name, run in runs.items()} for size, runs in screenings.items()}
    (city.folder / "result.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    screened = {name: points for name, points in _points(screenings).items() if name not in (TAKEN_IN, FILES_SCANNED)}
    picture = chart(screened, "Screening: processor seconds by persons")
    (city.folder / "growth.svg").write_text(picture, encoding="utf-8")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names: Mapping[str, str] = dict(line.split(":", 1) for line in lines if line.startswith("model name"))
    return next((name.strip() for name in names.values()), platform.machine())


def _versions() -> list[str]:
    found = []
    for part in PARTS:
        try:
            found.append(f"{part} {version(part)}")
        except PackageNotFoundError:
            continue
    return found


def _markdown(rows: list[Row]) -> str:
    head, *rest = rows
    lines = [head, ("---",) + ("---:",) * (len(head) - 1), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
