"""The policy that this installation works by: its pack, and the values that were decided here since."""

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import date

from filelock import FileLock

from shouwang.kernel import china_time
from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.kernel.home import Home, open_home, replace_file
from shouwang.kernel.pack import pack_folder as policy_folder
from shouwang.policy.decided import Decided, decided_path, render
from shouwang.policy.pack import Pack, decided_in, pack_of
from shouwang.policy.parameters import Value

__all__ = [
    "REOPEN_AFTER_DAYS",
    "current_pack",
    "in_pack",
    "looked_up_once",
    "names_in_pack",
    "pack_in_use",
    "policy_folder",
]
REOPEN_AFTER_DAYS = "clue.reopen_after_days"
LOOKED_AT_EVERY = 1.0
logger = logging.getLogger(__name__)


def current_pack() -> Pack:
    """The pack as its files stand now, with the decided values of the home; cheap to ask again while they do not change.

    Raises:
        InputError: there is none, or it does not pass its check.
    """
    remembered = _remembered.get()
    if remembered is None:
        return pack_of(open_home())
    if not remembered:
        remembered.append(pack_of(open_home(), within=LOOKED_AT_EVERY))
    return remembered[0]


_remembered: ContextVar[list[Pack] | None] = ContextVar("the pack of a request", default=None)


@contextmanager
def _remembering(found: list[Pack]) -> Iterator[None]:
    token = _remembered.set(found)
    try:
        yield
    finally:
        _remembered.reset(token)


def remembered_pack() -> AbstractContextManager[None]:
    """Within, the pack is looked up once, and its files once a second: for a request that only reads. What was decided at the
    desk counts at the next request."""
    return _remembering([])


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Within, the pack is looked up once, as its files stand now: for what asks it about many values."""
    with nullcontext() if _remembered.get() is not None else _remembering([current_pack()]):
        yield


def pack_in_use(home: Home) -> Pack:
    """The same for a command: what was decided at the desk counts, although the site was killed before writing it down.

    Raises:
        InputError: as `current_pack`.
        Failure: the casework database is older than this version, or knows less than the file.
    """
    if home.database.exists() or os.environ.get("SHOUWANG_DATABASE_URL"):
        from shouwang.jobs.casework import require_ready

        require_ready(home)
        write_decided(home)
    return pack_of(home)


def write_decided(home: Home) -> bool:
    """Brings the home's list of decided values up to the casework database; whether there was anything to write.

    Raises:
        Failure: the list has what the database has not: it was edited, or the database is an old copy. Nothing is lost:
            the list stays as it is.
    """
    path = decided_path(home)
    if decided_in(path) == _decided_at_the_desk():
        return False
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with FileLock(path.parent / "lock", timeout=60):
        known, wanted = decided_in(path), _decided_at_the_desk()
        if known == wanted:
            return False
        if wanted[: len(known)] != known:
            raise Failure(
                "数据目录中的审定数值（policy/decided.yaml）与业务数据库不一致，没有改动",
                "该文件可能被手工改过，或数据库是较早的备份；请用同一份备份恢复两者",
            )
        replace_file(path, render(wanted))
    return True


def write_decided_after_start(home: Home) -> None:
    """Where the program was killed between a decision and its file. What is wrong is logged: the site still comes up."""
    try:
        write_decided(home)
    except (ShouwangError, OSError) as problem:
        logger.error("the decided values could not be written down: %s", problem)


def _decided_at_the_desk() -> tuple[Decided, ...]:
    from django.utils.timezone import localdate

    from shouwang.amendments.models import Amendment

    accepted = Amendment.objects.filter(state=Amendment.State.ACCEPTED).order_by("number")
    return tuple(
        Decided(
            each.number,
            each.pack,
            each.parameter,
            each.value,
            each.valid_from,
            each.document,
            each.document_number,
            each.clause,
            localdate(each.decided_at),
            each.pk,
        )
        for each in accepted
    )


def in_pack(parameter: str, on: date | None = None) -> Value:
    """A parameter's value on a day, today by default."""
    return current_pack().parameters[parameter].at(on or china_time.today())


def names_in_pack(parameter: str, on: date | None = None) -> tuple[str, ...]:
    """The value on a day, today by default, of a parameter that is a list of names.

    Raises:
        TypeError: the pack has a number there.
    """
    value = in_pack(parameter, on)
    if not isinstance(value, tuple):
        raise TypeError(f"{parameter} is a number, not a list")
    return value
