"""Synthetic identity numbers and real villages for tests."""

from shouwang.kernel.citizen_id import check_digit
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.pack import divisions_folder


def number(serial: int, born: str = "19800101") -> str:
    """A valid synthetic identity number."""
    first = f"500229{born}{serial:03d}"
    return first + check_digit(first)


def village() -> str:
    """A real village of the pack."""
    return load_divisions(divisions_folder()).villages("500229")[0].code
