"""Many households helped first after a flood: one order, each household by itself, and their plans are there at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shouwang.assistance.opening import open_plans
from shouwang.cases.green_channel import help_first_from
from shouwang.cases.models import Case
from shouwang.jobs.assistance import assistance_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.orders import Order


@dataclass
class HelpedFirst:
    """What became of each clue: the household's case, or why nothing was done."""

    done: list[tuple[str, Case]] = field(default_factory=list)
    stayed: list[tuple[str, ShouwangError]] = field(default_factory=list)


def help_first(numbers: Sequence[str], order: Order[Any], reason: str) -> HelpedFirst:
    """Each clue is its own transaction with its own entries; killed in between, the same order goes on with the rest."""
    told = HelpedFirst()
    for number in numbers:
        try:
            told.done.append((number, help_first_from(number, order, reason)))
        except ShouwangError as refused:
            told.stayed.append((number, refused))
    if told.done:
        open_plans(assistance_requirements(order.on), order.on)
    return told
