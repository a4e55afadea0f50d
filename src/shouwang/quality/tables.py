"""The two tables that rules on data quality speak of: every member and every household of the register, each with what else is
known of them on a day. Everything is worked out over the whole register at once.

`member`: name, age, sex, relation, school_status, education, dropout_reason, health, labour as registered (NULL: not filled);
names (of one identity number), names_listed; year, resident_insured, employee_insured, county_enrolled; certified,
disability_category, disability_grade, county_certified; school_state, at_school; employed, employer, working_since;
phone_digits, how many the telephone has (the telephone itself lies sealed).

`household`: household_type, members, heads, able, ill, uninsured, dropouts, worked_since, aided_since; period_start, period_end,
net, wage_income, business_income, transfer_income, out_of_pocket (yuan; NULL without a statement), told_on when that was
received; housing_grade, house_unsafe, water_faults, water_cut; monitored, at_risk, eliminated, risk_<type>; unhelped_since,
when a household was included that has had its time and no measure; explained_on, when people last decided with a reason that it
is not to be monitored; help_<kind> since when a measure of that kind runs; and a column for each number that the desk recorded.

Each row has household_no, division_code, delivery and line of the register row that counts; a member also person.
"""

from dataclasses import dataclass

from shouwang.deliveries.lake import Lake
from shouwang.facts.register import make_register
from shouwang.facts.setting import Setting, literal

OF_PERSON = (
    "name",
    "sex",
    "birth_date",
    "relation",
    "school_status",
    "education",
    "dropout_reason",
    "health",
    "labour",
)
RISKS = ("illness", "schooling", "unsafe_housing", "unsafe_water", "labour_shortage", "unstable_employment")
LAND = ("farmland", "forest", "orchard", "pasture", "water_surface", "returned_land")
NUMBERS = (*LAND, "road_distance")
HELP = ("industry", "employment")
HEAD = "户主"
SCHEMES = {"resident": "居民", "employee": "职工"}
# Parameters that the tables need beside those of the rules.
PARAMETERS = (
    "register.left_for_good",
    "register.left_until_delivered_again",
    "medical.insured_states",
    "disability.valid_states",
    "education.dropout_states",
    "education.excused_reasons",
    "education.compulsory_from_age",
    "education.compulsory_to_age",
    "quality.at_school_states",
    "quality.not_at_school",
    "quality.ill_states",
    "labour.able_skills",
    "assistance.standing_categories",
    "income.statement_days",
    "housing.unsafe_grades",
    "water.fault_days",
)


@dataclass(frozen=True)
class Desk:
    """What the desk knows beside the lake, as tables for DuckDB (pyarrow), or None where it knows nothing.

    cases: household_no, risks (`|illness|schooling|`), at_risk, eliminated, unhelped_since of each standing case. facts:
    household_no, field, number of each number that is recorded last. help: household_no, kind (of `HELP`), since of each measure
    that runs. explained: household_no, on of each decision that a household is not to be monitored.
    """

    cases: object | None = None
    facts: object | None = None
    help: object | None = None
    explained: object | None = None


def make_tables(lake: Lake, at: Setting, desk: Desk) -> None:
    """Makes the tables `member` and `household` of the register as known by the lake, at the setting's day."""
    make_register(lake, at, OF_PERSON)
    _make_desk(lake, desk)
    for name, sql in _of_persons(lake, at).items():
        lake.store(name, sql)
    lake.store("member", _member(at))
    for name, sql in _of_households(lake, at).items():
        lake.store(name, sql)
    lake.store("household", _household(at))


def _make_desk(lake: Lake, desk: Desk) -> None:
    nothing = {
        "cases": "CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS risks, NULL::BOOLEAN AS at_risk, "
        "NULL::BOOLEAN AS eliminated, NULL::DATE AS unhelped_since",
        "facts": "CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS field, NULL::DOUBLE AS number",
        "help": "CAST(NULL AS VARCHAR) AS household_no, CAST(NULL AS VARCHAR) AS kind, NULL::DATE AS since",
        "explained": 'CAST(NULL AS VARCHAR) AS household_no, NULL::DATE AS "on"',
    }
    for name, columns in nothing.items():
        given = getattr(desk, name)
        if given is None:
            lake.store(f"desk_{name}", f"SELECT {columns} WHERE 1 = 0")
            continue
        lake.connection.register(f"given_{name}", given)
        lake.store(f"desk_{name}", f"SELECT * FROM given_{name}")
        lake.connection.unregister(f"given_{name}")


