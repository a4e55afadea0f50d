"""Which tests run on which database: on SQLite all, on PostgreSQL those that ask the database.

Whether a test asks it is told by its fixtures: without one of them pytest-django keeps it from every connection. So a new test
of the database runs on both without a word. `once` takes one out of PostgreSQL, with its reason; what is drawn by lot
is shared between both (`drawn`).

Where both come one after the other, the second has the time that is left (`SHOUWANG_TEST_SECONDS`): what it alone runs comes
first and always runs; what ran on the other database already is skipped where no time is left, and says so. Each turn
(`SHOUWANG_TEST_TURN`) begins elsewhere among these, so that what finds no time in one comes early in another.
"""

import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FIRST = re.compile(r"tests/repository/|test_(deciding_at_once|second_wall|every_address)\.py")
"""What a database decides most of all, some of each kind; by path."""
GOLDEN = (5**0.5 - 1) / 2  # its multiples lie evenly, however many there are
OPENING = frozenset({"db", "transactional_db", "django_db_setup"})


class Collected(Protocol):
    """What is asked of a test that was collected."""

    nodeid: str
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


def drawn(examples: int, database: str = "") -> int:
    """How many of these examples are drawn: on PostgreSQL a third, rounded up; on SQLite the others, and never none.

    What is drawn tries the steps and what leads to them, which are the same on both; each statement comes on both.
    """
    return len(lots(examples, database))


def lots(examples: int, database: str = "") -> range:
    """Of as many lots those that are drawn, none of them on both where there are several."""
    third = (examples + 2) // 3
    if (database or chosen()) == POSTGRESQL:
        return range(third)
    return range(third if examples > 1 else 0, examples)


def chosen() -> str:
    """The database that this run of the tests is on."""
    return os.environ.get("SHOUWANG_TEST_DATABASE") or SQLITE


def in_turn(tests: Sequence[Collected], database: str, turn: int) -> list[Collected]:
    """On the database that comes second: files that run on it alone, then what databases decide most of all, then the other
    files from where this turn begins. A few turns that follow each other begin all over the row of files.

    A file stays together, for one process runs it; what runs on this database alone comes first in it.
    """
    files = list(dict.fromkeys(file_of(test) for test in tests))
    begin = int(turn * GOLDEN % 1 * len(files))
    place = {file: number for number, file in enumerate(files[begin:] + files[:begin])}
    asking = {file_of(test) for test in tests if on_both(database, test)}
    return sorted(
        tests,
        key=lambda test: (
            file_of(test) in asking,
            FIRST.search(test.nodeid) is None,
            place[file_of(test)],
            on_both(database, test),
        ),
    )


def on_both(database: str, test: Collected) -> bool:
    """Whether a test of this database runs on the other one too."""
    return runs_on(POSTGRESQL if database == SQLITE else SQLITE, test)


def file_of(test: Collected) -> str:
    return test.nodeid.partition("::")[0]


def number_of(setting: str) -> int | None:
    given = os.environ.get(setting, "")
    if given and not given.isdigit():
        raise pytest.UsageError(f"{setting} is {given}: a number is wanted")
    return int(given) if given else None


def comes_second() -> bool:
    """Whether the other database's tests ran before these."""
    return number_of("SHOUWANG_TEST_SECONDS") is not None


def time_left() -> Callable[[], bool]:
    """Whether there is any, of the seconds that `SHOUWANG_TEST_SECONDS` gives from now on."""
    given = number_of("SHOUWANG_TEST_SECONDS")
    if given is None:
        return lambda: True
    end = time.monotonic() + given
    return lambda: time.monotonic() < end
