"""Who else does the same screening on the same files, and whether their clues are the product's."""

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from bench.postgresql import NoServer, programs

SHOUWANG = str(Path(sys.executable).with_name("shouwang"))
CLUE = ["household_no", "risk_type", "level"]
EVERYWHERE = 1_000_000_000


def _always() -> str:
    return ""


def _postgresql() -> str:
    try:
        programs()
    except NoServer as problem:
        return str(problem)
    return ""


def _pyspark() -> str:
    return "" if importlib.util.find_spec("pyspark") else "PySpark is not installed: pip install 'shouwang[spark]'"


@dataclass(frozen=True)
class Peer:
    """`module` is run with the home, the day and the file for its clues; `largest` is the largest city that it is asked to do.

    `lacking` says what is missing on this machine, if anything.
    """

    name: str
    title: str
    module: str
    largest: int = EVERYWHERE
    lacking: Callable[[], str] = _always

    def command(self, home: Path, day: str, out: Path) -> list[str]:
        return [sys.executable, "-m", self.module, str(home), day, str(out)]


PEERS = (
    Peer("duckdb", "DuckDB, SQL by hand", "bench.duckdb_screening"),
    Peer("polars", "Polars, streaming", "bench.polars_screening"),
    Peer("pandas", "pandas, plain", "bench.pandas_screening", 2_000_000),
    Peer("postgresql", "PostgreSQL, SQL by hand in stages", "bench.postgresql_screening", 2_000_000, _postgresql),
    Peer("pyspark", "PySpark local[2], SQL by hand in stages", "bench.spark_screening", 2_000_000, _pyspark),
    Peer("orm", "Django ORM, household by household", "bench.orm_screening", 200_000),
)


def fingerprint(clues: pl.DataFrame) -> str:
    """What two lists have in common exactly where they hold the same clues: household, risk type, level."""
    digest = sha256()
    for row in clues.select(CLUE).sort(CLUE).iter_rows():
        digest.update("\t".join(row).encode() + b"\n")
    return digest.hexdigest()


def differing_clues(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[tuple[str, ...]]:
    """Clues (household, risk type, level) that only one of the two has."""
    if fingerprint(ours) == fingerprint(theirs):
        return []
    mine, other = set(ours.select(CLUE).iter_rows()), set(theirs.select(CLUE).iter_rows())
    return sorted(mine ^ other) or [("a clue twice", "", "")]


def require_same(ours: pl.DataFrame, theirs: Path, title: str) -> None:
    """Ends the benchmark where a peer did not find the very same clues; beside them it may name the households it looked at."""
    looked_at = theirs.with_suffix(".json")
    if looked_at.exists() and isinstance(chosen := json.loads(looked_at.read_text()), list):
        ours = ours.filter(pl.col("household_no").is_in(chosen))
    if difference := differing_clues(ours, pl.read_parquet(theirs)):
        sys.exit(f"product and {title} differ in {len(difference)} clues, for example {difference[0]}")
