"""Facts × rules for the whole register, in stages: register, one table a fact, one pass for all rules.

Everything happens in DuckDB on integers; only what fired comes out.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shouwang.deliveries.lake import Lake
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact, Reach
from shouwang.facts.register import EVERYONE, choose, make_register, narrow
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import ValueTable, evidence_rows, find_county_witnesses, table_names, value_tables
from shouwang.policy.expression import names, to_sql
from shouwang.policy.pack import Pack
from shouwang.policy.rule import Rule

if TYPE_CHECKING:
    import pyarrow as pa

MEMBERS = "members"
ASSETS = "assets"
RISK_TYPES_HIT = "risk_types_hit"
RULES_HIT_OUTSIDE_INCOME = "rules_hit_outside_income"
HEAD = ("household", "household_no", "division_code", "level")
Row = tuple[Any, ...]
Done = Callable[[], None]


@contextmanager
def without_collecting() -> Iterator[None]:
    """Many small objects that all stay: looking for garbage among them costs more than making them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@dataclass(frozen=True)
class Hits:
    """What one pass over all households found.

    `screened` counts households with members; `income_unknown` lists those of them whose income is unknown. `rows` are
    the households on which some rule fired, in order of number: household, household_no, division_code, level, then
    the values of `facts`, then for each of `rules` whether it fired.
    """

    facts: tuple[str, ...]
    rules: tuple[str, ...]
    rows: list[Row]
    screened: int
    income_unknown: list[str]

    @cached_property
    def by_rule(self) -> dict[str, int]:
        """On how many households each rule fired."""
        columns = list(zip(*self.rows, strict=True)) or [()] * (len(HEAD) + len(self.facts) + len(self.rules))
        return {rule: sum(fired) for rule, fired in sorted(zip(self.rules, columns[-len(self.rules) :], strict=True))}


def facts_of(pack: Pack) -> list[Fact]:
    """The facts that the pack's rules and levels speak of, and the number of members."""
    spoken = [name for rule in pack.rules.values() for name in rule.facts()]
    spoken += [name for level in pack.levels for name in names(level.when)] + names(pack.income_unknown)
    known = catalogue()
    return [known[name] for name in dict.fromkeys([MEMBERS, *spoken]) if name in known]


def prepare(lake: Lake, at: Setting, facts: Iterable[Fact], where: str = EVERYONE, done: Done = lambda: None) -> None:
    """Makes the register and the views `household_facts`, household, household_no, division_code and every fact's value, and
    `household_values`, those of households with members, without what they are called.

    `where` chooses households by their columns in the register; households without members are kept.
    """
    facts = list(facts)
    make_register(lake, at)
    for fact in of_counties(facts):
        find_county_witnesses(fact, lake, at)
    choose(lake, where)
    done()
    find_values(lake, at, facts, done, everybody=where == EVERYONE)


def of_counties(facts: Iterable[Fact]) -> list[Fact]:
    """Those facts of which whole counties have the same value."""
    return [fact for fact in facts if fact.reach is Reach.COUNTY]


def find_values(
    lake: Lake, at: Setting, facts: Iterable[Fact], done: Done = lambda: None, *, everybody: bool = False
) -> None:
    """Makes the views of the chosen households, as `prepare` does; the register and `county_table`s are there. `facts` tell the
    number of members too.

    `everybody` of the register is chosen: that is worth looking through whole sources.
    """
    tables = []
    for table in value_tables(facts, lake, at, everybody):
        lake.store(table.name, table.sql)
        tables.append(table)
        done()
    columns = ", ".join(f"{_present(fact, table.name)} AS {fact.name}" for table in tables for fact in table.facts)
    known = "household.household, household.household_no, household.division_code"
    lake.view("household_facts", f"SELECT {known}, {columns} {_joined('household', tables)}")
    members = next(table.name for table in tables if any(fact.name == MEMBERS for fact in table.facts))
    of_members = f"{_joined(members, tables)} WHERE {members}.{MEMBERS} > 0"
    lake.view("household_values", f"SELECT {members}.household, {columns} {of_members}")


def _joined(first: str, tables: Iterable[ValueTable]) -> str:
    others = (table.name for table in tables if table.name != first)
    return f"FROM {first} {' '.join(f'LEFT JOIN {other} ON {other}.household = {first}.household' for other in others)}"


