"""总览: how things stand in an area, and where below it to look; at a desk, or on a wall in large type."""

from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.areas.reading import full_names, standing_codes
from shouwang.clues.hotspots import HotSpot
from shouwang.clues.landscape import Question, counted, question_of
from shouwang.clues.models import Level, RiskType, ScreeningRun
from shouwang.clues.progress import Progress
from shouwang.jobs.handling import requirements
from shouwang.jobs.policy import policy_folder
from shouwang.web import overview_figures as figures
from shouwang.web.charts.choropleth import Choropleth, Place, choropleth, shape_codes, tiles
from shouwang.web.charts.trend import Trend
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.overview_flow import Way, way_of
from shouwang.web.places import Crumb, area_for, crumbs_to

BOUNDARIES = "divisions/boundaries_2023.geojson"
HOT_SPOTS, HOT_SPOTS_ON_A_WALL = 10, 3
WALL = "?wall=1"
LONG_SECONDS, KEPT_SECONDS, COUNTING_SECONDS = 0.1, 60, 60


@dataclass(frozen=True)
class Spot:
    """A hot spot with its name within the area of the page."""

    spot: HotSpot
    name: str
    risk: str


@dataclass(frozen=True)
class Landscape:
    """What the overview says about one area."""

    area: Area
    counts: figures.Counts
    households_flagged: int
    households: int
    without_income: int
    risks: list[figures.RiskRow]
    areas: list[figures.AreaRow]
    trend: Trend
    progress: Progress
    way: Way
    spots: list[Spot] | None
    run: ScreeningRun | None
    counted_at: datetime

    @property
    def most_in_a_risk(self) -> int:
        return max((row.counts.total for row in self.risks), default=0)

    @property
    def most_in_an_area(self) -> int:
        return max((row.counts.total for row in self.areas), default=0)


@door(SIGNED_IN)
def overview(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """The overview of one area within the user's scope; of their own where none is named. `?wall=1` is for a wall."""
    scope, area = area_for(request.user, code)
    if area is None and scope.reaches:
        return render(request, "desk/no_households.html", {"duty": scope.reaches[0].title})
    if area is None:
        return render(request, "desk/no_post.html", status=200)
    on_a_wall = request.GET.get("wall") == "1"
    landscape = kept_landscape(scope, question_of(request.user, area))
    places = [_place(row, WALL if on_a_wall else "") for row in landscape.areas]
    said = {
        "landscape": landscape,
        "area": area,
        "map": picture(places) if places else None,
        "per_thousand": scope.covers_fully(area.pk),
        "levels": Level.values,
    }
    if on_a_wall:
        wall = {
            "now": now(),
            "above": _above(scope, area),
            "spots_shown": (landscape.spots or [])[:HOT_SPOTS_ON_A_WALL],
        }
        return render(request, "desk/wall.html", said | wall)
    no_income = landscape.without_income if landscape.run and scope.covers_fully(area.pk) else None
    crumbs = [Crumb(each.name, reverse("overview-area", args=[each.pk])) for each in crumbs_to(scope, area)]
    crumbs[-1] = Crumb(area.name)
    beside = {
        "crumbs": crumbs if len(crumbs) > 1 else [],
        "no_income": no_income,
        "may_screen": scope.can_screen,
        "spots_shown": (landscape.spots or [])[:HOT_SPOTS],
    }
    return render(request, "desk/overview.html", said | beside)


def kept_landscape(scope: Scope, question: Question) -> Landscape:
    """What took long to put together, a city's hundred thousands of clues, holds for a minute; the page says of when it is.

    Whoever comes first after that puts it together again; who comes meanwhile is shown what there was.
    """
    key = f"landscape-{question.name}-{get_language()}"
    kept: tuple[Landscape, float] | None = cache.get(key)
    began = monotonic()
    if kept is not None and (began < kept[1] or not cache.add(f"{key}-again", True, COUNTING_SECONDS)):
        return kept[0]
    landscape = landscape_of(scope, question)
    if monotonic() - began > LONG_SECONDS:
        cache.set(key, (landscape, monotonic() + KEPT_SECONDS), KEPT_SECONDS + COUNTING_SECONDS)
    cache.delete(f"{key}-again")
    return landscape


def landscape_of(scope: Scope, question: Question) -> Landscape:
    """What the page says about an area, from what was counted there."""
    area, found = question.area, counted(question)
    known = scope.covers_fully(area.pk)
    ground = figures.ground_of(area, found)
    rows, spots = [], None
    if area.level < Area.VILLAGE:
        rows = figures.by_area(found, ground, households_known=known)
        spots = figures.hot_spots_in(found, ground) if known else None
    return Landscape(
        area=area,
        counts=figures.levels_of(found.risks),
        households_flagged=found.flagged,
        households=sum(found.held.values()),
        without_income=found.without_income,
        risks=figures.by_risk(found.risks),
        areas=rows,
        trend=figures.trend_of(found.months, question.last),
        progress=found.progress,
        way=way_of(found.progress, requirements(question.today)),
        spots=None if spots is None else _named(spots[:HOT_SPOTS], area),
        run=question.run,
        counted_at=found.at,
    )


def _named(spots: list[HotSpot], area: Area) -> list[Spot]:
    names = full_names([spot.place for spot in spots])
    above = full_names([area.pk])[area.pk] + " "
    return [Spot(spot, names[spot.place].removeprefix(above), RiskType(spot.risk).label) for spot in spots]


def _above(scope: Scope, area: Area) -> Area | None:
    """The next area above that the user may see."""
    line = crumbs_to(scope, area)
    return line[-2] if len(line) > 1 else None


def _place(row: figures.AreaRow, suffix: str) -> Place:
    """An area below as the map shows it: by clues per thousand households, or by clues where those are not known."""
    value: float | None = row.per_thousand if row.households is not None else row.counts.total
    words = _("{number} 条").format(number=f"{row.counts.total:,}")
    if row.per_thousand is not None:
        words = _("每千户 {rate:.1f} 条，共 {number} 条").format(rate=row.per_thousand, number=f"{row.counts.total:,}")
    elif row.households is not None:
        words = _("没有在册农户，{number} 条").format(number=f"{row.counts.total:,}")
    return Place(row.area.code, row.area.name, value, words, reverse("overview-area", args=[row.area.code]) + suffix)


def picture(places: list[Place]) -> Choropleth:
    """The map where the pack has the boundaries of these places, else tiles; merged counties lead to their successor."""
    boundaries, found = policy_folder() / BOUNDARIES, {place.code: place for place in places}
    codes = shape_codes(boundaries)
    merged = standing_codes(codes, localdate())
    drawn = {code: found[merged.get(code, code)] for code in codes if merged.get(code, code) in found}
    if drawn:
        return choropleth(boundaries, drawn)
    return tiles(sorted(places, key=lambda place: place.code))
