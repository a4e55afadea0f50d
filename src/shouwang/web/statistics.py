"""统计分析: the figures of an area over months, where below it to look, and how good each rule and source is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.cases.models import MonitorType
from shouwang.clues.models import Channel, RiskType
from shouwang.statistics.declaration import Ratio, Statistic
from shouwang.statistics.declared import ASSIST_RATE, FOUND, GROUPS, HELP_RATE
from shouwang.statistics.models import Cut
from shouwang.statistics.precision import FEWEST, Precision
from shouwang.statistics.reading import (
    Asked,
    Series,
    filled_up_to,
    open_to,
    precision_in,
    series_by_area,
    series_of,
    statistics_by,
)
from shouwang.web.case_groups import HELPED_LATE, UNHELPED
from shouwang.web.charts.lines import lines, small
from shouwang.web.charts.trend import months_back
from shouwang.web.doors import door
from shouwang.web.ordering import month_of
from shouwang.web.places import Crumb, area_for, below, crumbs_to
from shouwang.web.policy_reading import rule_titles

MONTHS, MOST_MONTHS = 12, 36
PARTS = (".taken", ".in_time")  # numbers behind a rate: in the table, not among the tiles
MEASURED = (Cut.RULE, Cut.DEPARTMENT, Cut.CHANNEL)
CHOICES: Mapping[Cut, Sequence[tuple[str, Any]]] = {
    Cut.RISK: RiskType.choices,
    Cut.CHANNEL: Channel.choices,
    Cut.TYPE: MonitorType.choices,
}


@dataclass(frozen=True)
class Tile:
    """One statistic of the area: its value over the period, and by month."""

    statistic: Statistic
    value: float | None
    chart: SafeString
    parts: tuple[int, int] | None


@dataclass(frozen=True)
class Below:
    """An area below, with the chosen statistic."""

    area: Area
    value: float | None
    chart: SafeString
    parts: tuple[int, int] | None


@dataclass(frozen=True)
class View:
    """What an address asks for, within what the user may see."""

    scope: Scope
    area: Area
    asked: Asked
    chosen: Statistic
    as_table: bool
    query: str


@door(Permission.SEE_HOUSEHOLDS)
def statistics(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The figures of one area within the user's scope; of their own where none is named."""
    view, filled = asked_view(request, code), filled_up_to()
    series = series_of(view.area, view.asked)
    if view.chosen == ASSIST_RATE and "show" not in request.GET and not series.parts(ASSIST_RATE)[1]:
        view = replace(view, chosen=FOUND)  # nobody is monitored yet: then it begins with what was found
    open_statistics = statistics_by(view.asked.cut)
    areas = sorted(_below(view), key=lambda each: _worst_first(view.chosen, each))
    context = {
        "area": view.area,
        "crumbs": _crumbs(view),
        "filled": filled,
        "asked": view.asked,
        "department": view.asked.of if view.asked.cut == Cut.DEPARTMENT else "",
        "since": view.asked.months[0],
        "until": view.asked.months[-1],
        "by": f"{view.asked.cut}:{view.asked.of}" if view.asked.cut else "",
        "choices": [(Cut(cut).label, [(f"{cut}:{of}", title) for of, title in each]) for cut, each in CHOICES.items()],
        "chosen": _tile(view.chosen, series),
        "picture": lines(
            view.asked.months,
            [series.at(view.chosen, month) for month in view.asked.months],
            rate=isinstance(view.chosen, Ratio),
            demanded=getattr(view.chosen, "binding", None),
        ),
        "behind": _households_behind(view),
        "groups": _groups(open_statistics, series),
        "table": _table(open_statistics, series) if view.as_table else None,
        "areas": areas,
        "most": max((each.value or 0 for each in areas), default=0),
        "rate": isinstance(view.chosen, Ratio),
        "query": view.query,
        "may_export": view.scope.may(Permission.EXPORT, view.area.pk),
    }
    return render(request, "desk/statistics.html", context)


def asked_view(request: HttpRequest, code: str | None) -> View:
    """Raises Http404 for an area outside the user's scope."""
    scope, area = area_for(request.user, code)
    if area is None:
        raise Http404
    cut, of = _cut(request.GET)
    asked = open_to(scope, area, Asked(_months(request.GET), cut, of))
    if asked is None:
        raise Http404
    shown = {each.code: each for each in statistics_by(asked.cut)}
    usual = ASSIST_RATE.code if ASSIST_RATE.code in shown else FOUND.code
    chosen = shown.get(request.GET.get("show", ""), shown[usual])
    kept = request.GET.copy()
    for name in set(kept) - {"since", "until", "by", "show", "view"}:
        del kept[name]
    return View(scope, area, asked, chosen, request.GET.get("view") == "table", kept.urlencode())


