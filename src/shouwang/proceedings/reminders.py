"""What lies on a desk or is owed by it and is due, overdue or has risen to it, told to its people once a day, whatever it is.

A county with three thousand clues gets one message, not three thousand. It counts and names no household.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _

from shouwang.accounts.duties import LEVELS, Duty, Permission, duties_with
from shouwang.areas.models import Area
from shouwang.areas.tree import area_of
from shouwang.notifications.models import Message
from shouwang.notifications.telling import Kind, Note, tell
from shouwang.proceedings.clocks import SOON, Clocks
from shouwang.proceedings.desks import ACTING, lines_of
from shouwang.proceedings.lifecycles import in_hand, lifecycles
from shouwang.proceedings.owed import Due, dues, latest_risen
from shouwang.proceedings.steps import Stepping
from shouwang.proceedings.table import Who


@dataclass(frozen=True)
class Desk:
    """Whom a message is for; `department` is empty for the area's own office."""

    area: str
    permission: Permission
    department: str = ""


@dataclass
class Load:
    """What lies on one desk: by words of kind and stage, the numbers due today, due soon and overdue; and what rose to it."""

    today: Counter[str] = field(default_factory=Counter)
    soon: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)
    risen: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return any((self.today, self.soon, self.overdue, self.risen))


@transaction.atomic
def remind(clocks: Clocks, on: date) -> int:
    """Tells every desk what is due; returns how many messages. On the same day a second time none: all or nothing."""
    key = f"due-{on}"
    if Message.objects.filter(key=key).exists():
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        loads = loads_of_desks(clocks, on)
        notes = [_note(desk, load, on, key) for desk, load in sorted(loads.items(), key=lambda each: str(each[0]))]
    tell(notes)
    return len(notes)


def loads_of_desks(clocks: Clocks, on: date) -> dict[Desk, Load]:
    """By desk what it has to know on a day; desks with nothing to know are not there. Few queries for each kind."""
    loads: dict[Desk, Load] = {}
    soon = clocks.due(SOON, on)
    for kind in lifecycles():
        for desk, words, today, near, overdue in _on_desks(kind, on, soon):
            load = loads.setdefault(desk, Load())
            for counter, number in ((load.today, today), (load.soon, near), (load.overdue, overdue)):
                if number:
                    counter[words] += number
        for desk, words, number in _risen(kind, on):
            loads.setdefault(desk, Load()).risen[words] += number
    for due in dues():
        _add_owed(loads, due, clocks, on, soon)
    return {desk: load for desk, load in loads.items() if load}


def _on_desks(kind: type[Stepping], on: date, soon: date) -> Iterator[tuple[Desk, str, int, int, int]]:
    named = ["desk_id", "stage"] + ["department"] * has_departments(kind)
    rows = (
        in_hand(kind)
        .filter(due_on__lte=soon, desk__isnull=False)
        .order_by(*named)
        .values(*named)
        .annotate(
            today=Count("pk", Q(due_on=on)), near=Count("pk", Q(due_on__gt=on)), late=Count("pk", Q(due_on__lt=on))
        )
    )
    for row in rows:
        stage = row["stage"]
        yield (
            desk_of(kind, row["desk_id"], stage, row.get("department", "")),
            _words(kind, stage),
            row["today"],
            row["near"],
            row["late"],
        )


def _risen(kind: type[Stepping], on: date) -> Iterator[tuple[Desk, str, int]]:
    """It is told to every office above the desk up to the highest that it has risen to."""
    risen = in_hand(kind).filter(raised_to__isnull=False, due_on__lt=on, desk__isnull=False)
    rows = list(risen.order_by("desk_id", "stage", "raised_to").values_list("desk_id", "stage", "raised_to", "desk__level")
                .annotate(number=Count("pk")))  # fmt: skip
    lines = lines_of({row[0] for row in rows}, on)
    for desk, stage, raised_to, level, number in rows:
        for above in range(raised_to, level):
            if above in lines.get(desk, {}):
                yield Desk(lines[desk][above].pk, ACTING[above]), _words(kind, stage), number


def _add_owed(loads: dict[Desk, Load], due: Due, clocks: Clocks, on: date, soon: date) -> None:
    """What each desk owes, and what of it has risen; two queries."""
    day, levels = due.day, range(1, Area.VILLAGE)
    risen = {
        f"risen{n}": Count("pk", Q(**{f"{day}__lte": last}) & due.pressing(on))
        for n, last in zip(levels, latest_risen(clocks, on), strict=True)
    }
    rows = list(
        due.owed()
        .filter(**{f"{day}__lte": soon})
        .order_by(due.desk)
        .values_list(due.desk)
        .annotate(
            today=Count("pk", Q(**{day: on})),
            near=Count("pk", Q(**{f"{day}__gt": on})),
            late=Count("pk", Q(**{f"{day}__lt": on})),
            **risen,
        )
    )
    lines, words = lines_of({row[0] for row in rows}, on), str(due.title)
    for area, today, near, late, *told in rows:
        level = area_of(area).level
        load = loads.setdefault(Desk(lines[area][level].pk, ACTING[level]), Load())
        for counter, number in ((load.today, today), (load.soon, near), (load.overdue, late)):
            if number:
                counter[words] += number
        for higher, number in zip(levels, told, strict=True):
            if number and (above := lines[area].get(level - higher)):
                loads.setdefault(Desk(above.pk, ACTING[above.level]), Load()).risen[words] += number


def has_departments(kind: type[Stepping]) -> bool:
    """Whether matters of a kind are for one department of their desk's area."""
    return any(each.name == "department" for each in kind.matter._meta.concrete_fields)


def desk_of(kind: type[Stepping], area: str, stage: str, department: str) -> Desk:
    """Whose hands a matter is in at a stage: those of the area's office, or of one of its departments."""
    level = kind.lifecycle.level_of[stage]
    doing = [
        move.permission
        for move in kind.lifecycle.moves
        if move.stage == stage and move.who in (Who.DESK, Who.EITHER, Who.REACHING)
    ]
    for permission in doing if department else ():
        if [duty for duty in duties_with(permission) if level in LEVELS[duty]] == [Duty.DEPARTMENT]:
            return Desk(area, permission, department)
    return Desk(area, ACTING[level])


def _words(kind: type[Stepping], stage: str) -> str:
    return f"{kind.lifecycle.title}“{dict(kind.matter._meta.get_field('stage').flatchoices)[stage]}”"


def _note(desk: Desk, load: Load, on: date, key: str) -> Note:
    parts = (
        (_("已逾期"), load.overdue),
        (_("今天到期"), load.today),
        (_("即将到期"), load.soon),
        (_("下级逾期上报到本单位"), load.risen),
    )
    title = "，".join(f"{words} {sum(counts.values())} 件" for words, counts in parts if counts)
    text = "\n".join(_line(words, counts.items()) for words, counts in parts if counts)
    return Note(Kind.DUE, title, text, "/today/", on, key, desk.area, desk.permission, desk.department)


def _line(words: str, counts: Iterable[tuple[str, int]]) -> str:
    ordered = sorted(counts, key=lambda each: (-each[1], each[0]))
    return f"{words}：" + "，".join(f"{what} {number}" for what, number in ordered)
