"""Linkage without a number at the size of a city: how well, how fast, beside Splink on the same rows; and FEBRL.

python -m bench.linkage [--persons 1000000] [--rows 7500] [--runs 1] [--febrl] [--folder bench-data]
python -m bench.linkage --persons 20000000 --rows 150000          # what a city is asked in two years

A hundredth, a tenth and the whole of the city, each with as many rows a person. Rows are drawn from the city's people, spoilt as calls
to the hotline are, and come without a usable number. What is printed is kept in `linkage.md` and `thresholds.svg`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.city import console, telling
from bench.febrl import reported
from bench.growth import exponent
from bench.linkage_city import Calls
from bench.processes import Measured, measured, typical
from bench.reports import markdown
from shouwang.linkage.measurement import PRECISION, RECALL, AtThreshold, at_thresholds, chosen, percent
from shouwang.linkage.threshold_chart import threshold_chart

SMALLEST = 10_000
ROWS_A_PERSON = 0.0075
SPLINK_UP_TO = 2_000_000
PRODUCT, PEER = "shouwang", "Splink on DuckDB, same comparisons"
MODULES = {PRODUCT: "bench.linkage_run", PEER: "bench.splink_linkage"}
Row = tuple[str, ...]


def main() -> None:
    options = _options()
    sizes = [part for part in (100, 10, 1) if part == 1 or options.persons // part >= SMALLEST]
    every = [Calls(options.folder.absolute(), options.persons // part, options.rows // part) for part in sizes]
    runs = {calls: _measured(calls, options.runs) for calls in every}
    largest = every[-1]
    found = thresholds(largest)
    parts = [markdown(_run_table(runs)), markdown(threshold_table(found)), verdict(found)]
    if options.febrl:
        parts.append(reported(options.folder.absolute()))
    text = "\n\n".join(parts) + "\n"
    (largest.folder / "linkage.md").write_text(text, encoding="utf-8")
    (largest.folder / "thresholds.svg").write_text(threshold_chart(found), encoding="utf-8")
    console.print(text, markup=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.linkage", description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument(
        "--rows", type=int, default=0, help="of the whole city; otherwise as many a person as a large city has"
    )
    parser.add_argument("--runs", type=int, default=1, help="the median of so many runs")
    parser.add_argument("--febrl", action="store_true", help="FEBRL beside it, with an environment for its peer")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    options = parser.parse_args()
    options.rows = options.rows or round(options.persons * ROWS_A_PERSON)
    return options


def _measured(calls: Calls, runs: int) -> dict[str, Measured]:
    """The product and, where the city is not too large for it, the peer; each run is a whole process."""
    # In a process of its own: a child inherits its parent's peak memory, and building a city takes some.
    arguments = [str(calls.under), str(calls.persons), str(calls.rows)]
    measured([sys.executable, "-m", "bench.linkage_city", *arguments])
    asked = [name for name in MODULES if name == PRODUCT or calls.persons <= SPLINK_UP_TO]
    results: dict[str, list[Measured]] = {name: [] for name in asked}
    with telling(f"{calls.rows:,} rows against {calls.persons:,} persons") as tell:
        for run in range(runs):
            for name in asked:
                command = [sys.executable, "-m", MODULES[name], *arguments, str(pairs_of(calls, name))]
                results[name].append(measured(command))
            tell(run + 1)
    return {name: typical(each) for name, each in results.items()}


def pairs_of(calls: Calls, name: str) -> Path:
    return calls.folder / f"{name.split()[0].lower()}-{calls.rows}.parquet"


def thresholds(calls: Calls) -> list[AtThreshold]:
    """What the product proposed, beside the truth."""
    rows = pl.read_parquet(calls.truth).with_columns(outcome=pl.lit("review"))
    candidates = pl.read_parquet(pairs_of(calls, PRODUCT)).select(pl.col("line").alias("row"), "person", "probability")
    return at_thresholds(rows, candidates)


def _run_table(runs: dict[Calls, dict[str, Measured]]) -> list[Row]:
    table: list[Row] = [("linkage without a number", "rows", "persons", "seconds", "CPU s", "peak MB", "× product")]
    points: dict[str, list[tuple[int, float]]] = {}
    for calls, of in runs.items():
        for name, run in of.items():
            points.setdefault(name, []).append((calls.persons, run.cpu_seconds))
            ratio = f"{run.cpu_seconds / of[PRODUCT].cpu_seconds:.2f}"
            figures = (f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", f"{run.peak_mb:,.0f}", ratio)
            table.append((name, f"{calls.rows:,}", f"{calls.persons:,}", *figures))
    for name, each in points.items():
        if (power := exponent(each)) is not None:
            table.append((f"{name}: exponent of growth", "", "", "", f"{power:.2f}", "", ""))
    return table


def threshold_table(found: Sequence[AtThreshold]) -> list[Row]:
    head = ("probability from", "precision", "recall", "recall, any candidate", "rows with candidates", "candidates a row",
            "rows left for a closer look")  # fmt: skip
    return [head] + [
        (
            f"{each.threshold:g}",
            percent(each.first.precision),
            percent(each.first.recall),
            percent(each.any.recall),
            f"{each.first.decided:,}",
            "—" if each.candidates_a_row is None else f"{each.candidates_a_row:.2f}",
            f"{each.uncertain:,}",
        )
        for each in found
    ]


def verdict(found: Sequence[AtThreshold]) -> str:
    best = chosen(found)
    aim = f"precision {PRECISION:.0%} at recall {RECALL:.0%}"
    return f"{aim}: reached from {best.threshold:g} on" if best else f"{aim}: reached nowhere"


if __name__ == "__main__":
    main()
