"""The doors through which pages reach clues: always by the user's scope."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.clues.models import Clue, ScreeningRun


def _own_matters(department: str) -> Q:
    return Q(owners__contains=f"|{department}|")


def clues_visible_to(user: User) -> QuerySet[Clue]:
    """Clues within the user's area, or on a desk there; a department sees those that rest on its own rows."""
    scope, clues = scope_of(user, localdate()), Clue.objects.select_related("household", "area", "desk")
    return scope.filter(clues, own_matters=_own_matters) | scope.filter(clues, "desk", own_matters=_own_matters)


def clue_visible_to(user: User, number: str) -> Clue:
    """Raises Clue.DoesNotExist outside the user's scope, as if there were none."""
    return clues_visible_to(user).get(number=number)


def screening_runs() -> QuerySet[ScreeningRun]:
    """Screenings that were carried to the end, the latest as-of day first."""
    return ScreeningRun.objects.filter(state=ScreeningRun.State.DONE)


def latest_as_of() -> date | None:
    """The day for which the desk speaks: that of the latest screening; None before the first."""
    return screening_runs().values_list("as_of", flat=True).first()
