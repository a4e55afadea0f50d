"""Many rows written at once. Django's own bulk writing spends most of its time on making statements."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import DateField, Field, JSONField, Model

Row = Sequence[Any]


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Inserts rows of field values in the order of `names`; foreign keys by their plain value."""
    _write(model, names, rows, "")


def insert_or_replace_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row], key: str) -> None:
    """As `insert_rows`; a row whose unique field `key` is known replaces the other named fields of that row."""
    columns = [_column(model, name) for name in names if name != key]
    replaced = ", ".join(f"{column} = excluded.{column}" for column in columns)
    _write(model, names, rows, f" ON CONFLICT ({_column(model, key)}) DO UPDATE SET {replaced}")


def update_rows(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Updates rows by their primary key, which is the last value of each."""
    assignments = ", ".join(f"{_column(model, name)} = %s" for name in names)
    table, pk = _quoted(model._meta.db_table), _column(model, "pk")
    fields = [_field(model, name) for name in names]
    _execute(f"UPDATE {table} SET {assignments} WHERE {pk} = %s", fields, rows)


def _write(model: type[Model], names: Sequence[str], rows: Iterable[Row], on_conflict: str) -> None:
    columns = ", ".join(_column(model, name) for name in names)
    places = ", ".join(["%s"] * len(names))
    table = _quoted(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) VALUES ({places}){on_conflict}"
    _execute(sql, [_field(model, name) for name in names], rows)


def _execute(sql: str, fields: list[Field], rows: Iterable[Row]) -> None:  # type: ignore[type-arg]
    """Dates and JSON are put as the database wants them; everything else goes as it is."""
    adapted = [place for place, field in enumerate(fields) if isinstance(field, (DateField, JSONField))]
    ready = []
    for row in rows:
        values = list(row)
        for place in adapted:
            values[place] = fields[place].get_db_prep_save(values[place], connection)
        ready.append(values)
    if ready:
        with connection.cursor() as cursor:
            cursor.executemany(sql, ready)


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _column(model: type[Model], name: str) -> str:
    return _quoted(_field(model, name).column)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
