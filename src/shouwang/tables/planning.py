"""How a database plans what it is asked.

PostgreSQL plans anew for each question, or once for all that have the same words: a prepared one anew as long as it guesses that
knowing the values saves more than planning takes. With a question of many parts it guesses wrong: what lies with somebody is counted
in 1 ms, after 18 ms of planning.

SQLite knows nothing of what lies in a table until it is told to look, and takes any condition for a narrow one: that a clue is open,
which most are, before that it lies in a county.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from psycopg.pq import TransactionStatus


@contextmanager
def planned_once() -> Iterator[None]:
    """Within, the plan of a prepared question holds for all values: for questions that find few rows whatever they are.

    SQLite keeps no plans.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    server = connection.connection
    server.execute("SET plan_cache_mode TO force_generic_plan", prepare=False)
    try:
        yield
    finally:
        # What failed takes the setting back together with its transaction.
        if server.info.transaction_status != TransactionStatus.INERROR:
            server.execute("SET plan_cache_mode TO auto", prepare=False)


def look_at_the_rows(model: type[Model]) -> None:
    """Has SQLite look what lies in a table, after much has come into it: 3 s for 340,000 clues. PostgreSQL looks by itself."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
            _say_that_keys_tell_apart(cursor, model)


KEYS = 1_000
"""Into how many parts a foreign key divides a table at the least, for whoever plans."""


def _say_that_keys_tell_apart(cursor: CursorWrapper, model: type[Model]) -> None:
    """SQLite notes how many rows are alike on the average. Where all clues of a first day lie on one desk, and none was merged, it
    would take a foreign key for useless and read the whole table for whoever asks about another desk, or what was merged into a clue.
    """
    keys = {field.column for field in model._meta.concrete_fields if field.is_relation}
    cursor.execute("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = %s AND idx IS NOT NULL", [model._meta.db_table])
    for index, noted in cursor.fetchall():
        cursor.execute("SELECT name FROM pragma_index_info(%s) ORDER BY seqno", [index])
        rows, *alike = map(int, noted.split())
        told, most = [rows], rows
        for (column,), number in zip(cursor.fetchall(), alike, strict=False):
            most = min(most, 1 + rows // KEYS) if column in keys else most
            told.append(min(number, most))
        cursor.execute("UPDATE sqlite_stat1 SET stat = %s WHERE idx = %s", [" ".join(map(str, told)), index])
    cursor.execute("ANALYZE sqlite_master")  # takes in what was noted
