"""The measure map of a policy: which help answers which risk, and what is proposed to whom. Both halves know these shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["development", "floor", "other"]  # 开发式, 兜底, 其他
Labour = Literal["any", "able", "unable"]
KINDS: tuple[Kind, ...] = ("development", "floor", "other")
LABOUR: tuple[Labour, ...] = ("any", "able", "unable")


@dataclass(frozen=True)
class Received:
    """By which rows of a source a household is seen to receive a measure already.

    `where` are codes by column; a row counts from the day in `since` to the day before the one in `until`, where such
    columns are named, and for the year in `year`.
    """

    source: str
    where: Mapping[str, tuple[str, ...]]
    since: str = ""
    until: str = ""
    year: str = ""


@dataclass(frozen=True)
class MeasureEntry:
    """One measure that may be proposed.

    `risks` that it answers (none: it is for whoever can, or cannot, work), `labour` says for which households, `member`
    whether it is one person's; `days` is how soon it should be in place; `amount` names the parameter with its usual yuan.
    """

    id: str
    title: str
    category: str
    risks: tuple[str, ...]
    labour: Labour
    member: bool
    department: str
    fund: str
    days: int
    amount: str = ""
    received: Received | None = None


@dataclass(frozen=True)
class MeasureMap:
    """`kinds` by category; `answers` by risk the categories that answer it, best first; `certain` the risks of which the
    documents say so themselves; `entries` in the order in which they are proposed."""

    kinds: Mapping[str, Kind]
    answers: Mapping[str, tuple[str, ...]]
    certain: frozenset[str]
    entries: tuple[MeasureEntry, ...]

    def is_development(self, category: str) -> bool:
        return self.kinds[category] == "development"

    def entry(self, name: str) -> MeasureEntry | None:
        """The entry of that id; None where there is none (any more)."""
        return next((each for each in self.entries if each.id == name), None)
