"""From declarations to statements: the qualifying rows of a fact, and its value for every household.

The statements keep to a subset that sqlglot can carry over to Spark; they read the views `household` and `person`
that `facts.register` makes.
"""

from shouwang.deliveries.lake import Lake
from shouwang.facts.conditions import OF_MEMBER, Condition, all_of
from shouwang.facts.declaration import REGISTER, Fact, Reach
from shouwang.facts.setting import Setting

PLACE = ("delivery", "line", "received_on")
LINKS: dict[Reach, tuple[str, ...]] = {
    Reach.MEMBERS: ("person",),
    Reach.REGISTERED: ("person",),
    Reach.HOUSEHOLD: ("household_no",),
    Reach.OWN_OR_VILLAGE: ("person", "link", "division_code"),
}
COUNTY_DIGITS = 6  # structure of the statistical code, not policy


def values(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT household, value: one row for each household that has any qualifying row."""
    if fact.reach is Reach.COUNTY:
        return _of_county(fact, lake, at)
    return fact.value.sql(qualifying_rows(fact, lake, at), at)


def evidence_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT of the rows that carry the finding: household, person, delivery, line, received_on and what is shown."""
    return fact.value.carrying(qualifying_rows(fact, lake, at), at)


def qualifying_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT household, person, delivery, line, received_on, and the columns that are shown or added up."""
    columns = _columns(fact)
    rows = _reached(fact, lake, at, columns)
    if fact.lacking:
        without = lake.versions(fact.lacking.source, ("person", *_of_row(fact.lacking.where)))
        met = f"r.person IS NOT NULL AND {all_of(fact.lacking.where, at)}"
        rows = f"SELECT * FROM ({rows}) AS l WHERE person NOT IN (SELECT r.person FROM ({without}) AS r WHERE {met})"
    if fact.last:
        return _last_of(fact, rows, at, columns)
    return rows


def _columns(fact: Fact) -> tuple[str, ...]:
    """Columns of the source that the statement needs to hand on."""
    later = _of_row(fact.keep) if fact.last else ()
    by = (fact.last.by,) if fact.last else ()
    return tuple(dict.fromkeys([*fact.value.columns(), *fact.shows, *by, *later]))


def _of_row(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    named = [name for condition in conditions for name in condition.columns()]
    return tuple(dict.fromkeys(name for name in named if not name.startswith(OF_MEMBER)))


def _reached(fact: Fact, lake: Lake, at: Setting, columns: tuple[str, ...]) -> str:
    """Rows that meet `where` (and `keep`, where no last one is asked for), with the household they reach."""
    conditions = fact.where if fact.last else (*fact.where, *fact.keep)
    met = all_of(conditions, at)
    handed_on = "".join(f", r.{name}" for name in (*PLACE, *columns))
    nobody = f"CAST(NULL AS BIGINT) AS person{handed_on}"
    if fact.source == REGISTER:
        if fact.reach is Reach.HOUSEHOLD:
            return f"SELECT r.household, {nobody} FROM household AS r WHERE {met}"
        return f"SELECT r.household, r.person{handed_on} FROM person AS r WHERE r.member AND {met}"
    wanted = [*PLACE, *columns, *_of_row(conditions), *LINKS[fact.reach]]
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
    assert fact.last
    order = f"{fact.last.by} DESC, received_on DESC, delivery DESC, line DESC"
    place = f"row_number() OVER (PARTITION BY {fact.last.per} ORDER BY {order}) AS place"
    kept = all_of(fact.keep, at)
    named = ", ".join(f"r.{name}" for name in ("household", "person", *PLACE, *columns))
    return (
        f"SELECT {named} FROM (SELECT *, {place} FROM ({rows}) AS q) AS r "
        f"{_again_with_person(fact)}WHERE r.place = 1 AND {kept}"
    )


def _again_with_person(fact: Fact) -> str:
    touches = any(name.startswith(OF_MEMBER) for condition in fact.keep for name in condition.columns())
    return "JOIN person AS p ON p.person = r.person " if touches else ""


def _of_county(fact: Fact, lake: Lake, at: Setting) -> str:
    """Households of every county in which some registered person has a qualifying row."""
    rows = lake.versions(fact.source, ("person", *_of_row(fact.where)))
    met = all_of(fact.where, at)
    persons = f"SELECT r.person FROM ({rows}) AS r WHERE r.person IS NOT NULL AND {met}"
    holders = f"SELECT household FROM registered_person WHERE person IN ({persons})"
    county = f"substr(division_code, 1, {COUNTY_DIGITS})"
    counties = f"SELECT DISTINCT {county} FROM registered_household WHERE household IN ({holders})"
    return f"SELECT household, 1 = 1 AS value FROM household WHERE {county} IN ({counties})"
