"""Which households a day can have changed: reached by a row that came since, or by one that the days passed over.

Everything is derived from the facts themselves. Whoever may be touched is touched: one household too many costs a little
time, one too few would be a clue that nobody sees.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from shouwang.deliveries.lake import Lake
from shouwang.facts import register
from shouwang.facts.conditions import OF_MEMBER, Condition, all_of, any_turning
from shouwang.facts.declaration import REGISTER, Fact, Reach
from shouwang.facts.setting import Setting
from shouwang.facts.tables import COUNTY_DIGITS, county_table, county_witnesses

NEW, PASSED, COUNTY = "touched_by_rows", "touched_by_days", "touched_by_county"
"""Tables of households, each in the first of these only."""
GONE = "gone"
"""Numbers of households that have another one now."""


@dataclass
class Since:
    """What came since the earlier day: the numbers of deliveries by source, and of whom people said that a row is or is not
    about them."""

    deliveries: Mapping[str, Collection[int]]
    persons: Collection[int] = ()


@dataclass
class _Reaching:
    """How the facts look at one source: what is met by rows that count, what by rows on which the days turn."""

    reaches: set[Reach] = field(default_factory=set)
    met: dict[str, None] = field(default_factory=dict)
    turning: dict[str, None] = field(default_factory=dict)


def find_touched(lake: Lake, facts: Iterable[Fact], before: Setting, after: Setting, since: Since) -> bool:
    """Brings the register of the earlier day up to date and makes `NEW`, `PASSED`, `COUNTY` and `GONE` (household); whether the
    register is another.

    Reads `kept_household`, `kept_person` and, of every fact of whole counties, `kept_county_…`, all as they were left on the
    earlier day; makes `registered_household`, `registered_person` and the facts' `county_table`.
    """
    facts = list(facts)
    is_another = _renew(lake, before, after, since)
    named = "household_no IN (SELECT household_no FROM named_household)"
    old = f"SELECT household FROM kept_household WHERE {named}"
    lake.store(
        GONE, f"SELECT o.household FROM ({old}) AS o ANTI JOIN renewed_household AS r ON r.household = o.household"
    )
    rows, days = [_THEIRS], _of_persons(facts, before, after)
    for source, reaching in _by_source(facts, before, after).items():
        links = _links(source, reaching)
        if came := lake.delivered(source, since.deliveries.get(source, ())):
            rows.append(f"SELECT {links} FROM {came} AS r WHERE {' OR '.join(reaching.met)}")
            rows += _said_before(lake, source, links, came)
        if reaching.turning and (every := lake.every_version(source)):
            days.append(f"SELECT {links} FROM {every} AS r WHERE {' OR '.join(reaching.turning)}")
    lake.store("reached", " UNION ALL ".join(rows))
    lake.store(NEW, " UNION ".join([_households(), *_of_register()]))
    lake.store("reached", " UNION ALL ".join(days))
    lake.store(PASSED, f"SELECT * FROM ({_households()}) AS x ANTI JOIN {NEW} AS n ON n.household = x.household")
    _counties(lake, facts, before, after, since)
    return is_another


_NOTHING = (
    "CAST(NULL AS BIGINT) AS person, CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS division_code"
)
_THEIRS = (
    "SELECT person, CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS division_code FROM decided_person"
)


def _households() -> str:
    """The households that the rows in `reached` reach."""
    return (
        "SELECT household FROM registered_person WHERE person IN (SELECT person FROM reached) UNION "
        "SELECT household FROM registered_household WHERE household_no IN (SELECT household_no FROM reached) UNION "
        "SELECT household FROM registered_household WHERE division_code IN (SELECT division_code FROM reached)"
    )


def _of_register() -> list[str]:
    """Whoever is registered otherwise than before: where they are now, and where they were."""
    were = "SELECT household FROM kept_person WHERE person IN (SELECT person FROM renewed)"
    return [
        "SELECT household FROM renewed_household",
        "SELECT household FROM renewed_person",
        f"SELECT * FROM ({were}) AS w WHERE household NOT IN (SELECT household FROM {GONE})",
    ]


def _renew(lake: Lake, before: Setting, after: Setting, since: Since) -> bool:
    """The register as it is now. A vital event counts from its day on, and its rows may have come earlier."""
    listed = ", ".join(f"({person})" for person in since.persons) or "(NULL)"
    lake.store(
        "decided_person", f"SELECT CAST(p AS BIGINT) AS person FROM (VALUES {listed}) AS v(p) WHERE p IS NOT NULL"
    )
    named = lake.delivered(register.SOURCE, since.deliveries.get(register.SOURCE, ()))
    numbers = f"SELECT household_no FROM {named} AS r" if named else "SELECT NULL AS household_no WHERE 1 = 0"
    lake.store(
        "named_household", f"SELECT DISTINCT CAST(household_no AS VARCHAR) AS household_no FROM ({numbers}) AS n"
    )
    persons = ["SELECT person FROM decided_person"] + ([f"SELECT person FROM {named} AS r"] if named else [])
    events = lake.delivered(register.VITAL_EVENTS, since.deliveries.get(register.VITAL_EVENTS, ()))
    if events:
        persons.append(f"SELECT person FROM {events} AS r")
    passed = register.HAPPENED.turning(before, after)
    if passed and (every := lake.every_version(register.VITAL_EVENTS)):
        persons.append(f"SELECT person FROM {every} AS r WHERE {passed}")
    lake.store(
        "named_person", f"SELECT DISTINCT person FROM ({' UNION ALL '.join(persons)}) AS n WHERE person IS NOT NULL"
    )
    return register.renew_register(lake, after, named)


def _of_persons(facts: list[Fact], before: Setting, after: Setting) -> list[str]:
    """Persons and households on whose own register row the days turn: whoever comes of an age."""
    of_person = [c for f in facts for c in f.conditions() if _of_member(c)]
    of_row = [c for f in facts if f.source == REGISTER and f.reach is not Reach.HOUSEHOLD for c in (*f.where, *f.keep)]
    of_household = [
        c for f in facts if f.source == REGISTER and f.reach is Reach.HOUSEHOLD for c in (*f.where, *f.keep)
    ]
    found = [f"SELECT {_NOTHING} WHERE 1 = 0"]
    rest = "CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS division_code"
    for alias, conditions in (("p", of_person), ("r", of_row)):
        if turning := any_turning(conditions, before, after):
            found.append(f"SELECT person, {rest} FROM registered_person AS {alias} WHERE {turning}")
    if turning := any_turning(of_household, before, after):
        number = "CAST(NULL AS BIGINT) AS person, household_no, CAST(NULL AS VARCHAR) AS division_code"
        found.append(f"SELECT {number} FROM registered_household AS r WHERE {turning}")
    return found


def _of_member(condition: Condition) -> bool:
    return any(name.startswith(OF_MEMBER) for name in condition.columns())


def _by_source(facts: list[Fact], before: Setting, after: Setting) -> dict[str, _Reaching]:
    found: dict[str, _Reaching] = {}

    def look(source: str, reach: Reach, where: tuple[Condition, ...], all_conditions: tuple[Condition, ...]) -> None:
        reaching = found.setdefault(source, _Reaching())
        reaching.reaches.add(reach)
        reaching.met[f"({all_of(tuple(c for c in where if not _of_member(c)), after)})"] = None
        if turning := any_turning((c for c in all_conditions if not _of_member(c)), before, after):
            reaching.turning[turning] = None

    for fact in facts:
        if fact.source != REGISTER:
            look(fact.source, fact.reach, fact.where, (*fact.where, *fact.keep))
        if fact.lacking:
            look(fact.lacking.source, Reach.MEMBERS, fact.lacking.where, fact.lacking.where)
    return found


def _links(source: str, reaching: _Reaching) -> str:
    """Whom a row reaches: a person, a household by its number, or a village where it names nobody."""
    reaches = reaching.reaches
    person = "r.person" if reaches - {Reach.HOUSEHOLD} else "CAST(NULL AS BIGINT)"
    number = "r.household_no" if Reach.HOUSEHOLD in reaches else "CAST(NULL AS VARCHAR)"
    nobody = "CASE WHEN r.person IS NULL THEN r.division_code END"
    village = nobody if Reach.OWN_OR_VILLAGE in reaches else "CAST(NULL AS VARCHAR)"
    return f"{person} AS person, {number} AS household_no, {village} AS division_code"


def _said_before(lake: Lake, source: str, links: str, came: str) -> list[str]:
    """Every version of a key that came again: what it said before it says no more, perhaps of somebody else."""
    if not lake.has_repeated(source):
        return []
    lake.store("again", f"SELECT key FROM {came} AS n WHERE key IN (SELECT key FROM repeated_{source})")
    if not lake.run("SELECT 1 FROM again LIMIT 1").fetchall():
        return []
    lake.store(f"again_{source}", "SELECT DISTINCT key FROM again")
    return [f"SELECT {links} FROM {lake.every_version(source)} AS r WHERE r.key IN (SELECT key FROM again_{source})"]


def _counties(lake: Lake, facts: list[Fact], before: Setting, after: Setting, since: Since) -> None:
    """A county keeps its fact while one row still bears witness to it; where none does, or one may have come, all is counted."""
    changed = ["SELECT CAST(NULL AS BIGINT) AS household WHERE 1 = 0"]
    for fact in facts:
        if fact.reach is not Reach.COUNTY:
            continue
        kept, table = f"kept_{county_table(fact)}", county_table(fact)
        lake.store(table, _still_bearing(lake, fact, since))
        if _still_witnessed(lake, fact, before, after):
            continue
        lake.store(table, county_witnesses(fact, lake, after))
        apart = f"SELECT county FROM ({_without(table, kept)} UNION ALL {_without(kept, table)}) AS c"
        changed.append(f"SELECT household FROM registered_household WHERE {_COUNTY} IN ({apart})")
    others = f"SELECT household FROM {NEW} UNION ALL SELECT household FROM {PASSED}"
    of_counties = " UNION ".join(changed)
    lake.store(COUNTY, f"SELECT * FROM ({of_counties}) AS c ANTI JOIN ({others}) AS o ON o.household = c.household")


_COUNTY = f"substr(division_code, 1, {COUNTY_DIGITS})"


def _without(table: str, other: str) -> str:
    return f"SELECT t.county FROM {table} AS t ANTI JOIN {other} AS o ON o.county = t.county"


def _still_bearing(lake: Lake, fact: Fact, since: Since) -> str:
    """Those witnesses of the earlier day of whom nothing came since: neither of the person, nor of the row."""
    kept = f"SELECT k.* FROM kept_{county_table(fact)} AS k ANTI JOIN renewed AS n ON n.person = k.person"
    came = lake.delivered(fact.source, since.deliveries.get(fact.source, ()))
    return f"SELECT s.* FROM ({kept}) AS s ANTI JOIN {came} AS c ON c.key = s.key" if came else kept


def _still_witnessed(lake: Lake, fact: Fact, before: Setting, after: Setting) -> bool:
    """Whether every county of the earlier day still has a witness, and no other county can have got one."""
    if any_turning(fact.where, before, after):
        return False
    kept = f"kept_{county_table(fact)}"
    elsewhere = f"household IN (SELECT household FROM {NEW}) AND {_COUNTY} NOT IN (SELECT county FROM {kept})"
    questions = [_without(kept, county_table(fact)), f"SELECT 1 FROM registered_household WHERE {elsewhere}"]
    return not any(lake.run(f"{question} LIMIT 1").fetchall() for question in questions)
