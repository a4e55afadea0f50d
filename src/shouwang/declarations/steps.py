"""Steps with declarations, and what the pack asks of them; the rest is what all steps share."""

from dataclasses import dataclass
from typing import Any

from shouwang.cases.requirements import Requirements as OfCases
from shouwang.clues.requirements import Requirements as OfClues
from shouwang.declarations.flow import DECLARATIONS
from shouwang.declarations.models import Action, Declaration
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.orders import Order, one_step_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny

__all__ = ["Order", "Requirements", "Stepping", "locked", "one_step"]

CLOCK = "declaration_"


@dataclass(frozen=True)
class Requirements(Clocks):
    """`clues` and `cases` are what the pack asks of the registers into which a declaration leads."""

    clues: OfClues
    cases: OfCases


class Stepping(SteppingOfAny):
    """Who takes steps with declarations; nobody, where the reporter does."""

    lifecycle = DECLARATIONS
    matter = Declaration
    household = "household"
    told_apart = (Action.RECEIVE, Action.VERIFY, Action.ARRIVE, Action.APPEAL)

    def clock_of(self, stage: Any) -> str:
        return f"{CLOCK}{stage}"


def locked(number: str) -> Declaration:
    """The declaration for the rest of the transaction. Raises Declaration.DoesNotExist."""
    found = Declaration.objects.select_for_update().prefetch_related("area", "desk", "household")
    return found.get(number=number)


one_step = one_step_of(locked, Stepping)
