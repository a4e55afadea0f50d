"""From declarations to statements: the qualifying rows of a fact, and its value for every household.

The statements keep to a subset that sqlglot can carry over to Spark; they read the views `household` and `person`
that `facts.register` makes. Facts that look at the same rows are computed in one scan.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shouwang.deliveries.lake import Lake
from shouwang.facts.conditions import OF_MEMBER, Condition, all_of
from shouwang.facts.declaration import REGISTER, Fact, HowManyPersons, Reach
from shouwang.facts.setting import Setting

PLACE = ("delivery", "line", "received_on")
LINKS: dict[Reach, tuple[str, ...]] = {
    Reach.MEMBERS: ("person",),
    Reach.REGISTERED: ("person",),
    Reach.HOUSEHOLD: ("household_no",),
    Reach.OWN_OR_VILLAGE: ("person", "link", "division_code"),
}
COUNTY_DIGITS = 6  # structure of the statistical code, not policy
WITNESSES = 10  # of a county; as long as one of them stands, its fact does
FEW, EVERYBODY = "p.person % 64 = 0", "1 = 1"  # a pseudonym is as good as drawn by lot


@dataclass(frozen=True)
class ValueTable:
    """A SELECT of household and one column for each fact, named as it; households without rows may be missing."""

    facts: tuple[Fact, ...]
    sql: str

    @property
    def name(self) -> str:
        return f"fact_{self.facts[0].name}"


def value_tables(facts: Iterable[Fact], lake: Lake, at: Setting) -> list[ValueTable]:
    """The statements that compute the facts; those of whole counties read `county_table`."""
    groups: dict[object, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(_same_scan(fact), []).append(fact)
    return [ValueTable(tuple(group), _values(group, lake, at)) for group in groups.values()]


def scans(facts: Iterable[Fact]) -> int:
    """How many statements `value_tables` makes of the facts."""
    return len({_same_scan(fact) for fact in facts})


def evidence_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT of the rows that carry the finding: household, person, delivery, line, received_on and what is shown."""
    return fact.value.carrying(qualifying_rows(fact, lake, at), at)


def qualifying_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT household, person, delivery, line, received_on, and the columns that are shown or added up."""
    columns = _columns(fact, (*PLACE, *fact.value.columns(), *fact.shows))
    return _rows(fact, lake, at, columns, _first(fact), "")


def _same_scan(fact: Fact) -> object:
    """Facts with the same answer can share a scan: the same rows, or rows of one source that only `where` tells apart."""
    simple = fact.value.expression("1 = 1") is not None and fact.reach is not Reach.COUNTY
    if not simple:
        return fact.name
    if fact.last or fact.lacking or fact.value.absent is None:
        return fact.source, fact.reach, fact.last, fact.lacking, fact.where, fact.keep
    return fact.source, fact.reach


def _values(group: list[Fact], lake: Lake, at: Setting) -> str:
    fact = group[0]
    if fact.reach is Reach.COUNTY:
        return _of_county(fact)
    if fact.value.expression("1 = 1") is None:
        return fact.value.sql(qualifying_rows(fact, lake, at), at, fact.name)
    needed = [name for each in group for name in each.value.columns()]
    apart = len({(each.where, each.keep) for each in group}) > 1
    if not apart:
        columns = _columns(fact, tuple(needed))
        rows = _rows(fact, lake, at, columns, _first(fact), "")
        only = [each.value.of_the_only() for each in group]
        if fact.last and fact.last.per == "household" and all(only):
            values = [f"{value} AS {each.name}" for value, each in zip(only, group, strict=True)]
            return f"SELECT household, {', '.join(values)} FROM ({rows}) AS x"
        values = [f"{each.value.expression('1 = 1')} AS {each.name}" for each in group]
    else:
        met = {each.name: all_of(_first(each), at) for each in group}
        flags = "".join(f", {sql} AS met_{name}" for name, sql in met.items())
        either = "(" + " OR ".join(f"({sql})" for sql in dict.fromkeys(met.values())) + ")"
        used = tuple(condition for each in group for condition in _first(each))
        rows = _rows(fact, lake, at, tuple(dict.fromkeys(needed)), used, flags, either)
        if any(isinstance(each.value, HowManyPersons) for each in group):
            rows = _by_person(group, rows)
            values = [f"{each.value.over_persons(each.name)} AS {each.name}" for each in group]
        else:
            values = [f"{each.value.expression(f'met_{each.name}')} AS {each.name}" for each in group]
    return f"SELECT household, {', '.join(values)} FROM ({rows}) AS x GROUP BY household"


def _by_person(group: list[Fact], rows: str) -> str:
    """The values of each person of a household: to count persons among them is quicker than to tell apart who is counted."""
    values = ", ".join(f"{each.value.of_person(f'met_{each.name}')} AS {each.name}" for each in group)
    return f"SELECT household, person, {values} FROM ({rows}) AS b GROUP BY household, person"


def _first(fact: Fact) -> tuple[Condition, ...]:
    """The conditions that choose rows before the last one is looked for."""
    return fact.where if fact.last else (*fact.where, *fact.keep)


def _columns(fact: Fact, needed: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of the source that the rows must hand on."""
    later = (fact.last.by, *PLACE, *_of_row(fact.keep)) if fact.last else ()
    return tuple(dict.fromkeys([*needed, *later]))


