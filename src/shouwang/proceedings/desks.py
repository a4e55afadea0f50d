"""The line of areas above a village, on whose desks matters lie, those that replaced ended ones included."""

from collections.abc import Iterable, Mapping
from datetime import date

from shouwang.areas.models import Area

Line = Mapping[int, Area]


def lines_of(codes: Iterable[str], on: date) -> dict[str, Line]:
    """By area code its own and all higher areas by level, as they stand on a day, in four queries for any number."""
    known = {area.pk: area for area in Area.objects.filter(level__lt=Area.VILLAGE)}
    wanted = set(codes)
    villages = wanted - known.keys()
    for start in range(0, len(villages), 500):
        known.update(Area.objects.in_bulk(sorted(villages)[start : start + 500]))
    return {code: _line(known[code], known, on) for code in wanted if code in known}


def line_of(area: Area, on: date) -> Line:
    return lines_of([area.pk], on)[area.pk]


def _line(area: Area, known: dict[str, Area], on: date) -> Line:
    line: dict[int, Area] = {}
    above: Area | None = area
    while above is not None:
        above = _standing(above, known, on)
        line.setdefault(above.level, above)
        above = _known(above.parent_id, known)
    return line


def _standing(area: Area, known: dict[str, Area], on: date) -> Area:
    """The area itself, or what replaced it; an area that ended without a successor stays."""
    while area.valid_to is not None and area.valid_to <= on:
        successor = _known(area.successor_id, known)
        if successor is None:
            return area
        area = successor
    return area


def _known(code: str | None, known: dict[str, Area]) -> Area | None:
    if code is not None and code not in known:
        known[code] = Area.objects.get(pk=code)
    return known[code] if code is not None else None
