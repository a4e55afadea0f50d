"""Facts × rules for the whole register, in stages: register, one table a fact, one pass for all rules.

Everything happens in DuckDB on integers; only what fired comes out.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shouwang.deliveries.lake import Lake
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact, Reach
from shouwang.facts.register import EVERYONE, choose, make_register, narrow
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import evidence_rows, find_county_witnesses, table_names, value_tables
from shouwang.policy.expression import Term, names, to_sql
from shouwang.policy.pack import Pack

if TYPE_CHECKING:
    import pyarrow as pa

MEMBERS = "members"
ASSETS = "assets"
MASK = "mask"
FEW_VALUES, FEW = "few_values", 0.1  # of the households with members
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

    `screened` counts households with members; `income_unknown` lists those of them whose income is unknown. `by_rule` says on
    how many households each rule fired; `rows_of` reads them.
    """

    facts: tuple[str, ...]
    rules: tuple[str, ...]
    by_rule: dict[str, int]
    screened: int
    income_unknown: list[str]

    def fired(self, mask: int) -> list[str]:
        """The rules whose bits are set."""
        return [rule for bit, rule in enumerate(self.rules) if int(mask) >> bit & 1]


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
    tables: dict[str, Sequence[Fact]] = {}
    rows: dict[str, int | None] = {}
    for table in value_tables(facts, lake, at, everybody):
        rows[table.name] = lake.store(table.name, table.sql)
        tables[table.name] = table.facts
        done()
    members = next(name for name, of in tables.items() if any(fact.name == MEMBERS for fact in of))
    most = (rows[members] or 0) * FEW if everybody else 0
    few = {name: tables.pop(name) for name, count in rows.items() if count is not None and count < most}
    if few:
        tables[FEW_VALUES] = _gathered(lake, few)
    columns = ", ".join(f"{_present(fact, name)} AS {fact.name}" for name, of in tables.items() for fact in of)
    known = "household.household, household.household_no, household.division_code"
    lake.view("household_facts", f"SELECT {known}, {columns} {_joined('household', tables)}")
    of_members = f"{_joined(members, tables)} WHERE {members}.{MEMBERS} > 0"
    lake.view("household_values", f"SELECT {members}.household, {columns} {of_members}")


def _gathered(lake: Lake, tables: Mapping[str, Sequence[Fact]]) -> list[Fact]:
    """Makes one table of several that have few rows: each that is joined takes memory and time of its own."""
    facts = [fact for of in tables.values() for fact in of]
    parts = [
        f"SELECT household, {', '.join(fact.name if fact in of else f'NULL AS {fact.name}' for fact in facts)} FROM {name}"
        for name, of in tables.items()
    ]
    values = ", ".join(f"max({fact.name}) AS {fact.name}" for fact in facts)
    lake.store(FEW_VALUES, f"SELECT household, {values} FROM ({' UNION ALL '.join(parts)}) AS v GROUP BY household")
    return facts


def _joined(first: str, tables: Iterable[str]) -> str:
    others = (table for table in tables if table != first)
    return f"FROM {first} {' '.join(f'LEFT JOIN {other} ON {other}.household = {first}.household' for other in others)}"


def find_hits(lake: Lake, pack: Pack, at: Setting, facts: Sequence[Fact]) -> Hits:
    """Makes `hit`, and narrows `household` and `person` to it, so that evidence is looked for only where it is due."""
    names_of = tuple(fact.name for fact in facts)
    named = "JOIN household AS h ON h.household = t.household"  # only of these: texts are heavy to carry along
    bits = " + ".join(f"CASE WHEN {fired_column(rule)} THEN {2**bit} ELSE 0 END" for bit, rule in enumerate(pack.rules))
    marked = (
        f"SELECT h.household_no, h.division_code, t.*, {bits or 0} AS {MASK} FROM ({_found(pack, at)}) AS t {named}"
    )
    lake.store("tested", marked)
    unknown = lake.run("SELECT household_no FROM tested WHERE income_unknown ORDER BY household_no").fetchall()
    lake.view("hit", "SELECT * FROM tested WHERE any_fired")
    counted = ", ".join(["count(*)", *(f"count(CASE WHEN {fired_column(rule)} THEN 1 END)" for rule in pack.rules)])
    [counts] = lake.run(f"SELECT {counted} FROM hit").fetchall()
    by_rule = dict(sorted(zip(pack.rules, counts[1:], strict=True)))
    screened = lake.run(f"SELECT count(*) FROM fact_{MEMBERS} WHERE {MEMBERS} > 0").fetchone()
    for table in table_names(facts):  # they have said all, and what follows needs the room
        lake.drop(table)
    narrow(lake, "household IN (SELECT household FROM hit)")
    numbers = [row[0] for row in unknown]
    return Hits(names_of, tuple(pack.rules), by_rule, screened[0] if screened else 0, numbers)


def rows_of(lake: Lake, hits: Hits) -> Iterator[Row]:
    """The households on which some rule fired, in order of number: household, household_no, division_code, level, then the
    values of `hits.facts`, last a number of which each bit says whether that of `hits.rules` fired. Read one after the other:
    together they are heavy.
    """
    columns = ", ".join([*HEAD, *hits.facts, MASK])
    return lake.rows(f"SELECT {columns} FROM hit ORDER BY household_no")


def find_level(lake: Lake, pack: Pack, at: Setting) -> str | None:
    """The level of the only household that was prepared; None where no rule fires."""
    found = lake.run(f"{_tested(pack, at)} WHERE any_fired").fetchone()
    return str(found[-1]) if found else None


def fired_on(lake: Lake, pack: Pack, at: Setting) -> dict[int, list[str]]:
    """By household of those that were prepared: the rules that fire on it, in the pack's order."""
    columns = ", ".join(map(fired_column, pack.rules))
    rows = lake.run(f"SELECT household, {columns} FROM ({_tested(pack, at)}) AS f WHERE any_fired").fetchall()
    return {row[0]: [rule for rule, hit in zip(pack.rules, row[1:], strict=True) if hit] for row in rows}


def _found(pack: Pack, at: Setting) -> str:
    """Of `_tested` those on which a rule fires or whose income is unknown: what is tested at length is only they."""
    conditions = [*(rule.condition for rule in pack.rules.values()), pack.income_unknown]
    return _tested(pack, at, f"WHERE {' OR '.join(_sql(condition, at) for condition in conditions)}")


def _tested(pack: Pack, at: Setting, which: str = "") -> str:
    """Households with members: all of `household_values`, each rule's outcome, any_fired, income_unknown, last level."""
    fired = [f"coalesce({_sql(rule.condition, at)}, 1 = 0) AS {fired_column(rule.id)}" for rule in pack.rules.values()]
    outcomes = ", ".join([*fired, f"{_sql(pack.income_unknown, at)} AS income_unknown"])
    tested = f"SELECT *, {outcomes} FROM household_values {which}"
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


def _sql(term: Term, at: Setting) -> str:
    return to_sql(term, lambda name: literal(at.number(name)) if "." in name else name)


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
    cases = " ".join(f"WHEN {_sql(level.when, at)} THEN {literal(level.id)}" for level in pack.levels)
    return f"CASE {cases} END AS level"