def _listed(at: Setting, parameter: str) -> str:
    return f"({', '.join(literal(name) for name in at.names(parameter))})"


def _of_persons(lake: Lake, at: Setting) -> dict[str, str]:
    """Aids by their name: one row a person."""
    day = literal(at.as_of)
    enrolled = lake.versions("medical_enrolment", ("person", "year", "scheme", "status"))
    this_year = f"SELECT * FROM ({enrolled}) AS e WHERE person IS NOT NULL AND year = {at.as_of.year}"
    insured = f"status IN {_listed(at, 'medical.insured_states')}"
    certificates = lake.versions(
        "disability_certificate",
        ("person", "category", "grade", "issued_on", "status", "received_on", "delivery", "line"),
    )
    roll = lake.versions("school_roll", ("person", "status", "status_on", "received_on", "delivery", "line"))
    jobs = lake.versions("employment_record", ("person", "employer", "started_on", "left_on"))
    aid = lake.versions("social_assistance", ("person", "category", "starts_on", "ends_on"))
    register = lake.versions("household_register", ("person", "name"))
    return {
        "named": f"SELECT person, count(DISTINCT name) AS names, string_agg(DISTINCT name, '、' ORDER BY name) AS listed "
        f"FROM ({register}) AS r GROUP BY person HAVING count(DISTINCT name) > 1",
        "insured": f"SELECT person, bool_or(scheme = '{SCHEMES['resident']}' AND {insured}) AS resident, "
        f"bool_or(scheme = '{SCHEMES['employee']}' AND {insured}) AS employee FROM ({this_year}) AS e GROUP BY person",
        "certified": f"SELECT person, category, grade FROM ({_latest(certificates, 'issued_on', day)}) AS c "
        f"WHERE status IN {_listed(at, 'disability.valid_states')}",
        "enrolled_in": f"SELECT person, status FROM ({_latest(roll, 'status_on', day)}) AS s",
        "working": "SELECT person, min(started_on) AS since, arg_min(employer, started_on) AS employer "
        f"FROM ({jobs}) AS j WHERE person IS NOT NULL AND started_on <= {day} AND (left_on IS NULL OR left_on > {day}) "
        "GROUP BY person",
        "aided": f"SELECT person, min(starts_on) AS since FROM ({aid}) AS a WHERE person IS NOT NULL "
        f"AND category IN {_listed(at, 'assistance.standing_categories')} AND starts_on <= {day} "
        f"AND (ends_on IS NULL OR ends_on > {day}) GROUP BY person",
        "with_phone": lake.carried("household_register", "phone_digits"),
        "with_enrolment": _counties("insured"),
        "with_certificates": _counties("certified"),
    }


def _latest(rows: str, by: str, day: str) -> str:
    """The latest row of each person dated by the day; ties go to the later delivery, then the later line."""
    order = f"PARTITION BY person ORDER BY {by} DESC, received_on DESC, delivery DESC, line DESC"
    return (
        f"SELECT * FROM (SELECT *, row_number() OVER ({order}) AS place FROM ({rows}) AS v "
        f"WHERE person IS NOT NULL AND {by} <= {day}) AS w WHERE place = 1"
    )


def _counties(of: str) -> str:
    """The counties in which something of the kind is linked to a registered person: only there is its lack a lack."""
    return (
        f"SELECT DISTINCT substr(h.division_code, 1, 6) AS county FROM {of} AS x "
        "JOIN registered_person AS p ON p.person = x.person JOIN registered_household AS h ON h.household = p.household"
    )


