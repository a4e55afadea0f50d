"""How chosen households stand at D: the facts that are asked for with their source rows, and which rules fire.

The same facts and the same rules as a screening's, so that whoever asks whether a risk has ended sees the figures that once
raised it. Everything is found in one pass, for one household as for thirty thousand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact, Reach
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import qualifying_rows
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack
from shouwang.screening.engine import facts_of, fired_on, prepare
from shouwang.screening.explain import how_words
from shouwang.screening.wording import Phrases, confirmed_words, json_value, row_words, value_words

MOST_ROWS = 20  # of one fact of one household; the total is always said


@dataclass(frozen=True)
class FactStanding:
    """A fact of one household: its value as JSON has it (None: not known), in words, how it comes about, the rows."""

    title: str
    value: str | int | bool | None
    words: str
    how: str
    source: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    rows_total: int = 0


@dataclass(frozen=True)
class RuleStanding:
    """A rule that fires."""

    rule: str
    title: str
    risk_type: str
    reason: str


@dataclass
class Standing:
    """One household at D."""

    household_no: str
    as_of: date
    pack_version: str
    facts: dict[str, FactStanding]
    fired: list[RuleStanding]


def standings(
    home: Home,
    pack: Pack,
    numbers: Collection[str],
    as_of: date,
    wanted: Sequence[str],
    *,
    rows: bool = True,
    known_at: date | None = None,
) -> dict[str, Standing]:
    """How the households with these numbers stand; a number that the register does not know is missing.

    Args:
        wanted: names of the facts to tell.
        rows: whether the source rows of the facts are told too.
        known_at: only deliveries received by this day count; by default the as-of day.

    Raises:
        Failure: memory or disk did not suffice, or a file of the lake is missing.
    """
    if not numbers:
        return {}
    at, known = Setting(as_of, pack.at(as_of)), catalogue()
    told = [known[name] for name in wanted]
    facts = list({fact.name: fact for fact in [*facts_of(pack), *told]}.values())
    listed = ", ".join(literal(number) for number in sorted(numbers))
    with Lake(home, known_at or as_of) as lake:
        prepare(lake, at, facts, f"household_no IN ({listed})")
        found = _found(lake, pack, at, facts, told)
        if rows:
            _add_rows(lake, at, told, found)
    return {each.household_no: each for each in found.values()}


def _found(lake: Lake, pack: Pack, at: Setting, facts: list[Fact], told: list[Fact]) -> dict[int, Standing]:
    """Every chosen household by its key in the lake; on households without members no rule fires."""
    phrases, hows = Phrases(pack, at), {fact.name: how_words(fact, at) for fact in told}
    names = [fact.name for fact in facts]
    columns = ", ".join(["household", "household_no", *names])
    fired = fired_on(lake, pack, at)
    found = {}
    for household, number, *cells in lake.run(f"SELECT {columns} FROM household_facts").fetchall():
        values = dict(zip(names, cells, strict=True))
        rules = [pack.rules[rule] for rule in fired.get(household, ())]
        found[household] = Standing(
            number,
            at.as_of,
            pack.version,
            {fact.name: _fact(fact, values[fact.name], hows[fact.name]) for fact in told},
            [RuleStanding(rule.id, rule.title, rule.risk_type, phrases.reason(rule, values)) for rule in rules],
        )
    return found


def _fact(fact: Fact, value: Any, how: str) -> FactStanding:
    return FactStanding(fact.title, json_value(fact, value), value_words(fact, value), how, fact.source)


def _add_rows(lake: Lake, at: Setting, told: list[Fact], found: dict[int, Standing]) -> None:
    for fact in told:
        if fact.reach is Reach.COUNTY:
            continue
        shown = "".join(f", {name}" for name in fact.shows)
        sql = f"SELECT household, delivery, line{shown} FROM ({qualifying_rows(fact, lake, at)}) AS q"
        for household, delivery, line, *cells in lake.run(f"{sql} ORDER BY received_on, delivery, line").fetchall():
            standing = found[household].facts[fact.name]
            text = row_words(fact, cells) + confirmed_words(lake.confirmed_by(delivery, line))
            place = {"source": fact.source, "delivery": label(delivery), "line": line, "text": text}
            counted = {"rows_total": standing.rows_total + 1}
            if standing.rows_total < MOST_ROWS:
                standing.rows.append(place)
            found[household].facts[fact.name] = FactStanding(**vars(standing) | counted)
