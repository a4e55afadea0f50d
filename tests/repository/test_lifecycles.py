"""Whatever lies on a desk with a clock is looked after: what is overdue of it rises, and its people are reminded."""

import pytest

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
        assert {each.value for each in kind.lifecycle.level_of} <= set(
            dict(kind.matter._meta.get_field("stage").flatchoices)
        )


def test_a_matter_that_nobody_looks_after_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Stepping, "matter")
    assert lifecycles.unattended() == ["clues.Clue"]


def test_a_table_without_rising_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck(Stepping):
        lifecycle = type("Table", (), {"audit": {"open": "x"}})()

    with pytest.raises(ValueError, match=r"clues\.Clue cannot rise"):
        lifecycles.rise_of(Stuck)
