"""The doors through which pages reach messages: those of one's own desks and one's own."""

from collections.abc import Iterable, Sized
from datetime import date, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from shouwang.accounts.duties import PERMISSIONS
from shouwang.accounts.models import User
from shouwang.accounts.scope import Reach, Scope, scope_of
from shouwang.kernel.divisions import whole_code
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
    return Q(area__in=_desks(reach), permission__in=PERMISSIONS[reach.duty], department=reach.department)


def _desks(reach: Reach) -> list[str]:
    return [whole_code(prefix) for prefix in reach.prefixes]


def message_for(user: User, pk: int, on: date) -> Message:
    """Raises Message.DoesNotExist for what lies on other desks."""
    return messages_for(user, on).get(pk=pk)


def unread_count(user: User, on: date, scope: Scope) -> int:
    """How many messages of the last weeks somebody has not read; one more than `MOST_COUNTED` means: still more.

    Every page asks this. It is `messages_for` in the words of the database, which takes a twentieth of the time that the
    same question takes to be composed.
    """
    condition, given = ["message.user_id = %s"], [user.pk]
    for reach in scope.reaches:
        areas, permissions = _desks(reach), sorted(PERMISSIONS[reach.duty])
        condition.append(
            f"message.area_id IN ({_places(areas)}) AND message.permission IN ({_places(permissions)})"
            " AND message.department = %s"
        )
        given += [*areas, *permissions, reach.department]
    sql = (
        f"SELECT count(*) FROM (SELECT 1 FROM {Message._meta.db_table} AS message"
        f' WHERE (({") OR (".join(condition)})) AND message."on" > %s AND NOT EXISTS (SELECT 1 FROM'
        f" {ReadMark._meta.db_table} AS mark WHERE mark.message_id = message.id AND mark.user_id = %s)"
        " LIMIT %s) AS recent"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*given, on - timedelta(days=COUNTED_DAYS), user.pk, MOST_COUNTED + 1])
        return int(cursor.fetchone()[0])


def _places(values: Sized) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


def mark_read(user: User, messages: Iterable[Message]) -> None:
    """Marks messages that the user may read; again changes nothing."""
    ReadMark.objects.bulk_create(
        [ReadMark(user=user, message=message) for message in messages], 500, ignore_conflicts=True
    )
