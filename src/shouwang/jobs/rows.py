"""Many rows written at once: on PostgreSQL by COPY, on SQLite by one prepared statement.

Into a table with a row policy PostgreSQL does not copy: there the rows are copied beside it, from where one statement takes them in.
Django's own bulk writing spends most of its time on making statements.
"""

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import DateField, Field, JSONField, Model

from shouwang.jobs.row_policies import has_policy
from shouwang.kernel.limits import memory_limit

Row = Sequence[Any]
READY_AT_MOST = 100_000  # all days of birth are fewer
BESIDE = "beside"
CACHE_SHARE = 0.125  # of the limit of memory
SELDOM = 50_000  # objects made between two looks for garbage: rows make none that goes round in circles
ROWS_AT_ONCE = 5_000  # put as the database wants them; the evidence of a city's clues is a gigabyte of text


@contextmanager
def in_bulk() -> Iterator[None]:
    """While a city is written SQLite keeps the leaves of the indexes in memory that every few thousand rows come back to."""
    often = gc.get_threshold()
    gc.set_threshold(SELDOM, *often[1:])
    try:
        with _cache(int(memory_limit() * CACHE_SHARE)):
            yield
    finally:
        gc.set_threshold(*often)


@contextmanager
def _cache(size: int) -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        ((usual,),) = cursor.execute("PRAGMA cache_size").fetchall()
        cursor.execute(f"PRAGMA cache_size = -{size // 1024}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Inserts rows of field values in the order of `names`; foreign keys by their plain value."""
    if connection.vendor == "postgresql" and not has_policy(model):
        return _copy(_quoted(model._meta.db_table), model, names, rows)
    if connection.vendor == "postgresql":
        listed = ", ".join(_column(model, name) for name in names)
        return _by_way_of_copies(model, names, rows, f"{_into(model, names)} SELECT {listed} FROM arriving")
    return _execute(f"{_into(model, names)} VALUES ({_places(names)})", model, names, rows)


def insert_or_replace_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row], key: str) -> None:
    """As `insert_rows`; a row whose unique field `key` is known replaces the other named fields of that row."""
    columns = [_column(model, name) for name in names if name != key]
    replaced = ", ".join(f"{column} = excluded.{column}" for column in columns)
    on_conflict = f" ON CONFLICT ({_column(model, key)}) DO UPDATE SET {replaced}"
    if connection.vendor == "postgresql":
        listed = ", ".join(_column(model, name) for name in names)
        return _by_way_of_copies(
            model, names, rows, f"{_into(model, names)} SELECT {listed} FROM arriving{on_conflict}"
        )
    return _execute(f"{_into(model, names)} VALUES ({_places(names)}){on_conflict}", model, names, rows)


def update_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Updates rows by their primary key, which is the last value of each."""
    columns = [_column(model, name) for name in names]
    table, pk = _quoted(model._meta.db_table), _column(model, "pk")
    named = [*names, "pk"]
    if connection.vendor == "postgresql":
        assigned = ", ".join(f"{column} = arriving.{column}" for column in columns)
        sql = f"UPDATE {table} SET {assigned} FROM arriving WHERE {table}.{pk} = arriving.{pk}"
        return _by_way_of_copies(model, named, rows, sql)
    assigned = ", ".join(f"{column} = %s" for column in columns)
    return _execute(f"UPDATE {table} SET {assigned} WHERE {pk} = %s", model, named, rows)


def delete_rows(model: type[Model], name: str, values: Sequence[int]) -> None:
    """Deletes the rows whose integer field has one of these values."""
    table, column = _quoted(model._meta.db_table), _column(model, name)
    given: list[int] | str
    if connection.vendor == "postgresql":
        sql, given = f"DELETE FROM {table} WHERE {column} = ANY(%s)", list(values)
    else:
        sql, given = (
            f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(%s))",
            json.dumps(list(values)),
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, [given])


def insert_values(table: str, column: str, values: Iterable[Any]) -> None:
    """Inserts one column into a table that is no model's."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({column}) FROM STDIN") as stream:
                for value in values:
                    stream.write_row((value,))
        else:
            cursor.executemany(f"INSERT INTO {table} ({column}) VALUES (%s)", [(value,) for value in values])


