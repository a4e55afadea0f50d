"""The same screening in hand-written SQL on DuckDB, with the product's threads and memory.

python -m bench.duckdb_screening HOME AS_OF OUT.parquet
"""

import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from bench.hand_sql import ALWAYS, SOURCES, HandWritten
from bench.parameters import values
from shouwang.deliveries.lake import MEMORY_SHARE, ROW_COLUMNS, THREADS, sql_type
from shouwang.kernel.limits import database_memory
from shouwang.sources.contract import contract


def main(home: str, as_of: str, out: str) -> None:
    """Screens and writes the clues."""
    rows, day = Path(home) / "lake" / "rows", date.fromisoformat(as_of)
    spill = tempfile.mkdtemp(prefix="bench-spill-", dir=Path(out).parent)
    settings = {"threads": THREADS, "memory_limit": database_memory(MEMORY_SHARE), "temp_directory": spill}
    try:
        with duckdb.connect(config={**settings, "preserve_insertion_order": False}) as connection:
            for source in SOURCES:
                connection.execute(f"CREATE VIEW {source} AS {delivered(rows, source, day)}")
            for name, select in HandWritten(day, values(day)).stages():
                connection.execute(f"CREATE TEMP TABLE {name} AS {select}")
            connection.execute(f"COPY clues TO '{out}' (FORMAT parquet)")
    finally:
        shutil.rmtree(spill)


def delivered(rows: Path, source: str, day: date) -> str:
    """A SELECT of what the rules look at of a source, received by the day."""
    wanted = (*SOURCES[source], *ALWAYS)
    if not any((rows / source).glob("D*.parquet")):
        return f"SELECT {', '.join(f'CAST(NULL AS {type_of(source, name)}) AS {name}' for name in wanted)} WHERE 1 = 0"
    return (
        f"SELECT {', '.join(wanted)} FROM read_parquet('{rows / source}/D*.parquet') WHERE received_on <= DATE '{day}'"
    )


def type_of(source: str, name: str) -> str:
    """The type of a column in the lake."""
    columns = {column.field: sql_type(column) for column in contract(source).columns}
    return (columns | ROW_COLUMNS)[name]


if __name__ == "__main__":
    main(*sys.argv[1:])
