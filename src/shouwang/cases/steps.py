"""Steps with cases: an order of somebody, carried out as one step of the table."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shouwang.areas.models import Area
from shouwang.cases.flow import CASES, LEVEL_OF
from shouwang.cases.models import Action, Case, CaseStep, Stage
from shouwang.cases.requirements import Requirements
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.orders import Order, one_step_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny

__all__ = ["Order", "Stepping", "locked", "one_step", "take_up"]


class Stepping(SteppingOfAny):
    """Who takes steps with cases, on which day, by which clocks."""

    requirements: Requirements
    lifecycle = CASES
    matter = Case
    household = "household"

    def latest_day_of(self, matter: Case) -> date | None:
        """Where help came first no stage runs longer than the procedure is to be completed by."""
        return matter.complete_by


def locked(number: str) -> Case:
    """The case for the rest of the transaction. Raises Case.DoesNotExist."""
    held = Case.objects.select_for_update().prefetch_related("area__parent", "desk", "household")
    return held.get(number=number)


one_step = one_step_of(locked, Stepping)


def take_up(
    stepping: Stepping,
    case: Case,
    action: Action,
    stage: Stage,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> CaseStep:
    """To the desk of the stage's level on the case's own line."""
    desk: Area = line_of(case.area, stepping.on)[LEVEL_OF[stage]]
    return stepping.take(case, action, stage=stage, desk=desk, reason=reason, changes=changes)  # type: ignore[no-any-return]