def _households_behind(view: View) -> str:
    """The address of the list of households that the chosen rate lacks; empty where there is none. A stock is today's."""
    first, last = view.asked.months[0], view.asked.months[-1]
    asked = {"area": view.area.pk}
    if view.chosen == ASSIST_RATE and last == localdate().replace(day=1):
        asked |= {"group": UNHELPED}
    elif view.chosen == HELP_RATE:
        asked |= {"group": HELPED_LATE, "since": f"{first:%Y-%m}", "until": f"{last:%Y-%m}"}
    else:
        return ""
    return "" if view.asked.cut else f"{reverse('cases')}?{urlencode(asked)}"


def _months(asked: QueryDict) -> tuple[date, ...]:
    """From the month asked for to the other, at most three years; the last twelve by default."""
    last = month_of(asked.get("until", "")) or localdate().replace(day=1)
    first = month_of(asked.get("since", ""))
    count = MONTHS if first is None else (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(months_back(last, min(max(count, 1), MOST_MONTHS)))


def _cut(asked: QueryDict) -> tuple[Cut, str]:
    cut, _, of = asked.get("by", "").partition(":")
    known = {code for code, _ in CHOICES.get(Cut(cut), ())} if cut in Cut.values else set()
    return (Cut(cut), of) if of in known else (Cut.WHOLE, "")


def _tile(statistic: Statistic, series: Series) -> Tile:
    values = [series.at(statistic, month) for month in series.months]
    parts = series.parts(statistic) if isinstance(statistic, Ratio) else None
    chart = small(values, rate=isinstance(statistic, Ratio))
    return Tile(statistic, series.whole(statistic), chart, parts)


def _groups(shown: Sequence[Statistic], series: Series) -> list[tuple[Any, list[Tile]]]:
    tiles = [_tile(each, series) for each in shown if not each.code.endswith(PARTS)]
    found = [(title, [tile for tile in tiles if tile.statistic.group == group]) for group, title in GROUPS.items()]
    return [(title, some) for title, some in found if some]


def _table(shown: Sequence[Statistic], series: Series) -> list[tuple[Statistic, list[float | None], float | None]]:
    return [(each, [series.at(each, month) for month in series.months], series.whole(each)) for each in shown]


def _below(view: View) -> list[Below]:
    areas = below(view.area)
    found = series_by_area(areas, [view.chosen], view.asked) if areas else {}
    rows = []
    for area in areas:
        tile = _tile(view.chosen, found[area.pk])
        rows.append(Below(area, tile.value, tile.chart, tile.parts))
    return rows


def _worst_first(statistic: Statistic, row: Below) -> tuple[bool, float, str]:
    """Rates from the lowest, numbers from the highest; what is not known comes last."""
    value = row.value or 0
    return row.value is None, value if isinstance(statistic, Ratio) else -value, row.area.pk


def _crumbs(view: View) -> list[Crumb]:
    line = crumbs_to(view.scope, view.area)
    suffix = f"?{view.query}" if view.query else ""
    return [Crumb(each.name, reverse("statistics-area", args=[each.pk]) + suffix) for each in line[:-1]] + [
        Crumb(view.area.name)
    ]


@door(Permission.SEE_HOUSEHOLDS)
def precision(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """How often what rules, departments and channels found was true, the worst first; a department sees its own."""
    scope, area = area_for(request.user, code)
    asked = open_to(scope, area, Asked(())) if area else None
    if area is None or asked is None:
        raise Http404
    own = [asked.of] if asked.cut == Cut.DEPARTMENT else []
    line = [Crumb(each.name, reverse("precision-area", args=[each.pk])) for each in crumbs_to(scope, area)[:-1]]
    context = {
        "area": area,
        "crumbs": [*line, Crumb(area.name)],
        "filled": filled_up_to(),
        "fewest": FEWEST,
        "tables": [_tables(area, Cut.DEPARTMENT, own)] if own else [_tables(area, cut) for cut in MEASURED],
        "areas": below(area),
    }
    return render(request, "desk/precision.html", context)


def _tables(area: Area, cut: Cut, only: Sequence[str] = ()) -> tuple[str, str, list[tuple[str, Precision]]]:
    """What the names are called, and each with what was found of it."""
    titles = rule_titles() if cut == Cut.RULE else {name: str(title) for name, title in CHOICES.get(cut, ())}
    return (
        str(cut.label),
        str(cut),
        [(titles.get(each.name, each.name), each) for each in precision_in(area, cut, only)],
    )


def precision_of_rules(scope: Scope, only: Sequence[str]) -> dict[str, Precision] | None:
    """What was found of some rules' clues in the user's own area; None for whoever does not see all of one."""
    area = scope.top_area
    if area is None or not scope.covers_fully(area.pk):
        return None
    found = {each.name: each for each in precision_in(area, Cut.RULE, only)}
    return {rule: found.get(rule, Precision(rule, 0, 0)) for rule in only}