@contextmanager
def beside(model: type[Model], names: Sequence[str], rows: Iterable[Row], key: Sequence[str]) -> Iterator[str]:
    """Rows as `insert_rows` takes them in a temporary table beside a model's, found by `key`; its name, while it is there.

    Whoever works on the desk does not wait while it is filled.
    """
    columns = ", ".join(_column(model, name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {BESIDE} AS SELECT {columns} FROM {_quoted(model._meta.db_table)} WHERE 1 = 0"
        )
        try:
            if connection.vendor == "postgresql":
                _copy(BESIDE, model, names, rows)
            else:
                with _of_temporary_tables():
                    _run_for_each(f"INSERT INTO {BESIDE} ({columns}) VALUES ({_places(names)})", model, names, rows)
            by = ", ".join(_column(model, name) for name in key)
            cursor.execute(f"CREATE INDEX {BESIDE}_key ON {BESIDE} ({by})")
            if connection.vendor == "postgresql":
                cursor.execute(f"ANALYZE {BESIDE}")
            yield BESIDE
        finally:
            cursor.execute(f"DROP TABLE {BESIDE}")


@contextmanager
def _of_temporary_tables() -> Iterator[None]:
    """One transaction of SQLite that locks nothing else, as one of Django's would from its beginning."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def _into(model: type[Model], names: Sequence[str]) -> str:
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(_column(model, name) for name in names)})"


def _places(names: Sequence[str]) -> str:
    return ", ".join(["%s"] * len(names))


def _execute(sql: str, model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """In one transaction: outside of any SQLite would put each row on the disk by itself."""
    with transaction.atomic(savepoint=False):
        _run_for_each(sql, model, names, rows)


def _run_for_each(sql: str, model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    ready = _adapted(model, names, rows)
    with connection.cursor() as cursor:
        while some := list(islice(ready, ROWS_AT_ONCE)):
            cursor.executemany(sql, some)


def _by_way_of_copies(model: type[Model], names: Sequence[str], rows: Iterable[Row], sql: str) -> None:
    """Copies the rows beside the table, from where one statement takes them in."""
    columns = ", ".join(_column(model, name) for name in names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS"
            f" SELECT {columns} FROM {_quoted(model._meta.db_table)} WITH NO DATA"
        )
        _copy("arriving", model, names, rows)
        cursor.execute(sql)
        cursor.execute("DROP TABLE arriving")


def _copy(table: str, model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    columns = ", ".join(_column(model, name) for name in names)
    sql = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as stream:
        for row in _adapted(model, names, rows):
            stream.write_row(row)


def _adapted(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> Iterator[list[Any]]:
    """Dates and JSON are put as the database wants them; everything else goes as it is."""
    fields = [_field(model, name) for name in names]
    dates = [(place, _ready(field)) for place, field in enumerate(fields) if isinstance(field, DateField)]
    documents = [
        (place, field, field.get_db_prep_save({}, connection))
        for place, field in enumerate(fields)
        if isinstance(field, JSONField)
    ]
    for row in rows:
        values = list(row)
        for place, ready in dates:
            values[place] = ready[values[place]]
        for place, field, nothing in documents:
            value = values[place]
            values[place] = nothing if value == {} else field.get_db_prep_save(value, connection)
        yield values


class _Ready(dict[Any, Any]):
    """Values of a field as the database wants them, each made so once: the same days come again and again."""

    def __init__(self, field: "Field[Any, Any]") -> None:
        super().__init__()
        self._field = field

    def __missing__(self, value: Any) -> Any:
        if len(self) >= READY_AT_MOST:
            self.clear()
        ready = self[value] = self._field.get_db_prep_save(value, connection)
        return ready


_ready = cache(_Ready)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return model._meta.pk if name == "pk" else model._meta.get_field(name)  # type: ignore[return-value]


def _column(model: type[Model], name: str) -> str:
    return _quoted(str(_field(model, name).column))


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
