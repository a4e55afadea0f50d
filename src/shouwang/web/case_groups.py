"""In which groups the cases of an office are listed: by where they stand, and the households that a rate of assistance lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance.reading import cases_helped_late, cases_without_help
from shouwang.cases.flow import IN_HAND
from shouwang.cases.models import Case, Stage
from shouwang.cases.reading import cases_visible_to
from shouwang.web import paging
from shouwang.web.ordering import month_of
from shouwang.web.places import area_for, rows_inside

STAGES: Mapping[str, tuple[Any, tuple[Stage, ...]]] = {
    "": (_("在办"), IN_HAND),
    "included": (_("已纳入监测"), (Stage.INCLUDED,)),
    "eliminated": (_("风险已消除"), (Stage.ELIMINATED,)),
    "refused": (_("未纳入"), (Stage.REFUSAL_NOTICE, Stage.REFUSED)),
}
UNHELPED, HELPED_LATE = "unhelped", "helped_late"
BEHIND_RATES: Mapping[str, Any] = {UNHELPED: _("没有帮扶措施"), HELPED_LATE: _("未按时帮扶")}
SEARCHED = 100


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a group, words, an area within scope, and between which months a household was included."""

    group: str
    search: str
    area: Area | None
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Listed:
    """A page of the cases of the group asked for, and of every group its name, title and number."""

    page: Page
    tabs: list[tuple[str, Any, int]]


def asked(request: HttpRequest) -> Asked:
    """Raises Http404 for an area outside the user's scope."""
    given, code = request.GET, request.GET.get("area", "")
    group = given.get("group", "")
    return Asked(
        group if group in STAGES or group in BEHIND_RATES else "",
        given.get("q", "").replace("\0", "").strip()[:SEARCHED],
        area_for(request.user, code)[1] if code else None,
        month_of(given.get("since", "")),
        month_of(given.get("until", "")),
    )


def listed(request: HttpRequest, wanted: Asked, on: date) -> Listed:
    """The visible cases in their groups on a day; the months narrow those down that were not helped in time."""
    user = request.user

    def asked_for(group: str) -> paging.Asked[Case]:
        return paging.Asked(
            user, ("cases", replace(wanted, group=group), on), lambda: _of_group(user, wanted, group, on)
        )

    by_stage = dict(
        asked_for("any").ask("stages", lambda rows: rows.order_by().values_list("stage").annotate(number=Count("pk")))
    )
    counts = {name: sum(by_stage.get(stage, 0) for stage in stages) for name, (_title, stages) in STAGES.items()}
    counts |= {name: asked_for(name).count for name in BEHIND_RATES}
    titles = {name: title for name, (title, _stages) in STAGES.items()} | BEHIND_RATES
    page = asked_for(wanted.group).page(request, counts[wanted.group])
    return Listed(page, [(name, title, counts[name]) for name, title in titles.items()])


def _of_group(user: User, wanted: Asked, group: str, on: date) -> QuerySet[Case]:
    """The visible cases of a group, in its order; those of every group where it is none of them."""
    visible = rows_inside(cases_visible_to(user), wanted.area)
    if search := wanted.search:
        visible = visible.filter(household__head_name__contains=search) | visible.filter(number__startswith=search)
    if group == UNHELPED:
        return cases_without_help(visible, on).order_by("included_on", "number")
    if group == HELPED_LATE:
        return cases_helped_late(_included(visible, wanted), on).order_by("-included_on", "number")
    if group not in STAGES:
        return visible
    return visible.filter(stage__in=STAGES[group][1]).order_by(
        *(("-opened_on", "number") if group else ("due_on", "number"))
    )


def _included(cases: QuerySet[Case], wanted: Asked) -> QuerySet[Case]:
    if wanted.since:
        cases = cases.filter(included_on__gte=wanted.since)
    if wanted.until:
        index = wanted.until.year * 12 + wanted.until.month
        cases = cases.filter(included_on__lt=date(index // 12, index % 12 + 1, 1))
    return cases
