"""The division tree in memory: every page asks for some of its twelve thousand areas, and hardly anything changes them.

Whoever writes areas calls `forget`; saving or deleting one does so by itself. Another process knows of it after `KEPT_SECONDS`.
What comes from here is shared by all requests: it is read, and never saved.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.db.models.signals import post_delete, post_save

from shouwang.areas.models import Area

KEPT_SECONDS = 60


@dataclass(frozen=True)
class Tree:
    """All areas by code, in order of their codes; by code of an area those below it, and those that it replaced.

    `whole` is the code of the one area that has none above it; empty where there are several.
    """

    by_code: Mapping[str, Area]
    whole: str
    below: Mapping[str, Sequence[Area]]
    replaced: Mapping[str, Sequence[Area]]


_kept: tuple[float, Tree] | None = None


def tree() -> Tree:
    """The areas as they are, or were a minute ago."""
    global _kept
    kept = _kept
    if kept is None or kept[0] < monotonic():
        kept = _kept = (monotonic() + KEPT_SECONDS, _read())
    return kept[1]


def forget(**_: Any) -> None:
    """The next question reads the areas anew."""
    global _kept
    _kept = None


def area_of(code: str) -> Area:
    """Raises Area.DoesNotExist where there is none."""
    return tree().by_code.get(code) or Area.objects.get(pk=code)


def _read() -> Tree:
    below, replaced = defaultdict(list), defaultdict(list)
    every = {area.code: area for area in Area.objects.order_by("code")}
    for area in every.values():
        if area.parent_id is not None:
            area.parent = every[area.parent_id]
            below[area.parent_id].append(area)
        if area.successor_id is not None:
            replaced[area.successor_id].append(area)
    tops = [area.code for area in every.values() if area.parent_id is None]
    return Tree(every, tops[0] if len(tops) == 1 else "", dict(below), dict(replaced))


post_save.connect(forget, sender=Area, dispatch_uid="areas.tree")
post_delete.connect(forget, sender=Area, dispatch_uid="areas.tree")
