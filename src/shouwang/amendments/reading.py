"""The doors through which pages reach amendments."""

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.areas.reading import path, within


def amendments_visible_to(user: User) -> QuerySet[Amendment]:
    """What the user's office and the offices below and above it have proposed: a county sees the city's, not a sibling's."""
    seen = Q(pk__in=[])
    for reach in scope_of(user, localdate()).holding(Permission.PROPOSE_POLICY):
        seen |= Q(area__in=path(reach.area))
        for prefix in reach.prefixes:
            seen |= within(prefix, "area_id")
    return Amendment.objects.filter(seen).select_related("area", "proposed_by", "decided_by")


def amendment_visible_to(user: User, pk: int) -> Amendment:
    """Raises Amendment.DoesNotExist where the user may not know of it, as if there were none."""
    return amendments_visible_to(user).get(pk=pk)


def waiting_for(user: User) -> QuerySet[Amendment]:
    """What this user is to decide: proposed by somebody else, the longest waiting first."""
    prefixes = [
        prefix for reach in scope_of(user, localdate()).holding(Permission.DECIDE_POLICY) for prefix in reach.prefixes
    ]
    inside = Q(pk__in=[])
    for prefix in prefixes:
        inside |= within(prefix, "area_id")
    return Amendment.objects.filter(inside, state=Amendment.State.PROPOSED).exclude(proposed_by=user).order_by("pk")


def latest_whatif(amendment: Amendment) -> WhatIf | None:
    """The last one that was asked for, finished or not."""
    return amendment.whatifs.select_related("asked_by").first()
