"""Which households a day can have changed: reached by a row that came since, or by one that the days passed over.

Everything is derived from the facts themselves. Whoever may be touched is touched: one household too many costs a little
time, one too few would be a clue that nobody sees.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from shouwang.deliveries.lake import LAST_FIRST, Lake
from shouwang.facts import register
from shouwang.facts.conditions import OF_MEMBER, Condition, all_of, any_turning
from shouwang.facts.declaration import REGISTER, Fact, Reach
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import COUNTY_DIGITS, county_table, county_witnesses


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


@dataclass(frozen=True)
class Touched:
    """How many households are touched: by what came, by the days that passed only, with their whole county; and whether the
    register is another."""

    by_rows: int
    by_days: int
    by_county: int
    is_another: bool


def find_touched(lake: Lake, facts: Iterable[Fact], before: Setting, after: Setting, since: Since) -> Touched:
    """Makes `present_household` and `present_person`, the register as it is now of every household that is touched, and
    `touched` (household), their numbers now and on the earlier day.

    Reads `kept_household`, `kept_person`, `kept_superseded` and, of every fact of whole counties, `kept_county_…`, all as they
    were left on the earlier day; makes the facts' `county_table`, and what `register.renew_register` makes.
    """
    facts = list(facts)
    _reach(lake, facts, before, after, since)
    were = (
        f"SELECT household, bool_and(by_days) AS by_days FROM ({' UNION ALL '.join(_were())}) AS w GROUP BY household"
    )
    lake.store("touched_before", were)
    is_another = register.renew_register(lake, after)
    by_days = "ANTI JOIN (SELECT household FROM touched_before WHERE by_days) AS t ON t.household = p.household"
    lake.store("touched_by_rows", f"SELECT p.household FROM present_household AS p {by_days}")
    in_county = _counties(lake, facts, before, after, since)
    lake.store("touched", "SELECT household FROM touched_before UNION SELECT household FROM present_household")
    counts = [f"(SELECT count(*) FROM {table})" for table in ("present_household", "touched_by_rows")]
    [(everybody, by_rows)] = lake.run(f"SELECT {', '.join(counts)}").fetchall()
    return Touched(by_rows, everybody - by_rows - in_county, in_county, is_another)


def _reach(lake: Lake, facts: list[Fact], before: Setting, after: Setting, since: Since) -> None:
    """Makes `reached`: the persons, numbers of households and villages that rows and days since the earlier day reach; and
    `came_register` and `named_person`, as `register.renew_register` reads them."""
    columns = tuple(dict.fromkeys([*register.PERSON_ROW, *register.HOUSEHOLD_ROW]))
    named = lake.delivered(register.SOURCE, since.deliveries.get(register.SOURCE, ()))
    came = f"SELECT {', '.join(columns)} FROM {named}" if named else lake.nothing(register.SOURCE, columns)
    lake.store("came_register", came)
    by_source = _by_source(facts, before, after)
    links_of = {source: _links(reaching) for source, reaching in by_source.items()}
    again = _find_again(lake, since, links_of)
    rows = [f"SELECT person, household_no, {_NO_VILLAGE} FROM came_register"]
    days = _of_persons(facts, before, after)
    for source, reaching in by_source.items():
        links = links_of[source]
        if came := lake.delivered(source, since.deliveries.get(source, ())):
            rows.append(f"SELECT {links} FROM {came} AS r WHERE {' OR '.join(reaching.met)}")
        if source in again:
            rows.append(f"SELECT person, household_no, division_code FROM again_{source}")
        if reaching.turning and (every := lake.every_version(source)):
            days.append(f"SELECT {links} FROM {every} AS r WHERE {' OR '.join(reaching.turning)}")
    rows_of_register, days_of_register = _of_register(lake, before, after, since)
    ways = {(False, False): rows, (True, False): days, (False, True): rows_of_register, (True, True): days_of_register}
    parts = [
        f"SELECT *, {by_days} AS by_days, {of_register} AS of_register FROM ({' UNION ALL '.join(each)}) AS e"
        for (by_days, of_register), each in ways.items()
        if each
    ]
    lake.store("reached", " UNION ALL ".join(parts))
    lake.store("named_person", "SELECT DISTINCT person FROM reached WHERE of_register AND person IS NOT NULL")


_NO_NUMBER = "CAST(NULL AS VARCHAR) AS household_no"
_NO_VILLAGE = "CAST(NULL AS VARCHAR) AS division_code"
_PERSON_ALONE = f"person, {_NO_NUMBER}, {_NO_VILLAGE}"


def _of_register(lake: Lake, before: Setting, after: Setting, since: Since) -> tuple[list[str], list[str]]:
    """Persons who may be registered otherwise than before, by rows and by days: a vital event counts from its day on, and its
    rows may have come earlier."""
    rows, days = [f"SELECT {_PERSON_ALONE} FROM came_register"], []
    if since.persons:
        listed = ", ".join(f"({person})" for person in since.persons)
        rows.append(f"SELECT CAST(person AS BIGINT) AS {_PERSON_ALONE} FROM (VALUES {listed}) AS v(person)")
    if events := lake.delivered(register.VITAL_EVENTS, since.deliveries.get(register.VITAL_EVENTS, ())):
        rows.append(f"SELECT {_PERSON_ALONE} FROM {events} AS r")
    passed = register.HAPPENED.turning(before, after)
    if passed and (every := lake.every_version(register.VITAL_EVENTS)):
        days.append(f"SELECT {_PERSON_ALONE} FROM {every} AS r WHERE {passed}")
    return rows, days


def _were() -> list[str]:
    """The households of the earlier day that are reached, by a person, by their number, or with their village, and whether by
    days alone."""
    return [
        f"SELECT k.household, r.by_days FROM kept_{table} AS k JOIN (SELECT {link}, bool_and(by_days) AS by_days "
        f"FROM reached WHERE {link} IS NOT NULL GROUP BY {link}) AS r ON r.{link} = k.{link}"
        for table, link in (("person", "person"), ("household", "household_no"), ("household", "division_code"))
    ]


def _of_persons(facts: list[Fact], before: Setting, after: Setting) -> list[str]:
    """Persons and households on whose own register row the days turn: whoever comes of an age."""
    of_person = [c for f in facts for c in f.conditions() if _of_member(c)]
    of_row = [c for f in facts if f.source == REGISTER and f.reach is not Reach.HOUSEHOLD for c in (*f.where, *f.keep)]
    of_household = [
        c for f in facts if f.source == REGISTER and f.reach is Reach.HOUSEHOLD for c in (*f.where, *f.keep)
    ]
    found = []
    for alias, conditions in (("p", of_person), ("r", of_row)):
        if turning := any_turning(conditions, before, after):
            found.append(f"SELECT {_PERSON_ALONE} FROM kept_person AS {alias} WHERE {turning}")
    if turning := any_turning(of_household, before, after):
        number = "CAST(NULL AS BIGINT) AS person, household_no, CAST(NULL AS VARCHAR) AS division_code"
        found.append(f"SELECT {number} FROM registered_household AS r WHERE {turning}")
    return found


def _of_member(condition: Condition) -> bool:
    return any(name.startswith(OF_MEMBER) for name in condition.columns())


def _of_row_alone(conditions: tuple[Condition, ...], at: Setting) -> str:
    """The conditions that a row meets by itself, whoever it is about."""
    return f"({all_of(tuple(each for each in conditions if not _of_member(each)), at)})"


def _by_source(facts: list[Fact], before: Setting, after: Setting) -> dict[str, _Reaching]:
    found: dict[str, _Reaching] = {}

    def look(source: str, reach: Reach, where: tuple[Condition, ...], all_conditions: tuple[Condition, ...]) -> None:
        reaching = found.setdefault(source, _Reaching())
        reaching.reaches.add(reach)
        reaching.met[_of_row_alone(where, after)] = None
        if turning := any_turning((c for c in all_conditions if not _of_member(c)), before, after):
            reaching.turning[turning] = None

    for fact in facts:
        if fact.source != REGISTER:
            look(fact.source, fact.reach, fact.where, (*fact.where, *fact.keep))
        if fact.lacking:
            look(fact.lacking.source, Reach.MEMBERS, fact.lacking.where, fact.lacking.where)
    return found


def _links(reaching: _Reaching) -> str:
    """Whom a row reaches: a person, a household by its number, or a village where it names nobody."""
    reaches = reaching.reaches
    person = "r.person" if reaches - {Reach.HOUSEHOLD} else "CAST(NULL AS BIGINT)"
    number = "r.household_no" if Reach.HOUSEHOLD in reaches else "CAST(NULL AS VARCHAR)"
    nobody = "CASE WHEN r.person IS NULL THEN r.division_code END"
    village = nobody if Reach.OWN_OR_VILLAGE in reaches else "CAST(NULL AS VARCHAR)"
    return f"{person} AS person, {number} AS household_no, {village} AS division_code"


def sources_asked(lake: Lake) -> set[str]:
    """The sources whose rows are asked for: the register is renewed without them."""
    return {each.source for each in lake.reports} - {register.SOURCE}


def _find_again(lake: Lake, since: Since, links_of: Mapping[str, str]) -> set[str]:
    """Makes `again_…` of each source of which some keys came again, and says which these are; and tells the lake what is
    superseded.

    `again_…` has every version of such a key: what it said before it says no more, perhaps of somebody else. Whether a row's key
    was known before is said by the row itself, but for one that was taken earlier than rows which were known already (it bears
    a later day).
    """
    parts = []
    for source in sorted(since.deliveries.keys() & sources_asked(lake)):
        numbers = since.deliveries[source]
        if not (came := lake.delivered(source, numbers)):
            continue
        known = [each.number for each in lake.reports if each.source == source and each.number not in numbers]
        is_again = "n.repeated"
        if max(known, default=0) > min(numbers):
            is_again = f"n.key IN (SELECT key FROM {lake.every_version(source)} AS e WHERE e.repeated)"
        parts.append(f"SELECT {literal(source)} AS source, n.key FROM {came} AS n WHERE {is_again}")
    lake.store("again", " UNION ".join(parts) or "SELECT '' AS source, 0 AS key WHERE 1 = 0")
    found = {source for (source,) in lake.run("SELECT DISTINCT source FROM again").fetchall()}
    place = f"row_number() OVER (PARTITION BY key ORDER BY {LAST_FIRST}) AS place"
    superseded = ["SELECT delivery, line FROM kept_superseded"]
    for source in sorted(found):
        said = f"{links_of.get(source, _PERSON_ALONE)}, r.delivery, r.line, {place}"
        keys = f"(SELECT key FROM again WHERE source = {literal(source)}) AS a ON a.key = r.key"
        lake.store(f"again_{source}", f"SELECT {said} FROM {lake.every_version(source)} AS r SEMI JOIN {keys}")
        superseded.append(f"SELECT delivery, line FROM again_{source} WHERE place > 1")
    lake.take_superseded(sources_asked(lake), " UNION ".join(superseded))
    return found


def _counties(lake: Lake, facts: list[Fact], before: Setting, after: Setting, since: Since) -> int:
    """A county keeps its fact while one row still bears witness to it; where none does, or one may have come, all is counted,
    and everybody in a county that changed is touched: so many who were not."""
    found = 0
    for fact in facts:
        if fact.reach is not Reach.COUNTY:
            continue
        kept, table = f"kept_{county_table(fact)}", county_table(fact)
        lake.store(table, _still_bearing(lake, fact, since))
        if _still_witnessed(lake, fact, before, after):
            continue
        lake.store(table, county_witnesses(fact, lake, after))
        apart = f"SELECT county FROM ({_without(table, kept)} UNION ALL {_without(kept, table)}) AS c"
        found += _touch_counties(lake, apart)
    return found


def _touch_counties(lake: Lake, counties: str) -> int:
    """Takes everybody in these counties among the touched: they are registered as they were."""
    others = "ANTI JOIN touched_before AS t ON t.household = k.household"
    theirs = f"SELECT k.* FROM kept_household AS k {others} WHERE {_COUNTY} IN ({counties})"
    lake.store("of_county", theirs)
    [(found,)] = lake.run("SELECT count(*) FROM of_county").fetchall()
    if found:
        of_them = "SELECT k.* FROM kept_person AS k SEMI JOIN of_county AS c ON c.household = k.household"
        for table, more in (("household", "SELECT * FROM of_county"), ("person", of_them)):
            for when in ("were", "present"):
                lake.store(f"{when}_{table}", f"SELECT * FROM {when}_{table} UNION ALL {more}")
        lake.store("touched_before", "SELECT * FROM touched_before UNION ALL SELECT household, True FROM of_county")
    return int(found)


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
    elsewhere = f"household IN (SELECT household FROM touched_by_rows) AND {_COUNTY} NOT IN (SELECT county FROM {kept})"
    questions = [_without(kept, county_table(fact)), f"SELECT 1 FROM present_household WHERE {elsewhere}"]
    return not any(lake.run(f"{question} LIMIT 1").fetchall() for question in questions)
