"""What computes over the lake: DuckDB within this process, or Apache Spark on a cluster. Both give the same rows."""

from datetime import date

from shouwang.deliveries.lake import Lake
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home

DUCKDB, SPARK = "duckdb", "spark"
ENGINES = (DUCKDB, SPARK)


def open_lake(engine: str, home: Home, known_at: date | None) -> Lake:
    """The lake as known at the end of a day, on one of `ENGINES`.

    Raises:
        InputError: there is no such engine.
    """
    if engine == DUCKDB:
        return Lake(home, known_at)
    if engine == SPARK:
        from shouwang.deliveries.spark_lake import SparkLake

        return SparkLake(home, known_at)
    raise InputError(f"没有计算引擎 {engine}", f"用 {' 或 '.join(ENGINES)}")
