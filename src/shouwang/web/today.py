"""今日: what must be done, soonest first, with the reason why it is here; empty when it is done."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.amendments.reading import waiting_for
from shouwang.areas.reading import full_names
from shouwang.cases.reading import cases_to_do
from shouwang.clues.reading import placed
from shouwang.clues.today import WORKING, clues_to_do, load_of, task_of, works_on_clues
from shouwang.declarations.reading import declarations_to_do
from shouwang.defects.reading import defects_to_mend
from shouwang.elimination.reading import candidates_visible_to, eliminations_to_do
from shouwang.jobs.waiting import rows_waiting_for
from shouwang.registration.reading import requests_to_do
from shouwang.sweeps.reading import running_for
from shouwang.web.defects import worst_of
from shouwang.web.doors import SIGNED_IN, door, may_open
from shouwang.web.help_to_do import help_to_do
from shouwang.web.overview import overview
from shouwang.web.paging import first_of, page_of

HAVING_WORK = (*WORKING, Permission.UPLOAD, Permission.HANDLE_TASKS)
MOST_CASES = 50
WORST_DEFECTS = 5
ADMINISTRATORS_PAGES = ("system", "audit", "users")
GROUPS = {"overdue": _("已逾期"), "today": _("今天到期"), "later": _("接下来")}


@door(SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the day's work for whoever has any, an administrator's own page, or the overview."""
    scope = scope_of(request.user, localdate())
    if may_open(scope, "today"):
        return today(request)
    if scope.may(Permission.PLEDGE):
        return HttpResponseRedirect(reverse("needs"))
    if scope.is_administrator:
        return HttpResponseRedirect(reverse(next(name for name in ADMINISTRATORS_PAGES if may_open(scope, name))))
    answer: HttpResponse = overview(request)
    return answer


@door(*HAVING_WORK)
def today(request: HttpRequest) -> HttpResponse:
    """Everything that lies with the user: clues in pages, of which the address may ask for one group alone; rows of
    deliveries by kind, with how many of them wait."""
    day = localdate()
    scope, found = scope_of(request.user, day), clues_to_do(request.user, day)
    load, group = load_of(found, day), request.GET.get("group", "")
    if group == "overdue":
        found = found.filter(due_on__lt=day)
    elif group == "today":
        found = found.filter(due_on=day)
    elif group == "later":
        found = found.filter(due_on__gt=day)
    waiting = [(each, each.days(day)) for each in rows_waiting_for(settings.HOME, request.user, day)]
    count = getattr(load, group) if group in GROUPS else load.whole
    page = page_of(request, found.defer("evidence", "flags"), count=count)
    page.object_list = placed(page.object_list)
    names = full_names([clue.area_id for clue in page])
    rows = [(task_of(clue, scope, day), names[clue.area_id]) for clue in page]
    tabs = [(name, title, getattr(load, name)) for name, title in GROUPS.items()]
    to_mend = defects_to_mend(request.user)
    defect_count = to_mend.count()
    return render(
        request,
        "desk/today.html",
        {
            "register_requests": _soonest(requests_to_do(request.user, day), day),
            "defects": worst_of(request, to_mend, WORST_DEFECTS) if defect_count else [],
            "defect_count": defect_count,
            "page": page,
            "rows": rows,
            "load": load,
            "tabs": tabs,
            "group": group if group in GROUPS else "",
            "day": day,
            "waiting": waiting,
            "waiting_rows": sum(each.rows for each, _ in waiting),
            "on_clues": works_on_clues(scope),
            "cases": _soonest(cases_to_do(request.user, day), day),
            "declarations": _soonest(declarations_to_do(request.user, day), day),
            "help": help_to_do(request.user, day),
            "eliminations": _soonest(eliminations_to_do(request.user, day), day),
            "candidates": candidates_visible_to(request.user).count() if scope.may(Permission.SUBMIT) else 0,
            "sweeps": running_for(request.user) if scope.may(Permission.VERIFY) else [],
            "decisions": waiting_for(request.user).count(),
        },
    )


def _soonest(matters: QuerySet[Any], day: date) -> list[tuple[Any, int]]:
    """The first of the matters on somebody's desk, each with how many days are left."""
    return [(each, (each.due_on - day).days if each.due_on else 0) for each in first_of(matters, MOST_CASES)]
