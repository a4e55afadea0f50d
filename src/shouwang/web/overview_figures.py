"""The numbers of the overview: each one query whose cost does not grow with the number of areas."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Left
from django.utils.timezone import localdate

from shouwang.areas.models import Area
from shouwang.areas.reading import standing_codes
from shouwang.clues.hotspots import HotSpot, hot_spots
from shouwang.clues.models import Clue, Level, RiskType
from shouwang.households.models import Household
from shouwang.kernel.divisions import digits_below, whole_code
from shouwang.web.charts.trend import Trend, months_back, trend
from shouwang.web.places import below

LEVELS = tuple(Level.values)
MONTHS = 12
KEPT_SECONDS = 600
# How many leading digits of a village's code name the smallest places that the page tells apart.
FINE = {Area.CITY: 9, Area.COUNTY: 12, Area.TOWNSHIP: 12, Area.VILLAGE: 12}


@dataclass
class Counts:
    """Clues by level."""

    by_level: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LEVELS, 0))

    def add(self, level: str, number: int) -> None:
        self.by_level[level] = self.by_level.get(level, 0) + number

    @property
    def red(self) -> int:
        return self.by_level["red"]

    @property
    def orange(self) -> int:
        return self.by_level["orange"]

    @property
    def yellow(self) -> int:
        return self.by_level["yellow"]

    @property
    def total(self) -> int:
        return sum(self.by_level.values())


@dataclass
class RiskRow:
    code: str
    name: str
    counts: Counts


@dataclass
class AreaRow:
    """One area below with its clues; `households` is None where it is not for the user to know."""

    area: Area
    counts: Counts
    households: int | None

    @property
    def per_thousand(self) -> float | None:
        return self.counts.total / self.households * 1000 if self.households else None


class Found(NamedTuple):
    """Clues of one kind in one place; `place` is the full code of a township on the city's page, else of a village."""

    place: str
    risk: str
    level: str
    number: int


def count_clues(clues: QuerySet[Clue], area: Area) -> list[Found]:
    """The clues by place, risk type and level: what most of the page is made of, in one query."""
    grouped = clues.order_by().annotate(part=Left("area_id", FINE[area.level]))
    rows = grouped.values_list("part", "risk_type", "level").annotate(number=Count("pk"))
    return [Found(whole_code(part), risk, level, number) for part, risk, level, number in rows]


def levels_in(clues: QuerySet[Clue]) -> QuerySet[Clue, tuple[str, int]]:
    """How many clues there are of each level, for `counted`."""
    return clues.order_by().values_list("level").annotate(number=Count("*"))


def counted(levels: Iterable[tuple[str, int]]) -> Counts:
    counts = Counts()
    for level, number in levels:
        counts.add(level, number)
    return counts


def levels_of(found: list[Found]) -> Counts:
    counts = Counts()
    for each in found:
        counts.add(each.level, each.number)
    return counts


def by_risk(found: list[Found]) -> list[RiskRow]:
    """Clues by risk type, the most frequent first; types without a clue are left out."""
    counts: dict[str, Counts] = defaultdict(Counts)
    for each in found:
        counts[each.risk].add(each.level, each.number)
    rows = [RiskRow(code, RiskType(code).label, each) for code, each in counts.items()]
    return sorted(rows, key=lambda row: (-row.counts.total, row.code))


@dataclass(frozen=True)
class Ground:
    """The places of an area as they stand today, whatever they were when a clue was found or a household registered."""

    area: Area
    below: list[Area]
    standing: dict[str, str]

    def place(self, code: str) -> str:
        return self.standing.get(code, code)

    def area_below(self, code: str) -> str:
        """The code of the area directly below in which a place lies."""
        return self.place(whole_code(self.place(code)[: digits_below(self.area.level)]))


def ground_of(area: Area, found: list[Found], held: dict[str, int]) -> Ground:
    codes = {*(each.place for each in found), *held}
    digits = digits_below(area.level)
    standing = standing_codes(codes | {whole_code(code[:digits]) for code in codes}, localdate())
    return Ground(area, below(area), standing)


def by_area(found: list[Found], held: dict[str, int], ground: Ground, *, households_known: bool) -> list[AreaRow]:
    """The areas directly below with their clues and households, the most clues first."""
    counts: dict[str, Counts] = defaultdict(Counts)
    households: dict[str, int] = defaultdict(int)
    for each in found:
        counts[ground.area_below(each.place)].add(each.level, each.number)
    for code, number in held.items():
        households[ground.area_below(code)] += number
    rows = [
        AreaRow(area, counts.get(area.code, Counts()), households.get(area.code, 0) if households_known else None)
        for area in ground.below
    ]
    shown = [row for row in rows if row.counts.total or households.get(row.area.code)]
    return sorted(shown, key=lambda row: (-row.counts.total, row.area.code))


def hot_spots_in(found: list[Found], held: dict[str, int], ground: Ground) -> list[HotSpot]:
    """Places where a risk is clearly more frequent than in the whole area, see `clues.hotspots`."""
    at_risk: dict[tuple[str, str], int] = defaultdict(int)
    households: dict[str, int] = defaultdict(int)
    for each in found:
        at_risk[ground.place(each.place), each.risk] += each.number
    for code, number in held.items():
        households[ground.place(code)] += number
    return hot_spots(at_risk, households)


def households_by_place(households: QuerySet[Household], area: Area, remembered_as: str) -> dict[str, int]:
    """Households by place; counting millions takes seconds, so the answer is kept for some minutes."""
    digits = FINE[area.level]
    key = f"households-by-part-{settings.HOME.path.name}-{remembered_as}-{digits}"
    held = cache.get(key)
    if held is None:
        grouped = households.order_by().annotate(part=Left("area_id", digits)).values_list("part")
        counted = grouped.annotate(number=Count("pk", distinct=households.query.distinct))
        held = {whole_code(part): number for part, number in counted}
        cache.set(key, held, KEPT_SECONDS)
    return dict(held)


def by_month(clues: QuerySet[Clue], last: date) -> Trend:
    """Clues by the month in which they were first found, dismissed and monitored ones included."""
    months = months_back(last, MONTHS)
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    grouped = clues.order_by().filter(opened_on__gte=months[0]).values_list("opened_on", "level")
    for day, level, number in grouped.annotate(number=Count("pk")):
        month = counts[day.replace(day=1)]
        month[level] = month.get(level, 0) + number
    return trend(counts, months)


def count_without_income(households: QuerySet[Household], remembered_as: str) -> int:
    """How many households the latest screening had no income for; kept for some minutes."""
    key = f"without-income-{settings.HOME.path.name}-{remembered_as}"
    count = cache.get(key)
    if count is None:
        count = households.order_by().filter(income_known=False).count()
        cache.set(key, count, KEPT_SECONDS)
    return int(count)


def flagged_households(clues: QuerySet[Clue], found: list[Found], remembered_as: str) -> int:
    """How many households the clues are about; counted anew when the clues by place, risk and level are others."""
    key = f"flagged-{settings.HOME.path.name}-{remembered_as}-{hash(tuple(found))}"
    number = cache.get(key)
    if number is None:
        number = clues.order_by().aggregate(number=Count(F("household_id"), distinct=True))["number"]
        cache.set(key, number, KEPT_SECONDS)
    return int(number)
