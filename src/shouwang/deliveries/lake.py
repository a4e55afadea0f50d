"""The lake as it was known on a day: DuckDB over the accepted rows of committed deliveries.

The connection reads the home's lake and nothing else; it can spill only into its own folder of the home.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from shouwang.deliveries.decided_links import PERSON, Decision, Place, rows_with_decided, standing
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home
from shouwang.kernel.limits import database_memory
from shouwang.sources.contract import Column, contract

if TYPE_CHECKING:
    import pyarrow as pa

THREADS = 2
MEMORY_SHARE = 0.5  # of the limit that the lake may hold before it spills; the rest is for what comes out of it
ROW_COLUMNS = {
    "delivery": "INTEGER",
    "line": "INTEGER",
    "received_on": "DATE",
    "key": "BIGINT",
    "repeated": "BOOLEAN",
    "person": "BIGINT",
    "link": "VARCHAR",
    "county": "INTEGER",
}
ROWS_AT_ONCE = 10_000
SQL_TYPES = {"date": "DATE", "amount": "DECIMAL(18, 2)", "count": "INTEGER", "year": "INTEGER"}
Row = tuple[Any, ...]
_serial = itertools.count()
LAST_FIRST = "received_on DESC, delivery DESC, line DESC"


def sql_type(column: Column) -> str:
    """The type in which a contract's column lies in the lake."""
    return SQL_TYPES.get(column.type, "VARCHAR")


class Answer(Protocol):
    """What a question of the lake gives: rows as tuples."""

    @property
    def description(self) -> list[Any]: ...
    def fetchone(self) -> Row | None: ...
    def fetchall(self) -> list[Row]: ...
    def fetchmany(self, size: int) -> list[Row]: ...


