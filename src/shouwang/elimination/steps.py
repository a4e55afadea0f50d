"""Steps with eliminations."""

from shouwang.elimination.flow import ELIMINATIONS
from shouwang.elimination.models import Elimination
from shouwang.elimination.requirements import Requirements
from shouwang.proceedings.steps import Stepping as SteppingOfAny


class Stepping(SteppingOfAny):
    """Who takes steps with eliminations, on which day, by which clocks."""

    requirements: Requirements
    lifecycle = ELIMINATIONS
    matter = Elimination


def locked(number: str) -> Elimination:
    """The elimination and its case for the rest of the transaction. Raises Elimination.DoesNotExist."""
    held = Elimination.objects.select_for_update(of=("self", "case")).select_related("case")
    return held.prefetch_related("area__parent", "desk", "case__household", "case__area", "case__desk").get(
        number=number
    )
