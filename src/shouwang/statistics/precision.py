"""How often what was found turned out to be true: of every rule, department and channel, with how sure that is.

A false alert costs a visit and the trust of a household. Where few of a rule's clues are confirmed, its threshold is to be
looked at; but of few clues nothing follows, so a share stands only from `FEWEST` decided clues on, and with its interval.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 20
Z = 1.959964  # 95 % of the normal distribution lie within so many standard deviations


@dataclass(frozen=True)
class Precision:
    """Of `decided` clues `confirmed` were true. `name` is that of a rule, a department or a channel."""

    name: str
    decided: int
    confirmed: int

    @property
    def enough(self) -> bool:
        return self.decided >= FEWEST

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where too few were decided to say."""
        return self.confirmed / self.decided if self.enough else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.confirmed, self.decided) if self.enough else None


def wilson(confirmed: int, decided: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927), which stays within 0 and 1 and holds for few and for extreme ones.

    Raises:
        ValueError: none were decided, or more confirmed than decided.
    """
    if not 0 <= confirmed <= decided or decided == 0:
        raise ValueError(f"{confirmed} of {decided}")
    share, square = confirmed / decided, Z * Z
    middle = (share + square / (2 * decided)) / (1 + square / decided)
    half = Z / (1 + square / decided) * math.sqrt(share * (1 - share) / decided + square / (4 * decided * decided))
    return max(0.0, middle - half), min(1.0, middle + half)


def worst_first(decided: Mapping[str, int], confirmed: Mapping[str, int]) -> list[Precision]:
    """By the upper end of the interval, the lowest first: what is surely bad stands before what may be. Too few come last."""
    found = [Precision(name, number, confirmed.get(name, 0)) for name, number in decided.items() if number]
    return sorted(
        found, key=lambda each: (not each.enough, each.interval[1] if each.interval else -each.decided, each.name)
    )