def _member(at: Setting) -> str:
    day = at.as_of
    not_yet = f"(month(p.birth_date), day(p.birth_date)) > ({day.month}, {day.day})"
    age = f"{day.year} - year(p.birth_date) - CASE WHEN {not_yet} THEN 1 ELSE 0 END"
    said = "nullif(p.school_status, '') IS NOT NULL AND p.school_status NOT IN " + _listed(at, "quality.not_at_school")
    at_school = (
        f"CASE WHEN s.status IN {_listed(at, 'quality.at_school_states')} THEN true "
        f"WHEN s.status IN {_listed(at, 'education.dropout_states')} THEN false ELSE {said} END"
    )
    filled = ", ".join(
        f"nullif(p.{name}, '') AS {name}"
        for name in ("sex", "school_status", "education", "dropout_reason", "health", "labour")
    )
    county = "substr(h.division_code, 1, 6)"
    return f"""
        SELECT h.household, h.household_no, h.division_code, p.person, p.delivery, p.line, p.name, p.relation, {filled},
            {age} AS age, coalesce(n.names, 1) AS names, n.listed AS names_listed, {day.year} AS year,
            coalesce(i.resident, false) AS resident_insured, coalesce(i.employee, false) AS employee_insured,
            {county} IN (SELECT county FROM with_enrolment) AS county_enrolled,
            c.person IS NOT NULL AS certified, c.category AS disability_category, c.grade AS disability_grade,
            {county} IN (SELECT county FROM with_certificates) AS county_certified,
            s.status AS school_state, {at_school} AS at_school,
            w.person IS NOT NULL AS employed, w.employer, w.since AS working_since, a.since AS aided_since, t.phone_digits
        FROM registered_person AS p JOIN registered_household AS h ON h.household = p.household
        LEFT JOIN named AS n ON n.person = p.person LEFT JOIN insured AS i ON i.person = p.person
        LEFT JOIN certified AS c ON c.person = p.person LEFT JOIN enrolled_in AS s ON s.person = p.person
        LEFT JOIN working AS w ON w.person = p.person LEFT JOIN aided AS a ON a.person = p.person
        LEFT JOIN with_phone AS t ON t.delivery = p.delivery AND t.line = p.line
        WHERE p.member"""


def _of_households(lake: Lake, at: Setting) -> dict[str, str]:
    """Aids by their name: one row a household."""
    day = literal(at.as_of)
    amounts = ("wage_income", "business_income", "property_income", "transfer_income", "business_cost")
    wanted = ("household_no", "period_start", "period_end", *amounts, "compliant_out_of_pocket")
    statements = lake.versions("income_statement", (*wanted, "received_on", "delivery", "line"))
    appraisals = lake.versions(
        "housing_appraisal", ("person", "grade", "appraised_on", "mended_on", "received_on", "delivery", "line")
    )
    faults = lake.versions("water_fault", ("person", "link", "division_code", "began_on", "restored_on"))
    last = "ORDER BY period_end DESC, received_on DESC, delivery DESC, line DESC"
    net = " + ".join(f"coalesce({name}, 0)" for name in amounts[:-1]) + f" - coalesce({amounts[-1]}, 0)"
    since = literal(at.days_before("income.statement_days"))
    cut = f"began_on <= {literal(at.days_before('water.fault_days'))} AND (restored_on IS NULL OR restored_on > {day})"
    of_house = "PARTITION BY p.household ORDER BY h.appraised_on DESC, h.received_on DESC, h.delivery DESC, h.line DESC"
    children = (
        f"age BETWEEN {at.number('education.compulsory_from_age')} AND {at.number('education.compulsory_to_age')}"
    )
    excused = f"coalesce(dropout_reason IN {_listed(at, 'education.excused_reasons')}, false)"
    return {
        "of_members": f"""
            SELECT household, count(*) AS members, count(*) FILTER (relation = '{HEAD}') AS heads,
                count(*) FILTER (labour IN {_listed(at, "labour.able_skills")}) AS able,
                count(*) FILTER (health IN {_listed(at, "quality.ill_states")}) AS ill,
                count(*) FILTER (county_enrolled AND NOT resident_insured AND NOT employee_insured) AS uninsured,
                count(*) FILTER ({children} AND school_state IN {_listed(at, "education.dropout_states")}
                    AND NOT {excused}) AS dropouts,
                min(working_since) AS worked_since, min(aided_since) AS aided_since
            FROM member GROUP BY household""",
        "of_income": f"SELECT household_no, period_start, period_end, received_on, {net} AS net, "
        "coalesce(wage_income, 0) AS wage_income, coalesce(business_income, 0) AS business_income, "
        "coalesce(transfer_income, 0) AS transfer_income, "
        "coalesce(compliant_out_of_pocket, 0) AS out_of_pocket FROM (SELECT *, row_number() OVER (PARTITION BY household_no "
        f"{last}) AS place FROM ({statements}) AS i WHERE period_end <= {day} AND period_end > {since}) AS j WHERE place = 1",
        "of_housing": f"SELECT household, grade, grade IN {_listed(at, 'housing.unsafe_grades')} AND "
        f"(mended_on IS NULL OR mended_on > {day}) AS unsafe FROM (SELECT p.household, h.*, row_number() OVER ({of_house}) "
        f"AS place FROM ({appraisals}) AS h JOIN registered_person AS p ON p.person = h.person "
        f"WHERE h.appraised_on <= {day}) AS g WHERE place = 1",
        "of_water": f"SELECT household, count(*) AS faults FROM (SELECT p.household FROM ({faults}) AS f "
        f"JOIN registered_person AS p ON p.person = f.person WHERE {cut} UNION ALL SELECT h.household FROM ({faults}) AS f "
        f"JOIN registered_household AS h ON h.division_code = f.division_code WHERE f.person IS NULL AND f.link IS NULL "
        f"AND {cut}) AS w GROUP BY household",
    }


