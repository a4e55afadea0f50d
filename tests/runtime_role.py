"""On PostgreSQL the tests ask as the runtime role, behind the row policies; the owner makes and empties the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import TransactionTestCase

from shouwang.jobs.rights import give_rights
from shouwang.jobs.row_policies import raise_wall

ROLE = "desk"


def prepare(connection: Any) -> None:
    """The role, once a server, and what it may do in this database; called by one process at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
    raise_wall(connection)
    give_rights(connection, ROLE)


@contextmanager
def taken_on(connection: Any) -> Iterator[None]:
    """Within, every new connection of this process is the runtime role's; emptying tables is left to their owner."""
    given = connection.settings_dict["OPTIONS"]
    emptying = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def emptied(test: TransactionTestCase) -> None:
        with owner():
            emptying(test)

    connection.close()
    connection.settings_dict["OPTIONS"] = {**given, "options": f"-c role={ROLE}"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield
    connection.settings_dict["OPTIONS"] = given
    connection.close()


@contextmanager
def owner() -> Iterator[None]:
    """Within, this thread's connection is that of the owner, before whom the tables lie open."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    _become("NONE")
    try:
        yield
    finally:
        _become(ROLE)


def emptied(rows: Any) -> None:
    """Takes rows away that the product never takes away, so that a test begins without them."""
    with owner():
        rows.delete()


def _become(role: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
