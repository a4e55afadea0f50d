"""How often something may be asked for without signing in. A limit closes the costly way alone, never the door: whoever meets
one may still report, with a verified telephone or by waiting for the desk to call, so nobody can shut somebody else out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from shouwang.accounts.patience import place_of
from shouwang.declarations.models import Allowance
from shouwang.kernel.keys import pseudonym

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEPT = timedelta(days=3)


@dataclass(frozen=True)
class Limit:
    """So many within each hour or day."""

    most: int
    within: timedelta


# A telephone gets few codes, so that nobody is flooded with them; an address may be that of a whole village's network.
LIMITS: Mapping[str, Limit] = {
    Allowance.What.CODE_TO_PHONE: Limit(6, DAY),
    Allowance.What.CODE_FROM_ADDRESS: Limit(60, HOUR),
    Allowance.What.UNVERIFIED_FROM_ADDRESS: Limit(20, HOUR),
    Allowance.What.UNVERIFIED_IN_VILLAGE: Limit(100, DAY),
    Allowance.What.OBJECTION_FROM_ADDRESS: Limit(10, HOUR),
    Allowance.What.OBJECTION_IN_VILLAGE: Limit(50, DAY),
    Allowance.What.LOOKED_UP: Limit(10, HOUR),
}


def key_of(kind: str, value: str) -> int:
    """A keyed digest of a telephone, an address or the like."""
    return pseudonym(settings.HOME.keys(), f"{kind}:{value}")


def phone_key(phone: str) -> int:
    return key_of("phone", phone)


def address_key(address: str) -> int:
    """Of an address; of IPv6 the network that one customer has."""
    return key_of("address", place_of(address).name)


@transaction.atomic
def use(what: Allowance.What, who: int, moment: datetime | None = None) -> bool:
    """Uses one of an allowance; False where it is used up. Counted under its lock, so that a hundred at once are a hundred."""
    limit, moment = LIMITS[what], moment or now()
    since = _beginning(moment, limit.within)
    row = Allowance.objects.get_or_create(what=what, who=who, since=since)[0]
    return bool(Allowance.objects.filter(pk=row.pk, used__lt=limit.most).update(used=F("used") + 1))


def is_left(what: Allowance.What, who: int, moment: datetime | None = None) -> bool:
    """Whether there is anything left of an allowance."""
    limit, moment = LIMITS[what], moment or now()
    used = Allowance.objects.filter(what=what, who=who, since=_beginning(moment, limit.within))
    return not used.filter(used__gte=limit.most).exists()


def _beginning(moment: datetime, within: timedelta) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if within == HOUR else whole.replace(hour=0)


def forget(moment: datetime) -> int:
    """Takes away what counts no more; returns how many rows."""
    return int(Allowance.objects.filter(since__lt=moment - KEPT).delete()[0])
