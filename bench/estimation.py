"""Probabilities of a model where nobody knows them: expectation and maximisation over the patterns of levels.

Winkler (1988), after Dempster, Laird and Rubin (1977), with comparisons taken as independent among the pairs of one person and
among those of two. The product does not estimate: its m-values are set by hand, its u-values counted. FEBRL's fields are not
ours, so there both are estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from shouwang.linkage.scoring import RARE, Comparison, Model

ROUNDS, STILL = 500, 1e-7
FIRST_M, FIRST_SHARE = 0.9, 0.1
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimated:
    """`comparisons` with the m and u found; `share` of the pairs are of one person."""

    comparisons: tuple[Comparison, ...]
    share: float

    def model(self, like: Model) -> Model:
        """A model for the same blocks: the odds are those among the pairs that are looked at."""
        return replace(like, comparisons=self.comparisons, prior=self.share)


def estimated(pairs: pl.DataFrame, comparisons: Sequence[Comparison]) -> Estimated:
    """What m and u make the patterns of levels likeliest.

    Args:
        pairs: for each comparison, by its subject, the place of the level (null: told nothing), as `Model.pairs` has them.
    """
    subjects = [each.subject for each in comparisons]
    patterns = pairs.group_by(subjects).agg(count=pl.len()).sort(subjects)
    counts = patterns["count"].to_numpy().astype(np.float64)
    told = [_indicators(patterns[each.subject], len(each.levels)) for each in comparisons]
    m, u, share = [_first(each) for each in comparisons], [_shares(each, counts) for each in told], FIRST_SHARE
    for _ in range(ROUNDS):
        of_one = _likelihood(told, m) * share
        belief = of_one / (of_one + _likelihood(told, u) * (1 - share))
        m = [_shares(each, counts * belief) for each in told]
        u = [_shares(each, counts * (1 - belief)) for each in told]
        before, share = share, float((counts * belief).sum() / counts.sum())
        if abs(share - before) < STILL:
            break
    found = tuple(_with(each, *values) for each, *values in zip(comparisons, m, u, strict=True))
    return Estimated(found, share)


def _indicators(places: pl.Series, levels: int) -> Floats:
    """A row a pattern, a column a level; all noughts where the comparison is told nothing."""
    at = places.fill_null(-1).to_numpy()
    return (at[:, None] == np.arange(levels)).astype(np.float64)


def _first(comparison: Comparison) -> Floats:
    rest = len(comparison.levels) - 1
    return np.array([FIRST_M, *([(1 - FIRST_M) / rest] * rest)])


def _shares(indicators: Floats, weights: Floats) -> Floats:
    sums = (indicators * weights[:, None]).sum(axis=0)
    bounded: Floats = np.clip(sums / max(sums.sum(), RARE), RARE, 1)
    return bounded


def _likelihood(told: Sequence[Floats], probabilities: Sequence[Floats]) -> Floats:
    result: Floats = np.ones(len(told[0]))
    for indicators, values in zip(told, probabilities, strict=True):
        result = result * np.where(indicators.any(axis=1), indicators @ values, 1.0)
    return result


def _with(comparison: Comparison, m: Floats, u: Floats) -> Comparison:
    levels = zip(comparison.levels, m.tolist(), u.tolist(), strict=True)
    return replace(comparison, levels=tuple(replace(level, m=own, u=other) for level, own, other in levels))
