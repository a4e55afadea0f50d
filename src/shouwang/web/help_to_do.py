"""What today's page asks for about assistance: plans, tasks and needs on one's desk, households that nobody looks after."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.assistance.dues import MEASURE
from shouwang.web.day import MOST, OWED, Day

COUNTED = ("unvisited", "lacking", "unhelped", "delayed", "risen")


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


def help_to_do(day: Day) -> HelpToDo:
    """Soonest first; a query for each kind of which something lies there."""
    found = [
        *(each for name in OWED for each in _owed(name, day)),
        *_tasks("plan", _("帮扶计划"), day.rows("plans"), day.on),
        *_tasks("task", "", day.rows("tasks"), day.on),
        *_tasks("need", _("社会帮扶"), day.rows("needs"), day.on),
    ]
    found.sort(key=lambda each: (each.due_on or date.max, each.number))
    return HelpToDo(found[:MOST], **{name: day.counts.get(name, 0) for name in COUNTED})


def _owed(name: str, day: Day) -> Iterable[HelpTask]:
    """What the user's own offices and villages owe to a household, by its last day."""
    due = OWED[name]
    of_measure = due is MEASURE
    for each in day.rows(name):
        plan, due_on = each.plan if of_measure else each, getattr(each, due.day)
        what = _("{what}：{title}").format(what=due.title, title=each.title) if of_measure else str(due.title)
        head, desk = plan.case.household.head_name, getattr(each, due.desk).name
        url, left = reverse("plan", args=[plan.number]), (due_on - day.on).days
        yield HelpTask(url, head, plan.number, what, desk, due_on, left)


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
