"""The line of areas above a village, on whose desks matters lie, those that replaced ended ones included."""

from collections.abc import Iterable, Mapping
from datetime import date

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.areas.tree import area_of

Line = Mapping[int, Area]

ACTING = {
    Area.CITY: Permission.DISPATCH,
    Area.COUNTY: Permission.DISPATCH,
    Area.TOWNSHIP: Permission.CONSENT,
    Area.VILLAGE: Permission.SUBMIT,
}
"""By level, what everybody who acts for the office there may do; a message for it reaches them all."""


def lines_of(codes: Iterable[str], on: date) -> dict[str, Line]:
    """By area code its own and all higher areas by level, as they stand on a day."""
    return {code: line_of(area_of(code), on) for code in set(codes)}


def line_of(area: Area, on: date) -> Line:
    """The area and all above it by level, as they stand on a day."""
    line: dict[int, Area] = {}
    above: Area | None = area
    while above is not None:
        above = _standing(above, on)
        line.setdefault(above.level, above)
        above = _above(above.parent_id)
    return line


def standing(code: str, on: date) -> Area:
    """The area of a code, or what replaced it by a day; one that ended without a successor itself."""
    return _standing(area_of(code), on)


def _standing(area: Area, on: date) -> Area:
    """The area itself, or what replaced it; an area that ended without a successor stays."""
    while area.valid_to is not None and area.valid_to <= on:
        successor = _above(area.successor_id)
        if successor is None:
            return area
        area = successor
    return area


def _above(code: str | None) -> Area | None:
    return area_of(code) if code is not None else None
