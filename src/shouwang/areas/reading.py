"""Reading the division tree."""

from datetime import date

from django.db.models import F, Q, QuerySet

from shouwang.areas.models import Area


def valid_on(day: date) -> Q:
    """Areas that exist on a day; the last day of an area is the one before `valid_to`."""
    began = Q(valid_from__isnull=True) | Q(valid_from__lte=day)
    return began & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def children(area: Area, on: date) -> QuerySet[Area]:
    """The areas directly below on a day. What an ended area had below it stands under its successor."""
    parents = Q(parent=area) | Q(parent__successor=area, parent__valid_to__lte=on)
    return Area.objects.filter(parents).filter(valid_on(on)).order_by("code")


def path(area: Area) -> list[Area]:
    """The area and all above it, city first."""
    line, above = [area], area.parent
    while above is not None:
        line.insert(0, above)
        above = above.parent
    return line


def full_name(area: Area) -> str:
    """The names from the county down: 酉阳县 龙潭镇 五育村."""
    line = path(area)
    return " ".join(each.name for each in (line[1:] or line))


def full_names(codes: list[str]) -> dict[str, str]:
    """`full_name` for many areas, in two queries."""
    above = {code[:digits].ljust(12, "0") for code in codes for digits in (6, 9, 12)}
    names = dict(Area.objects.filter(code__in=above).values_list("code", "name"))
    return {
        code: " ".join(
            names[each]
            for each in dict.fromkeys(code[:digits].ljust(12, "0") for digits in (6, 9, 12))
            if each in names
        )
        or Area.objects.get(code=code).name
        for code in codes
    }


def prefixes(area: Area) -> list[str]:
    """The leading digits of every code within the area, those of the areas that it replaced included."""
    found, waiting = [], [area]
    while waiting:
        each = waiting.pop()
        found.append(each.scope)
        waiting.extend(each.predecessors.all())
    return sorted(found)


def within(prefix: str, field: str = "code") -> Q:
    """A condition on a code field that an index serves on every database: `prefix` ≤ code < the next prefix."""
    following = str(int(prefix) + 1)
    return Q(**{f"{field}__gte": prefix, f"{field}__lt": following})


def subtree(area: Area) -> QuerySet[Area]:
    """The area with everything below it."""
    condition = Q(pk=area.pk)
    for prefix in prefixes(area):
        condition |= within(prefix)
    return Area.objects.filter(condition).order_by("code")


def ended(on: date) -> QuerySet[Area]:
    """Areas that a change has ended by a day, with their successors."""
    return Area.objects.filter(valid_to__lte=on).annotate(successor_name=F("successor__name"))
