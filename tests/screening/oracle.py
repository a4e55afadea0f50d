"""The nineteen rules once more, plain and slow, written from the page of the standard rules and from nothing else.

It shares with the engine only the rows it looks at. Numbers stand here as the page has them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from shouwang.screening.example_world import FIRST_LINE, ExampleWorld
from shouwang.sources.contract import contracts

RISK_TYPES = {
    "medical.high_out_of_pocket": "illness",
    "medical.chronic_outpatient": "illness",
    "medical.uninsured": "illness",
    "income.below_line": "other",
    "income.eroded_by_spending": "other",
    "education.dropout": "schooling",
    "education.high_cost": "schooling",
    "disability.new_severe": "disability",
    "employment.job_loss": "unstable_employment",
    "employment.unpaid_wages": "unstable_employment",
    "labour.none": "labour_shortage",
    "housing.unsafe": "unsafe_housing",
    "water.prolonged_fault": "unsafe_water",
    "disaster.loss": "natural_disaster",
    "accident.casualty": "accident",
    "industry.setback": "industry_failure",
    "assistance.large_temporary": "other",
    "assistance.ended": "other",
    "complaint.hardship": "other",
}
LINE = Decimal(6000)


@dataclass
class Row:
    order: tuple[date, int, int]
    who: str | None
    link: str | None
    v: dict[str, Any]


@dataclass
class Household:
    number: str
    division: str
    type: str
    registered: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)


@dataclass
class Finding:
    level: str
    rules: set[str]
    division: str


class Oracle:
    def __init__(self, world: ExampleWorld, d: date, known_at: date) -> None:
        self.d = d
        self.sources: dict[str, list[Row]] = {}
        last: dict[tuple[Any, ...], Row] = {}
        self.every_register_row: list[Row] = []
        for number, rows in enumerate(world.deliveries(), start=1):
            for line, given in enumerate(rows, start=FIRST_LINE):
                if given.received_on > known_at:
                    continue
                row = Row((given.received_on, number, line), given.who, given.link, dict(given.values))
                if given.source == "household_register":
                    self.every_register_row.append(row)
                fields = contracts()[given.source].key
                key = (given.source, *(row.who if name == "id_number" else row.v.get(name) for name in fields))
                if key not in last or last[key].order < row.order:
                    last[key] = row
        for key, row in last.items():
            self.sources.setdefault(key[0], []).append(row)
        self.households = self._register()

    def _register(self) -> dict[str, Household]:
        households: dict[str, Household] = {}
        for row in sorted(self.every_register_row, key=lambda row: row.order):
            number = row.v["household_no"]
            household = households.setdefault(number, Household(number, "", ""))
            household.division, household.type = row.v["division_code"], row.v["household_type"]
        persons: dict[str, Row] = {}
        for row in sorted(self.every_register_row, key=lambda row: row.order):
            assert row.who
            persons[row.who] = row
        for who, row in persons.items():
            household = households[row.v["household_no"]]
            household.registered.append(row)
            gone = False
            for event in self.rows("vital_event", {who}):
                if event.v["happened_on"] <= self.d:
                    gone |= event.v["kind"] == "死亡" or event.order[:2] > row.order[:2]
            if not gone:
                household.members.append(row)
        return households

    def rows(self, source: str, persons: set[str]) -> list[Row]:
        return [row for row in self.sources.get(source, []) if row.who is not None and row.who in persons]

    def within(self, day: date | None, days: int) -> bool:
        return day is not None and self.d - timedelta(days=days) < day <= self.d

    def months(self, count: int) -> list[tuple[int, int]]:
        year, month = self.d.year, self.d.month
        found = []
        for _ in range(count):
            year, month = (year - 1, 12) if month == 1 else (year, month - 1)
            found.append((year, month))
        return found

    def age(self, person: Row) -> int | None:
        born = person.v.get("birth_date")
        if born is None:
            return None
        return self.d.year - born.year - ((self.d.month, self.d.day) < (born.month, born.day))

    def county_has_enrolment(self, county: str) -> bool:
        persons = {r.who for h in self.households.values() if h.division[:6] == county for r in h.registered}
        return any(
            row.v["year"] == self.d.year for row in self.rows("medical_enrolment", {who for who in persons if who})
        )

    def income(self, household: Household) -> tuple[Decimal, Decimal] | None:
        statements = [
            row
            for row in self.sources.get("income_statement", [])
            if row.v["household_no"] == household.number
            and self.d - timedelta(days=400) < row.v["period_end"] <= self.d
        ]
        if not statements:
            return None
        v = max(statements, key=lambda row: row.v["period_end"]).v
        amount = lambda name: Decimal(str(v.get(name) or 0))  # noqa: E731
        net = sum(map(amount, ("wage_income", "business_income", "property_income", "transfer_income")))
        net -= amount("business_cost")
        return Decimal(net), Decimal(net) + amount("claims_income") - amount("compliant_out_of_pocket")

    def findings(self) -> dict[str, Finding]:
        found = {}
        for household in self.households.values():
            if not household.members:
                continue
            rules = self.fired(household)
            if not rules:
                continue
            income = self.income(household)
            below = income is not None and income[0] < LINE * len(household.members)
            if below and any(not rule.startswith("income.") for rule in rules):
                level = "red"
            elif below or len({RISK_TYPES[rule] for rule in rules}) >= 2:
                level = "orange"
            else:
                level = "yellow"
            found[household.number] = Finding(level, rules, household.division)
        return found

    def fired(self, h: Household) -> set[str]:
        members = {row.who: row for row in h.members if row.who}
        registered = {row.who for row in h.registered if row.who}
        fired = self._medical(h, members) | self._income(h) | self._school(members) | self._work(members)
        fired |= self._calamities(h, registered) | self._support(members, h)
        if any(
            row.v["status"] == "有效" and row.v["grade"] in ("一级", "二级") and self.within(row.v["issued_on"], 90)
            for row in self.rows("disability_certificate", set(members))
        ):
            fired.add("disability.new_severe")
        losses = [
            r.v["loss"] for r in self.rows("industry_setback", set(members)) if self.within(r.v["happened_on"], 90)
        ]
        if sum((Decimal(str(x)) for x in losses), Decimal(0)) >= 5000:
            fired.add("industry.setback")
        if any(
            row.v["category"] == "生活困难" and self.within(row.v["accepted_on"], 30)
            for row in self.rows("hotline_complaint", set(members))
        ):
            fired.add("complaint.hardship")
        return fired

    def _medical(self, h: Household, members: dict[str, Row]) -> set[str]:
        fired = set()
        rows = self.rows("medical_settlement", set(members))
        year = self.months(12)
        total = sum(
            Decimal(str(r.v["out_of_pocket"]))
            for r in rows
            if (r.v["settled_on"].year, r.v["settled_on"].month) in year
        )
        if total >= (5000 if h.type == "脱贫户" else 20000):
            fired.add("medical.high_out_of_pocket")
        for who in members:
            monthly = [
                sum(
                    Decimal(str(r.v["out_of_pocket"]))
                    for r in rows
                    if r.who == who
                    and r.v["care_type"] == "门诊慢特病"
                    and (r.v["settled_on"].year, r.v["settled_on"].month) == month
                )
                for month in self.months(3)
            ]
            if all(amount >= 500 for amount in monthly):
                fired.add("medical.chronic_outpatient")
        for who in members:
            insured = any(
                r.v["year"] == self.d.year and r.v["status"] == "正常" for r in self.rows("medical_enrolment", {who})
            )
            if not insured and self.county_has_enrolment(h.division[:6]):
                fired.add("medical.uninsured")
        return fired

    def _income(self, h: Household) -> set[str]:
        income = self.income(h)
        if income is None:
            return set()
        limit = LINE * len(h.members)
        if income[0] < limit:
            return {"income.below_line"}
        return {"income.eroded_by_spending"} if income[1] < limit else set()

    def _school(self, members: dict[str, Row]) -> set[str]:
        fired = set()
        cost = Decimal(0)
        for who, person in members.items():
            rows = [(r.v["status_on"], r.order, r) for r in self.rows("school_roll", {who})]
            age = self.age(person)
            past = [each for each in rows if each[0] <= self.d]
            if age is not None and 6 <= age <= 15 and past:
                state = max(past, key=lambda each: each[:2])[2].v["status"]
                if state in ("疑似辍学", "辍学") and person.v.get("dropout_reason") not in ("因病", "因残"):
                    fired.add("education.dropout")
            above = [e for e in rows if self.within(e[0], 365) and e[2].v["stage"] not in ("小学", "初中")]
            if above:
                cost += Decimal(str(max(above, key=lambda each: each[:2])[2].v.get("self_paid") or 0))
        if cost >= 10000:
            fired.add("education.high_cost")
        return fired

    def _work(self, members: dict[str, Row]) -> set[str]:
        fired = set()
        jobs = self.rows("employment_record", set(members))

        def held(job: Row) -> bool:
            left = job.v.get("left_on")
            return job.v["started_on"] <= self.d and (left is None or left > self.d)

        lost = False
        for job in jobs:
            age = self.age(members[job.who or ""])
            lost |= age is not None and 16 <= age <= 59 and self.within(job.v.get("left_on"), 90)
            if (held(job) or self.within(job.v.get("left_on"), 90)) and (job.v.get("unpaid_months") or 0) >= 2:
                fired.add("employment.unpaid_wages")
        if lost and not any(held(job) for job in jobs):
            fired.add("employment.job_loss")
        return fired

    def _calamities(self, h: Household, registered: set[str]) -> set[str]:
        fired = set()
        appraisals = [r for r in self.rows("housing_appraisal", registered) if r.v["appraised_on"] <= self.d]
        if appraisals:
            v = max(appraisals, key=lambda r: (r.v["appraised_on"], r.order)).v
            mended = v.get("mended_on")
            if v["grade"] in ("C", "D") and not (mended is not None and mended <= self.d):
                fired.add("housing.unsafe")
        for r in self.sources.get("water_fault", []):
            own = r.who is not None and r.who in registered
            village = r.who is None and r.link is None and r.v["division_code"] == h.division
            restored = r.v.get("restored_on")
            begun = r.v["began_on"] <= self.d - timedelta(days=7)
            if (own or village) and begun and not (restored is not None and restored <= self.d):
                fired.add("water.prolonged_fault")
        for r in self.rows("disaster_report", registered):
            if self.within(r.v["happened_on"], 90) and (
                Decimal(str(r.v["loss"])) >= 5000 or r.v["house_damage"] in ("严重损坏", "倒塌")
            ):
                fired.add("disaster.loss")
        if any(self.within(r.v["happened_on"], 90) for r in self.rows("accident_report", registered)):
            fired.add("accident.casualty")
        return fired

    def _support(self, members: dict[str, Row], h: Household) -> set[str]:
        fired = set()
        rows = self.rows("social_assistance", set(members))
        standing = [r for r in rows if r.v["category"] in ("农村低保", "特困供养")]
        receiving = any(
            r.v["starts_on"] <= self.d and (r.v.get("ends_on") is None or r.v["ends_on"] > self.d) for r in standing
        )
        if any(self.within(r.v.get("ends_on"), 90) for r in standing) and not receiving:
            fired.add("assistance.ended")
        if any(
            r.v["category"] == "临时救助"
            and self.within(r.v["starts_on"], 90)
            and Decimal(str(r.v.get("amount") or 0)) >= 3000
            for r in rows
        ):
            fired.add("assistance.large_temporary")
        income = self.income(h)
        able = any(row.v.get("labour") in ("普通劳动力", "技能劳动力") for row in members.values())
        if not able and not receiving and income is not None and income[0] < Decimal("1.5") * LINE * len(members):
            fired.add("labour.none")
        return fired
