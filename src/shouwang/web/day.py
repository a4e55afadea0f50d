"""What lies with somebody on a day, of every kind, in one question, and what is only counted in another; and the rows of the kinds
of which something does."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.amendments.reading import waiting_for
from shouwang.areas.tree import tree
from shouwang.assistance.dues import DUES, MEASURE, plans_risen_to, with_measure_overdue
from shouwang.assistance.models import DepartmentTask, Measure, Need, Plan
from shouwang.assistance.reading import (
    cases_lacking_contact,
    needs_to_do,
    plans_to_do,
    plans_visible_to,
    tasks_to_do,
    visits_overdue,
    without_first_help,
)
from shouwang.cases.models import Case
from shouwang.cases.reading import cases_to_do, cases_visible_to
from shouwang.declarations.models import Declaration
from shouwang.declarations.reading import declarations_to_do
from shouwang.defects.reading import defects_to_mend
from shouwang.elimination.models import Elimination
from shouwang.elimination.reading import candidates_visible_to, eliminations_to_do
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.policy import current_pack
from shouwang.proceedings.clocks import SOON
from shouwang.proceedings.owed import Due
from shouwang.questions import Kept, several
from shouwang.registration.models import RegisterRequest
from shouwang.registration.reading import requests_to_do
from shouwang.tables.planning import planned_once
from shouwang.web.paging import kept_if_long
from shouwang.web.plans import LOOKING

MOST = 50


@dataclass(frozen=True)
class Kind:
    """One kind of what lies there: which rows, what stands in their lines on the page, and which of them are first."""

    model: type[Model]
    to_do: Callable[[User, date], QuerySet[Any]]
    lines: tuple[str, ...]
    order: tuple[str, ...] = ("due_on", "number")


def _owed(due: Due) -> Kind:
    """What the user's own offices and villages owe to a household."""
    model, case = (Measure, "plan__case__household") if due is MEASURE else (Plan, "case__household")

    def to_do(user: User, on: date) -> QuerySet[Any]:
        return due.of_desks(scope_of(user, on), clocks_of(on).due(SOON, on))

    return Kind(model, to_do, (case, due.desk), (due.day, "pk"))


OWED: Mapping[str, Due] = {due.day if due is not MEASURE else "measure": due for due in DUES}
KINDS: Mapping[str, Kind] = {
    "register_requests": Kind(RegisterRequest, requests_to_do, ("household", "desk")),
    "cases": Kind(Case, cases_to_do, ("household", "desk")),
    "declarations": Kind(Declaration, declarations_to_do, ("area", "desk")),
    "eliminations": Kind(Elimination, eliminations_to_do, ("case__household", "desk")),
    "plans": Kind(Plan, plans_to_do, ("case__household", "desk")),
    "tasks": Kind(DepartmentTask, tasks_to_do, ("measure__plan__case__household", "desk")),
    "needs": Kind(Need, needs_to_do, ("measure__plan__case__household", "desk", "township")),
} | {name: _owed(due) for name, due in OWED.items()}
_words = Kept(2000)


@dataclass(frozen=True)
class Day:
    """The keys of the first of each kind, and how many there are of what is only counted."""

    on: date
    keys: Mapping[str, list[int]]
    counts: Mapping[str, int]

    def rows(self, name: str) -> list[Any]:
        """The rows of a kind, soonest first; asks nothing where there are none."""
        kind, keys = KINDS[name], self.keys.get(name)
        if not keys:
            return []
        found = kind.model._default_manager.filter(pk__in=keys)
        return list(found.select_related(*kind.lines).order_by(*kind.order))


def day_of(user: User, on: date) -> Day:
    """Asked in words that are kept by the posts and the policy pack for which they were composed.

    Where counting takes long, in a city, what was counted holds for some minutes.
    """
    scope = scope_of(user, on)
    composed_for = (user.pk, scope, on, tree().number, current_pack().version)
    keys = defaultdict(list)
    to_do = _words.of(
        composed_for, lambda: several({name: kind.to_do(user, on)[:MOST] for name, kind in KINDS.items()}, {})
    )
    counted = _words.of((*composed_for, "counted"), lambda: several({}, _counted(user, scope, on)))
    with planned_once():
        for name, key in to_do.ask():
            keys[name].append(key)
        counts = kept_if_long((counted.sql, counted.given), lambda: dict(counted.ask()))
    return Day(on, keys, counts)


def _counted(user: User, scope: Scope, on: date) -> dict[str, QuerySet[Any]]:
    """Rows to mend, values to decide; and households within the user's area: `candidates` for an elimination, `unvisited`,
    `lacking` a contact, `unhelped` past the day of their first help, `delayed` in a measure; `risen` to the user's offices."""
    counted: dict[str, QuerySet[Any]] = {"defects": defects_to_mend(user), "decisions": waiting_for(user)}
    if scope.may(Permission.SUBMIT):
        counted["candidates"] = candidates_visible_to(user)
    if any(scope.may(permission) for permission in LOOKING):
        plans = plans_visible_to(user)
        counted["unvisited"] = visits_overdue(user, on)
        counted["lacking"] = cases_lacking_contact(cases_visible_to(user))
        counted["unhelped"] = without_first_help(plans).filter(help_due_on__lt=on)
        counted["delayed"] = with_measure_overdue(plans, on)
        counted["risen"] = plans_risen_to(plans, scope, clocks_of(on), on)
    return {name: rows.order_by() for name, rows in counted.items()}
