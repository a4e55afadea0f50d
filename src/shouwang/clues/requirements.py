"""What the policy pack asks of the handling of clues on a day: clocks, how a visit is done, how a report is graded."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from shouwang.proceedings.clocks import Clocks

# The level of a clue by the rules that hit its household, the facts that their evidence names, and how many risk types stand,
# its own included.
Grading = Callable[[Collection[str], Mapping[str, Any], int], str]


@dataclass(frozen=True)
class Requirements(Clocks):
    """`visitors` and `photos` are the least that a visit must have; `grade` gives a reported clue its level."""

    visitors: int
    photos: int
    grade: Grading
