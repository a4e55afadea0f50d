"""The rules on data quality over a city of any size, as a whole process: seconds, processor time, peak of memory.

python -m bench.quality [--households 1000000] [--folder bench-data]

A small generated city is taken in and then multiplied: every copy has its own people, households and keys, and the faults of the
original. One household in fifty has a case, and one in fifty is helped, so that the rules on them have something to look at.
"""

import argparse
import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from bench.city import AS_OF, City, telling
from bench.processes import Measured, measured
from shouwang.kernel.home import Home

PERSONS = 10_000
EVERY = 50
LINES = 1_000_000
"""More than any file of the small city has, so that a copy's rows have lines of their own."""
LARGEST = 2**63 - 1
console = Console(soft_wrap=True, highlight=False)


def main() -> None:
    options = _options()
    if options.check:
        print(json.dumps(checked(Path(options.check))))
        return
    city = City(options.folder / str(PERSONS), PERSONS)
    steps = [("city", city.build), ("department files", city.write), ("files taken in", city.take_in)]
    for title, step in steps:
        with telling(title) as tell:
            step(tell)
    large = options.folder / f"quality-{options.households}"
    with telling("multiplied") as tell:
        households = multiply(city.home, large, options.households, tell)
    [(persons,)] = duckdb.sql(f"SELECT count(DISTINCT person) FROM read_parquet('{_register(large)}')").fetchall()
    run = measured([sys.executable, "-m", "bench.quality", "--check", str(large)])
    console.print(row_of(run, households, persons), markup=False)
    shutil.rmtree(large)


def row_of(run: Measured, households: int, persons: int) -> str:
    """A line of the table in docs/quality.md."""
    told = json.loads(run.output.splitlines()[-1])
    return (
        f"| {households:,} households, {persons:,} persons | {told['rules']} rules | {run.seconds:.0f} s | "
        f"{run.cpu_seconds:.0f} s | {run.peak_mb:,.0f} MB | {told['found']:,} found |"
    )


def multiply(home: Path, large: Path, households: int, progress: Any) -> int:
    """Makes a home with as many copies of a home's lake as it takes; returns how many households it has."""
    shutil.rmtree(large, ignore_errors=True)
    shutil.copytree(home, large, ignore=shutil.ignore_patterns("*.parquet", "*.sqlite3*", "staging"))
    (large / "spill").mkdir(exist_ok=True)
    [(count,)] = duckdb.sql(f"SELECT count(DISTINCT household_no) FROM read_parquet('{_register(home)}')").fetchall()
    copies = -(-households // count)
    for done, path in enumerate(sorted(Home(home).rows("").glob("*/*.parquet")), start=1):
        target = large / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copies(path, target, copies)
        progress(done)
    return int(copies * count)


def _register(home: Path) -> str:
    return str(Home(home).rows("household_register") / "*.parquet")


def _copies(path: Path, target: Path, copies: int) -> None:
    names = [each[0] for each in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]
    own = {name: f"(hash({name}, n) & {LARGEST})::BIGINT" for name in ("key", "person") if name in names}
    own |= {"line": f"(line + n * {LINES})::INTEGER"} | {
        name: f"concat({name}, '-', n)" for name in ("household_no",) if name in names
    }
    said = ", ".join(
        f"CASE WHEN n = 0 OR {name} IS NULL THEN {name} ELSE {way} END AS {name}" for name, way in own.items()
    )
    replaced = f"* EXCLUDE (n) REPLACE ({said})" if said else "* EXCLUDE (n)"
    sql = f"SELECT {replaced} FROM read_parquet('{path}'), range({copies}) AS r(n)"
    duckdb.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet)")


def checked(folder: Path) -> dict[str, int]:
    """Checks the whole register of a home, as the background process does."""
    from shouwang.policy.pack import load_pack
    from shouwang.quality.check import check
    from shouwang.quality.declared import RULES
    from shouwang.quality.tables import Desk

    home = Home(folder)
    register = _register(folder)
    some = f"(SELECT DISTINCT household_no FROM read_parquet('{register}') WHERE hash(household_no) % {EVERY} = 0)"
    cases = duckdb.sql(
        "SELECT household_no, '|illness|unsafe_housing|' AS risks, true AS at_risk, false AS eliminated, "
        f"DATE '{date(2020, 1, 1)}' AS unhelped_since FROM {some}"
    ).to_arrow_table()
    helped = duckdb.sql(
        f"SELECT household_no, 'industry' AS kind, DATE '{date(2020, 1, 1)}' AS since FROM {some}"
    ).to_arrow_table()
    done = check(home, load_pack(), AS_OF, Desk(cases, None, helped))
    return {"rules": len(RULES), "found": len(done.found)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    parser.add_argument("--check", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
