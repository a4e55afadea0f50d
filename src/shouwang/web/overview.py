"""总览: how things stand in an area, and where below it to look."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate

from shouwang.areas.models import Area
from shouwang.clues.models import Clue, Level, ScreeningRun
from shouwang.clues.reading import clues_visible_to, screening_runs
from shouwang.households.reading import households_visible_to
from shouwang.jobs.policy import policy_folder
from shouwang.web import overview_figures as figures
from shouwang.web.charts.choropleth import Choropleth, Place, choropleth
from shouwang.web.charts.trend import Trend
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.places import Crumb, area_for, crumbs_to, rows_inside, standing_codes

BOUNDARIES = "divisions/boundaries_2023.geojson"


@dataclass(frozen=True)
class Landscape:
    """What the overview says about one area."""

    area: Area
    counts: figures.Counts
    households_flagged: int
    households: int
    risks: list[figures.RiskRow]
    areas: list[figures.AreaRow]
    trend: Trend
    run: ScreeningRun | None

    @property
    def most_in_a_risk(self) -> int:
        return max((row.counts.total for row in self.risks), default=0)

    @property
    def most_in_an_area(self) -> int:
        return max((row.counts.total for row in self.areas), default=0)


@door(SIGNED_IN)
def overview(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The overview of one area within the user's scope; of their own where none is named."""
    scope, area = area_for(request.user, code)
    if area is None and scope.reaches:
        return render(request, "desk/no_households.html", {"duty": scope.reaches[0].title})
    if area is None:
        return render(request, "desk/no_post.html", status=200)
    clues = rows_inside(clues_visible_to(request.user), area)
    waiting = clues.filter(state=Clue.State.OPEN)
    run = screening_runs().first()
    households = rows_inside(households_visible_to(request.user), area)
    reaches = ",".join(f"{reach.area.pk}{reach.department}" for reach in scope.reaches)
    rows = figures.by_area(waiting, households, area, f"{reaches}-{area.pk}") if area.level < Area.VILLAGE else []
    landscape = Landscape(
        area=area,
        counts=figures.by_level(waiting),
        households_flagged=figures.flagged_households(waiting),
        households=sum(row.households or 0 for row in rows) if rows else households.count(),
        risks=figures.by_risk(waiting),
        areas=rows,
        trend=figures.by_month(clues, run.as_of if run else localdate()),
        run=run,
    )
    no_income = None
    if run and scope.covers_fully(area.pk):
        no_income = figures.count_without_income(households, run, f"{reaches}-{area.pk}")
    crumbs = [Crumb(each.name, reverse("overview-area", args=[each.pk])) for each in crumbs_to(scope, area)]
    crumbs[-1] = Crumb(area.name)
    return render(
        request,
        "desk/overview.html",
        {
            "landscape": landscape,
            "area": area,
            "crumbs": crumbs if len(crumbs) > 1 else [],
            "map": county_map(rows) if area.level == Area.CITY else None,
            "no_income": no_income,
            "may_screen": scope.can_screen,
            "levels": Level.values,
        },
    )


def county_map(rows: list[figures.AreaRow]) -> Choropleth:
    """The map of the city's counties; counties that were merged are drawn each, and lead to their successor."""
    found = {row.area.code: row for row in rows}
    boundaries = policy_folder() / BOUNDARIES
    codes = [shape.code for shape in choropleth(boundaries, {}).counties]
    merged = standing_codes(codes)
    places = {}
    for code in codes:
        row = found.get(merged.get(code, code))
        if row:
            url = reverse("overview-area", args=[row.area.code])
            places[code] = Place(row.area.code, row.area.name, row.counts.total, url)
    return choropleth(boundaries, places)
