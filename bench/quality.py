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

import duckdb
from rich.console import Console

from bench.city import AS_OF, City, telling
from bench.multiplying import households_of, multiply, register_of
from bench.processes import Measured, measured
from shouwang.kernel.home import Home

PERSONS = 10_000
EVERY = 50
console = Console(soft_wrap=True, highlight=False)


def main() -> None:
    options = _options()
    if options.check:
        print(json.dumps(checked(Path(options.check))))
        return
    city = City(options.folder, PERSONS)
    steps = [("city", city.build), ("department files", city.write), ("files taken in", city.take_in)]
    for title, step in steps:
        with telling(title) as tell:
            step(tell)
    large = options.folder / f"quality-{options.households}"
    with telling("multiplied") as tell:
        few = households_of(city.home)
        copies = -(-options.households // few)
        multiply(city.home, large, copies, tell)
    [(persons,)] = duckdb.sql(f"SELECT count(DISTINCT person) FROM read_parquet('{register_of(large)}')").fetchall()
    run = measured([sys.executable, "-m", "bench.quality", "--check", str(large)])
    console.print(row_of(run, few * copies, persons), markup=False)
    shutil.rmtree(large)


def row_of(run: Measured, households: int, persons: int) -> str:
    """A line of the table in docs/quality.md."""
    told = json.loads(run.output.splitlines()[-1])
    return (
        f"| {households:,} households, {persons:,} persons | {told['rules']} rules | {run.seconds:.0f} s | "
        f"{run.cpu_seconds:.0f} s | {run.peak_mb:,.0f} MB | {told['found']:,} found |"
    )


def checked(folder: Path) -> dict[str, int]:
    """Checks the whole register of a home, as the background process does."""
    from shouwang.policy.pack import load_pack
    from shouwang.quality.check import check
    from shouwang.quality.declared import RULES
    from shouwang.quality.tables import Desk

    home = Home(folder)
    register = register_of(folder)
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
