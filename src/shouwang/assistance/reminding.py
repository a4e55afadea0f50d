"""Told once a day: how many households still wait for their first help, and of how many its last day is near or over.

The clock runs from the clue and not from a stage (`first_help`), so it is no desk's own; the village is told, and where the day
is over the township and the county as well. It counts and names no household.
"""

from collections import Counter
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.assistance.models import Plan
from shouwang.assistance.reading import without_first_help
from shouwang.audit.record import in_the_language_of_record
from shouwang.notifications.models import Message
from shouwang.notifications.telling import Note, tell
from shouwang.proceedings.clocks import SOON, Clocks
from shouwang.proceedings.desks import lines_of

ABOVE = {Area.TOWNSHIP: Permission.CONSENT, Area.COUNTY: Permission.APPROVE_CASE}


@in_the_language_of_record
def remind_of_first_help(clocks: Clocks, on: date) -> int:
    """Tells the desks; returns how many. On the same day a second time none."""
    key = f"first-help-{on}"
    if Message.objects.filter(key=key).exists():
        return 0
    waiting = without_first_help(Plan.objects.filter(help_due_on__lte=clocks.due(SOON, on)))
    rows = (
        waiting.order_by("area_id")
        .values_list("area_id")
        .annotate(Count("pk"), late=Count("pk", Q(help_due_on__lt=on)))
    )
    villages = {area: (number - late, late) for area, number, late in rows}
    above: Counter[tuple[str, Permission]] = Counter()
    lines = lines_of([area for area, (_soon, late) in villages.items() if late], on)
    for area, line in lines.items():
        for level, permission in ABOVE.items():
            if level in line:
                above[line[level].pk, permission] += villages[area][1]
    notes = [_note(area, Permission.SUBMIT, soon, late, on, key) for area, (soon, late) in sorted(villages.items())]
    notes += [_note(area, permission, 0, late, on, key) for (area, permission), late in sorted(above.items())]
    tell(notes)
    return len(notes)


def _note(area: str, permission: Permission, soon: int, late: int, on: date, key: str) -> Note:
    parts = [_("{count} 户首次帮扶已逾期").format(count=late)] if late else []
    parts += [_("{count} 户首次帮扶即将到期").format(count=soon)] if soon else []
    text = _("请尽快落实第一项措施，并在帮扶计划中登记开始日期。")
    return Note(Message.Kind.DUE, "，".join(parts), text, "/plans/?group=unhelped", on, key, area, permission)
