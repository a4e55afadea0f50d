"""Of everybody the whole source is asked first, of few people only their rows: the values are the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from screening.random_worlds import RandomWorld
from shouwang.deliveries.lake import Lake, Row
from shouwang.facts.catalogue import catalogue
from shouwang.facts.register import EVERYONE
from shouwang.facts.setting import Setting
from shouwang.policy.pack import load_pack
from shouwang.screening.engine import prepare
from shouwang.screening.run import screen

CHOSEN = "household_no >= ''"
FACTS = list(catalogue().values())


def values(seed: int, where: str, folder: Path) -> list[Row]:
    """Every fact of every household."""
    drawn = RandomWorld(seed, households=60)
    home = drawn.world().build(folder)
    columns = ", ".join(["household_no", *(fact.name for fact in FACTS)])
    with Lake(home, drawn.known_at) as lake:
        prepare(lake, Setting(drawn.d, load_pack().at(drawn.d)), FACTS, where)
        return lake.run(f"SELECT {columns} FROM household_facts ORDER BY household_no").fetchall()


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 6])  # of eight the first of each day
def test_everybody_and_whoever_is_chosen_have_the_same_values(seed: int, tmp_path: Path) -> None:
    assert values(seed, EVERYONE, tmp_path / "all") == values(seed, CHOSEN, tmp_path / "chosen")


def test_somebody_with_several_rows_who_is_overlooked_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: nobody has several rows."""
    inner = Lake.repeated

    def is_seen(seed: int) -> bool:
        chosen = values(seed, CHOSEN, tmp_path / f"chosen{seed}")
        with monkeypatch.context() as planted:
            planted.setattr(
                Lake, "repeated", lambda self, *asked: inner(self, *asked) if "household_register" in asked[1] else ""
            )
            return chosen != values(seed, EVERYONE, tmp_path / f"all{seed}")

    assert any(map(is_seen, range(4)))


def test_a_pack_without_rules_finds_nothing_on_anybody(tmp_path: Path) -> None:
    drawn = RandomWorld(3, households=12)
    batch = screen(drawn.world().build(tmp_path / "home"), replace(load_pack(), rules={}), drawn.d, drawn.known_at)
    assert (list(batch.clues), batch.hits_by_rule) == ([], {})
    assert batch.households_screened > 0