def find_hits(lake: Lake, pack: Pack, at: Setting, facts: Sequence[Fact]) -> Hits:
    """Makes `hit`, and narrows `household` and `person` to it, so that evidence is looked for only where it is due."""
    names_of = tuple(fact.name for fact in facts)
    looked_for = f"{_tested(pack, at)} WHERE any_fired OR income_unknown"
    named = "JOIN household AS h ON h.household = t.household"  # only of these: texts are heavy to carry along
    lake.store("tested", f"SELECT h.household_no, h.division_code, t.* FROM ({looked_for}) AS t {named}")
    unknown = lake.run("SELECT household_no FROM tested WHERE income_unknown ORDER BY household_no").fetchall()
    lake.view("hit", "SELECT * FROM tested WHERE any_fired")
    columns = [*HEAD, *names_of, *map(fired_column, pack.rules)]
    with without_collecting():
        rows = lake.run(f"SELECT {', '.join(columns)} FROM hit ORDER BY household_no").fetchall()
    screened = lake.run(f"SELECT count(*) FROM fact_{MEMBERS} WHERE {MEMBERS} > 0").fetchone()
    for table in table_names(facts):  # they have said all, and what follows needs the room
        lake.drop(table)
    narrow(lake, "household IN (SELECT household FROM hit)")
    return Hits(names_of, tuple(pack.rules), rows, screened[0] if screened else 0, [row[0] for row in unknown])


def find_level(lake: Lake, pack: Pack, at: Setting) -> str | None:
    """The level of the only household that was prepared; None where no rule fires."""
    found = lake.run(f"{_tested(pack, at)} WHERE any_fired").fetchone()
    return str(found[-1]) if found else None


def fired_on(lake: Lake, pack: Pack, at: Setting) -> dict[int, list[str]]:
    """By household of those that were prepared: the rules that fire on it, in the pack's order."""
    columns = ", ".join(map(fired_column, pack.rules))
    rows = lake.run(f"SELECT household, {columns} FROM ({_tested(pack, at)}) AS f WHERE any_fired").fetchall()
    return {row[0]: [rule for rule, hit in zip(pack.rules, row[1:], strict=True) if hit] for row in rows}


def _tested(pack: Pack, at: Setting) -> str:
    """Households with members: all of `household_values`, each rule's outcome, any_fired, income_unknown, last level."""
    fired = ", ".join(f"{_condition(rule, at)} AS {fired_column(rule.id)}" for rule in pack.rules.values())
    unknown = to_sql(pack.income_unknown, lambda name: _written(name, at))
    tested = f"SELECT *, {fired}, {unknown} AS income_unknown FROM household_values"
    any_fired = " OR ".join(fired_column(rule) for rule in pack.rules) or "1 = 0"
    counts = f"{_risk_types_hit(pack)}, {_outside_income(pack)}, ({any_fired}) AS any_fired"
    return f"SELECT *, {_level(pack, at)} FROM (SELECT *, {counts} FROM ({tested}) AS t) AS c"


def evidence_of(lake: Lake, at: Setting, fact: Fact, rules: Iterable[str]) -> "pa.Table":
    """Rows that carry a fact, of households on which one of `rules` fired (of all that were hit, without any).

    Household, delivery, line, person, then the columns that the fact shows; in order of household, then of receipt.
    """
    fired = " OR ".join(fired_column(rule) for rule in rules) or EVERYONE
    shown = "".join(f", e.{name}" for name in fact.shows)
    return lake.columns(
        f"SELECT e.household, e.delivery, e.line, e.person{shown} FROM ({evidence_rows(fact, lake, at)}) AS e "
        f"WHERE e.household IN (SELECT household FROM hit WHERE {fired}) "
        "ORDER BY e.household, e.received_on, e.delivery, e.line"
    )


def _present(fact: Fact, table: str) -> str:
    value = f"{table}.{fact.name}"
    if fact.reach is Reach.COUNTY:
        return f"coalesce({value}, 1 = 1)"
    if fact.kind == "flag":
        return f"coalesce({value}, 1 = 0)"
    return value if fact.value.absent is None else f"coalesce({value}, {fact.value.absent})"


def _condition(rule: Rule, at: Setting) -> str:
    return f"coalesce({to_sql(rule.condition, lambda name: _written(name, at))}, 1 = 0)"


def _written(name: str, at: Setting) -> str:
    return literal(at.number(name)) if "." in name else name


def fired_column(rule: str) -> str:
    return "fired_" + rule.replace(".", "__")


def _risk_types_hit(pack: Pack) -> str:
    by_type: dict[str, list[str]] = {}
    for rule in pack.rules.values():
        by_type.setdefault(rule.risk_type, []).append(fired_column(rule.id))
    return f"{_how_many([' OR '.join(columns) for columns in by_type.values()])} AS {RISK_TYPES_HIT}"


def _outside_income(pack: Pack) -> str:
    outside = [fired_column(rule.id) for rule in pack.rules.values() if rule.area != pack.income_area]
    return f"{_how_many(outside)} AS {RULES_HIT_OUTSIDE_INCOME}"


def _how_many(conditions: list[str]) -> str:
    return " + ".join(f"CASE WHEN {each} THEN 1 ELSE 0 END" for each in conditions) or "0"


def _level(pack: Pack, at: Setting) -> str:
    cases = " ".join(
        f"WHEN {to_sql(level.when, lambda name: _written(name, at))} THEN {literal(level.id)}" for level in pack.levels
    )
    return f"CASE {cases} END AS level"
