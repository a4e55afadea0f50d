"""The nineteen standard rules as somebody would write them in SQL, stage by stage, over the same accepted rows.

The statements keep to what DuckDB, PostgreSQL and Spark all read. Each stage is a table of its own: one statement of all of them
ended on no engine but DuckDB, and PostgreSQL guessed the sizes of what it joined wrongly by a factor of a thousand. Parameters
are the pack's. The last stage is `clues`: household_no, risk_type, level; without evidence or words.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

ORDER = "received_on DESC, delivery DESC, line DESC"
SOURCES = {
    "household_register": (
        "person", "household_no", "division_code", "household_type", "birth_date", "labour", "dropout_reason"
    ),
    "vital_event": ("person", "kind", "happened_on"),
    "income_statement": (
        "household_no", "period_end", "wage_income", "business_income", "property_income", "transfer_income",
        "business_cost", "claims_income", "compliant_out_of_pocket",
    ),
    "medical_settlement": ("person", "settled_on", "care_type", "out_of_pocket"),
    "medical_enrolment": ("person", "year", "status"),
    "social_assistance": ("person", "category", "starts_on", "ends_on", "amount"),
    "school_roll": ("person", "stage", "status", "status_on", "self_paid"),
    "disability_certificate": ("person", "grade", "issued_on", "status"),
    "employment_record": ("person", "started_on", "left_on", "unpaid_months"),
    "housing_appraisal": ("person", "grade", "appraised_on", "mended_on"),
    "water_fault": ("person", "link", "division_code", "began_on", "restored_on"),
    "disaster_report": ("person", "happened_on", "loss", "house_damage"),
    "accident_report": ("person", "happened_on"),
    "industry_setback": ("person", "happened_on", "loss"),
    "hotline_complaint": ("person", "accepted_on", "category"),
}  # fmt: skip
"""What the rules look at; every source also has received_on, delivery, line, key and repeated."""
ALWAYS = ("received_on", "delivery", "line", "key", "repeated")
COLUMNS = {source: (*names, *ALWAYS) for source, names in SOURCES.items()}
RISK_TYPES = {
    "medical.high_out_of_pocket": "illness", "medical.chronic_outpatient": "illness", "medical.uninsured": "illness",
    "income.below_line": "other", "income.eroded_by_spending": "other", "education.dropout": "schooling",
    "education.high_cost": "schooling", "disability.new_severe": "disability",
    "employment.job_loss": "unstable_employment", "employment.unpaid_wages": "unstable_employment",
    "labour.none": "labour_shortage", "housing.unsafe": "unsafe_housing", "water.prolonged_fault": "unsafe_water",
    "disaster.loss": "natural_disaster", "accident.casualty": "accident", "industry.setback": "industry_failure",
    "assistance.large_temporary": "other", "assistance.ended": "other", "complaint.hardship": "other",
}  # fmt: skip
Stages = list[tuple[str, str]]


class HandWritten:
    """The statements for a day, under the values that hold then."""

    def __init__(self, day: date, at: Mapping[str, Any]) -> None:
        self._day, self._at = day, at

    def stages(self) -> Stages:
        """Names of tables with the SELECT that fills each, in order."""
        rules = " UNION ALL ".join(
            f"SELECT household_no, '{rule}' AS rule, '{RISK_TYPES[rule]}' AS risk_type FROM ({sql}) AS r"
            for rule, sql in self._rules().items()
        )
        return [
            *self._register(),
            *self._money(),
            *self._shared(),
            ("hit", f"SELECT DISTINCT r.* FROM ({rules}) AS r JOIN household AS h ON h.household_no = r.household_no"),
            ("clues", self._clues()),
        ]

    # What the stages are written with

    def _d(self, days_before: int = 0) -> str:
        return f"DATE '{self._day - timedelta(days=days_before)}'"

    def _within(self, column: str, parameter: str) -> str:
        return f"{column} > {self._d(int(self._at[parameter]))} AND {column} <= {self._d()}"

    def _among(self, column: str, parameter: str) -> str:
        return f"{column} IN ({', '.join(repr(name) for name in self._at[parameter])})"

    def _number(self, parameter: str) -> str:
        return f"{Decimal(self._at[parameter]):f}"

    def _first_of_month(self, months_before: int) -> str:
        months = self._day.year * 12 + self._day.month - 1 - months_before
        return f"DATE '{date(months // 12, months % 12 + 1, 1)}'"

    def _latest(self, source: str) -> str:
        """The last version of each key; only of keys that came again is it looked for."""
        columns = ", ".join((*SOURCES[source], "received_on", "delivery", "line"))
        again = f"SELECT key FROM {source} WHERE repeated"
        return (
            f"SELECT {columns} FROM {source} AS s WHERE NOT EXISTS (SELECT 1 FROM ({again}) AS a WHERE a.key = s.key) "
            f"UNION ALL SELECT {columns} FROM (SELECT s.*, row_number() OVER (PARTITION BY key ORDER BY {ORDER}) AS place "
            f"FROM {source} AS s WHERE key IN ({again})) AS v WHERE place = 1"
        )

    # Stages that rules share

    def _register(self) -> Stages:
        day = self._day
        last = "row_number() OVER (PARTITION BY {of} ORDER BY " + ORDER + ") AS place"
        age = (
            f"{day.year} - extract(year FROM p.birth_date) - CASE WHEN extract(month FROM p.birth_date) * 100 + "
            f"extract(day FROM p.birth_date) > {day.month * 100 + day.day} THEN 1 ELSE 0 END"
        )
        undone = "p.received_on > e.received_on OR (p.received_on = e.received_on AND p.delivery > e.delivery)"
        return [
            ("registered", self._latest("household_register")),
            (
                "person",
                f"SELECT * FROM (SELECT r.*, {last.format(of='person')} FROM registered AS r) AS v WHERE place = 1",
            ),
            (
                "home",
                "SELECT household_no, division_code, household_type FROM (SELECT household_no, division_code, "
                f"household_type, {last.format(of='household_no')} FROM registered AS r) AS v WHERE place = 1",
            ),
            (
                "gone",
                f"SELECT DISTINCT e.person FROM ({self._latest('vital_event')}) AS e JOIN person AS p ON p.person = e.person "
                f"WHERE e.happened_on <= {self._d()} AND ({self._among('e.kind', 'register.left_for_good')} OR "
                f"({self._among('e.kind', 'register.left_until_delivered_again')} AND NOT ({undone})))",
            ),
            (
                "member",
                f"SELECT p.person, p.household_no, p.labour, p.dropout_reason, {age} AS age FROM person AS p "
                "LEFT JOIN gone AS g ON g.person = p.person WHERE g.person IS NULL",
            ),
        ]

    def _money(self) -> Stages:
        parts = "coalesce(wage_income, 0) + coalesce(business_income, 0) + coalesce(property_income, 0)"
        net = f"{parts} + coalesce(transfer_income, 0) - coalesce(business_cost, 0)"
        place = f"row_number() OVER (PARTITION BY household_no ORDER BY period_end DESC, {ORDER}) AS place"
        within = self._within("period_end", "income.statement_days")
        return [
            (
                "income",
                f"SELECT household_no, {net} AS net, {net} + coalesce(claims_income, 0) - "
                f"coalesce(compliant_out_of_pocket, 0) AS reference FROM (SELECT s.*, {place} FROM "
                f"({self._latest('income_statement')}) AS s WHERE {within}) AS v WHERE place = 1",
            ),
            (
                "household",
                "SELECT h.household_no, h.division_code, h.household_type, m.members, i.net, i.reference, "
                f"m.members * {self._number('income.monitoring_line')} AS line FROM home AS h "
                "JOIN (SELECT household_no, count(*) AS members FROM member GROUP BY household_no) AS m "
                "ON m.household_no = h.household_no LEFT JOIN income AS i ON i.household_no = h.household_no",
            ),
        ]

    def _shared(self) -> Stages:
        window = int(self._at["medical.window_months"])
        held = f"r.started_on <= {self._d()} AND (r.left_on IS NULL OR r.left_on > {self._d()})"
        now = f"r.starts_on <= {self._d()} AND (r.ends_on IS NULL OR r.ends_on > {self._d()})"
        return [
            (
                "settled",
                "SELECT m.household_no, m.person, r.settled_on, r.care_type, r.out_of_pocket "
                f"FROM ({self._latest('medical_settlement')}) AS r JOIN member AS m ON m.person = r.person "
                f"WHERE r.settled_on >= {self._first_of_month(window)} AND r.settled_on < {self._first_of_month(0)}",
            ),
            (
                "job",
                f"SELECT m.household_no, m.age, r.unpaid_months, ({held}) AS held, "
                f"coalesce({self._within('r.left_on', 'employment.left_days')}, 1 = 0) AS recent "
                f"FROM ({self._latest('employment_record')}) AS r JOIN member AS m ON m.person = r.person",
            ),
            ("aid", f"SELECT m.household_no, r.*, ({now}) AS stands FROM ({self._latest('social_assistance')}) AS r "
                    "JOIN member AS m ON m.person = r.person"),
            ("school", self._latest("school_roll")),
        ]  # fmt: skip

    # The rules: each a SELECT of household_no

    def _rules(self) -> dict[str, str]:
        return self._of_illness() | self._of_school_and_work() | self._of_house_and_harvest() | self._of_help()

    def _of_illness(self) -> dict[str, str]:
        months, year = int(self._at["medical.chronic_months"]), self._day.year
        lifted, ordinary = self._number("medical.high_lifted"), self._number("medical.high_ordinary")
        enrolled = f"({self._latest('medical_enrolment')}) AS r"
        county = "substr(h.division_code, 1, 6)"
        return {
            "medical.high_out_of_pocket": (
                "SELECT h.household_no FROM household AS h JOIN (SELECT household_no, sum(out_of_pocket) AS paid FROM settled "
                "GROUP BY household_no) AS s ON s.household_no = h.household_no WHERE s.paid >= CASE WHEN "
                f"{self._among('h.household_type', 'register.lifted_types')} THEN {lifted} ELSE {ordinary} END"
            ),
            "medical.chronic_outpatient": (
                "SELECT household_no FROM (SELECT household_no, person, extract(month FROM settled_on) AS month FROM settled "
                f"WHERE {self._among('care_type', 'medical.chronic_care_types')} AND settled_on >= {self._first_of_month(months)} "
                f"GROUP BY 1, 2, 3 HAVING sum(out_of_pocket) >= {self._number('medical.chronic_monthly')}) AS m "
                f"GROUP BY household_no, person HAVING count(*) >= {months}"
            ),
            "medical.uninsured": (
                "SELECT m.household_no FROM member AS m JOIN home AS h ON h.household_no = m.household_no "
                f"WHERE NOT EXISTS (SELECT 1 FROM {enrolled} WHERE r.person = m.person AND r.year = {year} AND "
                f"{self._among('r.status', 'medical.insured_states')}) AND {county} IN (SELECT DISTINCT {county} "
                f"FROM {enrolled} JOIN person AS p ON p.person = r.person JOIN home AS h ON h.household_no = p.household_no "
                f"WHERE r.year = {year})"
            ),
            "disability.new_severe": (
                f"SELECT m.household_no FROM ({self._latest('disability_certificate')}) AS r JOIN member AS m "
                f"ON m.person = r.person WHERE {self._among('r.status', 'disability.valid_states')} AND "
                f"{self._among('r.grade', 'disability.severe_grades')} AND {self._within('r.issued_on', 'disability.new_days')}"
            ),
        }

    def _of_school_and_work(self) -> dict[str, str]:
        by_status = f"row_number() OVER (PARTITION BY person ORDER BY status_on DESC, {ORDER}) AS place"
        young = (
            f"BETWEEN {self._number('education.compulsory_from_age')} AND {self._number('education.compulsory_to_age')}"
        )
        working = (
            f"BETWEEN {self._number('employment.working_from_age')} AND {self._number('employment.working_to_age')}"
        )
        standing = self._among("g.category", "assistance.standing_categories")
        able = f"SELECT household_no FROM member WHERE {self._among('labour', 'labour.able_skills')}"
        return {
            "education.dropout": (
                f"SELECT m.household_no FROM (SELECT s.*, {by_status} FROM school AS s WHERE status_on <= {self._d()} "
                "AND person IS NOT NULL) AS r JOIN member AS m ON m.person = r.person "
                f"WHERE r.place = 1 AND m.age {young} AND {self._among('r.status', 'education.dropout_states')} AND "
                f"(m.dropout_reason IS NULL OR NOT {self._among('m.dropout_reason', 'education.excused_reasons')})"
            ),
            "education.high_cost": (
                f"SELECT m.household_no FROM (SELECT s.*, {by_status} FROM school AS s WHERE "
                f"{self._among('stage', 'education.stages_beyond_compulsory')} AND person IS NOT NULL AND "
                f"{self._within('status_on', 'education.cost_days')}) AS r JOIN member AS m ON m.person = r.person "
                f"WHERE r.place = 1 GROUP BY m.household_no HAVING sum(r.self_paid) >= {self._number('education.high_cost')}"
            ),
            "employment.job_loss": (
                f"SELECT j.household_no FROM job AS j WHERE j.recent AND j.age {working} AND NOT EXISTS "
                "(SELECT 1 FROM job AS k WHERE k.held AND k.household_no = j.household_no)"
            ),
            "employment.unpaid_wages": (
                "SELECT household_no FROM job WHERE (held OR recent) AND "
                f"unpaid_months >= {self._number('employment.unpaid_months')}"
            ),
            "labour.none": (
                f"SELECT household_no FROM household AS h WHERE net < {self._number('labour.income_multiple')} * line "
                f"AND NOT EXISTS (SELECT 1 FROM ({able}) AS a WHERE a.household_no = h.household_no) AND NOT EXISTS "
                f"(SELECT 1 FROM aid AS g WHERE g.stands AND {standing} AND g.household_no = h.household_no)"
            ),
        }

    def _of_house_and_harvest(self) -> dict[str, str]:
        appraised = f"row_number() OVER (PARTITION BY household_no ORDER BY appraised_on DESC, {ORDER}) AS place"
        dry = (
            f"({self._latest('water_fault')}) AS r WHERE r.began_on <= {self._d(int(self._at['water.fault_days']))} "
            f"AND (r.restored_on IS NULL OR r.restored_on > {self._d()})"
        )
        own = "JOIN person AS p ON p.person = r.person"
        return {
            "housing.unsafe": (
                f"SELECT household_no FROM (SELECT q.*, {appraised} FROM (SELECT p.household_no, r.* FROM "
                f"({self._latest('housing_appraisal')}) AS r {own} WHERE r.appraised_on <= {self._d()}) AS q) AS v "
                f"WHERE place = 1 AND {self._among('grade', 'housing.unsafe_grades')} AND "
                f"(mended_on IS NULL OR mended_on > {self._d()})"
            ),
            "water.prolonged_fault": (
                f"SELECT p.household_no FROM person AS p JOIN (SELECT person FROM {dry}) AS f ON f.person = p.person UNION ALL "
                "SELECT h.household_no FROM household AS h WHERE h.division_code IN (SELECT division_code "
                f"FROM {dry} AND r.person IS NULL AND r.link IS NULL)"
            ),
            "disaster.loss": (
                f"SELECT p.household_no FROM ({self._latest('disaster_report')}) AS r {own} WHERE "
                f"{self._within('r.happened_on', 'disaster.recent_days')} AND (r.loss >= {self._number('disaster.loss')} OR "
                f"{self._among('r.house_damage', 'disaster.severe_damages')})"
            ),
            "accident.casualty": (
                f"SELECT p.household_no FROM ({self._latest('accident_report')}) AS r {own} "
                f"WHERE {self._within('r.happened_on', 'accident.recent_days')}"
            ),
            "industry.setback": (
                f"SELECT m.household_no FROM ({self._latest('industry_setback')}) AS r JOIN member AS m ON m.person = r.person "
                f"WHERE {self._within('r.happened_on', 'industry.recent_days')} GROUP BY m.household_no "
                f"HAVING sum(r.loss) >= {self._number('industry.losses')}"
            ),
        }

    def _of_help(self) -> dict[str, str]:
        standing = self._among("{}.category", "assistance.standing_categories")
        return {
            "income.below_line": "SELECT household_no FROM household WHERE net < line",
            "income.eroded_by_spending": "SELECT household_no FROM household WHERE net >= line AND reference < line",
            "assistance.large_temporary": (
                f"SELECT household_no FROM aid WHERE {self._among('category', 'assistance.temporary_categories')} AND amount >= "
                f"{self._number('assistance.large_temporary')} AND {self._within('starts_on', 'assistance.temporary_days')}"
            ),
            "assistance.ended": (
                f"SELECT a.household_no FROM aid AS a WHERE {standing.format('a')} AND "
                f"{self._within('a.ends_on', 'assistance.ended_days')} AND NOT EXISTS (SELECT 1 FROM aid AS g "
                f"WHERE g.stands AND {standing.format('g')} AND g.household_no = a.household_no)"
            ),
            "complaint.hardship": (
                f"SELECT m.household_no FROM ({self._latest('hotline_complaint')}) AS r JOIN member AS m ON m.person = r.person "
                f"WHERE {self._among('r.category', 'complaint.hardship_categories')} AND "
                f"{self._within('r.accepted_on', 'complaint.recent_days')}"
            ),
        }

    def _clues(self) -> str:
        many = self._number("level.orange_risk_types")
        return (
            "SELECT c.household_no, c.risk_type, CASE WHEN h.net < h.line AND l.outside > 0 THEN 'red' "
            f"WHEN h.net < h.line OR l.types >= {many} THEN 'orange' ELSE 'yellow' END AS level "
            "FROM (SELECT DISTINCT household_no, risk_type FROM hit) AS c "
            "JOIN household AS h ON h.household_no = c.household_no "
            "JOIN (SELECT household_no, count(DISTINCT risk_type) AS types, "
            "sum(CASE WHEN rule LIKE 'income.%' THEN 0 ELSE 1 END) AS outside FROM hit GROUP BY household_no) AS l "
            "ON l.household_no = c.household_no"
        )
