"""Facts × rules for the whole register, in stages: register, one table a fact, one pass for all rules.

Everything happens in DuckDB on integers; only what fired comes out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from shouwang.deliveries.lake import Lake
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact
from shouwang.facts.register import EVERYONE, choose, make_register
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import evidence_rows, values
from shouwang.policy.expression import names, to_sql
from shouwang.policy.pack import Pack
from shouwang.policy.rule import Rule

MEMBERS = "members"
ASSETS = "assets"
RISK_TYPES_HIT = "risk_types_hit"
RULES_HIT_OUTSIDE_INCOME = "rules_hit_outside_income"
Row = tuple[Any, ...]
Done = Callable[[], None]


@dataclass(frozen=True)
class Hits:
    """Households on which some rule fired: household, household_no, division_code, level, then `facts` values, then
    for each of `rules` whether it fired."""

    facts: tuple[str, ...]
    rules: tuple[str, ...]
    rows: list[Row]


def facts_of(pack: Pack) -> list[Fact]:
    """The facts that the pack's rules and levels speak of, and the number of members."""
    spoken = [name for rule in pack.rules.values() for name in rule.facts()]
    spoken += [name for level in pack.levels for name in names(level.when)] + names(pack.income_unknown)
    known = catalogue()
    return [known[name] for name in dict.fromkeys([MEMBERS, *spoken]) if name in known]


def prepare(lake: Lake, at: Setting, facts: Iterable[Fact], where: str = EVERYONE, done: Done = lambda: None) -> None:
    """Makes the register and `household_facts`: household, household_no, division_code and every fact's value.

    `where` chooses households by their columns in the register; households without members are kept.
    """
    make_register(lake, at)
    choose(lake, where)
    done()
    chosen = list(facts)
    for fact in chosen:
        lake.run(f"CREATE TEMP TABLE fact_{fact.name} AS {values(fact, lake, at)}")
        done()
    columns = "".join(f", {_present(fact)} AS {fact.name}" for fact in chosen)
    joins = "".join(f" LEFT JOIN fact_{fact.name} ON fact_{fact.name}.household = h.household" for fact in chosen)
    lake.run(
        "CREATE TEMP TABLE household_facts AS "
        f"SELECT h.household, h.household_no, h.division_code{columns} FROM household AS h{joins}"
    )


def find_hits(lake: Lake, pack: Pack, at: Setting, facts: Iterable[Fact]) -> Hits:
    """Makes `hit`, and narrows `household` and `person` to it, so that evidence is looked for only where it is due."""
    lake.run(f"CREATE TEMP TABLE hit AS {_hit(pack, at)}")
    names_of = tuple(fact.name for fact in facts)
    columns = ["household", "household_no", "division_code", "level", *names_of, *map(_column, pack.rules)]
    rows = lake.run(f"SELECT {', '.join(columns)} FROM hit ORDER BY household_no").fetchall()
    choose(lake, "household IN (SELECT household FROM hit)")
    return Hits(names_of, tuple(pack.rules), rows)


def find_level(lake: Lake, pack: Pack, at: Setting) -> str | None:
    """The level of the only household that was prepared; None where no rule fires."""
    found = lake.run(f"SELECT level FROM ({_hit(pack, at)}) AS hit").fetchone()
    return str(found[0]) if found else None


def _hit(pack: Pack, at: Setting) -> str:
    """Households with members on which some rule fires: all of `household_facts`, each rule's outcome, the level."""
    fired = ", ".join(f"{_condition(rule, at)} AS {_column(rule.id)}" for rule in pack.rules.values())
    any_rule = " OR ".join(_column(rule) for rule in pack.rules) or "1 = 0"
    tested = f"SELECT *, {fired} FROM household_facts WHERE {MEMBERS} > 0"
    counted = f"SELECT *, {_risk_types_hit(pack)}, {_outside_income(pack)} FROM ({tested}) AS t WHERE {any_rule}"
    return f"SELECT *, {_level(pack, at)} FROM ({counted}) AS c"


def evidence_of(lake: Lake, at: Setting, fact: Fact, rules: Iterable[str]) -> list[Row]:
    """Rows that carry a fact, of households on which one of `rules` fired (of all that were hit, without any).

    Household, delivery, line, person, then the columns that the fact shows; in order of receipt.
    """
    fired = " OR ".join(_column(rule) for rule in rules) or EVERYONE
    shown = "".join(f", e.{name}" for name in fact.shows)
    return lake.run(
        f"SELECT e.household, e.delivery, e.line, e.person{shown} FROM ({evidence_rows(fact, lake, at)}) AS e "
        f"WHERE e.household IN (SELECT household FROM hit WHERE {fired}) "
        "ORDER BY e.household, e.received_on, e.delivery, e.line"
    ).fetchall()


def _present(fact: Fact) -> str:
    value = f"fact_{fact.name}.value"
    if fact.kind == "flag":
        return f"coalesce({value}, 1 = 0)"
    return value if fact.value.absent is None else f"coalesce({value}, {fact.value.absent})"


def _condition(rule: Rule, at: Setting) -> str:
    return f"coalesce({to_sql(rule.condition, lambda name: _written(name, at))}, 1 = 0)"


def _written(name: str, at: Setting) -> str:
    return literal(at.number(name)) if "." in name else name


def _column(rule: str) -> str:
    return "fired_" + rule.replace(".", "__")


def _risk_types_hit(pack: Pack) -> str:
    by_type: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        by_type.setdefault(rule.risk_type, []).append(_column(rule.id))
    return f"{_how_many([' OR '.join(columns) for columns in by_type.values()])} AS {RISK_TYPES_HIT}"


def _outside_income(pack: Pack) -> str:
    outside = [_column(rule.id) for rule in pack.rules.values() if rule.area != pack.income_area]
    return f"{_how_many(outside)} AS {RULES_HIT_OUTSIDE_INCOME}"


def _how_many(conditions: list[str]) -> str:
    return " + ".join(f"CASE WHEN {each} THEN 1 ELSE 0 END" for each in conditions) or "0"


def _level(pack: Pack, at: Setting) -> str:
    cases = " ".join(
        f"WHEN {to_sql(level.when, lambda name: _written(name, at))} THEN {literal(level.id)}" for level in pack.levels
    )
    return f"CASE {cases} END AS level"
