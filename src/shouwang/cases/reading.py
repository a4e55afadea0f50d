"""The doors through which pages reach cases: always by the user's scope. A department sees none."""

from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import within
from shouwang.cases.flow import CASES, IN_HAND
from shouwang.cases.models import Case


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Cases within the user's area, or on a desk there."""
    scope, cases = scope_of(user, localdate()), Case.objects.select_related("household", "area", "desk")
    return scope.filter(cases) | scope.filter(cases, "desk")


def case_visible_to(user: User, number: str) -> Case:
    """Raises Case.DoesNotExist outside the user's scope, as if there were none."""
    return cases_visible_to(user).get(number=number)


def cases_to_do(user: User, on: date) -> QuerySet[Case]:
    """What lies on the desks of somebody, and what is overdue below and has risen to them; soonest first."""
    found = Q(pk__in=[])
    for reach in scope_of(user, on).reaches:
        own = {move.stage for move in CASES.moves if move.stage in IN_HAND and move.open_to(reach, reach.area)}
        here = [stage for stage in own if CASES.level_of[stage] == reach.area.level]
        found |= Q(desk=reach.area, stage__in=here)
        if reach.may(Permission.DISPATCH):
            inside = reduce(or_, [within(prefix, "desk_id") for prefix in reach.prefixes])
            found |= inside & Q(stage__in=IN_HAND, raised_to__lte=reach.area.level, due_on__lt=on)
    return Case.objects.filter(found).select_related("household", "desk").order_by("due_on", "number")
