"""The doors through which pages reach deliveries and uploads."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, Seen, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import within
from shouwang.exchange.models import Delivery, Upload


def _brought_in_for(scope: Scope) -> Q:
    """Deliveries that were brought in for an area within scope; those for the whole city belong to the city."""
    found = Q(pk__in=[])
    for reach in scope.holding(Permission.SEE_FILES):
        inside = reach.inside("area_id")
        if reach.area.level == Area.CITY:
            inside |= Q(area__isnull=True)
        if reach.department:
            inside &= Q(owner__contains=reach.department)
        found |= inside
    return found


def deliveries_visible_to(user: User) -> QuerySet[Delivery]:
    """City: all. County: those brought in for it or that speak of its households. Department: its own files of these.

    Townships and villages meet deliveries through their households' history, not as whole files.
    """
    scope = scope_of(user, localdate())
    found = _brought_in_for(scope)
    for reach in scope.holding(Permission.SEE_FILES):
        touched = reach.inside("counties__area_id")
        found |= touched & Q(owner__contains=reach.department) if reach.department else touched
    return Delivery.objects.filter(found).distinct()


def numbers_visible_to(user: User) -> set[int]:
    """The numbers of the visible deliveries."""
    return set(_numbers.ask(user))


_numbers = Seen(lambda user: deliveries_visible_to(user).values_list("number", flat=True))


def openable_by(user: User) -> QuerySet[Delivery]:
    """The deliveries whose quarantined rows somebody may read."""
    return Delivery.objects.filter(_brought_in_for(scope_of(user, localdate())))


def may_open_rows(user: User, delivery: Delivery) -> bool:
    """Whether quarantined rows and rows for review may be read: they name people anywhere in the file's area."""
    return openable_by(user).filter(pk=delivery.pk).exists()


def uploads_visible_to(user: User) -> QuerySet[Upload]:
    """One's own, and for city and county offices those brought in for an area within scope."""
    scope = scope_of(user, localdate())
    own = Q(user=user) if scope.can_upload else Q(pk__in=[])
    offices = [
        within(prefix, "area_id")
        for reach in scope.holding(Permission.UPLOAD)
        if not reach.department
        for prefix in reach.prefixes
    ]
    return Upload.objects.filter(reduce(or_, offices, own)).select_related("user")
