"""Pairs that are looked at, the level of likeness that each reaches, and its weight after Fellegi and Sunter.

What is compared is declared (`Model`); from the declaration comes one statement of SQL, for whatever columns it names.
"""

import math
import re
from dataclasses import dataclass

RARE = 1e-6


@dataclass(frozen=True)
class Level:
    """One degree of likeness; `condition` is SQL over the columns of both sides, None for everything else.

    `m` is how often it occurs between two records of one person, `u` between those of two.
    """

    condition: str | None
    words: str
    m: float
    u: float = RARE
    frequency_of: str | None = None
    """The column whose frequency says how telling an agreement on this level is: `tf_…` of the left side in place of `u`."""


@dataclass(frozen=True)
class Comparison:
    """Levels in the order in which they are tried; a pair with `missing` is told nothing by it."""

    subject: str
    missing: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Model:
    """`prior` is the probability that a record of the left and one of the right, drawn at random, are one person's.

    A pair is looked at where it agrees on all columns of one of the `blocks`.
    """

    comparisons: tuple[Comparison, ...]
    blocks: tuple[tuple[str, ...], ...]
    prior: float

    def pairs(self, left: str, right: str, *, within: bool = False) -> str:
        """SQL of the pairs of two tables: id_l, id_r and for each comparison, by its subject, the place of the level.

        The level is null where the comparison is told nothing. Frequencies of the left side stand beside it.

        Args:
            left, right: tables with `id`, the columns of comparisons and blocks, and `tf_…` on the left.
            within: whether both are the same table: no record is then paired with itself, and no pair comes twice.
        """
        met = "\nunion all by name\n".join(
            self._met(left, right, place, "and l.id < r.id" if within else "") for place in range(len(self.blocks))
        )
        levels = ", ".join(f"{_level(each)} as {each.subject}" for each in self.comparisons)
        kept = "".join(f", tf_{column}_l" for column in self._frequencies())
        return f"with met as ({met})\nselect id_l, id_r, {levels}{kept} from met"

    def weighed(self, left: str, right: str, least: float, *, within: bool = False) -> str:
        """`pairs` with `weight`, the logarithm to base two of the odds that both are one person's, from `least` on."""
        prior = math.log2(self.prior / (1 - self.prior))
        weight = " + ".join([repr(prior), *(_weight(each) for each in self.comparisons)])
        subjects = ", ".join(each.subject for each in self.comparisons)
        return (
            f"select id_l, id_r, {subjects}, weight from "
            f"(select *, {weight} as weight from ({self.pairs(left, right, within=within)}) as levelled) as weighed "
            f"where weight >= {least!r}"
        )

    def _met(self, left: str, right: str, place: int, further: str) -> str:
        """The pairs that agree on this block and on none before it."""
        before = " or ".join(f"({_agreed(block)})" for block in self.blocks[:place])
        unseen = f"and not coalesce({before}, false)" if before else ""
        sides = [f"l.{column} as {column}_l, r.{column} as {column}_r" for column in ("id", *self._columns())]
        frequencies = [f"l.tf_{column} as tf_{column}_l" for column in self._frequencies()]
        return (
            f"select {', '.join([*sides, *frequencies])} from {left} as l join {right} as r "
            f"on {_agreed(self.blocks[place])} {further} {unseen}"
        )

    def _columns(self) -> list[str]:
        """What conditions name, without their side."""
        conditions = [
            text for each in self.comparisons for text in (each.missing, *(level.condition for level in each.levels))
        ]
        return sorted({name for text in conditions if text for name in _SIDED.findall(text)})

    def _frequencies(self) -> list[str]:
        return [level.frequency_of for each in self.comparisons for level in each.levels if level.frequency_of]


_SIDED = re.compile(r"\b(\w+)_[lr]\b")


def _agreed(block: tuple[str, ...]) -> str:
    return " and ".join(f"l.{column} = r.{column}" for column in block)


def _level(comparison: Comparison) -> str:
    tried = " ".join(
        f"when {level.condition} then {place}" if level.condition else f"else {place}"
        for place, level in enumerate(comparison.levels)
    )
    return f"case when {comparison.missing} then null {tried} end"


def _weight(comparison: Comparison) -> str:
    """What the level that a pair reached adds to its weight; nothing where the comparison is told nothing."""
    weights = " ".join(f"when {place} then {_log_of_odds(level)}" for place, level in enumerate(comparison.levels))
    return f"case {comparison.subject} {weights} else 0 end"


def _log_of_odds(level: Level) -> str:
    if level.frequency_of:
        return f"({math.log2(level.m)!r} - log2(tf_{level.frequency_of}_l))"
    return repr(math.log2(level.m / level.u))
