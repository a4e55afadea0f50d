"""`make bench`: ingest and screening at the size of a city, beside pandas and a bare scan on the same files.

python -m bench [--persons 1000000] [--runs 3] [--folder bench-data]
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import polars as pl
from rich.table import Table

from bench.city import AS_OF, RECEIVED_ON, SETTLEMENTS, City, console, rows_at_rest, telling
from bench.processes import Measured, measured, typical

SHOUWANG = str(Path(sys.executable).with_name("shouwang"))
TO_REACH = {"utf-8": 300_000, "gb18030": 150_000, "xlsx": 60_000}
"""Rows a second, for two cores."""
SCREENING_SECONDS, SCREENING_MB = 3.0, 1024
FORMATS = {"utf-8": "CSV, UTF-8", "gb18030": "CSV, GB18030", "xlsx": "xlsx"}
Row = tuple[str, ...]


def main() -> None:
    """Builds what is missing, measures, prints, and keeps the figures in `result.json` and `result.md`."""
    options = _options()
    city = City((options.folder / str(options.persons)).absolute(), options.persons)
    # In a process of its own: a child inherits its parent's peak memory, and building a city takes some.
    subprocess.run([sys.executable, "-m", "bench.city", str(city.folder), str(city.persons)], check=True)
    ingests = {kind: _ingest(city, kind, options.runs) for kind in FORMATS}
    screening = _screening(city, options.runs)
    tables = [_ingest_table(ingests), _screening_table(screening)]
    _publish(city, tables)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="the median of so many runs")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    return parser.parse_args()


def _ingest(city: City, kind: str, runs: int) -> Measured:
    """The same file into a fresh home that knows the register, several times."""
    results = []
    with telling(f"ingest {FORMATS[kind]}") as tell:
        for run in range(runs):
            home = city.folder / "fresh"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(city.registered, home)
            file = str(city.settlements(kind))
            command = [sys.executable, "-m", "bench.ingest", str(home), SETTLEMENTS, file, RECEIVED_ON.isoformat()]
            results.append(measured(command))
            shutil.rmtree(home)
            tell(run + 1)
    return typical(results)


def _screening(city: City, runs: int) -> dict[str, Measured]:
    """Product, pandas and bare scan in turn, so that all meet the machine in the same mood.

    Exits with a message where product and pandas do not find the very same clues.
    """
    ours, theirs = city.folder / "clues.csv", city.folder / "pandas.parquet"
    home, day = str(city.home), AS_OF.isoformat()
    commands = {
        "shouwang": [SHOUWANG, "screen", "--as-of", day, "--dry-run", "--json", "--out", str(ours)],
        "pandas": [sys.executable, "-m", "bench.pandas_screening", home, day, str(theirs)],
        "scan": [sys.executable, "-m", "bench.bare_scan", home, str(theirs.with_suffix(".json"))],
    }
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    with telling("screening") as tell:
        for run in range(runs):
            for name, command in commands.items():
                results[name].append(measured(command, {"SHOUWANG_HOME": home}))
            tell(run + 1)
    if difference := differing_clues(pl.read_csv(ours, infer_schema=False), pl.read_parquet(theirs)):
        sys.exit(f"product and pandas differ in {len(difference)} clues, for example {difference[0]}")
    rows = rows_at_rest(city.home)
    console.print(f"  {sum(rows.values()):,} rows at rest, {rows['household_register']:,} of them of the register")
    return {name: typical(runs_of) for name, runs_of in results.items()}


def differing_clues(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[tuple[str, ...]]:
    """Clues (household, risk type, level) that only one of the two has."""
    columns = ["household_no", "risk_type", "level"]
    mine, other = set(ours.select(columns).iter_rows()), set(theirs.select(columns).iter_rows())
    return sorted(mine ^ other)


def _ingest_table(ingests: dict[str, Measured]) -> list[Row]:
    table: list[Row] = [("ingest with linkage", "rows", "seconds", "CPU s", "peak MB", "rows a second", "to reach")]
    for kind, run in ingests.items():
        rows = json.loads(run.output)["read"]
        speed = f"{rows / run.seconds:,.0f}"
        table.append((FORMATS[kind], f"{rows:,}", *_figures(run), speed, f"{TO_REACH[kind]:,}"))
    return table


def _screening_table(runs: dict[str, Measured]) -> list[Row]:
    product, scan = runs["shouwang"], runs["scan"]
    clues = json.loads(product.output)
    table: list[Row] = [("screening", "seconds", "CPU s", "peak MB", "× product", "× bare scan")]
    names = {"shouwang": f"shouwang screen, {clues['households_screened']:,} households", "pandas": "pandas, plain",
             "scan": "bare scan of the columns"}  # fmt: skip
    for name, title in names.items():
        run = runs[name]
        table.append(
            (title, *_figures(run), f"{run.seconds / product.seconds:.2f}", f"{run.seconds / scan.seconds:.1f}")
        )
    table.append((f"to reach: {SCREENING_SECONDS:.0f} s and {SCREENING_MB} MB", "", "", "", "", ""))
    return table


def _figures(run: Measured) -> tuple[str, str, str]:
    return f"{run.seconds:.2f}", f"{run.cpu_seconds:.2f}", f"{run.peak_mb:,.0f}"


def _publish(city: City, tables: Sequence[list[Row]]) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    parts = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "pyarrow", "pandas"))
    header = f"{city.persons:,} persons; {machine}; {parts}"
    console.print(header)
    for rows in tables:
        shown = Table(*rows[0])
        for row in rows[1:]:
            shown.add_row(*row)
        console.print(shown)
    (city.folder / "result.md").write_text("\n\n".join([header, *map(_markdown, tables)]) + "\n", encoding="utf-8")


def _markdown(rows: list[Row]) -> str:
    head, *rest = rows
    lines = [head, ("---",) + ("---:",) * (len(head) - 1), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
