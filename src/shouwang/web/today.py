"""今日: what must be done, soonest first, with the reason why it is here; empty when it is done."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.reading import full_names
from shouwang.clues.reading import placed
from shouwang.clues.today import WORKING, CluesToDo, load_of, task_of, works_on_clues
from shouwang.defects.reading import defects_to_mend
from shouwang.jobs.waiting import WaitingRows, rows_waiting_for, state_of_waiting
from shouwang.sweeps.reading import running_for
from shouwang.web.day import Day, day_of
from shouwang.web.defects import worst_of
from shouwang.web.doors import SIGNED_IN, door, may_open
from shouwang.web.help_to_do import help_to_do
from shouwang.web.overview import overview
from shouwang.web.paging import Asked, kept_if_long

HAVING_WORK = (*WORKING, Permission.UPLOAD, Permission.HANDLE_TASKS)
WORST_DEFECTS = 5
ADMINISTRATORS_PAGES = ("system", "audit", "users")
GROUPS = {"overdue": _("已逾期"), "today": _("今天到期"), "later": _("接下来")}
WITHIN = {"overdue": "due_on__lt", "today": "due_on", "later": "due_on__gt"}


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
    scope, group = scope_of(request.user, day), request.GET.get("group", "")
    load = load_of(
        Asked(request.user, ("lying", day), lambda: CluesToDo(request.user, day)).ask("days", CluesToDo.days), day
    )
    waiting = [(each, each.days(day)) for each in _rows_waiting(request.user, scope, day)]
    count = getattr(load, group) if group in GROUPS else load.whole
    page = Asked(request.user, ("today", group, day), lambda: _listed(request.user, day, group)).page(request, count)
    page.object_list = placed(page.object_list)
    names = full_names([clue.area_id for clue in page])
    rows = [(task_of(clue, scope, day), names[clue.area_id]) for clue in page]
    tabs = [(name, title, getattr(load, name)) for name, title in GROUPS.items()]
    lying = day_of(request.user, day)
    defect_count = lying.counts.get("defects", 0)
    return render(
        request,
        "desk/today.html",
        {
            "register_requests": _soonest(lying, "register_requests"),
            "defects": worst_of(request, defects_to_mend(request.user), WORST_DEFECTS) if defect_count else [],
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
            "cases": _soonest(lying, "cases"),
            "declarations": _soonest(lying, "declarations"),
            "help": help_to_do(lying),
            "eliminations": _soonest(lying, "eliminations"),
            "candidates": lying.counts.get("candidates", 0),
            "sweeps": running_for(request.user) if scope.may(Permission.VERIFY) else [],
            "decisions": lying.counts.get("decisions", 0),
        },
    )


def _rows_waiting(user: User, scope: Scope, day: date) -> list[WaitingRows]:
    """Whether a row in review is about somebody of the user's area is asked for each who is proposed, of which a city has 80,000."""
    home = settings.HOME
    state = state_of_waiting(home)
    asked = (user.pk, scope.acting, day, state)
    return kept_if_long(("rows waiting", asked), lambda: rows_waiting_for(home, user, day, state))


def _listed(user: User, day: date, group: str) -> CluesToDo:
    """The clues of the whole list, or of a group."""
    return CluesToDo(user, day, **({WITHIN[group]: day} if group in GROUPS else {}))


def _soonest(lying: Day, kind: str) -> list[tuple[Any, int]]:
    """The first of the matters of a kind, each with how many days are left."""
    return [(each, (each.due_on - lying.on).days if each.due_on else 0) for each in lying.rows(kind)]
