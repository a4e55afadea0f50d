"""Matters follow where they belong: an area that was merged hands over its desks, a household that moves takes its matters along.

Both go over every kind of matter (`lifecycles`) and are done again without harm. The clock goes on, and what somebody saw a
moment ago still holds; each change of a desk is a step with its audit entry.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F

from shouwang.areas.models import Area
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import Line, lines_of
from shouwang.proceedings.lifecycles import TAKE_OVER, action_of, lifecycles, without_large
from shouwang.proceedings.steps import Stepping

BATCH = 1000


def follow_divisions(clocks: Clocks, on: date) -> int:
    """Gives what lies on the desk of an area that was merged into another to that one's; returns how many steps.

    An area that ended without a successor keeps what it has: it rises, and the level above reassigns.
    """
    return sum(_follow_divisions(kind, clocks, on) for kind in lifecycles())


def _follow_divisions(kind: type[Stepping], clocks: Clocks, on: date) -> int:
    ended = kind.matter._base_manager.filter(
        stage__in=kind.lifecycle.waiting, desk__valid_to__lte=on, desk__successor__isnull=False
    )
    taken, after = 0, 0
    while some := list(ended.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        after = some[-1]
        taken += _to_successors(some, kind(None, clocks, on))
    return taken


@transaction.atomic
def _to_successors(some: Iterable[int], stepping: Stepping) -> int:
    held, taken = _held(stepping, some), 0
    lines = lines_of({matter.desk_id for matter in held}, stepping.on)
    for matter in held:
        line = lines[matter.desk_id]
        heir = line.get(matter.desk.level, matter.desk)
        if heir != matter.desk:
            reason = f"{matter.desk.name}已并入{heir.name}"
            changes = {"desk": heir} | stepping.along(matter, line)
            stepping.take(matter, action_of(type(stepping), TAKE_OVER), reason=reason, changes=changes)
            taken += 1
    stepping.finish()
    return taken


@transaction.atomic
def follow_households(clocks: Clocks, on: date) -> int:
    """Brings the matters of households that live elsewhere by now there, with their desks; returns how many desks changed.

    Within the transaction that writes where households live, so that nobody of the old place acts in between.
    """
    return sum(_follow_households(kind, clocks, on) for kind in lifecycles() if kind.household)


def _follow_households(kind: type[Stepping], clocks: Clocks, on: date) -> int:
    stepping, lives_in = kind(None, clocks, on), f"{kind.household}__area"
    moved = kind.matter._base_manager.filter(**{f"{lives_in}__isnull": False}).exclude(area=F(lives_in))
    taken, after = 0, 0
    while some := dict(moved.filter(pk__gt=after).order_by("pk").values_list("pk", lives_in)[:BATCH]):
        after = max(some)
        lines = lines_of(some.values(), on)
        for matter in _held(stepping, some):
            taken += _bring_home(matter, some[matter.pk], lines[some[matter.pk]], stepping)
        stepping.brought({matter: lines[village] for matter, village in some.items()})
    stepping.finish()
    return taken


def _bring_home(matter: Any, village: str, line: Line, stepping: Stepping) -> bool:
    """The matter's area becomes that of its household; its desk too, where it still waits for somebody outside that line."""
    changes: dict[str, Any] = {"area_id": village} | stepping.along(matter, line)
    waits = matter.desk is not None and matter.stage in stepping.lifecycle.waiting
    desk = line.get(matter.desk.level, matter.desk) if waits else matter.desk
    if desk == matter.desk:
        type(matter)._base_manager.filter(pk=matter.pk).update(**changes)
        return False
    reason = f"农户已由{matter.area.name}迁入{line[Area.VILLAGE].name}"
    stepping.take(matter, action_of(type(stepping), TAKE_OVER), reason=reason, changes=changes | {"desk": desk})
    return True


def _held(stepping: Stepping, some: Iterable[int]) -> list[Any]:
    """The matters for the rest of the transaction, without what is large."""
    held = without_large(type(stepping)).select_for_update().filter(pk__in=list(some))
    return list(held.prefetch_related("desk", "area").order_by("pk"))
