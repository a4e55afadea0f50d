"""How PostgreSQL plans what it is asked: anew for each question, or once for all that have the same words.

The server plans a prepared question anew as long as it guesses that knowing the values saves more than planning takes. With a
question of many parts it guesses wrong: what lies with somebody is counted in 1 ms, after 18 ms of planning.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
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
