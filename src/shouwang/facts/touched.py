"""Which households a day can have changed: reached by a row that came since, or by one that the days passed over.

Everything is derived from the facts themselves. Whoever may be touched is touched: one household too many costs a little
time, one too few would be a clue that nobody sees.

Where something was found before, whatever reaches the household touches it. Where nothing was, only what may make something be
found: a child on the roll of a school makes nobody drop out of it (`effects`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from shouwang.deliveries.lake import LAST_FIRST, Lake
from shouwang.facts import effects, register
from shouwang.facts.conditions import Condition, any_turning
from shouwang.facts.declaration import REGISTER, Fact, Reach
from shouwang.facts.effects import Ways, is_of_member, row_alone
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import COUNTY_DIGITS, county_table, find_county_witnesses

FOUND_BEFORE = "household IN (SELECT household FROM kept_hit UNION ALL SELECT household FROM kept_unknown)"


@dataclass
class Since:
    """What came since the earlier day: the numbers of deliveries by source, and of whom people said that a row is or is not
    about them."""

    deliveries: Mapping[str, Collection[int]]
    persons: Collection[int] = ()


@dataclass
class _Reaching:
    """How the facts look at one source: what is met by rows that count, what by those that may make something be found, and what
    by rows on which the days turn."""

    reaches: set[Reach] = field(default_factory=set)
    met: dict[str, None] = field(default_factory=dict)
    mattering: dict[str, None] = field(default_factory=dict)
    turning: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Touched:
    """How many households are touched: by what came, by the days that passed only, with their whole county; how many of them had
    members on the earlier day; and whether the register is another."""

    by_rows: int
    by_days: int
    by_county: int
    screened_before: int
    is_another: bool


def find_touched(
    lake: Lake, facts: Iterable[Fact], ways: Ways, before: Setting, after: Setting, since: Since
) -> Touched:
    """Makes `touched` (household, and whether by days alone), and `present_household` and `present_person`, the register of these as
    it is now.

    Reads `kept_household`, `kept_person`, `kept_hit`, `kept_unknown`, `kept_superseded` and, of every fact of whole counties,
    `kept_county_…`, all as they were left on the earlier day; makes the facts' `county_table`, and what
    `register.renew_register` makes. `ways` are those of the facts in which something comes to be found.
    """
    facts = list(facts)
    _reach(lake, facts, ways, before, after, since)
    is_another = register.renew_register(lake, after)
    lake.store("another", " UNION ALL ".join(_registered_otherwise(facts, ways, after)))
    reached = " UNION ALL ".join(_were())
    by_household = "bool_and(by_days) AS by_days, bool_or(matters) AS matters"
    each = f"SELECT household, {by_household} FROM ({reached}) AS w GROUP BY household"
    lake.store("touched", f"SELECT household, by_days FROM ({each}) AS e WHERE matters OR {FOUND_BEFORE}")
    screened_before = _present(lake, is_another)
    counts = "count(*), count(CASE WHEN by_days THEN 1 END)"
    [(everybody, by_days)] = lake.run(f"SELECT {counts} FROM touched").fetchall()
    by_county, with_members = _counties(lake, facts, before, after, since)
    return Touched(everybody - by_days, by_days, by_county, screened_before + with_members, is_another)


def _present(lake: Lake, is_another: bool) -> int:
    """Makes the present register of the touched from the earlier one; how many of them had members then."""
    for table in ("household", "person"):
        theirs = "SEMI JOIN touched AS t ON t.household = k.household"
        lake.store(f"present_{table}", f"SELECT k.* FROM kept_{table} AS k {theirs}")
    [(screened,)] = lake.run(_SCREENED.format("present_person")).fetchall()
    for table in ("household", "person") if is_another else ():
        key = f"SELECT {table} FROM renewed_{table}"
        lake.run(f"DELETE FROM present_{table} WHERE {table} IN ({key})")
        theirs = "SEMI JOIN touched AS t ON t.household = n.household"
        lake.run(f"INSERT INTO present_{table} SELECT n.* FROM renewed_{table} AS n {theirs}")
    return int(screened)


_SCREENED = "SELECT count(DISTINCT household) FROM {} WHERE member"


def _reach(lake: Lake, facts: list[Fact], ways: Ways, before: Setting, after: Setting, since: Since) -> None:
    """Makes `reached`: the persons, numbers of households and villages that rows and days since the earlier day reach;
    `reached_person` and `reached_household`, the earlier rows of these; and what `register.renew_register` reads."""
    columns = tuple(dict.fromkeys([*register.PERSON_ROW, *register.HOUSEHOLD_ROW]))
    named = lake.delivered(register.SOURCE, since.deliveries.get(register.SOURCE, ()))
    came = f"SELECT {', '.join(columns)} FROM {named}" if named else lake.nothing(register.SOURCE, columns)
    lake.store("came_register", came)
    by_source = _by_source(facts, ways, before, after)
    links_of = {source: _links(reaching) for source, reaching in by_source.items()}
    again = _find_again(lake, since, links_of)
    rows = [f"SELECT person, household_no, {_NO_VILLAGE}, {_NOT_BY_ITSELF} FROM came_register"]
    days = _of_persons(facts, before, after)
    for source, reaching in by_source.items():
        links = links_of[source]
        if came := lake.delivered(source, since.deliveries.get(source, ())):
            matters = f"coalesce({' OR '.join(reaching.mattering)}, False) AS matters"
            rows.append(f"SELECT {links}, {matters} FROM {came} AS r WHERE {' OR '.join(reaching.met)}")
        if source in again:
            rows.append(f"SELECT person, household_no, division_code, {_MATTERS} FROM again_{source}")
        if reaching.turning and (every := lake.every_version(source)):
            days.append(f"SELECT {links}, {_MATTERS} FROM {every} AS r WHERE {' OR '.join(reaching.turning)}")
    rows_of_register, days_of_register = _of_register(lake, before, after, since)
    kinds = {(False, False): rows, (True, False): days, (False, True): rows_of_register, (True, True): days_of_register}
    parts = [
        f"SELECT *, {by_days} AS by_days, {of_register} AS of_register FROM ({' UNION ALL '.join(each)}) AS e"
        for (by_days, of_register), each in kinds.items()
        if each
    ]
    lake.store("reached", " UNION ALL ".join(parts))
    for table, link in (("person", "person"), ("household", "household_no")):
        lake.store(f"{table}_reached", _reached_by(link))
        theirs = f"JOIN {table}_reached AS r ON r.{link} = k.{link}"
        lake.store(f"reached_{table}", f"SELECT k.*, r.* EXCLUDE ({link}) FROM kept_{table} AS k {theirs}")
    lake.view("were_named", "SELECT * FROM reached_person WHERE of_register")
    lake.view("named_person", "SELECT person, by_days FROM person_reached WHERE of_register")
    named = "SEMI JOIN came_register AS n ON n.household_no = k.household_no"
    lake.view("named_household", f"SELECT k.* FROM reached_household AS k {named}")


def _reached_by(link: str) -> str:
    said = "bool_and(by_days) AS by_days, bool_or(matters) AS matters, bool_or(of_register) AS of_register"
    return f"SELECT {link}, {said} FROM reached WHERE {link} IS NOT NULL GROUP BY {link}"


_NO_NUMBER = "CAST(NULL AS VARCHAR) AS household_no"
_NO_VILLAGE = "CAST(NULL AS VARCHAR) AS division_code"
_PERSON_ALONE = f"person, {_NO_NUMBER}, {_NO_VILLAGE}"
_MATTERS, _NOT_BY_ITSELF = "True AS matters", "False AS matters"
"""What a row of the register matters is said by what is registered after it."""


def _of_register(lake: Lake, before: Setting, after: Setting, since: Since) -> tuple[list[str], list[str]]:
    """Persons who may be registered otherwise than before, by rows and by days: a vital event counts from its day on, and its
    rows may have come earlier."""
    rows, days = [f"SELECT {_PERSON_ALONE}, {_NOT_BY_ITSELF} FROM came_register"], []
    if since.persons:
        listed = ", ".join(f"({person})" for person in since.persons)
        rows.append(f"SELECT CAST(person AS BIGINT) AS {_PERSON_ALONE}, {_MATTERS} FROM (VALUES {listed}) AS v(person)")
    if events := lake.delivered(register.VITAL_EVENTS, since.deliveries.get(register.VITAL_EVENTS, ())):
        rows.append(f"SELECT {_PERSON_ALONE}, {_NOT_BY_ITSELF} FROM {events} AS r")
    passed = register.HAPPENED.turning(before, after)
    if passed and (every := lake.every_version(register.VITAL_EVENTS)):
        days.append(f"SELECT {_PERSON_ALONE}, {_NOT_BY_ITSELF} FROM {every} AS r WHERE {passed}")
    return rows, days


def _were() -> list[str]:
    """The households that are reached: by a person, by their number, with their village, or as they are registered otherwise;
    whether by days alone, and whether that matters where nothing was found."""
    village = f"({_reached_by('division_code')}) AS r ON r.division_code = k.division_code"
    return [
        "SELECT household, by_days, matters FROM reached_person",
        "SELECT household, by_days, matters FROM reached_household",
        f"SELECT k.household, r.by_days, r.matters FROM kept_household AS k JOIN {village}",
        f"SELECT household, by_days, {_MATTERS} FROM another",
    ]


def _registered_otherwise(facts: list[Fact], ways: Ways, at: Setting) -> list[str]:
    """The households, by_days of whose members, or of which themselves, facts see something else than before: what they were and
    where they are now."""
    seen = effects.of_person(facts, ways, at)
    turns = ["w.person IS NULL", "n.household <> w.household", "n.member <> w.member"]
    for place, (_, asked) in enumerate(seen):
        now, then = f"n.seen_{place}", f"w.seen_{place}"
        if asked == {"up", "down"}:
            turns.append(f"{now} IS DISTINCT FROM {then}")
        else:
            turns.append(f"({now} AND NOT {then})" if "up" in asked else f"({then} AND NOT {now})")
    said = "".join(f", {_certain(sql, asked)} AS seen_{place}" for place, (sql, asked) in enumerate(seen))
    now, then = (
        f"SELECT p.person, p.household, p.member{said} FROM {table} AS p JOIN {table} AS r ON r.person = p.person"
        for table in ("renewed_person", "were_named")
    )
    persons = (
        f"SELECT n.household, w.household AS was, d.by_days FROM ({now}) AS n LEFT JOIN ({then}) AS w ON w.person = n.person "
        f"JOIN named_person AS d ON d.person = n.person WHERE {' OR '.join(turns)}"
    )
    columns = [name for name in register.HOUSEHOLD_COLUMNS if name != "household_no"]
    is_other = " OR ".join(f"n.{name} IS DISTINCT FROM w.{name}" for name in columns)
    return [
        f"SELECT unnest([household, was]) AS household, by_days FROM ({persons}) AS o",
        "SELECT n.household, False AS by_days FROM renewed_household AS n "
        f"LEFT JOIN named_household AS w ON w.household = n.household WHERE w.household IS NULL OR {is_other}",
    ]


def _of_persons(facts: list[Fact], before: Setting, after: Setting) -> list[str]:
    """Persons and households on whose own register row the days turn: whoever comes of an age."""
    of_person = [c for f in facts for c in f.conditions() if is_of_member(c)]
    of_row = [c for f in facts if f.source == REGISTER and f.reach is not Reach.HOUSEHOLD for c in (*f.where, *f.keep)]
    of_household = [
        c for f in facts if f.source == REGISTER and f.reach is Reach.HOUSEHOLD for c in (*f.where, *f.keep)
    ]
    found = []
    for alias, conditions in (("p", of_person), ("r", of_row)):
        if turning := any_turning(conditions, before, after):
            found.append(f"SELECT {_PERSON_ALONE}, {_MATTERS} FROM kept_person AS {alias} WHERE {turning}")
    if turning := any_turning(of_household, before, after):
        number = "CAST(NULL AS BIGINT) AS person, household_no, CAST(NULL AS VARCHAR) AS division_code"
        found.append(f"SELECT {number}, {_MATTERS} FROM kept_household AS r WHERE {turning}")
    return found


def _by_source(facts: list[Fact], ways: Ways, before: Setting, after: Setting) -> dict[str, _Reaching]:
    found: dict[str, _Reaching] = {}

    def look(
        source: str, reach: Reach, where: tuple[Condition, ...], matters: str, all_conditions: tuple[Condition, ...]
    ) -> None:
        reaching = found.setdefault(source, _Reaching())
        reaching.reaches.add(reach)
        reaching.met[row_alone(where, after)] = None
        reaching.mattering[matters] = None
        if turning := any_turning((c for c in all_conditions if not is_of_member(c)), before, after):
            reaching.turning[turning] = None

    for fact in facts:
        if fact.source != REGISTER:
            matters = effects.of_row(fact, ways, after)
            look(fact.source, fact.reach, fact.where, matters, (*fact.where, *fact.keep))
        if fact.lacking:
            matters, where = effects.of_lacking(fact, ways, after), fact.lacking.where
            look(fact.lacking.source, Reach.MEMBERS, where, matters, where)
    return found


def _certain(sql: str, asked: frozenset[str]) -> str:
    """What is neither true nor false is not true; a column is what it is."""
    return sql if asked == {"up", "down"} else f"coalesce({sql}, False)"


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


def _counties(lake: Lake, facts: list[Fact], before: Setting, after: Setting, since: Since) -> tuple[int, int]:
    """A county keeps its fact while one row still bears witness to it; where none does, or one may have come, all is counted,
    and everybody in a county that changed is touched: so many who were not, and of them so many with members."""
    found = with_members = 0
    for fact in facts:
        if fact.reach is not Reach.COUNTY:
            continue
        kept, table = f"kept_{county_table(fact)}", county_table(fact)
        lake.store(table, _still_bearing(lake, fact, since))
        if _still_witnessed(lake, fact, before, after):
            continue
        find_county_witnesses(fact, lake, after)
        apart = f"SELECT county FROM ({_without(table, kept)} UNION ALL {_without(kept, table)}) AS c"
        more, members = _touch_counties(lake, apart)
        found, with_members = found + more, with_members + members
    return found, with_members


def _touch_counties(lake: Lake, counties: str) -> tuple[int, int]:
    """Takes everybody in these counties among the touched."""
    others = "ANTI JOIN touched AS t ON t.household = k.household"
    theirs = f"SELECT k.* FROM registered_household AS k {others} WHERE {_COUNTY} IN ({counties})"
    lake.store("county_household", theirs)
    of_them = "SEMI JOIN county_household AS c ON c.household = k.household"
    lake.store("county_person", f"SELECT k.* FROM registered_person AS k {of_them}")
    for table in ("household", "person"):
        lake.run(f"INSERT INTO present_{table} SELECT * FROM county_{table}")
    lake.run("INSERT INTO touched SELECT household, True FROM county_household")
    counts = f"(SELECT count(*) FROM county_household), ({_SCREENED.format('county_person')})"
    [(found, with_members)] = lake.run(f"SELECT {counts}").fetchall()
    return int(found), int(with_members)


_COUNTY = f"substr(division_code, 1, {COUNTY_DIGITS})"


def _without(table: str, other: str) -> str:
    return f"SELECT t.county FROM {table} AS t ANTI JOIN {other} AS o ON o.county = t.county"


def _still_bearing(lake: Lake, fact: Fact, since: Since) -> str:
    """Those witnesses of the earlier day of whom nothing came since: neither of the person, nor of the row."""
    kept = f"SELECT k.* FROM kept_{county_table(fact)} AS k ANTI JOIN renewed_person AS n ON n.person = k.person"
    came = lake.delivered(fact.source, since.deliveries.get(fact.source, ()))
    return f"SELECT s.* FROM ({kept}) AS s ANTI JOIN {came} AS c ON c.key = s.key" if came else kept


def _still_witnessed(lake: Lake, fact: Fact, before: Setting, after: Setting) -> bool:
    """Whether every county of the earlier day still has a witness, and no other county can have got one."""
    if any_turning(fact.where, before, after):
        return False
    kept = f"kept_{county_table(fact)}"
    elsewhere = f"household IN (SELECT household FROM touched WHERE NOT by_days) AND {_COUNTY} NOT IN (SELECT county FROM {kept})"
    questions = [_without(kept, county_table(fact)), f"SELECT 1 FROM present_household WHERE {elsewhere}"]
    return not any(lake.run(f"{question} LIMIT 1").fetchall() for question in questions)
