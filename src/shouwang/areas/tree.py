"""The division tree in memory: every page asks for some of its twelve thousand areas, and hardly anything changes them.

Whoever writes areas calls `forget`; saving or deleting one does so by itself. Another process knows of it after `KEPT_SECONDS`:
it then looks through the rows, one thread for all, and makes the tree anew where one of them is another.
What comes from here is shared by all requests: it is read, and never saved.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from time import monotonic
from typing import Any

from django.db import connection
from django.db.models.signals import post_delete, post_save

from shouwang.areas.models import Area

KEPT_SECONDS = 60


@dataclass(frozen=True)
class Tree:
    """All areas by code, in order of their codes; by code of an area those below it, and those that it replaced.

    `whole` is the code of the one area that has none above it; empty where there are several. `number` is another where a row
    is: whoever keeps what follows from the areas keeps it by that.
    """

    by_code: Mapping[str, Area]
    whole: str
    below: Mapping[str, Sequence[Area]]
    replaced: Mapping[str, Sequence[Area]]
    rows: Sequence[tuple[Any, ...]]
    number: int


_kept: tuple[float, Tree] | None = None
_looking, _numbers = Lock(), count()


def tree() -> Tree:
    """The areas as they are, or were a minute ago."""
    global _kept
    kept = _kept
    if kept is None:
        kept = _kept = (monotonic() + KEPT_SECONDS, _read())
    elif kept[0] < monotonic() and _looking.acquire(blocking=False):
        try:
            kept = _kept = (monotonic() + KEPT_SECONDS, _read(kept[1]))
        finally:
            _looking.release()
    return kept[1]


def forget(**_: Any) -> None:
    """The next question reads the areas anew."""
    global _kept
    _kept = None


def area_of(code: str) -> Area:
    """Raises Area.DoesNotExist where there is none."""
    return tree().by_code.get(code) or Area.objects.get(pk=code)


def _read(known: Tree | None = None) -> Tree:
    """The tree as the rows say; the known one where they are the same."""
    names = [field.attname for field in Area._meta.concrete_fields]
    rows = list(Area.objects.order_by("code").values_list(*names))
    if known is not None and rows == known.rows:
        return known
    below, replaced = defaultdict(list), defaultdict(list)
    every = {area.code: area for area in (Area.from_db(connection.alias, names, row) for row in rows)}
    for area in every.values():
        if area.parent_id is not None:
            area.parent = every[area.parent_id]
            below[area.parent_id].append(area)
        if area.successor_id is not None:
            replaced[area.successor_id].append(area)
    tops = [area.code for area in every.values() if area.parent_id is None]
    return Tree(every, tops[0] if len(tops) == 1 else "", dict(below), dict(replaced), rows, next(_numbers))


post_save.connect(forget, sender=Area, dispatch_uid="areas.tree")
post_delete.connect(forget, sender=Area, dispatch_uid="areas.tree")
