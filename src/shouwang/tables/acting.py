"""For which areas this thread asks the database: what the row policies of PostgreSQL compare rows with (decision 0025).

Nothing is seen where nothing was said. A request says it once it is known who asks (`web/gate.py`), a public page for its
village; commands and the worker say that they work for the whole city (`jobs/casework.py`). SQLite has no such policies.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NOWHERE, EVERYWHERE = "", "*"

_acting: ContextVar[str | None] = ContextVar("areas for which a thread acts", default=None)
_by_default = NOWHERE


def areas_in_force() -> str:
    """The leading digits of area codes, comma-separated; `EVERYWHERE`, or `NOWHERE`."""
    acting = _acting.get()
    return _by_default if acting is None else acting


@contextmanager
def acting_within(prefixes: Iterable[str]) -> Iterator[None]:
    """Within, rows of the areas whose codes begin so are there, and no others; before and afterwards what was in force."""
    token = _acting.set(_told(prefixes))
    try:
        yield
    finally:
        _acting.reset(token)


@contextmanager
def acting_everywhere() -> Iterator[None]:
    """Within, all rows are there: for what must know whether something exists anywhere before it is written.

    Who uses it says there why; a test knows all places (`tests/repository/test_row_policies.py`).
    """
    token = _acting.set(EVERYWHERE)
    try:
        yield
    finally:
        _acting.reset(token)


def act_within(prefixes: Iterable[str]) -> None:
    """Says it for the rest of the `acting_within` around; for a request, of which it is learnt underway who asks."""
    _acting.set(_told(prefixes))


def everywhere_by_default() -> None:
    """For all threads of a process that works for the whole city: a command, the worker."""
    global _by_default
    _by_default = EVERYWHERE


def nowhere_by_default() -> None:
    """For all threads of a process that answers requests, each of which says for which areas."""
    global _by_default
    _by_default = NOWHERE


def _told(prefixes: Iterable[str]) -> str:
    given = sorted(set(prefixes))
    return EVERYWHERE if EVERYWHERE in given else ",".join(given)
