"""How well linkage does, measured where the truth is known: on synthetic people.

Three steps decide in turn, and each is judged on what reached it. Precision is the share of its decisions that are
right; recall is the share of the rows that reached it, and are about a registered person, that it decided rightly.
Rows in quarantine reach the first two steps, where the number is judged, but not the proposals.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
PRECISION, RECALL = 0.99, 0.9
"""What a threshold is to reach, so that whoever looks through the likeliest candidates above it may trust them."""
STEPS = ("linked", "corrected", "review")
"""By the identity number, by an explained wrong number, by a proposal; each takes what the one before left."""


@dataclass(frozen=True)
class Score:
    """`reached` rows about registered persons came to the step; it decided on `decided`, of which `right` rightly."""

    reached: int
    decided: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.decided if self.decided else None

    @property
    def recall(self) -> float | None:
        return self.right / self.reached if self.reached else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"precision": self.precision, "recall": self.recall}


@dataclass(frozen=True)
class AtThreshold:
    """What would be left of the proposals above a probability: the first candidate, and any of them.

    `candidates` is how many there are above it; `uncertain` counts rows that have candidates, but all of them below.
    """

    threshold: float
    candidates: int
    first: Score
    any: Score
    uncertain: int

    @property
    def candidates_a_row(self) -> float | None:
        return self.candidates / self.first.decided if self.first.decided else None

    @property
    def reaches(self) -> bool:
        """Whether the likeliest candidates above it are as often right, and as many, as they are to be."""
        return (self.first.precision or 0) >= PRECISION and (self.first.recall or 0) >= RECALL

    def as_json(self) -> dict[str, Any]:
        return {
            "threshold": self.threshold,
            "candidates": self.candidates,
            "candidates_a_row": self.candidates_a_row,
            "first": self.first.as_json(),
            "any": self.any.as_json(),
            "uncertain": self.uncertain,
        }


@dataclass(frozen=True)
class Measurement:
    """`by_step` has linked, corrected, review (first candidate) and review_any; `by_dirt` the same for each kind.

    `outcomes` counts rows by kind of dirt and by what became of them; `wrongly_missed` are rows about a registered
    person for whom nobody was found, `rightly_unregistered` those about nobody registered.
    """

    rows: int
    by_step: dict[str, Score]
    by_dirt: dict[str, dict[str, Score]]
    outcomes: dict[str, dict[str, int]]
    thresholds: list[AtThreshold]
    wrongly_missed: int
    rightly_unregistered: int

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "steps": {step: score.as_json() for step, score in self.by_step.items()},
            "by_dirt": {
                dirt: {step: score.as_json() for step, score in scores.items()} for dirt, scores in self.by_dirt.items()
            },
            "outcomes": self.outcomes,
            "thresholds": [each.as_json() for each in self.thresholds],
            "wrongly_missed": self.wrongly_missed,
            "rightly_unregistered": self.rightly_unregistered,
        }


def measure(rows: pl.DataFrame, candidates: pl.DataFrame) -> Measurement:
    """Compares what became of rows with whom they are about.

    Args:
        rows: row (Int64, unique), dirt (String: what is wrong with the row, `none` for nothing), true_person (Int64),
            registered (Boolean: whether that person was in the register when the row came), outcome (String: linked,
            corrected, review, unregistered, quarantined), person (Int64 or null: to whom the row was linked).
        candidates: row, person, probability (Float64 or null where a rule proposes); only of rows in review.
    """
    judged = rows.with_columns(registered=pl.col("registered") & pl.col("true_person").is_not_null()).join(
        _first_and_any(rows, candidates), on="row", how="left"
    )
    by_step = _scores(judged)
    kinds = sorted(judged["dirt"].unique())
    by_dirt = {kind: _scores(judged.filter(pl.col("dirt") == kind)) for kind in kinds}
    counts = judged.group_by("dirt", "outcome").len().sort("dirt", "outcome")
    outcomes: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    for kind, outcome, count in counts.iter_rows():
        outcomes[kind][outcome] = count
    nobody = judged.filter(pl.col("outcome") == "unregistered")
    return Measurement(
        rows=judged.height,
        by_step=by_step,
        by_dirt=by_dirt,
        outcomes=outcomes,
        thresholds=at_thresholds(rows, candidates),
        wrongly_missed=nobody.filter(pl.col("registered")).height,
        rightly_unregistered=nobody.filter(~pl.col("registered")).height,
    )


def _first_and_any(rows: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """row, first (whether the likeliest candidate is right), any (whether one of them is)."""
    truth = rows.select("row", "true_person")
    ranked = candidates.sort(["row", "probability", "person"], descending=[False, True, False], nulls_last=True)
    right = (pl.col("person") == pl.col("true_person")).fill_null(False)
    return (
        ranked.join(truth, on="row")
        .group_by("row", maintain_order=True)
        .agg(right.first().alias("first"), right.any().alias("any"))
    )


def _scores(judged: pl.DataFrame) -> dict[str, Score]:
    scores = {}
    left = judged
    for step in STEPS:
        if step == "review":  # a row in quarantine waits for its department and never comes to the proposals
            left = left.filter(pl.col("outcome") != "quarantined")
        here = left.filter(pl.col("outcome") == step)
        reached = left.filter(pl.col("registered")).height
        if step == "review":
            for name, right in (("review", "first"), ("review_any", "any")):
                scores[name] = Score(reached, here.height, _count(here, pl.col(right)))
        else:
            scores[step] = Score(reached, here.height, _count(here, pl.col("person") == pl.col("true_person")))
        left = left.filter(pl.col("outcome") != step)
    return scores


def at_thresholds(rows: pl.DataFrame, candidates: pl.DataFrame) -> list[AtThreshold]:
    """What proposals would be worth from each of `THRESHOLDS` on.

    Args:
        rows: row, true_person, registered and outcome, as in `measure`; those decided before, or in quarantine, are
            passed over.
        candidates: row, person, probability.
    """
    reached = rows.filter(~pl.col("outcome").is_in(["linked", "corrected", "quarantined"])).with_columns(
        registered=pl.col("registered") & pl.col("true_person").is_not_null()
    )
    return [_at(threshold, reached, candidates) for threshold in THRESHOLDS]


def chosen(thresholds: Sequence[AtThreshold]) -> AtThreshold | None:
    """The lowest threshold that reaches `PRECISION` and `RECALL`: the most rows of which the first candidate is trusted."""
    return next((each for each in thresholds if each.reaches), None)


def _at(threshold: float, reached: pl.DataFrame, candidates: pl.DataFrame) -> AtThreshold:
    candidates = candidates.join(reached, on="row", how="semi")
    kept = candidates.filter(pl.col("probability") >= threshold)
    found = reached.join(_first_and_any(reached, kept), on="row", how="inner")
    registered = reached.filter(pl.col("registered")).height
    first, any_right = (Score(registered, found.height, _count(found, pl.col(name))) for name in ("first", "any"))
    return AtThreshold(threshold, kept.height, first, any_right, candidates["row"].n_unique() - found.height)


def _count(rows: pl.DataFrame, condition: pl.Expr) -> int:
    return rows.filter(condition.fill_null(False)).height


def table_of_scores(named: Sequence[tuple[str, Score]]) -> list[tuple[str, str, str, str, str, str]]:
    """Each score as texts: name, reached, decided, right, precision, recall."""
    return [
        (name, str(s.reached), str(s.decided), str(s.right), percent(s.precision), percent(s.recall))
        for name, s in named
    ]


def percent(share: float | None) -> str:
    """A share as people write it; nothing to divide by is a dash."""
    return "—" if share is None else f"{share:.2%}"
