"""What today's page asks for about assistance: plans, tasks and needs on one's desk, households that nobody looks after."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.assistance.dues import DUES, MEASURE, plans_risen_to, with_measure_overdue
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
from shouwang.jobs.handling import clocks_of
from shouwang.proceedings.clocks import SOON
from shouwang.proceedings.owed import Due
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
    """`unvisited`, `lacking`, `unhelped` and `delayed` count households within the user's area: visits overdue, contacts missing,
    past the day of the first help, with a measure past its day; `risen` those of which something has risen to the user."""

    tasks: list[HelpTask] = field(default_factory=list)
    unvisited: int = 0
    lacking: int = 0
    unhelped: int = 0
    delayed: int = 0
    risen: int = 0

    def __bool__(self) -> bool:
        return bool(self.tasks or self.unvisited or self.lacking or self.unhelped or self.delayed or self.risen)


def help_to_do(user: User, on: date) -> HelpToDo:
    """Soonest first; in fourteen queries at most, eleven where there is nothing to do."""
    scope, clocks = scope_of(user, localdate()), clocks_of(on)
    found = [
        *(each for due in DUES for each in _owed(due, scope, clocks.due(SOON, on), on)),
        *_tasks("plan", _("帮扶计划"), first_of(plans_to_do(user, on), MOST), on),
        *_tasks("task", "", first_of(tasks_to_do(user, on), MOST), on),
        *_tasks("need", _("社会帮扶"), first_of(needs_to_do(user, on), MOST), on),
    ]
    found.sort(key=lambda each: (each.due_on or date.max, each.number))
    if not any(scope.may(permission) for permission in LOOKING):
        return HelpToDo(found[:MOST])
    lacking = cases_lacking_contact(cases_visible_to(user)).count()
    visible = plans_visible_to(user)
    unhelped = without_first_help(visible).filter(help_due_on__lt=on).count()
    delayed, risen = with_measure_overdue(visible, on).count(), plans_risen_to(visible, scope, clocks, on).count()
    return HelpToDo(found[:MOST], visits_overdue(user, on).count(), lacking, unhelped, delayed, risen)


def _owed(due: Due, scope: Scope, soon: date, on: date) -> Iterable[HelpTask]:
    """What the user's own offices and villages owe to a household, by its last day."""
    of_measure = due is MEASURE
    rows = due.of_desks(scope, soon).select_related(f"{'plan__' if of_measure else ''}case__household", due.desk)
    for each in first_of(rows, MOST):
        plan, day = each.plan if of_measure else each, getattr(each, due.day)
        what = _("{what}：{title}").format(what=due.title, title=each.title) if of_measure else str(due.title)
        head, desk = plan.case.household.head_name, getattr(each, due.desk).name
        yield HelpTask(reverse("plan", args=[plan.number]), head, plan.number, what, desk, day, (day - on).days)


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
