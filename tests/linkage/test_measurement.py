"""Precision and recall, on rows counted by hand."""

import polars as pl

from shouwang.linkage.measurement import measure

ROWS = pl.DataFrame(
    [
        # row, dirt, true_person, registered, outcome, person
        (1, "none", 11, True, "linked", 11),
        (2, "none", 12, True, "linked", 99),
        (3, "none", 13, False, "unregistered", 13),
        (4, "digit", 14, True, "corrected", 14),
        (5, "digit", 15, True, "corrected", 98),
        (6, "digit", 16, True, "review", None),
        (7, "no_number", 17, True, "review", None),
        (8, "no_number", 18, True, "review", None),
        (9, "no_number", 19, True, "unregistered", None),
        (10, "no_number", None, False, "review", None),
        (11, "digit", 21, True, "quarantined", None),
    ],
    schema={
        "row": pl.Int64,
        "dirt": pl.String,
        "true_person": pl.Int64,
        "registered": pl.Boolean,
        "outcome": pl.String,
        "person": pl.Int64,
    },
    orient="row",
)
CANDIDATES = pl.DataFrame(
    [(6, 16, 0.8), (6, 97, 0.1), (7, 96, 0.5), (7, 17, 0.4), (8, 95, 0.95), (10, 94, 0.3)],
    schema={"row": pl.Int64, "person": pl.Int64, "probability": pl.Float64},
    orient="row",
)


def test_each_step_is_judged_on_what_reached_it() -> None:
    found = measure(ROWS, CANDIDATES)
    linked, corrected = found.by_step["linked"], found.by_step["corrected"]
    assert (linked.reached, linked.decided, linked.right) == (9, 2, 1)
    assert (corrected.reached, corrected.decided, corrected.right) == (7, 2, 1)
    assert (corrected.precision, corrected.recall) == (1 / 2, 1 / 7)
    first, any_right = found.by_step["review"], found.by_step["review_any"]
    assert (first.reached, first.decided, first.right) == (4, 4, 1)
    assert any_right.right == 2


def test_by_dirt_and_what_became_of_it() -> None:
    found = measure(ROWS, CANDIDATES)
    assert found.by_dirt["digit"]["corrected"].right == 1
    assert found.by_dirt["none"]["corrected"].precision is None
    assert found.outcomes["no_number"] == {"review": 3, "unregistered": 1}
    assert (found.wrongly_missed, found.rightly_unregistered) == (1, 1)


def test_thresholds_take_candidates_away() -> None:
    found = {each.threshold: each for each in measure(ROWS, CANDIDATES).thresholds}
    assert [found[each].candidates for each in (0.1, 0.3, 0.5, 0.9, 0.99)] == [6, 5, 3, 1, 0]
    assert (found[0.3].first.decided, found[0.3].first.right, found[0.3].any.right) == (4, 1, 2)
    assert (found[0.5].first.decided, found[0.5].any.right) == (3, 1)
    assert found[0.99].first.precision is None


def test_it_can_be_written_as_json() -> None:
    data = measure(ROWS, CANDIDATES).as_json()
    assert data["rows"] == 11
    assert data["steps"]["linked"]["precision"] == 0.5
    assert data["thresholds"][0]["any"]["right"] == 2


def test_nothing_in_review() -> None:
    found = measure(ROWS.filter(pl.col("outcome") == "linked"), CANDIDATES.clear())
    assert found.by_step["review"].decided == 0
