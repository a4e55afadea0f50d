"""What the policy pack asks of the handling of clues on a day: clocks, and how a visit is done."""

from dataclasses import dataclass

from shouwang.proceedings.clocks import Clocks


@dataclass(frozen=True)
class Requirements(Clocks):
    """`visitors` and `photos` are the least that a visit must have."""

    visitors: int
    photos: int
