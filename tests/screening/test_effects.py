"""Whose fact went one of the ways that are asked about, by what came and by the days, is touched: fact by fact."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pytest

from screening.histories import ORDER, History, of_rules
from screening.random_worlds import RandomWorld
from shouwang.deliveries.lake import Lake
from shouwang.facts import effects
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import HowMany, Largest, Reach, Total
from shouwang.facts.setting import Setting
from shouwang.facts.touched import Since, find_touched
from shouwang.policy.pack import load_pack
from shouwang.screening.daily import screen_daily
from shouwang.screening.engine import facts_of, prepare
from shouwang.screening.kept import last_kept

SEED = 7
DAY = timedelta(days=1)
WAYS = ("up", "down")
Moved = dict[tuple[str, str], set[str]]


class Morning:
    """A home that was screened yesterday and to which came some more rows of some sources, and which way each fact of each
    household went."""

    def __init__(self, history: History, of_register: bool) -> None:
        drawn = RandomWorld(SEED, households=40)
        self.home, self.pack, self.day = history.home, load_pack(), drawn.d
        may_come = [row for row in drawn.rows if (row.source in ORDER) == of_register]
        new = may_come[: len(may_come) // 6]
        history.deliver([row for row in drawn.rows if row not in new], self.day - DAY)
        screen_daily(self.home, of_rules(self.pack, ("accident.casualty",)), self.day - DAY)
        history.deliver(new, self.day)
        asked = [*facts_of(self.pack), catalogue()["children_not_on_roll"]]
        self.facts = [fact for fact in asked if fact.reach is not Reach.COUNTY]
        self.moved = self._moved()

    def _values(self, day: date) -> dict[str, tuple[Any, ...]]:
        with Lake(self.home, day) as lake:
            prepare(lake, self._at(day), self.facts)
            names = ", ".join(fact.name for fact in self.facts)
            return {
                row[0]: row[1:] for row in lake.run(f"SELECT household_no, {names} FROM household_facts").fetchall()
            }

    def _at(self, day: date) -> Setting:
        return Setting(day, self.pack.at(day))

    def _moved(self) -> Moved:
        before, after = self._values(self.day - DAY), self._values(self.day)
        found: Moved = {}
        for number in before.keys() & after.keys():
            for fact, then, now in zip(self.facts, before[number], after[number], strict=True):
                if then != now:
                    ways = WAYS if then is None or now is None else ("up",) if now > then else ("down",)
                    for way in ways:
                        found.setdefault((fact.name, way), set()).add(number)
        return found

    @cached_property
    def lake(self) -> Lake:
        """Of households on which nothing was found yesterday."""
        kept, _ = last_kept(self.home)
        assert kept
        lake = Lake(self.home, self.day)
        kept.offer(lake)
        for table in ("hit", "unknown"):
            lake.view(f"kept_{table}", "SELECT 0 AS household WHERE 1 = 0")
        self.came: dict[str, list[int]] = {}
        for each in lake.reports:
            if str(each.number) not in kept.ground.deliveries:
                self.came.setdefault(each.source, []).append(each.number)
        return lake

    def touched(self, fact: str, way: str) -> set[str]:
        """Who is touched where one way of one fact is asked about."""
        lake, ways = self.lake, {fact: frozenset((way,))}
        find_touched(lake, [catalogue()[fact]], ways, self._at(self.day - DAY), self._at(self.day), Since(self.came))
        return {number for (number,) in lake.run("SELECT household_no FROM present_household").fetchall()}

    def missed(self, each: tuple[str, str]) -> set[str]:
        return self.moved[each] - self.touched(*each)


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Morning]]:
    made = [Morning(History(tmp_path_factory.mktemp("morning") / "home"), of_register) for of_register in (False, True)]
    with made[0].lake, made[1].lake:
        yield made


def test_whoever_went_that_way_is_touched(mornings: list[Morning]) -> None:
    for morning in mornings:
        assert len(morning.moved) > 5
        assert {each: missed for each in morning.moved if (missed := morning.missed(each))} == {}


def test_fewer_are_touched_than_are_reached(mornings: list[Morning]) -> None:
    for fact, way, other in (("dropout_children", "up", "down"), ("members_in_work", "down", "up")):
        assert mornings[0].touched(fact, way) < mornings[0].touched(fact, other)


@pytest.mark.parametrize(
    ("of", "raising"),
    [(HowMany, lambda self: "1 = 0"), (Total, lambda self: "1 = 0"), (Largest, lambda self: "r.line < 0")],
)
def test_an_aggregate_that_says_that_no_row_raises_it_is_found(
    of: type, raising: Any, mornings: list[Morning], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of, "raising", raising)
    assert any(
        morning.missed(each)
        for morning in mornings
        for each in morning.moved
        if isinstance(catalogue()[each[0]].value, of)
    )


def test_a_row_that_puts_another_in_the_shade_may_lower_a_fact(
    mornings: list[Morning], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = effects.of_row
    monkeypatch.setattr(effects, "of_row", lambda fact, ways, at: whole(fact, _up_alone(ways), at))
    assert any(morning.missed(each) for morning in mornings for each in morning.moved if each[1] == "down")


def _up_alone(ways: effects.Ways) -> effects.Ways:
    return {name: asked & {"up"} for name, asked in ways.items()}
