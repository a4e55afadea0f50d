"""The policy pack that this installation works by."""

from datetime import date

from shouwang.kernel.pack import pack_folder as policy_folder
from shouwang.policy.pack import Pack, load_pack
from shouwang.policy.parameters import Value

__all__ = ["REOPEN_AFTER_DAYS", "current_pack", "in_pack", "names_in_pack", "policy_folder"]
REOPEN_AFTER_DAYS = "clue.reopen_after_days"


def current_pack() -> Pack:
    """The pack as its files stand now; cheap to ask again while they do not change.

    Raises:
        InputError: there is none, or it does not pass its check.
    """
    return load_pack()


def in_pack(parameter: str, on: date | None = None) -> Value:
    """A parameter's value on a day, today by default."""
    return current_pack().parameters[parameter].at(on or date.today())


def names_in_pack(parameter: str) -> tuple[str, ...]:
    """The value of a parameter that is a list of names.

    Raises:
        TypeError: the pack has a number there.
    """
    value = in_pack(parameter)
    if not isinstance(value, tuple):
        raise TypeError(f"{parameter} is a number, not a list")
    return value