class Lake:
    """Every source as known at the end of a day (`known_at`; None: now), the last version of each natural key.

    Used as a context manager; closing it removes what it spilled. `threads` work on one question; by default `THREADS`.
    """

    def __init__(self, home: Home, known_at: date | None, threads: int | None = None) -> None:
        self.home = home
        self._threads = threads or THREADS
        self._reports: dict[str, list[DeliveryReport]] = {}
        for report in deliveries(home, known_at):
            self._reports.setdefault(report.source, []).append(report)
        self._decided: dict[Place, Decision] = {
            place: each for place, each in standing(home, known_at).items() if each.verdict == PERSON
        }
        self._versions: dict[str, str] = {}
        self._superseded: dict[str, str] = {}
        self._repeated: dict[str, str] = {}
        self._codes: dict[str, bool] = {}
        self._asked: dict[str, set[str]] = {}
        self._narrowed: set[str] = set()

    def __enter__(self) -> "Lake":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "connection" in vars(self):
            self.connection.close()

    def run(self, sql: str) -> Answer:
        """Runs one statement.

        Raises:
            Failure: memory or disk did not suffice, or a file of the lake cannot be read.
        """
        with _told():
            return self.connection.execute(sql)

    def rows(self, sql: str) -> Iterator[Row]:
        """The answer to one statement row by row, without holding them all. Nothing else may be asked meanwhile. Raises as `run`."""
        answer = self.run(sql)
        while block := answer.fetchmany(ROWS_AT_ONCE):
            yield from block

    def columns(self, sql: str) -> "pa.Table":
        """The answer to one statement, in columns. Raises as `run`."""
        with _told():
            return self.connection.sql(sql).to_arrow_table()

    @contextmanager
    def in_blocks(self, sql: str, rows: int) -> "Iterator[pa.RecordBatchReader]":
        """The answer to one statement in blocks of so many rows, the last with fewer. Raises as `run`."""
        with _told():
            yield self.connection.sql(sql).to_arrow_reader(rows)

    def store(self, name: str, select: str) -> int | None:
        """Computes a SELECT now and keeps its rows as a table; one of that name is replaced. How many they are; None where to
        count them costs something. Raises as `run`."""
        [(rows,)] = self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}").fetchall()
        return int(rows)

    def view(self, name: str, select: str) -> None:
        """Gives a SELECT a name; one of that name is replaced. Raises as `run`."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def drop(self, name: str) -> None:
        """Forgets a stored table. Raises as `run`."""
        self.run(f"DROP TABLE {name}")

    def versions(self, source: str, columns: Sequence[str]) -> str:
        """A SELECT of the known rows of a source: its `columns` (of the contract, or of every row), each key once.

        What was superseded is looked for once; all other rows pass straight through.
        """
        self._asked.setdefault(source, set()).update(columns)
        wanted = ", ".join(columns)
        if source in self._narrowed:
            return f"SELECT {wanted} FROM near_{source}"
        rows = self.every_version(source)
        if not rows:
            return self.nothing(source, columns)
        if not (superseded := self._superseded_of(source)):
            return f"SELECT {wanted} FROM {rows}"
        given = ", ".join(f"v.{name}" for name in columns)
        return f"SELECT {given} FROM {rows} AS v ANTI JOIN {superseded} AS s ON s.delivery = v.delivery AND s.line = v.line"

    def every_version(self, source: str) -> str:
        """A FROM item of all known rows of a source, superseded ones too; empty text where nothing was delivered."""
        if source not in self._versions:
            self._versions[source] = self._known_rows(source)
        return self._versions[source]

    def delivered(self, source: str, numbers: Collection[int]) -> str:
        """The same of these deliveries alone."""
        rows = self.undecided(source, numbers)
        decided = [each for each in self._decided.values() if each.delivery in numbers]
        return rows_with_decided(rows, decided) if rows else ""

    def undecided(self, source: str, numbers: Collection[int]) -> str:
        """As `delivered`, without what people decided."""
        reports = [each for each in self._reports.get(source, []) if each.number in numbers and each.accepted]
        return self._read(source, [self._path(each) for each in reports]) if reports else ""

    def narrow(self, sources: Mapping[str, str], ask: Callable[[], object]) -> None:
        """From now on `versions` gives only rows of these sources that meet a condition on `r`; each is read only once.

        `ask` composes, and does not run, all that will be asked of them: of other columns nothing can be asked afterwards.
        """
        self._asked = {}
        ask()
        for source, condition in sources.items():
            if columns := sorted(self._asked.get(source, ())):
                near = f"SELECT * FROM ({self.versions(source, columns)}) AS r WHERE {condition}"
                self.store(f"near_{source}", near)
                self._narrowed.add(source)

    def coded(self, source: str, name: str) -> str:
        """The column `name` as it is best kept in a stored table: a text of which the contract has a list takes a byte, not sixteen.
        To whoever asks it is the same text."""
        kind = f"code_of_{source}_{name}"
        if kind not in self._codes:
            rows = self.every_version(source) if contract(source).column(name).codes else ""
            known = f"{rows} AS r WHERE {name} IS NOT NULL"
            self._codes[kind] = bool(rows) and self._any(known)
            if self._codes[kind]:
                self.run(f"CREATE TEMP TYPE {kind} AS ENUM (SELECT DISTINCT {name} FROM {known})")
        return f"CAST({name} AS {kind}) AS {name}" if self._codes[kind] else name

    def repeated(self, column: str, select: str) -> str:
        """A FROM item: those values of a SELECT's only column that it gives more than once; empty where there are none. NULL is
        no value."""
        if select not in self._repeated:
            table = f"repeated_{len(self._repeated)}"
            self._store_repeated(table, column, select)
            self._repeated[select] = table if self._any(table) else ""
        return self._repeated[select]

    def _any(self, rows: str) -> bool:
        """Whether a FROM clause gives a row."""
        return bool(self.run(f"SELECT 1 FROM {rows} LIMIT 1").fetchall())

    def _store_repeated(self, table: str, column: str, select: str) -> None:
        """Sorted in memory, 16 bytes a row: to look for them by groups takes five times as long, most values being alone."""
        import numpy as np

        with _told():
            hashes = np.sort(self.connection.sql(f"SELECT hash({column}) AS h FROM ({select}) AS r").fetchnumpy()["h"])
        twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        several = f"SELECT {column} FROM ({select}) AS r WHERE {column} IS NOT NULL"
        self.connection.register("hash_twice", {"h": twice})
        several += f" AND hash({column}) IN (SELECT h FROM hash_twice)"
        self.store(table, f"SELECT {column} FROM ({several}) AS s GROUP BY {column} HAVING count(*) > 1")
        self.connection.unregister("hash_twice")

    def carried(self, source: str, column: str) -> str:
        """A SELECT of delivery, line and a column that is in no contract; rows of a delivery that lacks it are left out."""
        listed = ", ".join(quoted(path) for path in self._files(source))
        having = f"SELECT DISTINCT file_name FROM parquet_schema([{listed}]) WHERE name = '{column}'"
        carrying = ", ".join(quoted(Path(name)) for (name,) in self.run(having).fetchall()) if listed else ""
        if not carrying:
            return f"SELECT 0 AS delivery, 0 AS line, 0 AS {column} WHERE 1 = 0"
        return f"SELECT delivery, line, {column} FROM read_parquet([{carrying}])"

    def _known_rows(self, source: str) -> str:
        """The table of all known rows, superseded ones too; empty text where nothing was delivered."""
        paths = list(self._files(source))
        if not paths:
            return ""
        numbers = {report.number for report in self._reports[source]}
        decided = [each for each in self._decided.values() if each.delivery in numbers]
        return rows_with_decided(self._read(source, paths), decided)

    def _read(self, source: str, paths: list[Path]) -> str:
        """A FROM item: all rows of these files of a source."""
        return f"read_parquet([{', '.join(map(quoted, paths))}])"

    def confirmed_by(self, delivery: int, line: int) -> str:
        """The office that decided, as known on the day, whom a row is about; empty where nobody had to."""
        decision = self._decided.get((delivery, line))
        return decision.office if decision else ""

    def _files(self, source: str) -> Iterable[Path]:
        return (self._path(each) for each in self._reports.get(source, []) if each.accepted)

    def _path(self, report: DeliveryReport) -> Path:
        path = self.home.rows(report.source) / f"{report.label}.parquet"
        if not path.exists():
            raise Failure(f"交付 {report.label} 的数据文件 {path.name} 不见了", "从备份恢复该文件后再试")
        return path

    @property
    def reports(self) -> list[DeliveryReport]:
        """The deliveries that are known, source by source."""
        return [each for reports in self._reports.values() for each in reports]

    @property
    def is_numbered_as_received(self) -> bool:
        """Whether no delivery bears an earlier day than one of a lower number: then number and line say which row is later."""
        days = [each.received_on for each in sorted(self.reports, key=lambda report: report.number)]
        return all(first <= second for first, second in pairwise(days))

    @property
    def decided(self) -> Mapping[Place, Decision]:
        """The rows of which people said whom they are about, as known on the day."""
        return self._decided

    def superseded(self, sources: Iterable[str]) -> str:
        """A SELECT of delivery and line of the rows of these sources after which their key came again."""
        tables = dict.fromkeys(found for source in sources if (found := self._superseded_of(source)))
        parts = [f"SELECT delivery, line FROM {table}" for table in tables]
        return " UNION ALL ".join(parts) or "SELECT 0 AS delivery, 0 AS line WHERE 1 = 0"

    def take_superseded(self, sources: Iterable[str], select: str) -> None:
        """Somebody knows already which rows of these sources are superseded: a SELECT of delivery and line of all of them."""
        self.store("superseded", select)
        numbers = {number for (number,) in self.run("SELECT DISTINCT delivery FROM superseded").fetchall()}
        for source in sources:
            own = [str(each.number) for each in self._reports.get(source, []) if each.number in numbers]
            of_them = f"SELECT delivery, line FROM superseded WHERE delivery IN ({', '.join(own)})"
            self._superseded[source] = f"({of_them})" if own else ""

    def _superseded_of(self, source: str) -> str:
        """A FROM item: the rows of a source after which their key came again; empty where none did."""
        if source not in self._superseded:
            rows, table = self.every_version(source), f"superseded_{source}"
            is_any = bool(rows) and self._any(f"{rows} AS r WHERE r.repeated")
            if is_any:
                again = f"SEMI JOIN (SELECT key FROM {rows} AS r WHERE r.repeated) AS g ON g.key = v.key"
                place = f"row_number() OVER (PARTITION BY key ORDER BY {LAST_FIRST}) AS place"
                versions = f"SELECT v.delivery, v.line, {place} FROM {rows} AS v {again}"
                self.store(table, f"SELECT delivery, line FROM ({versions}) AS p WHERE place > 1")
            self._superseded[source] = table if is_any else ""
        return self._superseded[source]

    def nothing(self, source: str, columns: Sequence[str]) -> str:
        """A SELECT of no row with the columns of a source."""
        of = contract(source)
        types = {column.field: sql_type(column) for column in of.columns} | ROW_COLUMNS
        return f"SELECT {', '.join(f'CAST(NULL AS {types[name]}) AS {name}' for name in columns)} WHERE 1 = 0"

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Opened by the first question: of some households nothing was delivered.

        Raises:
            Failure: `SHOUWANG_MEMORY` is no amount of memory.
        """
        self.home.spill.mkdir(exist_ok=True)  # of a home of before; DuckDB makes the last folder of a path and no other
        self._clear_abandoned_spills()
        return _database(self.home, self._threads, database_memory(MEMORY_SHARE), os.getpid()).cursor()

    def _clear_abandoned_spills(self) -> None:
        """Removes what killed screenings left behind."""
        for folder in self.home.spill.glob("*"):
            process = folder.name.partition("-")[0]
            if process.isdigit() and not _is_running(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=1)
