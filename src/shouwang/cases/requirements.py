"""What the policy pack asks of an identification on a day."""

from dataclasses import dataclass
from decimal import Decimal

from shouwang.proceedings.clocks import Clocks

GREEN_CHANNEL = "green_channel"


@dataclass(frozen=True)
class Requirements(Clocks):
    """`publicity_days`: how many natural days a notice stands at least, the day of posting not counted; `line`: the
    monitoring line in yuan a head and year; how many pictures of the signed consent and of a notice there must be; for which
    risk types help may come before the procedure; `review_share`: the part of those present of whom more must vote for a household;
    `lifted_types`: the types of households that were poor once (脱贫户)."""

    publicity_days: int
    line: Decimal
    consent_photos: int
    notice_photos: int
    green_channel_risks: tuple[str, ...]
    review_share: Decimal
    lifted_types: tuple[str, ...]
