"""The pack's values on a day, so that no number of a policy stands in a benchmark either."""

from datetime import date
from typing import Any

from shouwang.policy.pack import load_pack


def values(day: date) -> dict[str, Any]:
    """Parameter id to its value."""
    return dict(load_pack().at(day))
