"""From where this thread is being asked, for the entries it writes: a browser's address, or the account of the machine."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONGEST_ADDRESS = 64
_address: ContextVar[str] = ContextVar("address of the request", default="")


def address() -> str:
    """The address that asks; outside a request the account under which the program runs."""
    return _address.get() or f"local:{_machine_account()}"[:LONGEST_ADDRESS]


@contextmanager
def asked_from(where: str) -> Iterator[None]:
    """Entries written inside name this address."""
    token = _address.set(where[:LONGEST_ADDRESS])
    try:
        yield
    finally:
        _address.reset(token)


def _machine_account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
