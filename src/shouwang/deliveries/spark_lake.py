"""The lake on Apache Spark, for a region that outgrows one machine: the same statements, carried over by sqlglot.

The home (or at least its `lake` and `spill`) must lie where every worker of the cluster reaches it by the same path. Each
stored table is written out before the next statement is planned: one single plan of all stages never ended here.
"""

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import sqlglot

from shouwang.deliveries.lake import Lake, Row, spill_folder
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

MASTER = "local[2]"  # `SHOUWANG_SPARK_MASTER` names another one
LOCAL_MEMORY = "2g"  # of the one process that is driver and worker in one
SETTINGS = {
    "spark.app.name": "shouwang",
    "spark.sql.constraintPropagation.enabled": "false",  # its cost grows exponentially with the columns of a rule
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}
LOCAL_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}
_serial = itertools.count()
ADVICE = "看 Spark 的日志；本机运行时用 SHOUWANG_MEMORY 放宽内存上限"


class Rows:
    """The answer to a question: rows as tuples, in the order asked for."""

    def __init__(self, frame: "DataFrame") -> None:
        self._frame = frame
        self._iterator: Iterator[Any] | None = None

    @property
    def description(self) -> list[Any]:
        return [(name,) for name in self._frame.columns]

    def fetchall(self) -> list[Row]:
        with _in_words():
            return [tuple(row) for row in self._frame.collect()]

    def fetchmany(self, size: int) -> list[Row]:
        with _in_words():
            self._iterator = self._iterator or self._frame.toLocalIterator()
            return [tuple(row) for row in islice(self._iterator, size)]

    def fetchone(self) -> Row | None:
        with _in_words():
            return next((tuple(row) for row in self._frame.head(1)), None)


class SparkLake(Lake):
    """As `Lake`; what is stored is written below the home's `spill` as Parquet, and removed when the lake is closed."""

    def __init__(self, home: Home, known_at: date | None) -> None:
        super().__init__(home, known_at)
        self._spill = spill_folder(home)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._spill, ignore_errors=True)

    def run(self, sql: str) -> Rows:
        """Asks one question. Raises as `Lake.run`."""
        with _in_words():
            return Rows(session().sql(in_spark(sql)))

    def columns(self, sql: str) -> "pa.Table":
        with _in_words():
            return session().sql(in_spark(sql)).toArrow()

    def store(self, name: str, select: str) -> None:
        folder = self._spill / f"{name}-{next(_serial)}"
        with _in_words():
            asked = session().sql(in_spark(select))
            asked.write.parquet(str(folder))
            session().read.schema(asked.schema).parquet(str(folder)).createOrReplaceTempView(name)

    def coded(self, source: str, name: str) -> str:
        return name

    def _store_repeated(self, table: str, column: str, select: str) -> None:
        several = f"SELECT {column} FROM ({select}) AS r WHERE {column} IS NOT NULL"
        self.store(table, f"{several} GROUP BY {column} HAVING count(*) > 1")

    def view(self, name: str, select: str) -> None:
        with _in_words():
            session().sql(in_spark(select)).createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        session().catalog.dropTempView(name)

    def _read(self, source: str, paths: list[Path]) -> str:
        self._clear_abandoned_spills()
        name = f"delivered_{source}"
        with _in_words():
            session().read.parquet(*map(str, paths)).createOrReplaceTempView(name)
        return name


def in_spark(sql: str) -> str:
    """A statement of DuckDB in Spark's words."""
    return sqlglot.transpile(sql, read="duckdb", write="spark")[0]


@cache
def session() -> "SparkSession":
    """The one session of this process.

    Raises:
        Failure: PySpark or Java is not installed, or the master does not answer.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as problem:
        raise Failure("没有安装 PySpark", "pip install 'shouwang[spark]'，并安装 Java 17") from problem
    master = os.environ.get("SHOUWANG_SPARK_MASTER", MASTER)
    settings = dict(SETTINGS)
    if master.startswith("local"):
        settings |= LOCAL_SETTINGS | {"spark.driver.memory": _local_memory()}
    builder = SparkSession.builder.master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    with _in_words():
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def _local_memory() -> str:
    """`SHOUWANG_MEMORY` as Java writes it: 2GB is 2g."""
    return os.environ.get("SHOUWANG_MEMORY", LOCAL_MEMORY).lower().removesuffix("b").replace(" ", "")


@contextmanager
def _in_words() -> Iterator[None]:
    """A problem of Spark as a Failure: its first line, and what to do."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as problem:
        first = str(problem).strip().splitlines() or [type(problem).__name__]
        raise Failure(f"Spark 未能完成：{first[0]}", ADVICE) from problem
