"""Steps with cases: an order of somebody, carried out as one step of the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases.flow import CASES, LEVEL_OF
from shouwang.cases.models import Action, Case, CaseStep, Stage
from shouwang.cases.requirements import Requirements
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import Stepping as SteppingOfAny

P = ParamSpec("P")


class Stepping(SteppingOfAny):
    """Who takes steps with cases, on which day, by which clocks."""

    requirements: Requirements
    lifecycle = CASES
    matter = Case

    def latest_day_of(self, matter: Case) -> date | None:
        """Where help came first no stage runs longer than the procedure is to be completed by."""
        return matter.complete_by


def locked(number: str) -> Case:
    """The case for the rest of the transaction. Raises Case.DoesNotExist."""
    held = Case.objects.select_for_update().prefetch_related("area__parent", "desk", "household")
    return held.get(number=number)


@dataclass(frozen=True)
class Order:
    """Who acts (None: the program itself), by which requirements, on which day; `seen` is the version on the screen, `key`
    that of the form."""

    acting_user: User | None
    requirements: Requirements
    on: date
    seen: int | None = None
    key: str = ""


Do = Callable[Concatenate[Case, Stepping, P], CaseStep]
Carried = Callable[Concatenate[str, Order, P], CaseStep]


def one_step(action: Action) -> Callable[[Do[P]], Carried[P]]:
    """An order of one step: the case by its number under its lock, once for each form, refused where the table says no or
    somebody was first, with its audit entry at the end of the transaction."""

    def of(do: Do[P]) -> Carried[P]:
        @wraps(do)
        def carried_out(number: str, order: Order, /, *args: P.args, **named: P.kwargs) -> CaseStep:
            with transaction.atomic():
                case, stepping = locked(number), Stepping(order.acting_user, order.requirements, order.on, order.key)
                before: CaseStep | None = stepping.already(case)
                if before is not None:
                    return before
                stepping.check(case, action, order.seen)
                step = do(case, stepping, *args, **named)
                stepping.finish()
                return step

        return carried_out

    return of


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
