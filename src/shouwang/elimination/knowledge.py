"""What the conditions look at, of one household on a day, and what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.elimination.models import NaturalGround
from shouwang.elimination.requirements import Requirements


class State(models.TextChoices):
    MET = "met", _("符合")
    UNMET = "unmet", _("不符合")
    UNKNOWN = "unknown", _("不能确定")


@dataclass(frozen=True)
class Row:
    """One source row: the source's title, the delivery's label, the line, and what it says."""

    title: str
    delivery: str
    line: int
    text: str


@dataclass(frozen=True)
class KnownFact:
    """A fact as screening computes it: amounts are text in yuan, None is not known."""

    value: str | int | bool | None
    words: str
    rows: Sequence[Row] = ()
    rows_total: int = 0


@dataclass(frozen=True)
class FiredRule:
    title: str
    risk_type: str
    rule: str
    reason: str


@dataclass(frozen=True)
class KnownClue:
    """The latest clue of a risk type. `level` in words; `joined_on` is the day on which it joined the case, if it did."""

    number: str
    risk_type: str
    state: str
    level: str
    joined_on: date | None = None


@dataclass(frozen=True)
class Gone:
    """Somebody who is registered no longer: `how` is the ground, `words` say it."""

    name: str
    how: NaturalGround
    words: str
    row: Row


@dataclass(frozen=True)
class Known:
    """All that the conditions look at, of one household on a day.

    `included_on` is the day on which the household was included, or rolled back; `risks` are those of the case and of its
    clues. `facts` is empty where the lake does not know the household. `gone` are the persons who left a household in which
    nobody is registered now; elsewhere empty. `measures` counts the measures of the case that were delivered.
    """

    household_no: str
    on: date
    requirements: Requirements
    included_on: date
    risks: Sequence[str]
    facts: Mapping[str, KnownFact] = field(default_factory=dict)
    fired: Sequence[FiredRule] = ()
    clues: Sequence[KnownClue] = ()
    gone: Sequence[Gone] = ()
    measures: int = 0

    def number(self, name: str) -> Decimal | None:
        """A fact's value; None where it is not known."""
        fact = self.facts.get(name)
        return None if fact is None or fact.value is None else Decimal(str(fact.value))

    def rows(self, *names: str) -> tuple[Row, ...]:
        return tuple(row for name in names if name in self.facts for row in self.facts[name].rows)

    @property
    def has_members(self) -> bool:
        return self.number("members") != 0

    @property
    def ground(self) -> NaturalGround | None:
        """Why the household is no more: everybody died; otherwise the way by which the living left."""
        if self.has_members or not self.gone:
            return None
        ways = {each.how for each in self.gone}
        return next(way for way in (NaturalGround.MOVED_AWAY, NaturalGround.MERGED, NaturalGround.DEATH) if way in ways)


@dataclass(frozen=True)
class Found:
    """What a condition found; `advice` says what would change it, and is empty where it is met."""

    state: State
    words: str
    rows: Sequence[Row] = ()
    advice: str = ""
