"""The doors through which pages reach figures: those of the user's own area and below; a department's by its own clues."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Min, Q, QuerySet, Sum

from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.statistics.declaration import Additive, Ratio, Statistic
from shouwang.statistics.declared import CONFIRMED, DECIDED, STATISTICS
from shouwang.statistics.models import Cut, Figure, Filling
from shouwang.statistics.precision import Precision, worst_first


@dataclass(frozen=True)
class Asked:
    """What figures are asked for: months (first days, in order) and one value of a cut."""

    months: tuple[date, ...]
    cut: Cut = Cut.WHOLE
    of: str = ""


@dataclass(frozen=True)
class Series:
    """The numbers of one area by additive statistic and month; what is missing was none."""

    months: tuple[date, ...]
    numbers: Mapping[tuple[str, date], int] = field(default_factory=dict)

    def at(self, statistic: Statistic, month: date) -> float | None:
        """The value of a month; of a ratio None where there is nothing to divide by."""
        return _value(statistic, lambda part: self.numbers.get((part.code, month), 0))

    def whole(self, statistic: Statistic) -> float | None:
        """The value of all months together; of a stock that of the last month."""
        return _value(statistic, self._total)

    def parts(self, ratio: Ratio) -> tuple[int, int]:
        """The two numbers behind a ratio, of all months together."""
        return self._total(ratio.part), self._total(ratio.whole)

    def _total(self, statistic: Additive) -> int:
        months = self.months[-1:] if statistic.stock else self.months
        return sum(self.numbers.get((statistic.code, month), 0) for month in months)


def _value(statistic: Statistic, number: Callable[[Additive], int]) -> float | None:
    if isinstance(statistic, Additive):
        return number(statistic)
    whole = number(statistic.whole)
    return 100 * number(statistic.part) / whole if whole else None


def open_to(scope: Scope, area: Area, asked: Asked) -> Asked | None:
    """What somebody may see of it in an area: everything, or what rests on their department's rows; None: nothing."""
    if scope.covers_fully(area.pk):
        return None if asked.cut == Cut.DEPARTMENT and not asked.of else asked
    for reach in scope.seeing:
        if reach.department and reach.covers(area.pk):
            return Asked(asked.months, Cut.DEPARTMENT, reach.department)
    return None


def statistics_by(cut: Cut) -> list[Statistic]:
    """The statistics that are told apart by a cut, in the order in which they are declared."""
    return [each for each in STATISTICS.values() if cut in each.all_cuts]


def series_of(area: Area, asked: Asked) -> Series:
    """All numbers of an area, one query."""
    rows = _figures(asked).filter(area=area).values_list("statistic", "month", "value")
    return Series(asked.months, {(statistic, month): value for statistic, month, value in rows})


def series_by_area(areas: Iterable[Area], statistics: Iterable[Statistic], asked: Asked) -> dict[str, Series]:
    """The numbers of some statistics for many areas by code, one query."""
    codes = [area.pk for area in areas]
    found: dict[str, dict[tuple[str, date], int]] = {code: {} for code in codes}
    rows = _figures(asked).filter(area__in=codes, statistic__in={code for each in statistics for code in each.codes})
    for code, name, month, value in rows.values_list("area_id", "statistic", "month", "value"):
        found[code][name, month] = value
    return {code: Series(asked.months, numbers) for code, numbers in found.items()}


def precision_in(area: Area, cut: Cut, only: Sequence[str] = ()) -> list[Precision]:
    """What verification found in an area up to today, the worst first: by rule, department or channel; one query."""
    wanted = Q(of__in=only) if only else Q()
    rows = (
        Figure.objects.filter(wanted, area=area, cut=cut, statistic__in=[DECIDED.code, CONFIRMED.code])
        .values_list("statistic", "of")
        .annotate(number=Sum("value"))
        .order_by()
    )
    found: dict[str, dict[str, int]] = {DECIDED.code: {}, CONFIRMED.code: {}}
    for statistic, of, number in rows:
        if of:
            found[statistic][of] = number
    return worst_first(found[DECIDED.code], found[CONFIRMED.code])


def filled_up_to() -> date | None:
    """The day for which every statistic speaks; None before the first filling is whole."""
    return Filling.objects.aggregate(on=Min("on"))["on"]


def _figures(asked: Asked) -> QuerySet[Figure]:
    return Figure.objects.filter(
        cut=asked.cut, of=asked.of, month__gte=asked.months[0], month__lte=asked.months[-1]
    ).order_by()