def _database(home: Home, threads: int, memory: str, process: int) -> duckdb.DuckDBPyConnection:
    """The last one is kept, since to open one takes longer than most questions of a page. Each lake has a connection of its own
    to it, with tables and views of its own; all of them share its memory. One that another took the place of ends with its last
    lake. Whoever was forked (`process`) opens one of its own."""
    spill = spill_folder(home)
    shutil.rmtree(spill, ignore_errors=True)  # of one that was killed and had this number too
    settings = {
        "threads": str(threads),
        "memory_limit": quoted(memory),
        "temp_directory": quoted(spill),
        "preserve_insertion_order": "false",
        "parquet_metadata_cache": "true",
        "allowed_directories": f"[{quoted(home.lake)}]",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }
    database = duckdb.connect()
    for name, value in settings.items():
        database.execute(f"SET {name} = {value}")
    return database


@contextmanager
def _told() -> Iterator[None]:
    """What went wrong in DuckDB, in words."""
    try:
        yield
    except duckdb.OutOfMemoryException as problem:
        advice = "用环境变量 SHOUWANG_MEMORY 放宽内存上限（例如 2GB），或清理磁盘后再试"
        raise Failure("筛查所需的内存或磁盘空间不够", advice) from problem
    except duckdb.Error as problem:
        advice = "检查磁盘空间和数据目录的权限；文件损坏时从备份恢复该交付后再试"
        raise Failure(f"读取数据目录失败：{str(problem).splitlines()[0]}", advice) from problem


def spill_folder(home: Home) -> Path:
    """One that nobody else has, not made yet; whoever opens a lake clears those of processes that are gone."""
    return home.spill / f"{os.getpid()}-{next(_serial)}"


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def quoted(path: Path | str) -> str:
    """A text as it stands in a statement."""
    return "'" + str(path).replace("'", "''") + "'"
