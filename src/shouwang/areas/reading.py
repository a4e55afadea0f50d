"""Reading the division tree."""

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet

from shouwang.areas.models import Area
from shouwang.areas.tree import area_of, tree
from shouwang.kernel.divisions import code_at


def valid_on(day: date) -> Q:
    """Areas that exist on a day; the last day of an area is the one before `valid_to`."""
    began = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return began & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def _stands(area: Area, on: date) -> bool:
    """`valid_on` for an area that is at hand."""
    return (area.valid_from is None or area.valid_from <= on) and not _ended(area, on)


def _ended(area: Area, on: date) -> bool:
    return area.valid_to is not None and area.valid_to <= on


def children(area: Area, on: date) -> list[Area]:
    """The areas directly below on a day, by code. What an ended area had below it stands under its successor."""
    divisions = tree()
    merged = [each for each in divisions.replaced.get(area.pk, ()) if _ended(each, on)]
    found = [each for above in (area, *merged) for each in divisions.below.get(above.pk, ())]
    return sorted((each for each in found if _stands(each, on)), key=lambda each: each.code)


def path(area: Area) -> list[Area]:
    """The area and all above it, city first."""
    line = [area]
    while (above := line[0].parent_id) is not None:
        line.insert(0, area_of(above))
    return line


def full_name(area: Area) -> str:
    """The names from the county down: 酉阳县 龙潭镇 五育村."""
    line = path(area)
    return " ".join(each.name for each in (line[1:] or line))


def full_names(codes: Iterable[str]) -> dict[str, str]:
    """`full_name` for many areas by code. Raises Area.DoesNotExist where there is no such area."""
    divisions = tree().by_code
    return {
        code: " ".join(
            divisions[each].name
            for each in dict.fromkeys(code_at(code, level) for level in (Area.COUNTY, Area.TOWNSHIP, Area.VILLAGE))
            if each in divisions
        )
        or area_of(code).name
        for code in codes
    }


def standing_codes(codes: Iterable[str], on: date) -> dict[str, str]:
    """Of these codes those of areas that were merged by a day: each with its successor's, under which it counts now."""
    divisions = tree().by_code
    found = (divisions[code] for code in codes if code in divisions)
    return {area.pk: area.successor_id for area in found if area.successor_id and _ended(area, on)}


def prefixes(area: Area) -> list[str]:
    """The leading digits of every code within the area, those of the areas that it replaced included."""
    found, waiting = [], [area]
    while waiting:
        each = waiting.pop()
        found.append(each.scope)
        waiting.extend(tree().replaced.get(each.pk, ()))
    return sorted(found)


def within(prefix: str, field: str = "code") -> Q:
    """A condition on a code field that an index serves on every database: `prefix` ≤ code < the next prefix."""
    following = str(int(prefix) + 1)
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": following})


def inside(area: Area, field: str = "area_id") -> Q:
    """Rows whose village lies within the area, those of the areas that it replaced included."""
    return reduce(or_, [within(prefix, field) for prefix in prefixes(area)])


def subtree(area: Area) -> QuerySet[Area]:
    """The area with everything below it."""
    condition = Q(pk=area.pk)
    for prefix in prefixes(area):
        condition |= within(prefix)
    return Area.objects.filter(condition).order_by("code")


def ended(on: date) -> QuerySet[Area]:
    """Areas that a change has ended by a day, with their successors."""
    return Area.objects.filter(valid_to__lte=on).annotate(successor_name=F("successor__name"))
