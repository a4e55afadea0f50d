"""The threshold report: what the likeliest candidates are worth from a probability on, as figures and as a picture."""

import re

import polars as pl
import pytest

from shouwang.linkage.measurement import at_thresholds, chosen
from shouwang.linkage.threshold_chart import threshold_chart

ROWS = pl.DataFrame(
    {
        "row": range(1, 101),
        "true_person": [row if row <= 96 else None for row in range(1, 101)],
        "registered": [row <= 96 for row in range(1, 101)],
        "outcome": ["review"] * 100,
    },
    schema_overrides={"row": pl.Int64, "true_person": pl.Int64},
)


def candidates(*cells: tuple[int, int, float]) -> pl.DataFrame:
    return pl.DataFrame(cells, schema={"row": pl.Int64, "person": pl.Int64, "probability": pl.Float64}, orient="row")


SURE = [(row, row, 0.97) for row in range(1, 92)]
GUESSED = [(row, 1_000 + row, 0.45) for row in range(92, 101)] + [(row, row, 0.41) for row in range(92, 97)]


def test_counted_by_hand() -> None:
    found = {each.threshold: each for each in at_thresholds(ROWS, candidates(*SURE, *GUESSED))}
    low, high = found[0.4], found[0.95]
    assert (low.first.reached, low.first.decided, low.first.right, low.any.right) == (96, 100, 91, 96)
    assert (low.candidates, low.candidates_a_row, low.uncertain) == (105, 1.05, 0)
    assert (high.first.precision, high.first.recall) == (1.0, 91 / 96)
    assert (high.candidates, high.candidates_a_row, high.uncertain) == (91, 1.0, 9)
    assert (found[0.98].candidates_a_row, found[0.98].uncertain) == (None, 100)
    assert [low.reaches, high.reaches] == [False, True]


def test_rows_that_an_earlier_step_decided_are_passed_over() -> None:
    decided = ROWS.with_columns(outcome=pl.when(pl.col("row") > 50).then(pl.lit("linked")).otherwise("outcome"))
    at = at_thresholds(decided, candidates(*SURE))[0]
    assert (at.first.reached, at.first.decided, at.candidates) == (50, 50, 50)


def test_the_lowest_threshold_that_reaches_both_is_chosen() -> None:
    best = chosen(at_thresholds(ROWS, candidates(*SURE, *GUESSED)))
    assert best is not None
    assert best.threshold == 0.5
    assert chosen(at_thresholds(ROWS, candidates(*GUESSED))) is None
    few = candidates(*SURE[:50])
    assert chosen(at_thresholds(ROWS, few)) is None, "precise, but half of the rows are not found"


def test_the_picture_shows_each_line_and_the_choice() -> None:
    drawn = threshold_chart(at_thresholds(ROWS, candidates(*SURE, *GUESSED)))
    for word in ("准确率", "召回率", "留待细看的行", "0.5 起达到要求"):
        assert word in drawn
    assert "没有门限达到" in threshold_chart(at_thresholds(ROWS, candidates(*GUESSED)))
    heights = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)" r="3" fill="#1f5fa8"', drawn)]
    assert len(heights) == 10, "where there is no candidate, precision has no point"
    assert heights[-1] == pytest.approx(40)
    assert heights[0] > heights[-1]
