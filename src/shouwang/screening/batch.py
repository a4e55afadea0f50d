"""What a screening hands over: the clues of one as-of day, each explained to the last row."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class BatchClue:
    """All hits of one household with one risk type.

    `rules` are sorted. `evidence` has for each of them: rule, version, title, parameters {id: value}, facts
    {name: value}, reason, rows [{source, delivery, line, person, text}] and rows_total; amounts are text with two
    places. `flags` are the asset rows of members that stand at D, for people to weigh. All of it is plain JSON.
    """

    household_no: str
    division_code: str
    risk_type: str
    level: str
    rules: tuple[str, ...]
    reasons: str
    evidence: dict[str, dict[str, Any]]
    flags: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ClueBatch:
    """The result of one screening: a function of what was known, the policy pack and the as-of day.

    `income_unknown` lists the households without a current income statement ("no income on file").
    """

    as_of: date
    known_at: date
    pack_version: str
    households_screened: int
    hits_by_rule: dict[str, int]
    clues: list[BatchClue]
    income_unknown: list[str] = field(default_factory=list)

    def by_level(self) -> dict[str, int]:
        """How many clues stand on each level that has any."""
        counts: dict[str, int] = {}
        for clue in self.clues:
            counts[clue.level] = counts.get(clue.level, 0) + 1
        return counts
