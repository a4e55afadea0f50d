"""What a screening hands over: the clues of one as-of day, each explained to the last row."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class FoundClue:
    """A clue with why it was found, and without what it rests on; `rules` are sorted."""

    household_no: str
    division_code: str
    risk_type: str
    level: str
    rules: tuple[str, ...]
    reasons: str


@dataclass(frozen=True, slots=True)
class BatchClue(FoundClue):
    """All hits of one household with one risk type.

    `evidence` has for each of the rules: rule, version, title, parameters {id: value}, facts
    {name: value}, reason, rows [{source, delivery, line, person, text}] and rows_total; amounts are text with two
    places. `flags` are the asset rows of members that stand at D, for people to weigh. All of it is plain JSON.
    """

    evidence: dict[str, dict[str, Any]]
    flags: list[dict[str, Any]]


class ClueKey(NamedTuple):
    """A clue without its explanation."""

    household_no: str
    division_code: str
    risk_type: str
    level: str

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two clues the same question: household and risk type."""
        return self.household_no, self.risk_type


@runtime_checkable
class Explainable(Protocol):
    """Clues that are explained when they are looked at."""

    def found(self) -> list[FoundClue]: ...


@dataclass(frozen=True)
class Looked:
    """How many households a screening looked at, and why: by what came, by the days that passed, with their whole county, or
    everybody and why."""

    by_rows: int = 0
    by_days: int = 0
    by_county: int = 0
    everybody: int = 0
    why_everybody: str = ""

    @property
    def total(self) -> int:
        return self.by_rows + self.by_days + self.by_county + self.everybody


@dataclass(frozen=True)
class Carried:
    """Clues that stand as an earlier screening found them, on nobody's household that was looked at since.

    `since` is that screening's day, `ground` the digest of what it rested on. `explain` gives the whole clues of households
    by their numbers, with the words of today.
    """

    since: date
    ground: str
    keys: list[ClueKey]
    explain: Callable[[Collection[str]], "Sequence[BatchClue]"]


@dataclass(frozen=True, slots=True)
class ClueBatch:
    """The result of one screening: a function of what was known, the policy pack and the as-of day.

    `clues` are all that stand, or, where some are `carried`, those of the households that were looked at. `income_unknown`
    lists the households without a current income statement ("no income on file"). `ground` is the digest of all that the
    screening rests on, where that was taken down.
    """

    as_of: date
    known_at: date
    pack_version: str
    households_screened: int
    hits_by_rule: dict[str, int]
    clues: Sequence[BatchClue]
    income_unknown: list[str] = field(default_factory=list)
    carried: Carried | None = None
    looked: Looked = Looked()
    ground: str = ""

    def standing(self) -> "list[BatchClue | FoundClue | ClueKey]":
        """Every clue that stands, whether looked at or carried; none is explained for it."""
        looked_at = self.clues.found() if isinstance(self.clues, Explainable) else self.clues
        return [*looked_at, *(self.carried.keys if self.carried else ())]

    def by_level(self) -> dict[str, int]:
        """How many clues stand on each level that has any."""
        return dict(Counter(clue.level for clue in self.standing()))

    def whole(self) -> Sequence[BatchClue]:
        """Every clue that stands with its explanation, in order of household number, then risk type."""
        if self.carried is None or not self.carried.keys:
            return self.clues
        explained = self.carried.explain({key.household_no for key in self.carried.keys})
        return sorted([*self.clues, *explained], key=lambda clue: (clue.household_no, clue.risk_type))
