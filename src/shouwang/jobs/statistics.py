"""Fills the statistics from the records of the casework, village by village, and sums them up to the city.

One statistic is one transaction: thrown away, counted anew by the database itself, summed up a level at a time, and noted
as filled. Stopped anywhere, the next run goes on with the statistics that lack the day. Steps may be written for a past
day, so every month is counted again.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, CharField, Count, DateField, F, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, TruncMonth

from shouwang.areas.models import Area
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.rows import insert_rows
from shouwang.proceedings.clocks import Clocks
from shouwang.statistics.declaration import Additive
from shouwang.statistics.declared import ADDITIVE
from shouwang.statistics.models import Cut, Figure, Filling

STOCK_MONTHS = 13  # this month and the same of last year, with all between
KEY = ("figure_area", "figure_month", "figure_of")
COLUMNS = ("statistic", "cut", "area", "month", "of", "value")


def fill(on: date, *, again: bool = False, progress: Callable[[int], None] = lambda _: None) -> int:
    """Brings every statistic up to a day; returns how many were filled. `progress` is told the percentage.

    What asks for a clock that the policy pack does not have stays empty, and the page says so.

    Args:
        again: also those that were filled on that day already.
    """
    done = {} if again else dict(Filling.objects.filter(on__gte=on).values_list("statistic", "on"))
    clocks = clocks_of(on)
    known = [each for each in ADDITIVE if each.span is None or each.span.clock in clocks.limits]
    waiting = [each for each in known if each.code not in done]
    for number, statistic in enumerate(waiting):
        progress(number * 100 // len(waiting))
        _fill(statistic, clocks, on)
    return len(waiting)


@transaction.atomic
def _fill(statistic: Additive, clocks: Clocks, on: date) -> None:
    Figure.objects.filter(statistic=statistic.code).delete()
    for day in _ends_of_months(on) if statistic.stock else [on]:
        _count(statistic, _placed(statistic, day, on), clocks, on)
    for level in (Area.TOWNSHIP, Area.COUNTY, Area.CITY):
        _sum_up(statistic, level, on)
    Filling.objects.update_or_create(statistic=statistic.code, defaults={"on": on})


def _count(statistic: Additive, rows: QuerySet[Any], clocks: Clocks, on: date) -> None:
    """Whole and by every cut; where the whole is nothing, so is every cut."""
    for cut in (Cut.WHOLE, *statistic.cuts):
        if statistic.span:
            _insert(statistic, cut, _that_kept_to(statistic, cut, rows, clocks, on))
        elif not _insert_counted(statistic, _counted(rows, cut, _named(statistic.cuts.get(cut)))) and not cut:
            return
    for cut in statistic.several:
        _insert(statistic, cut, _told_apart(statistic, cut, rows))


def _ends_of_months(on: date) -> list[date]:
    """The last days of the months whose stock is kept, the day itself for the last."""
    index = on.year * 12 + on.month - 1
    months = [(each // 12, each % 12 + 1) for each in range(index - STOCK_MONTHS + 1, index)]
    return [date(year, month, monthrange(year, month)[1]) for year, month in months] + [on]


def _placed(statistic: Additive, day: date, on: date) -> QuerySet[Any]:
    """What is counted, with the area and month under which it counts."""
    month = Value(day.replace(day=1), DateField()) if statistic.stock else TruncMonth(statistic.month)
    rows = statistic.rows(day).order_by()
    return rows.annotate(figure_area=standing(statistic.area, on), figure_month=Cast(month, DateField()))


def standing(path: str, on: date) -> Case:
    """The code of an area, or of the one that it was merged into by a day."""
    merged = {f"{path}__valid_to__lte": on, f"{path}__successor__isnull": False}
    return Case(When(**merged, then=F(f"{path}__successor_id")), default=F(f"{path}_id"), output_field=CharField())


def _named(expression: Any) -> Any:
    """The value of a cut as text; what has none counts in the whole alone, as nothing."""
    if expression is None:
        return Value("", CharField())
    column = F(expression) if isinstance(expression, str) else expression
    return Coalesce(column, Value(""), output_field=CharField())


def _counted(rows: QuerySet[Any], cut: Cut, of: Any) -> QuerySet[Any, Any]:
    grouped = rows.annotate(figure_cut=Value(cut.value, CharField()), figure_of=of).values("figure_cut", *KEY)
    return grouped.annotate(figure_value=Count("pk", distinct=True))


def _insert_counted(statistic: Additive, counted: QuerySet[Any, Any]) -> int:
    """Lets the database write what it counts; adds to what stands there already. Returns how many figures."""
    sql, given = counted.query.sql_with_params()
    table = connection.ops.quote_name(Figure._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (statistic, cut, area_id, month, of, value)"
            f" SELECT %s, figure_cut, figure_area, figure_month, figure_of, figure_value FROM ({sql}) AS counted WHERE 1 = 1"
            f" ON CONFLICT (area_id, cut, of, statistic, month) DO UPDATE SET value = {table}.value + excluded.value",
            [statistic.code, *given],
        )
        return int(cursor.rowcount)


def _insert(statistic: Additive, cut: Cut, counted: Counter[tuple[str, date, str]]) -> None:
    rows = ([statistic.code, cut.value, *key, value] for key, value in counted.items() if value)
    insert_rows(Figure, COLUMNS, rows)


def _that_kept_to(
    statistic: Additive, cut: Cut, rows: QuerySet[Any], clocks: Clocks, on: date
) -> Counter[tuple[str, date, str]]:
    """What kept to a clock: the policy pack and its calendar say what the last day was, so it is not the database's to say."""
    span = statistic.span
    assert span is not None
    one_by_one = rows.annotate(figure_of=_named(statistic.cuts.get(cut))).values("pk", *KEY)
    dated = one_by_one.annotate(figure_began=span.began, figure_ended=span.ended)
    found = Counter[tuple[str, date, str]]()
    told = dated.values_list(*KEY, "figure_began", "figure_ended", "pk")
    for area, month, of, began, ended, _ in told.iterator(chunk_size=5000):
        if began is not None and span.counts(began, ended, clocks.due(span.clock, began), on):
            found[area, month, of] += 1
    return found


def _told_apart(statistic: Additive, cut: Cut, rows: QuerySet[Any]) -> Counter[tuple[str, date, str]]:
    """Counts by a column that holds several values; rows that hold the same ones come as one."""
    column, values = statistic.several[cut]
    found = Counter[tuple[str, date, str]]()
    for area, month, held, number in _alike(rows, column):
        for value in values(held):
            found[area, month, value] += number
    return found


def _alike(rows: QuerySet[Any], column: str) -> Iterator[tuple[str, date, Any, int]]:
    grouped = rows.values("figure_area", "figure_month", column).annotate(figure_value=Count("pk"))
    yield from grouped.values_list("figure_area", "figure_month", column, "figure_value").iterator(chunk_size=5000)


def _sum_up(statistic: Additive, level: int, on: date) -> None:
    """The figures of a level from those of the level below; what an ended area had counts under its successor."""
    below = Figure.objects.filter(statistic=statistic.code, area__level=level + 1).order_by()
    placed = below.annotate(
        figure_cut=F("cut"), figure_area=standing("area__parent", on), figure_month=F("month"), figure_of=F("of")
    )
    _insert_counted(statistic, placed.values("figure_cut", *KEY).annotate(figure_value=Sum("value")))
