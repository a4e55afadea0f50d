"""The doors through which pages reach defects: always by the user's scope. A department sees none."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.reading import within
from shouwang.defects.models import Defect, QualityCheck
from shouwang.households.models import Person


def defects_visible_to(user: User) -> QuerySet[Defect]:
    return scope_of(user, localdate()).filter(Defect.objects.select_related("household", "area"))


def defects_to_export(user: User) -> QuerySet[Defect]:
    """The visible defects within the posts that may take lists out."""
    holding = Scope(scope_of(user, localdate()).holding(Permission.EXPORT))
    return holding.filter(Defect.objects.select_related("household", "area"))


def defects_to_mend(user: User) -> QuerySet[Defect]:
    """The defects of the villages whose households the user registers, the worst first."""
    places = [
        within(prefix, "area_id")
        for reach in scope_of(user, localdate()).holding(Permission.SUBMIT)
        for prefix in reach.prefixes
    ]
    found = Defect.objects.select_related("household", "area")
    return found.filter(reduce(or_, places, Q(pk__in=[]))) if places else found.none()


def names_in(defects: Iterable[Defect]) -> dict[int, str]:
    """The names of the members whom defects that the caller may show are about, by key."""
    keys = {each.person_key for each in defects if each.person_key}
    return dict(Person.objects.filter(key__in=keys).values_list("key", "name")) if keys else {}


def last_check() -> QualityCheck | None:
    """The check of which the defects are the result; None before the first."""
    return QualityCheck.objects.first()
