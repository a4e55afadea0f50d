"""The same screening in hand-written SQL on PostgreSQL, each stage a table of its own with its statistics.

python -m bench.postgresql_screening HOME AS_OF OUT.parquet

A server of its own, filled by COPY first; what is measured begins when the rows lie there.
"""

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

import polars as pl
import psycopg

from bench.duckdb_screening import type_of
from bench.hand_sql import ALWAYS, SOURCES, HandWritten
from bench.parameters import values
from bench.postgresql import USER, throw_away
from bench.processes import OWN_FIGURES, Tree

OPTIONS = {
    "shared_buffers": "512MB", "work_mem": "256MB", "maintenance_work_mem": "512MB", "effective_cache_size": "4GB",
    "max_parallel_workers_per_gather": "1", "jit": "off", "fsync": "off", "max_wal_size": "4GB",
}  # fmt: skip


def main(home: str, as_of: str, out: str) -> None:
    """Screens, writes the clues and prints what the stages took."""
    rows, day = Path(home) / "lake" / "rows", date.fromisoformat(as_of)
    with throw_away(OPTIONS) as server, psycopg.connect(host=str(server.folder), user=USER, dbname="postgres") as link:
        for source in SOURCES:
            _fill(link, rows, source, day)
        link.commit()
        link.autocommit = True
        link.execute("VACUUM ANALYZE")
        tree = Tree(server.process)
        tree.look()
        before, started = tree.cpu_seconds, time.perf_counter()
        for name, select in HandWritten(day, values(day)).stages():
            link.execute(f"CREATE TEMP TABLE {name} AS {select}")  # type: ignore[call-overload]
            link.execute(f"ANALYZE {name}")  # type: ignore[call-overload]
        found = link.execute("SELECT household_no, risk_type, level FROM clues").fetchall()
        tree.look()
        figures = {"seconds": time.perf_counter() - started, "cpu_seconds": tree.cpu_seconds - before}
        tree.end()
    schema = {"household_no": pl.String, "risk_type": pl.String, "level": pl.String}
    pl.DataFrame(found, schema=schema, orient="row").write_parquet(out)
    print(json.dumps({OWN_FIGURES: figures | {"peak_mb": tree.peak_mb}}))


def _fill(link: "psycopg.Connection[tuple[object, ...]]", rows: Path, source: str, day: date) -> None:
    names = (*SOURCES[source], *ALWAYS)
    columns = ", ".join(f"{name} {type_of(source, name)}" for name in names)
    link.execute(f"CREATE TABLE {source} ({columns})")  # type: ignore[call-overload]
    for file in sorted((rows / source).glob("D*.parquet")):
        frame = pl.read_parquet(file, columns=list(names)).filter(pl.col("received_on") <= day).select(names)
        with link.cursor().copy(f"COPY {source} FROM STDIN (FORMAT csv)") as stream:  # type: ignore[call-overload]
            stream.write(frame.write_csv(include_header=False).encode())


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    main(*sys.argv[1:])
