"""What today's page asks for about assistance: plans, tasks and needs on one's desk, households that nobody looks after."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.assistance.reading import (
    cases_lacking_contact,
    needs_to_do,
    plans_to_do,
    plans_visible_to,
    tasks_to_do,
    visits_overdue,
    without_first_help,
)
from shouwang.cases.reading import cases_visible_to
from shouwang.web.paging import first_of
from shouwang.web.plans import LOOKING

MOST = 50


@dataclass(frozen=True)
class HelpTask:
    """One thing to do: its page, whose household, what stands, by when."""

    url: str
    head_name: str
    number: str
    what: str
    desk: str
    due_on: date | None
    left: int


@dataclass(frozen=True)
class HelpToDo:
    """`unvisited`, `lacking` and `unhelped` count households within the user's area; the last those past their first help's day."""

    tasks: list[HelpTask] = field(default_factory=list)
    unvisited: int = 0
    lacking: int = 0
    unhelped: int = 0

    def __bool__(self) -> bool:
        return bool(self.tasks or self.unvisited or self.lacking or self.unhelped)


def help_to_do(user: User, on: date) -> HelpToDo:
    """Soonest first; in nine queries at most, six where there is nothing to do."""
    found = [
        *_tasks("plan", _("帮扶计划"), first_of(plans_to_do(user, on), MOST), on),
        *_tasks("task", "", first_of(tasks_to_do(user, on), MOST), on),
        *_tasks("need", _("社会帮扶"), first_of(needs_to_do(user, on), MOST), on),
    ]
    found.sort(key=lambda each: (each.due_on or date.max, each.number))
    scope = scope_of(user, localdate())
    if not any(scope.may(permission) for permission in LOOKING):
        return HelpToDo(found[:MOST])
    lacking = cases_lacking_contact(cases_visible_to(user)).count()
    unhelped = without_first_help(plans_visible_to(user)).filter(help_due_on__lt=on).count()
    return HelpToDo(found[:MOST], visits_overdue(user, on).count(), lacking, unhelped)


def _tasks(page: str, what: str, matters: Iterable[Any], on: date) -> list[HelpTask]:
    rows = []
    for each in matters:
        plan = each if page == "plan" else each.measure.plan
        said = what or each.measure.title
        rows.append(
            HelpTask(
                reverse(page, args=[each.number]),
                plan.case.household.head_name,
                each.number,
                _("{what}：{stage}").format(what=said, stage=each.get_stage_display()),
                each.desk.name,
                each.due_on,
                (each.due_on - on).days if each.due_on else 0,
            )
        )
    return rows
