"""The numbers of the overview, from what was counted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet
from django.utils.timezone import localdate

from shouwang.areas.models import Area
from shouwang.areas.reading import standing_codes
from shouwang.clues.hotspots import HotSpot, hot_spots
from shouwang.clues.landscape import MONTHS, Counted, Month
from shouwang.clues.models import Clue, Level, RiskType
from shouwang.kernel.divisions import digits_below, whole_code
from shouwang.web.charts.trend import Trend, months_back, trend
from shouwang.web.places import below

LEVELS = tuple(Level.values)


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


def levels_in(clues: QuerySet[Clue]) -> QuerySet[Clue, tuple[str, int]]:
    """How many clues there are of each level, for `counted`."""
    return clues.order_by().values_list("level").annotate(number=Count("*"))


def counted(levels: Iterable[tuple[str, int]]) -> Counts:
    counts = Counts()
    for level, number in levels:
        counts.add(level, number)
    return counts


def levels_of(risks: Mapping[tuple[str, str], int]) -> Counts:
    """Clues by level, of those by risk type and level."""
    counts = Counts()
    for (_, level), number in risks.items():
        counts.add(level, number)
    return counts


def by_risk(risks: Mapping[tuple[str, str], int]) -> list[RiskRow]:
    """Clues by risk type, the most frequent first; types without a clue are left out."""
    counts: dict[str, Counts] = defaultdict(Counts)
    for (risk, level), number in risks.items():
        counts[risk].add(level, number)
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


def ground_of(area: Area, counted: Counted) -> Ground:
    codes = {*(place for place, _ in counted.levels), *counted.held}
    digits = digits_below(area.level)
    standing = standing_codes(codes | {whole_code(code[:digits]) for code in codes}, localdate())
    return Ground(area, below(area), standing)


def by_area(counted: Counted, ground: Ground, *, households_known: bool) -> list[AreaRow]:
    """The areas directly below with their clues and households, the most clues first."""
    counts: dict[str, Counts] = defaultdict(Counts)
    households: dict[str, int] = defaultdict(int)
    for (place, level), number in counted.levels.items():
        counts[ground.area_below(place)].add(level, number)
    for code, number in counted.held.items():
        households[ground.area_below(code)] += number
    rows = [
        AreaRow(area, counts.get(area.code, Counts()), households.get(area.code, 0) if households_known else None)
        for area in ground.below
    ]
    shown = [row for row in rows if row.counts.total or households.get(row.area.code)]
    return sorted(shown, key=lambda row: (-row.counts.total, row.area.code))


def hot_spots_in(counted: Counted, ground: Ground) -> list[HotSpot]:
    """Places where a risk is clearly more frequent than in the whole area, see `clues.hotspots`."""
    at_risk: dict[tuple[str, str], int] = defaultdict(int)
    households: dict[str, int] = defaultdict(int)
    for (place, risk), number in counted.at_risk.items():
        at_risk[ground.place(place), risk] += number
    for code, number in counted.held.items():
        households[ground.place(code)] += number
    return hot_spots(at_risk, households)


def trend_of(months: Mapping[Month, int], last: date) -> Trend:
    """Clues by the month in which they were first found, dismissed and monitored ones included."""
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    for (first, level), number in months.items():
        counts[first][level] = number
    return trend(counts, months_back(last, MONTHS))
