"""What lies on somebody's desks, and what is overdue below and has risen to them, for any kind of matter."""

from datetime import date

from django.db.models import Q

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Reach, Scope
from shouwang.proceedings.table import Lifecycle, Who

FOR_THE_DESK = (Who.DESK, Who.EITHER, Who.REACHING)


def to_do(lifecycle: Lifecycle, scope: Scope, on: date) -> Q:
    """The condition under which a matter of this kind is for somebody with these posts to act on, by a day."""
    found = risen_to(lifecycle, scope, on)
    for reach in scope.reaches:
        found |= _on_its_desk(lifecycle, reach)
    return found


def risen_to(lifecycle: Lifecycle, scope: Scope, on: date) -> Q:
    """The condition under which a matter of this kind is overdue and has risen to somebody's offices."""
    found = Q(pk__in=[])
    for reach in scope.holding(Permission.DISPATCH):
        risen = Q(stage__in=list(lifecycle.level_of), raised_to__lte=reach.area.level, due_on__lt=on)
        found |= reach.inside("desk_id") & risen
    return found


def _on_its_desk(lifecycle: Lifecycle, reach: Reach) -> Q:
    stages = {
        move.stage
        for move in lifecycle.moves
        if move.who in FOR_THE_DESK and move.action != "urge" and move.open_to(reach, reach.area)
    }
    waiting = [stage for stage in stages if stage in lifecycle.level_of]
    if not waiting:
        return Q(pk__in=[])
    here = Q(desk=reach.area, stage__in=waiting)
    return here & Q(department=reach.department) if reach.department else here