def _of_row(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    named = [name for condition in conditions for name in condition.columns()]
    return tuple(dict.fromkeys(name for name in named if not name.startswith(OF_MEMBER)))


def _rows(
    fact: Fact,
    lake: Lake,
    at: Setting,
    columns: tuple[str, ...],
    conditions: tuple[Condition, ...],
    flags: str,
    met: str | None = None,
) -> str:
    """Rows that reach a household and meet the conditions; `flags` are further expressions over a row."""
    rows = _reached(fact, lake, columns, conditions, met or all_of(conditions, at), flags)
    if fact.lacking:
        without = lake.versions(fact.lacking.source, ("person", *_of_row(fact.lacking.where)))
        lacked = f"r.person IS NOT NULL AND {all_of(fact.lacking.where, at)}"
        persons = f"SELECT r.person FROM ({without}) AS r WHERE {lacked}"
        rows = f"SELECT l.* FROM ({rows}) AS l ANTI JOIN ({persons}) AS w ON w.person = l.person"
    return _last_of(fact, rows, at, columns) if fact.last else rows


def _reached(
    fact: Fact, lake: Lake, columns: tuple[str, ...], conditions: tuple[Condition, ...], met: str, flags: str
) -> str:
    handed_on = "".join(f", r.{name}" for name in columns) + flags
    nobody = f"CAST(NULL AS BIGINT) AS person{handed_on}"
    if fact.source == REGISTER:
        if fact.reach is Reach.HOUSEHOLD:
            return f"SELECT r.household, {nobody} FROM household AS r WHERE {met}"
        return f"SELECT r.household, r.person{handed_on} FROM person AS r WHERE r.member AND {met}"
    wanted = [*columns, *_of_row(conditions), *LINKS[fact.reach]]
    rows = lake.versions(fact.source, tuple(dict.fromkeys(wanted)))
    if fact.reach is Reach.HOUSEHOLD:
        joined = "JOIN household AS h ON h.household_no = r.household_no"
        return f"SELECT h.household, {nobody} FROM ({rows}) AS r {joined} WHERE {met}"
    membership = "p.member AND " if fact.reach is Reach.MEMBERS else ""
    own = (
        f"SELECT p.household, p.person{handed_on} FROM ({rows}) AS r "
        f"JOIN person AS p ON p.person = r.person WHERE {membership}{met}"
    )
    if fact.reach is not Reach.OWN_OR_VILLAGE:
        return own
    return (
        f"{own} UNION ALL SELECT h.household, {nobody} FROM ({rows}) AS r "
        f"JOIN household AS h ON h.division_code = r.division_code "
        f"WHERE r.person IS NULL AND r.link IS NULL AND {met}"
    )


def _last_of(fact: Fact, rows: str, at: Setting, columns: tuple[str, ...]) -> str:
    """Most households and persons have one row: the last is looked for of the others alone."""
    assert fact.last
    per, named = fact.last.per, ", ".join(f"r.{name}" for name in ("household", "person", *columns))
    order = f"{fact.last.by} DESC, received_on DESC, delivery DESC, line DESC"
    place = f"row_number() OVER (PARTITION BY r.{per} ORDER BY {order}) AS place"
    several = f"several AS s ON s.{per} = r.{per}"
    return (
        f"WITH q AS ({rows}), several AS (SELECT {per} FROM q GROUP BY {per} HAVING count(*) > 1) "
        f"SELECT {named} FROM (SELECT r.* FROM q AS r ANTI JOIN {several} UNION ALL SELECT {named} FROM "
        f"(SELECT r.*, {place} FROM q AS r SEMI JOIN {several}) AS r WHERE r.place = 1) AS r WHERE {all_of(fact.keep, at)}"
    )


def county_table(fact: Fact) -> str:
    """Where `county_witnesses` of a fact must lie before its values are asked for."""
    return f"county_{fact.name}"


def county_witnesses(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT county, person and key of some qualifying rows of each county in which a registered person has any.

    Nearly every county has some among one row in so many; everybody is looked at only of the others.
    """
    others = f"substr(h.division_code, 1, {COUNTY_DIGITS}) NOT IN (SELECT county FROM few)"
    everybody = f"(SELECT * FROM registered_household AS h WHERE {others})"
    few = _witnesses(fact, lake, at, FEW, "registered_household")
    return f"WITH few AS ({few}) SELECT * FROM few UNION ALL {_witnesses(fact, lake, at, EVERYBODY, everybody)}"


def _witnesses(fact: Fact, lake: Lake, at: Setting, whom: str, households: str) -> str:
    rows = lake.versions(fact.source, ("person", "key", *_of_row(fact.where)))
    county = f"substr(h.division_code, 1, {COUNTY_DIGITS})"
    persons = (
        f"SELECT p.person, {county} AS county FROM registered_person AS p "
        f"JOIN {households} AS h ON h.household = p.household WHERE {whom}"
    )
    several = (
        "SELECT p.county, max(struct_pack(person := r.person, key := r.key)) AS w "
        f"FROM ({rows}) AS r JOIN ({persons}) AS p ON p.person = r.person WHERE {all_of(fact.where, at)} "
        f"GROUP BY p.county, r.person % {WITNESSES}"
    )
    return f"SELECT s.county, s.w.person AS person, s.w.key AS key FROM ({several}) AS s"


def _of_county(fact: Fact) -> str:
    """Households of every county in which some registered person has a qualifying row."""
    county = f"substr(division_code, 1, {COUNTY_DIGITS})"
    counties = f"SELECT county FROM {county_table(fact)}"
    return f"SELECT household, 1 = 1 AS {fact.name} FROM household WHERE {county} IN ({counties})"
