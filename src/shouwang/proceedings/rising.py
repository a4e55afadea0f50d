"""What is overdue is told a level higher, once for each level that is due; the matter stays with whoever has it in hand."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from shouwang.areas.models import Area
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import lines_of
from shouwang.proceedings.lifecycles import in_hand, lifecycles, rise_of
from shouwang.proceedings.steps import Stepping

BATCH = 1000
FIRST_RISE_LEAVES = 1  # one level above the desk


def raise_overdue(matters: QuerySet[Any], rise: Any, stepping: Stepping, on: date) -> int:
    """Tells every overdue one of `matters` a level higher, up to the city; returns how many steps.

    Done again it does no more; it goes in batches, so that a stop in between leaves whole ones behind.
    """
    taken = 0
    overdue = matters.filter(rises_on__lte=on, stage__in=list(stepping.lifecycle.level_of)).select_related("desk")
    while some := list(overdue.order_by("pk")[:BATCH]):
        taken += _raise_some(some, rise, stepping, on)
    return taken


def raise_all(clocks: Clocks, on: date) -> int:
    """Every overdue matter of every kind; returns how many steps. Done again it does no more."""
    return sum(raise_overdue(in_hand(kind), rise_of(kind), kind(None, clocks, on), on) for kind in lifecycles())


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
