"""Areas as a person walks through them: within their scope, from their own area downwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import children, inside, path, prefixes
from shouwang.areas.tree import area_of, tree
from shouwang.proceedings.desks import standing

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Crumb:
    title: str
    url: str = ""


def area_for(user: User, code: str | None) -> tuple[Scope, Area | None]:
    """The scope of a user, and the area asked for or their widest one; None for a user without a post.

    Raises:
        Http404: no such area, or outside the user's scope.
    """
    scope = scope_of(user, localdate())
    if not code:
        return scope, scope.top_area
    try:
        area = area_of(code)
    except Area.DoesNotExist:
        raise Http404 from None
    if not _covers(scope, area):
        raise Http404
    return scope, area


def _covers(scope: Scope, area: Area) -> bool:
    """Whether all of the area lies within scope: its code shares the digits of one of the scope's prefixes."""
    return any(area.scope.startswith(prefix) for reach in scope.seeing for prefix in reach.prefixes) or any(
        area.pk == reach.area.pk for reach in scope.seeing
    )


def all_there_is(scope: Scope, area: Area | None) -> bool:
    """Whether an area is all that somebody's one post reaches: what is within their scope then need not be cut once more."""
    return area is not None and len(scope.seeing) == 1 and scope.top_area == area


def rows_inside(rows: QuerySet[M], area: Area | None, field: str = "area_id") -> QuerySet[M]:
    return rows.filter(inside(area, field)) if area else rows


def crumbs_to(scope: Scope, area: Area) -> list[Area]:
    """The area and those above it, as far up as the user may see."""
    return [each for each in path(area) if _covers(scope, each)]


@dataclass(frozen=True)
class Choosing:
    """A village being chosen by name, from the widest area downwards: the areas on the way, what stands below, the village."""

    path: tuple[Area, ...]
    below: tuple[Area, ...]
    village: Area | None


def choosing(tops: Iterable[Area], code: str) -> Choosing:
    """How far the choice of a village within some areas has come; where there is only one way it is gone by itself."""
    roots = sorted({each.pk: each for each in tops}.values(), key=lambda each: each.pk)
    inside_of = {root: tuple(prefixes(root)) for root in roots}
    chosen = tree().by_code.get(code)
    area = standing(code, localdate()) if chosen and any(code.startswith(each) for each in inside_of.values()) else None
    if area is None and not code and len(roots) == 1:
        area = roots[0]
    if area is None:
        return Choosing((), tuple(roots), None)
    while len(only := below(area)) == 1:
        area = only[0]
    line = [each for each in path(area) if any(each.pk.startswith(prefix) for prefix in inside_of.values())]
    return Choosing(tuple(line or roots), tuple(below(area)), area if area.level == Area.VILLAGE else None)


def below(area: Area) -> list[Area]:
    """The areas directly below, as they are today; none below a village."""
    return children(area, localdate()) if area.level < Area.VILLAGE else []
