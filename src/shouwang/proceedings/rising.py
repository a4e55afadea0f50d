"""What is overdue is told a level higher, once for each level that is due; the matter stays with whoever has it in hand."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import DateField, QuerySet

from shouwang.areas.models import Area
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import lines_of
from shouwang.proceedings.lifecycles import in_hand, lifecycles, rise_of
from shouwang.proceedings.steps import Stepping
from shouwang.questions import Blank, Question

BATCH = 1000
FIRST_RISE_LEAVES = 1  # one level above the desk


def raise_overdue(matters: QuerySet[Any], rise: Any, stepping: Stepping, on: date) -> int:
    """Tells every overdue one of `matters` a level higher, up to the city; returns how many steps.

    Done again it does no more; it goes in batches, so that a stop in between leaves whole ones behind.
    """
    return _raise(_overdue(matters, stepping.lifecycle.level_of), rise, stepping, on)


def raise_all(clocks: Clocks, on: date) -> int:
    """Every overdue matter of every kind; returns how many steps. Done again it does no more."""
    return sum(_raise(_overdue_of(kind), rise_of(kind), kind(None, clocks, on), on) for kind in lifecycles())


@cache
def _overdue_of(kind: type[Stepping]) -> Question[Any]:
    return _overdue(in_hand(kind), kind.lifecycle.level_of)


def _overdue(matters: QuerySet[Any], stages: Iterable[str]) -> Question[Any]:
    late = matters.filter(rises_on__lte=Blank("on", DateField()), stage__in=list(stages)).select_related("desk")
    return Question(late.order_by("pk")[:BATCH])


def _raise(overdue: Question[Any], rise: Any, stepping: Stepping, on: date) -> int:
    taken = 0
    while some := overdue.ask(on=on):
        taken += _raise_some(some, rise, stepping, on)
    return taken


@transaction.atomic
def _raise_some(some: list[Any], rise: Any, stepping: Stepping, on: date) -> int:
    taken = 0
    lines = lines_of({matter.desk.pk for matter in some if matter.desk}, on)
    for matter in some:
        line = lines[matter.desk_id or ""]
        while matter.rises_on is not None and matter.rises_on <= on:
            level = (matter.raised_to or (matter.desk.level if matter.desk else Area.CITY)) - FIRST_RISE_LEAVES
            told = line.get(level)
            if told is None:
                type(matter)._base_manager.filter(pk=matter.pk).update(rises_on=None)
                matter.rises_on = None
                break
            again = stepping.requirements.rises_again(matter.rises_on) if level > Area.CITY else None
            words = f"{matter.due_on}到期未办理，上报{told.name}"
            stepping.take(
                matter, rise, reason=words, changes={"raised_to": level, "rises_on": again}, told={"to": told.name}
            )
            taken += 1
    stepping.finish()
    return taken
