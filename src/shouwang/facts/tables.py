"""From declarations to statements: the qualifying rows of a fact, and its value for every household.

The statements keep to a subset that sqlglot can carry over to Spark; they read the views `household` and `person`
that `facts.register` makes. Facts that look at the same rows are computed in one scan.
"""

from collections.abc import Iterable, Sequence
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
OF_PERSONS = (Reach.MEMBERS, Reach.REGISTERED)
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
        return _name(self.facts)


def value_tables(facts: Iterable[Fact], lake: Lake, at: Setting, everybody: bool = False) -> list[ValueTable]:
    """The statements that compute the facts; those of whole counties read `county_table`.

    Where `everybody` of the register is looked at, what spares most rows is asked of the whole source first.
    """
    return [ValueTable(tuple(group), _values(group, lake, at, everybody)) for group in _groups(facts)]


def table_names(facts: Iterable[Fact]) -> list[str]:
    """The names of the tables that `value_tables` makes of the facts."""
    return [_name(group) for group in _groups(facts)]


def _groups(facts: Iterable[Fact]) -> Iterable[list[Fact]]:
    groups: dict[object, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(_same_scan(fact), []).append(fact)
    return groups.values()


def _name(facts: Sequence[Fact]) -> str:
    return f"fact_{facts[0].name}"


def evidence_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT of the rows that carry the finding: household, person, delivery, line, received_on and what is shown."""
    return fact.value.carrying(qualifying_rows(fact, lake, at), at)


def qualifying_rows(fact: Fact, lake: Lake, at: Setting) -> str:
    """SELECT household, person, delivery, line, received_on, and the columns that are shown or added up."""
    columns = _columns(fact, (*PLACE, *fact.value.columns(), *fact.shows))
    return _rows(_Reaching(fact, lake, at, columns, _first(fact)), everybody=False)


def _same_scan(fact: Fact) -> object:
    """Facts with the same answer can share a scan: the same rows, or rows of one source that only `where` tells apart."""
    simple = fact.value.expression("1 = 1") is not None and fact.reach is not Reach.COUNTY
    if not simple:
        return fact.name
    if fact.last or fact.lacking or fact.value.absent is None:
        return fact.source, fact.reach, fact.last, fact.lacking, fact.where, fact.keep
    return fact.source, fact.reach


def _values(group: list[Fact], lake: Lake, at: Setting, everybody: bool) -> str:
    fact = group[0]
    if fact.reach is Reach.COUNTY:
        return _of_county(fact)
    if fact.value.expression("1 = 1") is None:
        return fact.value.sql(qualifying_rows(fact, lake, at), at, fact.name)
    needed = [name for each in group for name in each.value.columns()]
    apart = len({(each.where, each.keep) for each in group}) > 1
    if not apart:
        columns = _columns(fact, tuple(needed))
        rows = _rows(_Reaching(fact, lake, at, columns, _first(fact)), everybody)
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
        rows = _Reaching(fact, lake, at, tuple(dict.fromkeys(needed)), used, flags, either).sql()
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


@dataclass(frozen=True)
class _Reaching:
    """Rows of a fact's source that reach a household and meet the conditions, or `met` instead of all of them: household, person,
    `columns`, and `flags`, further expressions over a row."""

    fact: Fact
    lake: Lake
    at: Setting
    columns: tuple[str, ...]
    conditions: tuple[Condition, ...]
    flags: str = ""
    met: str = ""

    def sql(self, among: str = "") -> str:
        """The SELECT; `among` joins the rows `r` of the source with whom it is to be asked about."""
        rows, lacking = self._reached(among), self.fact.lacking
        if not lacking:
            return rows
        without = self.lake.versions(lacking.source, ("person", *_of_row(lacking.where)))
        lacked = f"r.person IS NOT NULL AND {all_of(lacking.where, self.at)}"
        persons = f"SELECT r.person FROM ({without}) AS r WHERE {lacked}"
        return f"SELECT l.* FROM ({rows}) AS l ANTI JOIN ({persons}) AS w ON w.person = l.person"

    def _reached(self, among: str) -> str:
        fact, met = self.fact, self.met or all_of(self.conditions, self.at)
        handed_on = "".join(f", r.{name}" for name in self.columns) + self.flags
        nobody = f"CAST(NULL AS BIGINT) AS person{handed_on}"
        if fact.source == REGISTER:
            if fact.reach is Reach.HOUSEHOLD:
                return f"SELECT r.household, {nobody} FROM household AS r WHERE {met}"
            return f"SELECT r.household, r.person{handed_on} FROM person AS r WHERE r.member AND {met}"
        wanted = [*self.columns, *_of_row(self.conditions), *LINKS[fact.reach]]
        rows = self.lake.versions(fact.source, tuple(dict.fromkeys(wanted)))
        if among:
            rows = f"SELECT r.* FROM ({rows}) AS r {among}"
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


def _rows(reaching: _Reaching, everybody: bool) -> str:
    """The rows that count: of those that are there the last ones, where that is asked, and of these those to keep.

    Of everybody it is asked first in the source alone of whom some row is to be kept, or whether there are several of anybody: that
    spares joining, or comparing, nearly all of them.
    """
    fact = reaching.fact
    if not fact.last:
        return reaching.sql()
    by = "household_no" if fact.reach is Reach.HOUSEHOLD else ""
    if fact.last.per == "person" and fact.reach in OF_PERSONS:
        by = "person"
    if not everybody or not by:
        return _last_of(reaching)
    if by == "person" and (among := _some_kept(reaching)):
        return _last_of(reaching, among)
    return _last_of(reaching) if _any_several(reaching, by) else _kept(reaching, reaching.sql(), "")


def _some_kept(reaching: _Reaching) -> str:
    """A join with the persons of whom the source has any row that is to be kept; empty where that is not for a row to say."""
    if not (keep := _of_row_alone(reaching.fact.keep)):
        return ""
    rows = reaching.lake.versions(reaching.fact.source, ("person", *_of_row(keep)))
    persons = f"SELECT r.person FROM ({rows}) AS r WHERE {all_of(keep, reaching.at)}"
    return f"SEMI JOIN ({persons}) AS k ON k.person = r.person"


def _any_several(reaching: _Reaching, column: str) -> bool:
    """Whether the source has of anybody several rows that may meet the conditions."""
    alone = _of_row_alone(reaching.fact.where)
    rows = reaching.lake.versions(reaching.fact.source, tuple(dict.fromkeys([column, *_of_row(alone)])))
    return bool(
        reaching.lake.repeated(column, f"SELECT r.{column} FROM ({rows}) AS r WHERE {all_of(alone, reaching.at)}")
    )


def _of_row_alone(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Those that a row of the source meets or not, whoever it is about."""
    return tuple(each for each in conditions if not any(name.startswith(OF_MEMBER) for name in each.columns()))


def _last_of(reaching: _Reaching, among: str = "") -> str:
    """Most households and persons have one row: the last is looked for of the others alone."""
    assert reaching.fact.last
    per = reaching.fact.last.per
    of_them = f"JOIN several AS s ON s.{per} = r.{per}"
    several = f"SELECT {per} FROM q GROUP BY {per} HAVING count(*) > 1"
    kept = _kept(reaching, f"SELECT r.* FROM q AS r ANTI {of_them}", f"SELECT r.* FROM q AS r SEMI {of_them}")
    return f"WITH q AS ({reaching.sql(among)}), several AS ({several}) {kept}"


def _kept(reaching: _Reaching, alone: str, with_others: str) -> str:
    """Of rows that are `alone` all, and of the others the last ones; of these those to keep."""
    last = reaching.fact.last
    assert last
    named = ", ".join(f"r.{name}" for name in ("household", "person", *reaching.columns))
    rows = alone
    if with_others:
        order = f"{last.by} DESC, received_on DESC, delivery DESC, line DESC"
        placed = f"SELECT r.*, row_number() OVER (PARTITION BY r.{last.per} ORDER BY {order}) AS place FROM ({with_others}) AS r"
        rows = f"SELECT {named} FROM ({alone}) AS r UNION ALL SELECT {named} FROM ({placed}) AS r WHERE r.place = 1"
    return f"SELECT {named} FROM ({rows}) AS r WHERE {all_of(reaching.fact.keep, reaching.at)}"


def county_table(fact: Fact) -> str:
    """Where `find_county_witnesses` leaves those of a fact, before its values are asked for."""
    return f"county_{fact.name}"


def find_county_witnesses(fact: Fact, lake: Lake, at: Setting) -> None:
    """Makes `county_table`: county, person and key of some qualifying rows of each county in which a registered person has any.

    Nearly every county has some among one row in so many; everybody is looked at only of the others.
    """
    few, table = "few_witnesses", county_table(fact)
    lake.store(few, _witnesses(fact, lake, at, FEW, "registered_household"))
    county = f"substr(h.division_code, 1, {COUNTY_DIGITS})"
    others = f"(SELECT * FROM registered_household AS h WHERE {county} NOT IN (SELECT county FROM {few}))"
    found = f"SELECT * FROM {few}"
    if lake.run(f"SELECT 1 FROM {others} AS o LIMIT 1").fetchall():
        found += f" UNION ALL {_witnesses(fact, lake, at, EVERYBODY, others)}"
    lake.store(table, found)


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
    """Households of the counties in which no registered person has a qualifying row: mostly there are none."""
    county = f"substr(division_code, 1, {COUNTY_DIGITS})"
    counties = f"SELECT county FROM {county_table(fact)}"
    return f"SELECT household, 1 = 0 AS {fact.name} FROM household WHERE {county} NOT IN ({counties})"