def _household(at: Setting) -> str:
    risks = ", ".join(f"coalesce(contains(k.risks, '|{risk}|'), false) AS risk_{risk}" for risk in RISKS)
    numbers = ", ".join(f"max(number) FILTER (field = '{name}') AS {name}" for name in NUMBERS)
    recorded = ", ".join(f"r.{name}" for name in NUMBERS)
    kinds = ", ".join(f"min(since) FILTER (kind = '{kind}') AS help_{kind}" for kind in HELP)
    helped = ", ".join(f"a.help_{kind}" for kind in HELP)
    return f"""
        SELECT h.household, h.household_no, h.division_code, h.household_type, h.delivery, h.line, m.members, m.heads, m.able,
            m.ill, m.uninsured, m.dropouts, m.worked_since, m.aided_since, i.period_start, i.period_end, i.net,
            i.wage_income, i.business_income, i.transfer_income, i.out_of_pocket, i.received_on AS told_on, g.grade AS housing_grade,
            coalesce(g.unsafe, false) AS house_unsafe, coalesce(w.faults, 0) AS water_faults,
            coalesce(w.faults, 0) > 0 AS water_cut, k.household_no IS NOT NULL AS monitored,
            coalesce(k.at_risk, false) AS at_risk, coalesce(k.eliminated, false) AS eliminated, k.unhelped_since,
            e.explained_on, {risks}, {recorded}, {helped}
        FROM registered_household AS h JOIN of_members AS m ON m.household = h.household
        LEFT JOIN of_income AS i ON i.household_no = h.household_no
        LEFT JOIN of_housing AS g ON g.household = h.household LEFT JOIN of_water AS w ON w.household = h.household
        LEFT JOIN desk_cases AS k ON k.household_no = h.household_no
        LEFT JOIN (SELECT household_no, max("on") AS explained_on FROM desk_explained GROUP BY household_no) AS e
            ON e.household_no = h.household_no
        LEFT JOIN (SELECT household_no, {kinds} FROM desk_help GROUP BY household_no) AS a ON a.household_no = h.household_no
        LEFT JOIN (SELECT household_no, {numbers} FROM desk_facts GROUP BY household_no) AS r ON r.household_no = h.household_no"""
