"""Hot spots: places where a risk is clearly more frequent than in the whole area around them.

Each household has at most one open clue of a risk. If a place were like the whole area, the number of its households with
one would follow a binomial distribution with the area's share. A place is a hot spot of a risk where

1. at least `FEWEST` households have such a clue: fewer are shown to nobody, and say nothing;
2. their share is at least `TIMES` that of the whole area;
3. so many or more would be found by chance with a probability below `CHANCE` divided by the number of comparisons, which
   is places × risks (Bonferroni). So the chance that the whole list names even one place for nothing is below `CHANCE`.

The place counts in the area's share too, which makes the comparison a little stricter. What this does not know: households
of one place resemble each other, so a hot spot says where to look and not why. Dismissed and closed clues do not count.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 3
TIMES = 2.0
CHANCE = 0.05


@dataclass(frozen=True)
class HotSpot:
    """A place with `found` of its `households` at a risk; `share` and `usual` are parts of one, there and everywhere."""

    place: str
    risk: str
    found: int
    households: int
    usual: float

    @property
    def share(self) -> float:
        return self.found / self.households

    @property
    def times(self) -> float:
        """How many times as frequent as in the whole area."""
        return self.share / self.usual


def hot_spots(found: Mapping[tuple[str, str], int], households: Mapping[str, int]) -> list[HotSpot]:
    """The hot spots among places, the least likely by chance first.

    Args:
        found: households with an open clue, by place and risk.
        households: registered households by place; a place without any is not compared.
    """
    everybody = sum(households.values())
    by_risk = Counter[str]()
    for (place, risk), number in found.items():
        by_risk[risk] += number if households.get(place) else 0
    comparisons = sum(map(bool, households.values())) * sum(map(bool, by_risk.values()))
    spots = []
    for (place, risk), number in found.items():
        here = households.get(place, 0)
        if number < FEWEST or number > here:
            continue
        spot = HotSpot(place, risk, number, here, by_risk[risk] / everybody)
        chance = at_least(number, here, spot.usual) if spot.times >= TIMES else 1.0
        if chance * comparisons < CHANCE:
            spots.append((chance, spot))
    return [spot for _, spot in sorted(spots, key=lambda each: (each[0], -each[1].times, each[1].place))]


def at_least(number: int, of: int, share: float) -> float:
    """The probability of `number` or more among `of` when each is one with probability `share`."""
    if number <= 0 or share >= 1:
        return 1.0
    if share <= 0:
        return 0.0
    ways = math.lgamma(of + 1) - math.lgamma(number + 1) - math.lgamma(of - number + 1)
    term = math.exp(ways + number * math.log(share) + (of - number) * math.log1p(-share))
    total, odds = 0.0, share / (1 - share)
    for each in range(number, of + 1):
        total += term
        following = term * (of - each) / (each + 1) * odds
        if following < term and following < total * 1e-12:
            break
        term = following
    return min(total, 1.0)
