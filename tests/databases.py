"""Which tests run on which database: on SQLite all, on PostgreSQL those that ask the database.

Whether a test asks it is told by its fixtures: without one of them pytest-django keeps it from every connection. So a new test
of the database runs on both without a word. `once` takes one out of PostgreSQL, with its reason.
"""

from typing import Protocol

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"
OPENING = frozenset({"db", "transactional_db", "django_db_setup"})


class Collected(Protocol):
    """What is asked of a test that was collected."""

    fixturenames: list[str]

    def get_closest_marker(self, name: str) -> pytest.Mark | None: ...


def asks_the_database(test: Collected) -> bool:
    return test.get_closest_marker("django_db") is not None or not OPENING.isdisjoint(test.fixturenames)


def runs_on(database: str, test: Collected) -> bool:
    """Raises UsageError where a test is left out without a reason."""
    once = test.get_closest_marker("once")
    if once and not once.kwargs.get("because"):
        raise pytest.UsageError('a test that runs on one database says why: pytest.mark.once(because="…")')
    if database == SQLITE:
        return True
    return asks_the_database(test) and not once and not test.get_closest_marker("sqlite")
