"""The doors through which pages reach cases: always by the user's scope. A department sees none."""

from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Seen, scope_of
from shouwang.areas.reading import within
from shouwang.cases.flow import CASES, IN_HAND
from shouwang.cases.models import Case, CasePhoto, Notice, Stage
from shouwang.clues.models import Action as ClueAction
from shouwang.clues.models import Clue
from shouwang.households.models import Household
from shouwang.questions import Blank

# The day from which "from the first clue" counts: on which one came to a desk. A screening for an earlier day finds what
# nobody could know before.
FIRST_CLUE = Coalesce(Min("clues__clue__steps__on"), Min("clues__clue__opened_on"))


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Cases within the user's area, or on a desk there."""
    scope, cases = scope_of(user, localdate()), Case.objects.select_related("household", "area", "desk")
    return scope.filter(cases, "area", "desk")


def case_visible_to(user: User, number: str) -> Case:
    """Raises Case.DoesNotExist outside the user's scope, as if there were none."""
    return _seen.get(user, number=number)


_seen = Seen(lambda user: cases_visible_to(user).filter(number=Blank("number")))


def case_about(user: User, clue: Clue) -> Case | None:
    """The first case about a clue; None where there is none that the user may see."""
    return next(iter(_about.ask(user, clue=clue.pk)), None)


_about = Seen(lambda user: cases_visible_to(user).filter(clues__clue=Blank("clue")).order_by("pk"))


def case_photo_visible_to(user: User, name: str) -> CasePhoto:
    """Raises CasePhoto.DoesNotExist for a photo of a case outside the user's scope."""
    seen = cases_visible_to(user).values("pk")
    return CasePhoto.objects.select_related("case").get(name=name, case__in=seen)


def notices_visible_to(user: User) -> QuerySet[Notice]:
    """Notices of the cases within the user's scope."""
    found = Notice.objects.select_related("case__area__parent", "case__household")
    return found.filter(case__in=cases_visible_to(user).values("pk"))


def notice_visible_to(user: User, pk: int) -> Notice:
    """Raises Notice.DoesNotExist outside the user's scope, as if there were none."""
    return notices_visible_to(user).get(pk=pk)


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


def has_ended(household: Household, risk: str) -> bool:
    """Whether what once followed from the same question has ended, so that it is asked anew: the household was not included, or
    its risk was eliminated."""
    latest = Clue.objects.filter(household=household, risk_type=risk).order_by("-pk").first()
    case = Case.objects.filter(clues__clue=latest).order_by("-pk").first() if latest else None
    return case is not None and case.stage in (Stage.REFUSED, Stage.ELIMINATED)


def is_helped_first(clue: Clue) -> bool:
    """Whether help came first because of this very clue."""
    return clue.steps.filter(action=ClueAction.HELP_FIRST).exists()
