"""The doors through which pages reach messages: those of one's own desks and one's own."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from shouwang.accounts.duties import PERMISSIONS
from shouwang.accounts.models import User
from shouwang.accounts.scope import Reach, Scope, scope_of
from shouwang.notifications.models import Message, ReadMark

COUNTED_DAYS = 60
"""What nobody opened for so long no longer counts as news."""
MOST_COUNTED = 99


def messages_for(user: User, on: date, scope: Scope | None = None) -> QuerySet[Message]:
    """The messages of the desks at which somebody sits on a day, and their own; each with whether it is `unread`."""
    found = Q(user=user)
    for reach in (scope or scope_of(user, on)).reaches:
        found |= _at(reach)
    marks = ReadMark.objects.filter(user=user, message=OuterRef("pk"))
    return Message.objects.filter(found).annotate(unread=~Exists(marks))


def _at(reach: Reach) -> Q:
    """The desk of a post; what was told to an area that this one replaced lies there too."""
    areas = [prefix.ljust(12, "0") for prefix in reach.prefixes]
    return Q(area__in=areas, permission__in=PERMISSIONS[reach.duty], department=reach.department)


def message_for(user: User, pk: int, on: date) -> Message:
    """Raises Message.DoesNotExist for what lies on other desks."""
    return messages_for(user, on).get(pk=pk)


def unread_count(user: User, on: date, scope: Scope) -> int:
    """How many messages of the last weeks somebody has not read; one more than `MOST_COUNTED` means: still more."""
    recent = messages_for(user, on, scope).filter(unread=True, on__gt=on - timedelta(days=COUNTED_DAYS))
    return recent.order_by()[: MOST_COUNTED + 1].count()


def mark_read(user: User, messages: Iterable[Message]) -> None:
    """Marks messages that the user may read; again changes nothing."""
    ReadMark.objects.bulk_create(
        [ReadMark(user=user, message=message) for message in messages], 500, ignore_conflicts=True
    )
