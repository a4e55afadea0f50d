"""线索清单: finding the clues to work on, soonest and gravest first."""

from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext, gettext_lazy

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.areas.reading import full_names, inside
from shouwang.clues.flow import may
from shouwang.clues.models import RANK, Action, Channel, Clue, Level, RiskType, Stage
from shouwang.clues.reading import came_by, clues_visible_to, latest_as_of, placed, reports_of
from shouwang.clues.standing import views_shown_to
from shouwang.web import overview_figures as figures
from shouwang.web.doors import door
from shouwang.web.ordering import day_of
from shouwang.web.paging import Asked
from shouwang.web.places import all_there_is, area_for, below, crumbs_to
from shouwang.web.policy_reading import rule_titles

SORTS = {
    "level": (gettext_lazy("级别从高到低"), (RANK, "-opened_on", "number")),
    "newest": (gettext_lazy("最近首次发现"), ("-opened_on", RANK, "number")),
    "oldest": (gettext_lazy("最早首次发现"), ("opened_on", RANK, "number")),
    "area": (gettext_lazy("按村"), ("area_id", RANK, "number")),
    "household": (gettext_lazy("按户编号"), ("household_id", "number")),
    "due": (gettext_lazy("办理期限最近"), (F("due_on").asc(nulls_last=True), RANK, "number")),
}
FILTERS = ("area", "level", "risk", "channel", "rule", "state", "stage", "since", "until", "q", "sort")
ANY_STATE = "any"


@dataclass(frozen=True)
class Choice:
    value: str
    title: str
    chosen: bool


@dataclass(frozen=True)
class Filters:
    """What the address asks for; anything that makes no sense is left out, and said so in `ignored`."""

    area: Area | None
    level: str
    risk: str
    channel: str
    rule: str
    state: str
    stage: str
    since: date | None
    until: date | None
    search: str
    sort: str
    ignored: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many filters stand, beside level and sort that are seen anyway."""
        return sum(
            map(
                bool,
                (self.risk, self.channel, self.rule, self.stage, self.since, self.until, self.state != Clue.State.OPEN),
            )
        )


def asked_filters(user: User, asked: QueryDict) -> Filters:
    """The filters of an address, within the user's scope. Raises Http404 for an area outside it."""
    scope, area = area_for(user, asked.get("area"))
    return read_filters(asked, area, channels_open_to(scope))


def channels_open_to(scope: Scope) -> list[tuple[str, str]]:
    """Who told of a household in person is not for departments."""
    return Channel.choices if scope.sees_whole_households else []


def read_filters(asked: QueryDict, area: Area | None, channels: list[tuple[str, str]]) -> Filters:
    ignored = []

    def one_of(name: str, allowed: list[str], default: str = "") -> str:
        value = asked.get(name, default) or default
        if value not in (default, *allowed):
            ignored.append(name)
            return default
        return value

    def day(name: str, title: str) -> date | None:
        text = asked.get(name, "").strip()
        found = day_of(text) if text else None
        if text and found is None:
            ignored.append(title)
        return found

    return Filters(
        area=area,
        level=one_of("level", Level.values),
        risk=one_of("risk", RiskType.values),
        channel=one_of("channel", [name for name, _title in channels]),
        rule=asked.get("rule", "").strip()[:100],
        state=one_of("state", [*Clue.State.values, ANY_STATE], Clue.State.OPEN),
        stage=one_of("stage", Stage.values),
        since=day("since", gettext("起始日期")),
        until=day("until", gettext("截止日期")),
        search=asked.get("q", "").replace("\0", "").strip()[:100],
        sort=one_of("sort", list(SORTS), "level"),
        ignored=tuple(ignored),
    )


def matching(clues: QuerySet[Clue], filters: Filters, *, with_level: bool = True) -> QuerySet[Clue]:
    """The clues that meet the filters. Rules are found as whole words in the stored list."""
    if filters.area:  # a clue may have been given to the desk of another village than the household's
        clues = clues.filter(inside(filters.area) | inside(filters.area, "desk_id"))
    if filters.level and with_level:
        clues = clues.filter(level=filters.level)
    if filters.risk:
        clues = clues.filter(risk_type=filters.risk)
    if filters.channel:
        clues = clues.filter(came_by(filters.channel))
    if filters.rule:
        clues = clues.filter(rules__icontains=f'"{filters.rule}"')
    if filters.state != ANY_STATE:
        clues = clues.filter(state=filters.state)
    if filters.stage:
        clues = clues.filter(stage=filters.stage)
    if filters.since:
        clues = clues.filter(opened_on__gte=filters.since)
    if filters.until:
        clues = clues.filter(opened_on__lte=filters.until)
    if filters.search:
        clues = clues.filter(
            Q(household__household_no__istartswith=filters.search)
            | Q(number=filters.search)
            | Q(household__head_name__contains=filters.search)
        )
    return clues


def area_choices(scope: Scope, area: Area | None) -> list[Choice]:
    """From the widest visible area down to the chosen one, and what lies directly below it."""
    if area is None:
        return []
    line = crumbs_to(scope, area)
    above = [Choice(each.pk, "　" * depth + each.name, each == area) for depth, each in enumerate(line)]
    return above + [Choice(each.pk, "　" * len(line) + each.name, False) for each in below(area)]


def _listed(user: User, cut: Filters) -> QuerySet[Clue]:
    found = matching(clues_visible_to(user), cut).order_by(*SORTS[cut.sort][1])
    return found.select_related(None).select_related("household").defer("evidence", "flags")


@door(Permission.SEE_HOUSEHOLDS)
def worklist(request: HttpRequest) -> HttpResponse:
    """The list of clues within scope, cut by the filters in the address."""
    scope, area = area_for(request.user, request.GET.get("area"))
    channels = channels_open_to(scope)
    filters = read_filters(request.GET, area, channels)
    cut = replace(filters, area=None) if all_there_is(scope, area) else filters
    of_all_levels = Asked(
        request.user,
        ("clues", replace(cut, level="")),
        lambda: matching(clues_visible_to(request.user), cut, with_level=False),
    )
    by_level = figures.counted(of_all_levels.ask("levels", figures.levels_in))
    asked = Asked(request.user, ("clues", cut), lambda: _listed(request.user, cut))
    page = asked.page(request, by_level.by_level.get(filters.level, 0) if filters.level else by_level.total)
    page.object_list = placed(page.object_list)
    names = full_names([clue.area_id for clue in page])
    titles = rule_titles()
    reported = reports_of(page) if channels else {}
    rows = [
        {
            "clue": clue,
            "place": names[clue.area_id],
            "rules": [titles.get(rule, rule) for rule in clue.rules],
            "reported": reported.get(clue.pk, []),
            "pickable": may(scope, clue, Action.DISPATCH),
        }
        for clue in page
    ]
    return render(
        request,
        "desk/worklist.html",
        {
            "filters": filters,
            "latest": latest_as_of(),
            "page": page,
            "rows": rows,
            "by_level": by_level,
            "levels": Level.values,
            "risks": RiskType.choices,
            "channels": channels,
            "rules": sorted(titles.items(), key=lambda pair: pair[1]),
            "states": [*Clue.State.choices, (ANY_STATE, gettext("全部状态"))],
            "sorts": [(name, title) for name, (title, _) in SORTS.items()],
            "areas": area_choices(scope, area),
            "stages": Stage.choices,
            "picked": set(request.session.get("picked_clues", ())),
            "dispatches": scope.may(Permission.DISPATCH),
            "exports": scope.may(Permission.EXPORT),
            "views": views_shown_to(request.user),
            "today": localdate(),
        },
    )
