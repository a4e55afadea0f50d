"""新到: what has come into somebody's hands since they were last told, of every kind of matter, in one message for each desk.

It is read from the steps, so nobody who hands something over has to think of it; a county that sends three hundred plans one
by one makes one message a quarter of an hour. Messages count and name no household.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.audit.record import in_the_language_of_record
from shouwang.notifications.models import Message, ToldUpTo
from shouwang.notifications.telling import Note, tell
from shouwang.proceedings.lifecycles import lifecycles
from shouwang.proceedings.reminders import Desk, desk_of, has_departments
from shouwang.proceedings.steps import Stepping

SETTLED = timedelta(minutes=1)
"""A step is told only when it is so old: until then a transaction with an earlier number may still end."""
OUTSIDE = (Permission.PLEDGE,)
"""Who holds it is no office and has pages of their own."""
URGE = "urge"
Came = dict[Desk, "Told"]


@dataclass
class Told:
    """What one desk is told: of what came to it, and of what it was urged to do, how many by their words."""

    came: Counter[str] = field(default_factory=Counter)
    urged: Counter[str] = field(default_factory=Counter)


@in_the_language_of_record
@transaction.atomic
def tell_arrivals(on: date, at: datetime) -> int:
    """Tells every desk what came to it up to a moment ago and is still there; returns how many messages. Again at once: none.

    The first time nothing is told: what lies on desks then is known there.
    """
    came: Came = {}
    for kind in lifecycles():
        for desk, urged, words, number in _arrivals(kind, at - SETTLED):
            told = came.setdefault(desk, Told())
            (told.urged if urged else told.came)[words] += number
    tell([_note(desk, told, on, at) for desk, told in sorted(came.items(), key=lambda each: str(each[0]))])
    return len(came)


def _arrivals(kind: type[Stepping], until: datetime) -> Iterator[tuple[Desk, bool, str, int]]:
    """Desk, whether it was urged, words, number."""
    field: Any = kind.matter._meta.get_field("steps")
    steps, way = field.related_model.objects, field.field.name
    last = steps.filter(at__lte=until).aggregate(last=Max("pk"))["last"] or 0
    mark, new = ToldUpTo.objects.select_for_update().get_or_create(pk=kind.matter._meta.label, defaults={"step": last})
    if new or last <= mark.step:
        return
    since = steps.filter(pk__gt=mark.step, pk__lte=last).exclude(action__in=kind.told_apart)
    still = {f"{way}__stage": F("stage_to"), f"{way}__desk": F("desk_to")}
    waiting = [*kind.lifecycle.level_of, *kind.for_others]
    named = ["action", "stage_from", "desk_from", "stage_to", "desk_to"]
    named += [f"{way}__department"] * has_departments(kind)
    moved = ~Q(desk_from=F("desk_to"), stage_from=F("stage_to")) | Q(desk_from=None) | Q(action=URGE)
    rows = since.filter(moved, stage_to__in=waiting, **still).order_by(*named).values(*named)
    actions, stages = dict(field.related_model._meta.get_field("action").flatchoices), _stages(kind)
    for row in list(rows.annotate(number=Count(way, distinct=True))):
        department = row.get(f"{way}__department", "")
        before = _hands(kind, row["desk_from"], row["stage_from"], department)
        after = _hands(kind, row["desk_to"], row["stage_to"], department)
        urged = row["action"] == URGE
        if after is not None and (urged or after != before):
            words = _("{kind}“{stage}”（{action}）").format(
                kind=kind.lifecycle.title, stage=stages[row["stage_to"]], action=actions[row["action"]]
            )
            yield after, urged, words, row["number"]
    ToldUpTo.objects.filter(pk=mark.pk).update(step=last)


def _stages(kind: type[Stepping]) -> dict[str, Any]:
    stage: Any = kind.matter._meta.get_field("stage")
    return dict(stage.flatchoices)


def _hands(kind: type[Stepping], area: str | None, stage: str, department: str) -> Desk | None:
    """In whose hands a matter is at a stage; None where nobody is to do anything."""
    if area is None:
        return None
    if stage in kind.for_others:
        return Desk(area, kind.for_others[stage])
    return desk_of(kind, area, stage, department) if stage in kind.lifecycle.level_of else None


def _note(desk: Desk, told: Told, on: date, at: datetime) -> Note:
    came, urged = sum(told.came.values()), sum(told.urged.values())
    parts = [_("新到 {number} 件").format(number=came)] * bool(came)
    parts += [_("上级催办 {number} 件").format(number=urged)] * bool(urged)
    title = _("{what}，请及时办理").format(what=_("、").join(parts))
    rows = [
        each for counts in (told.urged, told.came) for each in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    text = "\n".join(f"{words} {count}" for words, count in rows)
    key, of = f"arrived-{at:%Y%m%d%H%M%S%f}", (desk.area, desk.permission, desk.department)
    if desk.permission in OUTSIDE:
        return Note(Message.Kind.TASK, title, text, "/needs/", on, key, *of)
    return Note(Message.Kind.TASK, title, text, "/today/", on, key, *of)
