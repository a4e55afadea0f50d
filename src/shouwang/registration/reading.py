"""The doors through which pages reach requests: always by the user's scope. A department sees none."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Seen, scope_of
from shouwang.households.models import Household
from shouwang.questions import Blank, Question
from shouwang.registration.flow import IN_HAND, REQUESTS
from shouwang.registration.models import RecordedFact, RegisterRequest, RequestAction, RequestStage

ENDED_WITHOUT = (RequestStage.REFUSED, RequestStage.WITHDRAWN)


def requests_visible_to(user: User) -> QuerySet[RegisterRequest]:
    """Requests about households within the user's area, or on a desk there, or that moved there."""
    scope = scope_of(user, localdate())
    found = RegisterRequest.objects.select_related("household", "area", "desk", "to_area", "into")
    return scope.filter(found, "area", "desk", "to_area")


def request_visible_to(user: User, number: str) -> RegisterRequest:
    """Raises RegisterRequest.DoesNotExist outside the user's scope, as if there were none."""
    return requests_visible_to(user).get(number=number)


def requests_to_do(user: User, on: date) -> QuerySet[RegisterRequest]:
    """What lies on the desks of somebody, and what is overdue below and has risen to them; soonest first."""
    found = Q(pk__in=[])
    for reach in scope_of(user, on).reaches:
        own = {move.stage for move in REQUESTS.moves if move.stage in IN_HAND and move.open_to(reach, reach.area)}
        here = [stage for stage in own if REQUESTS.level_of[stage] == reach.area.level]
        found |= Q(desk=reach.area, stage__in=here)
        if reach.may(Permission.DISPATCH):
            inside = reach.inside("desk_id")
            found |= inside & Q(stage__in=IN_HAND, raised_to__lte=reach.area.level, due_on__lt=on)
    return RegisterRequest.objects.filter(found).select_related("household", "desk").order_by("due_on", "number")


def requests_of(user: User, household: Household) -> list[RegisterRequest]:
    """The requests about a household, and those that merged another into it or made it by a split; the latest first."""
    return _about.ask(user, household=household.pk)


def _requests_about(user: User) -> QuerySet[RegisterRequest]:
    about = Q(household=Blank("household")) | Q(into=Blank("household")) | Q(new_no=Blank("household"))
    return requests_visible_to(user).filter(about).order_by("-proposed_on", "-pk")


_about = Seen(_requests_about)


def facts_about(household: Household) -> list[RecordedFact]:
    """What people wrote down about a household that the caller has found to be open to the user, the oldest first."""
    return _facts.ask(household=household.pk)


_facts = Question(
    lambda: RecordedFact.objects.filter(household=Blank("household")).select_related("recorded_by").order_by("pk")
)


def requests_to_hand_over(user: User, on: date) -> QuerySet[RegisterRequest]:
    """The agreed requests on the desks of counties for which the user delivers."""
    move = REQUESTS.move_of(RequestStage.AGREED, RequestAction.HAND_OVER)
    assert move is not None
    desks = [each.area for each in scope_of(user, on).reaches if move.open_to(each, each.area)]
    return RegisterRequest.objects.filter(stage=RequestStage.AGREED, desk__in=desks).order_by("number")
