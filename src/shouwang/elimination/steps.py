"""Steps with eliminations: an order of somebody, carried out as one step of the table."""

from collections.abc import Mapping
from typing import Any

from shouwang.areas.models import Area
from shouwang.elimination.flow import ELIMINATIONS, LEVEL_OF
from shouwang.elimination.models import Action, Elimination, EliminationStep, Stage
from shouwang.elimination.requirements import Requirements
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.orders import Order, one_step_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny

__all__ = ["Order", "Stepping", "locked", "one_step", "take_up"]


class Stepping(SteppingOfAny):
    """Who takes steps with eliminations, on which day, by which clocks."""

    requirements: Requirements
    lifecycle = ELIMINATIONS
    matter = Elimination
    household = "case__household"
    told_apart = (Action.PROPOSE,)


def locked(number: str) -> Elimination:
    """The elimination and its case for the rest of the transaction. Raises Elimination.DoesNotExist."""
    held = Elimination.objects.select_for_update(of=("self", "case")).select_related("case")
    return held.prefetch_related("area__parent", "desk", "case__household", "case__area", "case__desk").get(
        number=number
    )


one_step = one_step_of(locked, Stepping)


def take_up(
    stepping: Stepping,
    found: Elimination,
    action: Action,
    stage: Stage,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> EliminationStep:
    """To the desk of the stage's level on the household's own line; where no desk is to act it stays with the village's."""
    level = LEVEL_OF.get(stage, Area.VILLAGE)
    desk = line_of(found.area, stepping.on)[level]
    step: EliminationStep = stepping.take(found, action, stage=stage, desk=desk, reason=reason, changes=changes)
    return step
