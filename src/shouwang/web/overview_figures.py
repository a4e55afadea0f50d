"""The numbers of the overview: each one query whose cost does not grow with the number of areas."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Left, TruncMonth

from shouwang.areas.models import Area
from shouwang.clues.models import Clue, Level, RiskType, ScreeningRun
from shouwang.households.models import Household
from shouwang.jobs.coverage import households_with_income
from shouwang.web.charts.trend import Trend, months_back, trend
from shouwang.web.places import below, digits_below, standing_codes

LEVELS = tuple(Level.values)
MONTHS = 12
KEPT_SECONDS = 600


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


def by_level(clues: QuerySet[Clue]) -> Counts:
    counts = Counts()
    for level, number in clues.order_by().values_list("level").annotate(number=Count("pk")):
        counts.add(level, number)
    return counts


def by_risk(clues: QuerySet[Clue]) -> list[RiskRow]:
    """Clues by risk type, the most frequent first; types without a clue are left out."""
    found: dict[str, Counts] = defaultdict(Counts)
    for risk, level, number in clues.order_by().values_list("risk_type", "level").annotate(number=Count("pk")):
        found[risk].add(level, number)
    rows = [RiskRow(code, RiskType(code).label, counts) for code, counts in found.items()]
    return sorted(rows, key=lambda row: (-row.counts.total, row.code))


def by_area(clues: QuerySet[Clue], households: QuerySet[Household], area: Area, remembered_as: str) -> list[AreaRow]:
    """The areas directly below with their clues and households, the most clues first."""
    areas = below(area)
    digits = digits_below(area)
    found: dict[str, Counts] = defaultdict(Counts)
    grouped = clues.order_by().annotate(part=Left("area_id", digits)).values_list("part", "level")
    for part, level, number in grouped.annotate(number=Count("pk")):
        found[part.ljust(12, "0")].add(level, number)
    held = _households_by_part(households, digits, remembered_as)
    merged = standing_codes({*found, *held})
    for old, new in merged.items():
        if new not in {each.code for each in areas}:
            continue
        for level, number in found.pop(old, Counts()).by_level.items():
            found[new].add(level, number)
        held[new] = held.get(new, 0) + held.pop(old, 0)
    rows = [AreaRow(each, found.get(each.code, Counts()), held.get(each.code, 0)) for each in areas]
    shown = [row for row in rows if row.counts.total or row.households]
    return sorted(shown, key=lambda row: (-row.counts.total, row.area.code))


def _households_by_part(households: QuerySet[Household], digits: int, remembered_as: str) -> dict[str, int]:
    """Households by area; counting millions takes seconds, so the answer is kept for some minutes."""
    key = f"households-by-part-{settings.HOME.path.name}-{remembered_as}-{digits}"
    held = cache.get(key)
    if held is None:
        grouped = households.order_by().annotate(part=Left("area_id", digits)).values_list("part")
        counted = grouped.annotate(number=Count("pk", distinct=households.query.distinct))
        held = {part.ljust(12, "0"): number for part, number in counted}
        cache.set(key, held, KEPT_SECONDS)
    return dict(held)


def by_month(clues: QuerySet[Clue], last: date) -> Trend:
    """Clues by the month in which they were first found, dismissed and monitored ones included."""
    months = months_back(last, MONTHS)
    counts: dict[date, dict[str, int]] = defaultdict(dict)
    grouped = clues.order_by().filter(opened_on__gte=months[0]).annotate(month=TruncMonth("opened_on"))
    for month, level, number in grouped.values_list("month", "level").annotate(number=Count("pk")):
        counts[month][level] = number
    return trend(counts, months)


def without_income(households: QuerySet[Household], run: ScreeningRun) -> list[str]:
    """Numbers of the households that the latest screening had no income for, in order."""
    known = households_with_income(settings.HOME, run.as_of, run.known_at)
    numbers = households.order_by("household_no").values_list("household_no", flat=True)
    return [number for number in numbers.iterator() if number not in known]


def count_without_income(households: QuerySet[Household], run: ScreeningRun, remembered_as: str) -> int:
    """How many those are; kept for some minutes, for it goes over every household."""
    key = f"without-income-{settings.HOME.path.name}-{run.pk}-{remembered_as}"
    count = cache.get(key)
    if count is None:
        count = len(without_income(households, run))
        cache.set(key, count, KEPT_SECONDS)
    return count


def flagged_households(clues: QuerySet[Clue]) -> int:
    """How many households the clues are about."""
    return clues.order_by().aggregate(number=Count(F("household_id"), distinct=True))["number"]
