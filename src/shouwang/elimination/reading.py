"""The doors through which pages reach eliminations: always by the user's scope. A department sees none."""

from django.db.models import QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.elimination.models import Elimination


def eliminations_visible_to(user: User) -> QuerySet[Elimination]:
    """Eliminations within the user's area, or on a desk there."""
    scope = scope_of(user, localdate())
    found = Elimination.objects.select_related("case__household", "area", "desk")
    return scope.filter(found) | scope.filter(found, "desk")


def elimination_visible_to(user: User, number: str) -> Elimination:
    """Raises Elimination.DoesNotExist outside the user's scope, as if there were none."""
    return eliminations_visible_to(user).get(number=number)
