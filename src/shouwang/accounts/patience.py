"""Patience with wrong passwords and codes: whoever fails must wait, and nobody can make somebody else wait.

Failures count for a user name at one place: an address, or a browser that the user has logged in from before. Nothing
that happens at another place makes this one wait. Only when strangers fail on one name again and again (from many
addresses) does every place that the user has not logged in from get fewer free tries and longer waits: a guess from a
new address costs more, and still the owner's first try there is free.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from shouwang.accounts.models import LoginTry

FREE_FAILURES = 4
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
# From so many failures of strangers in a day on, places that are not known are met with caution.
MANY_FAILURES = 20
CAUTIOUS_FREE_FAILURES = 1
CAUTIOUS_FIRST_WAIT = timedelta(seconds=60)
LONGEST_CAUTIOUS_WAIT = timedelta(hours=4)
KNOWN = "device "


@dataclass(frozen=True)
class Place:
    """Where somebody tries from: `name` is an address, or a known device of the user."""

    name: str

    @property
    def is_known(self) -> bool:
        return self.name.startswith(KNOWN)


def place_of(address: str, known_device: int | None = None) -> Place:
    """A known device stands for itself; otherwise the address counts, of IPv6 the network that one customer has."""
    if known_device is not None:
        return Place(f"{KNOWN}{known_device}")
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return Place(address[:45])
    if parsed.version == 6:
        return Place(str(ipaddress.ip_network((parsed, 64), strict=False).network_address))
    return Place(str(parsed))


def waiting_seconds(
    username: str, place: Place, step: str = LoginTry.Step.PASSWORD, now: datetime | None = None
) -> int:
    """How long the name must still wait at the place; 0 when it is free to try."""
    now = now or timezone.now()
    tries = LoginTry.objects.filter(step=step, username=username[:150], last_at__gte=now - FORGOTTEN_AFTER)
    record = tries.filter(address=place.name).first()
    if record is None:
        return 0
    cautious = not place.is_known and _failures_of_strangers(tries.exclude(pk=record.pk)) >= MANY_FAILURES
    return max(0, round((record.last_at + _wait(record.failures, cautious) - now).total_seconds()))


def _failures_of_strangers(tries: QuerySet[LoginTry]) -> int:
    return tries.exclude(address__startswith=KNOWN).aggregate(all=Sum("failures"))["all"] or 0


def _wait(failures: int, cautious: bool) -> timedelta:
    """2, 4, 8 … seconds from the fifth failure on; with caution 1, 2, 4 … minutes from the first on."""
    if cautious:
        beyond = failures - CAUTIOUS_FREE_FAILURES
        return min(CAUTIOUS_FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_CAUTIOUS_WAIT) if beyond >= 0 else timedelta(0)
    beyond = failures - FREE_FAILURES
    return min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_WAIT) if beyond > 0 else timedelta(0)


@transaction.atomic
def take_a_try(username: str, place: Place, step: str = LoginTry.Step.PASSWORD) -> bool:
    """Counts a try as failed before anything is compared, so that a hundred at once are a hundred; False: must wait."""
    now = timezone.now()
    LoginTry.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    LoginTry.objects.get_or_create(
        step=step, username=username[:150], address=place.name, defaults={"last_at": now, "failures": 0}
    )
    record = LoginTry.objects.select_for_update().get(step=step, username=username[:150], address=place.name)
    if record.failures and waiting_seconds(username, place, step, now):
        return False
    record.failures += 1
    record.last_at = now
    record.save()
    return True


def forgive(username: str, place: Place, step: str = LoginTry.Step.PASSWORD) -> None:
    """The try was right: what failed before at this place is forgotten."""
    LoginTry.objects.filter(step=step, username=username[:150], address=place.name).delete()
