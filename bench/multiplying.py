"""A city many times over: its lake copied, each time with households, people and keys of their own, and the same lives."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from shouwang.kernel.home import Home
from shouwang.kernel.limits import database_memory

LINES = 2_000_000
"""More than any file of the city that is multiplied has, so that a copy's rows have lines of their own."""
LARGEST = 2**63 - 1


def multiply(home: Path, large: Path, copies: int, progress: Callable[[int], None]) -> None:
    """Makes a home with so many copies of a home's lake; the first are the rows as they were."""
    shutil.rmtree(large, ignore_errors=True)
    shutil.copytree(home, large, ignore=shutil.ignore_patterns("*.parquet", "*.sqlite3*", "staging", "register"))
    (large / "spill").mkdir(exist_ok=True)
    for done, path in enumerate(sorted(Home(home).rows("").glob("*/*.parquet")), start=1):
        target = large / path.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copies(path, target, copies)
        progress(done)


def register_of(home: Path) -> str:
    """The files of a home's register, as DuckDB reads them."""
    return str(Home(home).rows("household_register") / "*.parquet")


def households_of(home: Path) -> int:
    """How many households a home's register has."""
    [(count,)] = duckdb.sql(f"SELECT count(DISTINCT household_no) FROM read_parquet('{register_of(home)}')").fetchall()
    return int(count)


def _copies(path: Path, target: Path, copies: int) -> None:
    names = [each[0] for each in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]
    own = {name: f"(hash({name}, n) & {LARGEST})::BIGINT" for name in ("key", "person") if name in names}
    own |= {"line": f"(line + n * {LINES})::INTEGER"} | {
        name: f"concat({name}, '-', n)" for name in ("household_no",) if name in names
    }
    said = ", ".join(
        f"CASE WHEN n = 0 OR {name} IS NULL THEN {name} ELSE {way} END AS {name}" for name, way in own.items()
    )
    left = "n, sealed" if "sealed" in names else "n"  # bound to the first person: of a copy nobody could open it
    sql = f"SELECT * EXCLUDE ({left}) REPLACE ({said}) FROM read_parquet('{path}'), range({copies}) AS r(n)"
    with duckdb.connect(config={"memory_limit": database_memory(0.5), "preserve_insertion_order": False}) as connection:
        connection.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION lz4)")
