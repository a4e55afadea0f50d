"""Histories of many days: what departments deliver and people decide while time passes, screened day by day."""

import json
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from screening.random_worlds import RandomWorld
from shouwang.deliveries.decided_links import NOBODY, PERSON, UNDONE, Decision
from shouwang.kernel.home import Home, init_home
from shouwang.policy.pack import Pack, load_pack
from shouwang.screening.batch import BatchClue, ClueBatch
from shouwang.screening.daily import screen_daily
from shouwang.screening.example_world import ExampleRow, deliver_rows, number_of
from shouwang.screening.run import screen

ORDER = ("household_register", "vital_event")


class History:
    """A home that grows by deliveries and decisions."""

    def __init__(self, folder: Path) -> None:
        self.home = init_home(folder)
        self._seen: set[tuple[str, int]] = set()
        self._delivered = 0

    def deliver(self, rows: Iterable[ExampleRow], received_on: date) -> None:
        """Takes rows in, a delivery a source, whatever day they were drawn for."""
        by_source: dict[str, list[ExampleRow]] = {}
        for row in rows:
            by_source.setdefault(row.source, []).append(replace(row, received_on=received_on))
        for source in sorted(by_source, key=lambda name: (name not in ORDER, name)):
            self._delivered += 1
            deliver_rows(self.home, self._delivered, by_source[source], self._seen)

    def decide_on(self, known: date, who: str) -> None:
        """Says of every row in review that it is about one person."""
        for place in self._in_review():
            self._say(known, place, PERSON, number_of("person", who))

    def decide(self, known: date, chance: random.Random) -> None:
        """Somebody says of some rows in review whom they are about, or takes it back."""
        rows = pl.scan_parquet(self.home.rows("household_register") / "*.parquet")
        persons = sorted(set(rows.select("person").collect()["person"]))
        for place in self._in_review():
            verdict = chance.choice([PERSON, PERSON, PERSON, NOBODY, UNDONE, None])
            if verdict:
                self._say(known, place, verdict, chance.choice(persons) if verdict == PERSON else None)

    def _in_review(self) -> list[tuple[int, int]]:
        files = sorted(self.home.rows("hotline_complaint").glob("*.parquet"))
        rows = [pl.read_parquet(file).filter(pl.col("link") == "review") for file in files]
        return [place for each in rows for place in each.select("delivery", "line").rows()]

    def _say(self, known: date, place: tuple[int, int], verdict: str, person: int | None) -> None:
        ledger = self.home.lake / "decisions" / "links.jsonl"
        ledger.parent.mkdir(exist_ok=True)
        said = Decision(*place, verdict, person, "测试县", "test", "", known, known.isoformat(), "")
        with ledger.open("a") as stream:
            stream.write(json.dumps(asdict(said) | {"known": known.isoformat()}) + "\n")


@dataclass
class Day:
    """One day: both runs, and the whole clues of the day before."""

    full: ClueBatch
    daily: ClueBatch
    before: dict[tuple[str, str], BatchClue]

    def differences(self) -> list[str]:
        """What the daily run says otherwise than the full one, in words; what it carries must stand as on the day before."""
        wanted = {(clue.household_no, clue.risk_type): clue for clue in self.full.clues}
        fresh = {(clue.household_no, clue.risk_type): clue for clue in self.daily.clues}
        carried = {key.identity: key for key in (self.daily.carried.keys if self.daily.carried else [])}
        apart = [f"{key} is both looked at and carried" for key in fresh.keys() & carried.keys()]
        apart += [f"{key} is found by one alone" for key in wanted.keys() ^ (fresh.keys() | carried.keys())]
        apart += [f"{key} looks otherwise" for key, clue in fresh.items() if wanted.get(key) != clue]
        for key, clue in carried.items():
            known, now = self.before.get(key), wanted.get(key)
            if known is None or now is None or finding(known) != finding(now):
                apart.append(f"{key} was carried and is another")
            elif (clue.level, clue.division_code) != (now.level, now.division_code):
                apart.append(f"{key} was carried on another level")
        for name in ("households_screened", "hits_by_rule", "income_unknown"):
            if getattr(self.full, name) != getattr(self.daily, name):
                apart.append(name)
        return apart


def finding(clue: BatchClue) -> dict[str, Any]:
    """A clue without its sentences: these name the days of the windows, which pass."""
    evidence = {rule: {**found, "reason": ""} for rule, found in clue.evidence.items()}
    return asdict(replace(clue, reasons="", evidence=evidence))


def whole_clues(batch: ClueBatch) -> dict[tuple[str, str], BatchClue]:
    return {(clue.household_no, clue.risk_type): clue for clue in batch.clues}


def both(home: Home, as_of: date, before: ClueBatch | None, pack: Pack | None = None, **settings: Any) -> Day:
    """A day screened twice. `before` is the full run of the day on which the daily one begins."""
    pack = pack or load_pack()
    daily = screen_daily(home, pack, as_of, **settings)
    return Day(screen(home, pack, as_of, settings.get("known_at")), daily, whole_clues(before) if before else {})


def of_rules(pack: Pack, names: Iterable[str]) -> Pack:
    """The pack with these of its rules alone: what does not depend on how many there are is shown in a third of the time."""
    wanted = {*names}
    return replace(pack, rules={name: rule for name, rule in pack.rules.items() if name in wanted})


def split(world: RandomWorld, parts: int, first: float, chance: random.Random) -> list[list[ExampleRow]]:
    """The rows of a world in so many portions, the first of them with that share of all."""
    portions: list[list[ExampleRow]] = [[] for _ in range(parts)]
    for row in world.rows:
        portions[0 if chance.random() < first else chance.randrange(parts)].append(row)
    return portions


def some_days(chance: random.Random, steps: int) -> list[timedelta]:
    """How time passes: mostly by a day, now and then by a week or into another month."""
    return [timedelta(days=chance.choice([0, 1, 1, 1, 2, 7, 16, 31])) for _ in range(steps)]
