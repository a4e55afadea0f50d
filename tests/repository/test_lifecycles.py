"""Whatever lies on a desk with a clock is looked after: what is overdue of it rises, and its people are reminded."""

from dataclasses import replace
from pathlib import Path

import pytest

from repository.lifecycle_tables import page
from shouwang.cases.flow import CASES
from shouwang.cases.steps import Stepping as SteppingOfCases
from shouwang.clues.steps import Stepping
from shouwang.proceedings import lifecycles


def test_every_matter_is_looked_after() -> None:
    assert {"cases.Case", "clues.Clue", "elimination.Elimination"} <= {
        each.matter._meta.label for each in lifecycles.lifecycles()
    }
    assert lifecycles.unattended() == [], "name it in its Stepping: matter = …"


def test_every_matter_can_rise() -> None:
    for kind in lifecycles.lifecycles():
        assert lifecycles.rise_of(kind) in kind.lifecycle.harmless, kind
        assert lifecycles.action_of(kind, lifecycles.TAKE_OVER) in kind.lifecycle.harmless, kind
        assert {each.value for each in kind.lifecycle.level_of} <= set(
            dict(kind.matter._meta.get_field("stage").flatchoices)
        )


def test_a_matter_that_nobody_looks_after_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Stepping, "matter")
    assert lifecycles.unattended() == ["clues.Clue"]


def test_a_table_without_rising_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(Stepping):
        lifecycle = type("Table", (), {"audit": {"open": "x"}})()

    with pytest.raises(ValueError, match=r"clues\.Clue has no rise"):
        lifecycles.rise_of(Stuck)


def test_the_page_of_lifecycles_is_that_of_the_code() -> None:
    root = Path(__file__).parents[2]
    command = "run python tests/repository/lifecycle_tables.py > docs/lifecycles.md"
    assert (root / "docs" / "lifecycles.md").read_text(encoding="utf-8") == page(), command


def test_a_line_that_the_page_lacks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before, moves = page(), CASES.moves
    monkeypatch.setattr(SteppingOfCases, "lifecycle", replace(CASES, moves=moves[1:]))
    assert page() != before
