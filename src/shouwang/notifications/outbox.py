"""What waits to go out of the system: tried, tried again later and later, and given up with the reason on the system page.

The rows are the queue. Whoever takes one moves its next try into the future in the same statement, so that two processes
never send at once, and one that is killed while sending is tried again.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F
from django.utils.timezone import now

from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.notifications import sms
from shouwang.notifications.channels import address_of, push
from shouwang.notifications.models import Sending

logger = logging.getLogger(__name__)
PAUSES = tuple(timedelta(seconds=each) for each in (20, 60, 300, 900, 3600, 4 * 3600))
"""Before each further try; after the last one it is given up."""
AT_ONCE = 50
TOLD_FOR, MOST_TOLD = timedelta(days=7), 20


def send_waiting(at: datetime | None = None) -> int:
    """Sends whatever is due; returns how many went out."""
    at = at or now()
    waiting = (
        Sending.objects.select_related("channel")
        .filter(state=Sending.State.WAITING, next_at__lte=at)
        .order_by("next_at", "pk")
    )
    return sum(_try(sending, at) for sending in list(waiting[:AT_ONCE]))


def _try(sending: Sending, at: datetime) -> bool:
    tries = sending.tries + 1
    mine = Sending.objects.filter(pk=sending.pk, state=Sending.State.WAITING, tries=sending.tries, next_at__lte=at)
    if not mine.update(tries=F("tries") + 1, next_at=at + PAUSES[min(tries, len(PAUSES)) - 1]):
        return False
    try:
        _send(sending)
    except ShouwangError as problem:
        given_up = tries > len(PAUSES)
        logger.warning("what is for %s could not be sent (try %s): %s", sending.shown, tries, problem.message)
        changes = {"state": Sending.State.FAILED, "sealed": b""} if given_up else {}
        Sending.objects.filter(pk=sending.pk).update(problem=problem.message[:300], **changes)
        return False
    Sending.objects.filter(pk=sending.pk).update(state=Sending.State.SENT, sealed=b"", problem="")
    return True


def _send(sending: Sending) -> None:
    """Raises ShouwangError where it did not go out; its message names neither number, words nor address."""
    sealed = settings.HOME.sealer().unseal(bytes(sending.sealed), sms.context_of_sending(sending.pk))
    if sending.channel is not None:
        push(address_of(sending.channel), *json.loads(sealed))
        return
    gateway = sms.gateway()
    if gateway is None:
        raise Failure("短信网关已停用")
    gateway.send(*json.loads(sealed))


@dataclass(frozen=True)
class Outgoing:
    """How sending goes, for the system page: how many wait, were sent or given up in the last days, and what is wrong."""

    counts: Mapping[str, int]
    troubled: list[Sending]


def outgoing(on: datetime) -> Outgoing:
    """The last week; the newest troubles first."""
    recent = Sending.objects.filter(made_at__gt=on - TOLD_FOR).order_by()
    counts = dict(recent.values_list("state").annotate(number=Count("pk")))
    troubled = recent.exclude(problem="").exclude(state=Sending.State.SENT).order_by("-pk")
    return Outgoing(counts, list(troubled[:MOST_TOLD]))
