"""The doors through which pages reach exports, and what an export may hold."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import inside
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.outputs.models import Content, Export, State

ASKED_FOR: dict[str, Permission] = {
    Content.HOUSEHOLD_FORM: Permission.EXPORT,
    Content.CASE_REGISTER: Permission.PRINT_REGISTERS,
    Content.CLUE_REGISTER: Permission.PRINT_REGISTERS,
}
"""What is asked for on the page of exports, and with which permission. The others leave from pages of their own."""
ONE_BY_ONE: dict[str, Permission] = {Content.AMENDMENT_SHEET: Permission.EXPORT}
"""What is asked for beside the one thing that it holds."""


def exports_visible_to(user: User) -> QuerySet[Export]:
    """What somebody asked for, and what others asked for in the areas in which somebody decides."""
    found = Q(requested_by=user)
    for reach in scope_of(user, localdate()).holding(Permission.APPROVE_EXPORT):
        found |= reach.inside("area_id") & Q(identities=True)
    return Export.objects.filter(found).select_related("area", "requested_by", "decided_by")


def export_visible_to(user: User, pk: int) -> Export:
    """Raises Export.DoesNotExist where the user may not know of it, as if there were none."""
    return exports_visible_to(user).get(pk=pk)


def waiting_for(user: User) -> QuerySet[Export]:
    """What this user is to decide, the longest waiting first."""
    return (
        exports_visible_to(user)
        .filter(state=State.REQUESTED, identities=True)
        .exclude(requested_by=user)
        .order_by("pk")
    )


def may_ask_for(scope: Scope, content: str, area: Area) -> bool:
    """Whether a post, not one of a department, holds the permission over the whole area."""
    permission = ASKED_FOR.get(content) or ONE_BY_ONE.get(content)
    return permission is not None and any(
        not reach.department and reach.covers(area.scope) for reach in scope.holding(permission)
    )


def monitored(area: Area, on: date) -> QuerySet[Case]:
    """The cases of households of an area that were under monitoring by a day, those eliminated since included."""
    found = Case.objects.filter(inside(area), included_on__lte=on, stage__in=("included", "eliminated"))
    return found.select_related("household", "area").order_by("area_id", "household_id")


def clues_of(area: Area, on: date) -> QuerySet[Clue]:
    """The clues of an area that were there by a day and are not closed."""
    found = Clue.objects.filter(inside(area), opened_on__lte=on, state=Clue.State.OPEN)
    return found.select_related("household", "desk").defer("evidence", "flags").order_by("area_id", "number")
