"""Steps with cases."""

from shouwang.cases.flow import CASES
from shouwang.cases.models import Case
from shouwang.cases.requirements import Requirements
from shouwang.proceedings.steps import Stepping as SteppingOfAny


class Stepping(SteppingOfAny):
    """Who takes steps with cases, on which day, by which clocks."""

    requirements: Requirements
    lifecycle = CASES
    matter = Case


def locked(number: str) -> Case:
    """The case for the rest of the transaction. Raises Case.DoesNotExist."""
    held = Case.objects.select_for_update().prefetch_related("area__parent", "desk", "household")
    return held.get(number=number)
