"""All rules over the whole register: what is found, with the values that say so and the row that is to be mended."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shouwang.deliveries.lake import Lake
from shouwang.facts.setting import Setting
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack
from shouwang.quality.declaration import Of, QualityRule
from shouwang.quality.declared import RULES
from shouwang.quality.tables import PARAMETERS, Desk, make_tables

HEAD = ("household_no", "person", "delivery", "line")
AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """One defect: the rule, the household, the member's key in the lake (0: the household's), the values by column, and the
    register row that counts."""

    rule: str
    household_no: str
    person: int
    values: dict[str, str]
    delivery: int
    line: int


@dataclass
class Checked:
    """What a check of the register as known and as of a day found. `households`: how many it looked at."""

    as_of: date
    households: int = 0
    found: list[Found] = field(default_factory=list)


def parameters() -> tuple[str, ...]:
    """Every parameter of the pack that a check needs."""
    return tuple(dict.fromkeys([*PARAMETERS, *(name for rule in RULES for name in rule.parameters())]))


def check(home: Home, pack: Pack, as_of: date, desk: Desk, rules: Iterable[QualityRule] = RULES) -> Checked:
    """Checks every household of the register. Raises as `checking`."""
    with checking(home, pack, as_of, desk, rules) as (households, found):
        return Checked(as_of, households, list(found))


@contextmanager
def checking(
    home: Home, pack: Pack, as_of: date, desk: Desk, rules: Iterable[QualityRule] = RULES
) -> Iterator[tuple[int, Iterator[Found]]]:
    """How many households there are, and what is found of them, one after the other: a city's defects are millions.

    Raises:
        Failure: memory or disk did not suffice, or a file of the lake is missing.
    """
    at = Setting(as_of, pack.at(as_of))
    with Lake(home, as_of) as lake:
        make_tables(lake, at, desk)
        [(households,)] = lake.run("SELECT count(*) FROM household").fetchall()
        yield households, (each for rule in rules for each in _found(lake, at, rule))


def _found(lake: Lake, at: Setting, rule: QualityRule) -> Iterator[Found]:
    columns = rule.columns()
    person = "person" if rule.of is Of.MEMBER else "CAST(0 AS BIGINT) AS person"
    wanted = ", ".join(("household_no", person, "delivery", "line", *(f"CAST({name} AS VARCHAR)" for name in columns)))
    cursor = lake.run(f"SELECT {wanted} FROM {rule.of} WHERE {rule.condition(at)}")
    while rows := cursor.fetchmany(AT_A_TIME):
        for household_no, key, delivery, line, *cells in rows:
            values = {name: _said(cell) for name, cell in zip(columns, cells, strict=True) if cell is not None}
            yield Found(rule.id, household_no, key, values, delivery, line)


def _said(cell: Any) -> str:
    return str(cell)
