"""The doors through which pages reach eliminations: always by the user's scope. A department sees none."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.cases.models import Case, Notice
from shouwang.cases.models import Stage as CaseStage
from shouwang.elimination.flow import ELIMINATIONS, IN_HAND, ON_THE_WAY_OUT
from shouwang.elimination.models import ConditionCheck, Elimination, Posting, Stage
from shouwang.questions import Blank, Question


def eliminations_visible_to(user: User) -> QuerySet[Elimination]:
    """Eliminations within the user's area, or on a desk there."""
    scope = scope_of(user, localdate())
    found = Elimination.objects.select_related("case__household", "area", "desk")
    return scope.filter(found, "area", "desk")


def elimination_visible_to(user: User, number: str) -> Elimination:
    """Raises Elimination.DoesNotExist outside the user's scope, as if there were none."""
    return eliminations_visible_to(user).get(number=number)


def eliminations_of(case: Case) -> list[Elimination]:
    """Those of a case that the caller has found to be open to the user, the latest first."""
    return _of_case.ask(case=case.pk)


_of_case = Question(lambda: Elimination.objects.filter(case=Blank("case")))


def eliminations_to_do(user: User, on: date) -> QuerySet[Elimination]:
    """What lies on the desks of somebody, and what is overdue below and has risen to them; soonest first."""
    found = Q(pk__in=[])
    for reach in scope_of(user, on).reaches:
        own = {move.stage for move in ELIMINATIONS.moves if move.stage in IN_HAND and move.open_to(reach, reach.area)}
        here = [stage for stage in own if ELIMINATIONS.level_of[stage] == reach.area.level]
        found |= Q(desk=reach.area, stage__in=here)
        if reach.may(Permission.DISPATCH):
            inside = reach.inside("desk_id")
            found |= inside & Q(stage__in=IN_HAND, raised_to__lte=reach.area.level, due_on__lt=on)
    return Elimination.objects.filter(found).select_related("case__household", "desk").order_by("due_on", "number")


def eliminations_to_post_up(user: User) -> QuerySet[Elimination]:
    """Those whose publicity or announcement is to be posted up, soonest first."""
    hanging = Posting.objects.filter(
        elimination=OuterRef("pk"), notice__kind=Notice.Kind.ELIMINATION_PUBLICITY, notice__taken_down_on=None
    )
    waiting = eliminations_visible_to(user).filter(stage__in=[Stage.PUBLICITY, Stage.ANNOUNCEMENT])
    return waiting.exclude(Exists(hanging), stage=Stage.PUBLICITY).order_by("due_on", "number")


def checks_visible_to(user: User) -> QuerySet[ConditionCheck]:
    """What the last check found about the monitored households in scope that are not on their way out already."""
    under_way = Elimination.objects.filter(case=OuterRef("case"), stage__in=ON_THE_WAY_OUT)
    monitored = ConditionCheck.objects.filter(~Exists(under_way), case__stage=CaseStage.INCLUDED)
    return scope_of(user, localdate()).filter(monitored.select_related("case__household", "case__area"), "case__area")


def candidates_visible_to(user: User) -> QuerySet[ConditionCheck]:
    """Those of them for which no condition stands against an elimination."""
    return checks_visible_to(user).filter(unfulfilled=0, no_labour=False)
