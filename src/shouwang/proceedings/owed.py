"""What an office or a village owes by a day without its being a matter of its own: a visit, a measure, the first help.

It has no stage and takes no steps, so its way up is computed from its last day alone: told a level higher on the day after
that, and again as matters are (`Clocks.rises_again`). Each app declares its own in a module `dues` (`DUES`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.module_loading import module_has_submodule

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.kernel.divisions import whole_code
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import ACTING


@dataclass(frozen=True)
class Due:
    """`owed` gives the rows that are still owed; `day` is their field of the last day, `desk` the one of who owes it, `urged`
    that of the day which an office above has set since it is late: up to then it has risen to nobody."""

    title: Any
    owed: Callable[[], QuerySet[Any]]
    day: str
    desk: str
    urged: str

    def late(self, on: date) -> QuerySet[Any]:
        """What is owed and past its last day, the longest first."""
        return self.owed().filter(**{f"{self.day}__lt": on}).order_by(self.day, "pk")

    def of_desks(self, scope: Scope, until: date) -> QuerySet[Any]:
        """What somebody's own offices and villages owe by a day, those that were merged into them too; soonest first."""
        acting = [each for each in scope.reaches if not each.department and each.may(ACTING[each.area.level])]
        own = [whole_code(prefix) for each in acting for prefix in each.prefixes]
        return self.owed().filter(**{f"{self.desk}__in": own, f"{self.day}__lte": until}).order_by(self.day, "pk")

    def risen_to(self, scope: Scope, clocks: Clocks, on: date) -> QuerySet[Any]:
        """What is overdue below somebody's offices and has risen to them by a day."""
        latest, found = latest_risen(clocks, on), Q(pk__in=[])
        for reach in scope.holding(Permission.DISPATCH):
            inside = reach.inside(f"{self.desk}_id")
            for levels, day in enumerate(latest, 1):
                if (below := reach.area.level + levels) <= Area.VILLAGE:
                    found |= inside & Q(**{f"{self.desk}__level": below, f"{self.day}__lte": day})
        return self.owed().filter(found & self.pressing(on))

    def pressing(self, on: date) -> Q:
        """Of what is late that for which nobody has set a day that is still ahead."""
        return Q(**{f"{self.urged}__isnull": True}) | Q(**{f"{self.urged}__lt": on})

    def late_below(self, scope: Scope, on: date) -> QuerySet[Any]:
        """What presses and is owed by somebody below the offices of a user, who may urge them."""
        found = Q(pk__in=[])
        for reach in scope.holding(Permission.DISPATCH):
            inside = reach.inside(f"{self.desk}_id")
            found |= inside & Q(**{f"{self.desk}__level__gt": reach.area.level})
        return self.late(on).filter(found & self.pressing(on))


@cache
def dues() -> Sequence[Due]:
    """Everything that is owed, of every app."""
    with_some = [each for each in apps.get_app_configs() if module_has_submodule(each.module, "dues")]
    return tuple(due for each in with_some for due in import_module(f"{each.name}.dues").DUES)


def latest_risen(clocks: Clocks, on: date) -> list[date]:
    """For one, two and three levels: the latest last day that has been told so many levels higher by a day."""
    found, due = [], on - timedelta(days=1)
    for levels in range(1, Area.VILLAGE):
        while _told(clocks, due, levels) > on:
            due -= timedelta(days=1)
        found.append(due)
    return found


def _told(clocks: Clocks, due: date, levels: int) -> date:
    """The day on which what is due on a day is told so many levels higher."""
    day = clocks.rises_after(due)
    for _ in range(levels - 1):
        day = clocks.rises_again(day)
    return day
