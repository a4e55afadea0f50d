"""The engine and an independent slow reading of the rules say the same of random worlds."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from screening.oracle import RISK_TYPES, Oracle
from screening.random_worlds import RandomWorld
from shouwang.deliveries import lake
from shouwang.facts import conditions, setting
from shouwang.facts.setting import Period, Setting
from shouwang.policy.pack import load_pack
from shouwang.screening.run import screen

SEEDS = (0, 1, 2, 4, 5, 6, 9, 12)  # of fourteen the first of each day, and of each on which something is known of it
HOUSEHOLDS = 140  # a screening of many takes hardly longer than one of few


def differences(seed: int, folder: Path) -> list[str]:
    """What engine and oracle say apart, in words; empty where they agree."""
    drawn = RandomWorld(seed, HOUSEHOLDS)
    oracle = Oracle(drawn.world(), drawn.d, drawn.known_at)
    batch = screen(drawn.world().build(folder), load_pack(), drawn.d, drawn.known_at)
    expected = {
        (number, RISK_TYPES[rule]): (found.level, found.division, set())
        for number, found in oracle.findings().items()
        for rule in found.rules
    }
    for number, found in oracle.findings().items():
        for rule in found.rules:
            expected[number, RISK_TYPES[rule]][2].add(rule)
    got = {(c.household_no, c.risk_type): (c.level, c.division_code, set(c.rules)) for c in batch.clues}
    apart = [
        f"{key}: {expected.get(key)} {got.get(key)}" for key in expected | got if expected.get(key) != got.get(key)
    ]
    with_members = [h for h in oracle.households.values() if h.members]
    unknown = sorted(h.number for h in with_members if oracle.income(h) is None)
    if batch.households_screened != len(with_members) or batch.income_unknown != unknown:
        apart.append("households screened or without income")
    return apart


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_agrees_with_the_oracle(seed: int, tmp_path: Path) -> None:
    assert differences(seed, tmp_path / "home") == []


def test_the_random_worlds_reach_every_rule() -> None:
    fired: dict[str, int] = dict.fromkeys(RISK_TYPES, 0)
    for seed in SEEDS:
        drawn = RandomWorld(seed, HOUSEHOLDS)
        for found in Oracle(drawn.world(), drawn.d, drawn.known_at).findings().values():
            for rule in found.rules:
                fired[rule] += 1
    assert min(fired.values()) >= 5, fired


def _window_one_day_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Setting, "within", lambda self, name: Period(self.days_before(name), self.as_of))


def _first_version_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake, "LAST_FIRST", "received_on, delivery, line")


def _ended_on_the_day_still_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def sql(self: Any, at: Setting) -> str:
        return f"({self.place} IS NULL OR {self.place} >= {setting.literal(at.as_of)})"

    monkeypatch.setattr(conditions.NotByDay, "sql", sql)


def _months_end_a_day_late(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Setting.whole_months

    def late(self: Setting, name: str) -> Period:
        found = whole(self, name)
        return Period(found.first, found.last + timedelta(days=1))

    monkeypatch.setattr(Setting, "whole_months", late)


@pytest.mark.parametrize(
    "plant",
    [_window_one_day_too_long, _first_version_counts, _ended_on_the_day_still_goes_on, _months_end_a_day_late],
)
def test_a_planted_fault_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(monkeypatch)
    assert any(differences(seed, tmp_path / str(seed)) for seed in SEEDS[:6])
