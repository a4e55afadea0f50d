"""The same screening as the field's systems do it: household by household through Django's ORM.

python -m bench.orm_screening HOME AS_OF OUT.parquet [HOUSEHOLDS]

Tables with the indexes that one would expect, in a SQLite database that lies in memory where there is room for that. Filling
them does not count. Of a large register only so many households are looked at, spread evenly, and the time is that of all in
proportion; their clues must be the product's. Beside the clues it writes OUT.json: the households that it looked at.
"""

import calendar
import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django
import polars as pl
from django.conf import settings

from bench.hand_sql import RISK_TYPES, SOURCES
from bench.parameters import values
from bench.processes import OWN_FIGURES

MOST = 500
DATABASE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(
    DATABASES={"default": DATABASE}, INSTALLED_APPS=[], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField"
)
django.setup()
from django.db import connection, models  # noqa: E402

KINDS: dict[Any, Any] = {
    pl.Date: models.DateField, pl.Int64: models.BigIntegerField, pl.Int32: models.IntegerField, pl.String: models.TextField,
}  # fmt: skip
KEYS = ("person", "household_no", "division_code")
ORDER = ("received_on", "delivery", "line")
Rules = dict[str, Any]


def filled(rows: Path, source: str, day: date) -> Any:
    """A model with the last version of each row of a source, amounts in fen; None where nothing was delivered."""
    files = sorted((rows / source).glob("D*.parquet"))
    if not files:
        return None
    wanted = [*SOURCES[source], *ORDER, "key"]
    frame = pl.concat([pl.read_parquet(file, columns=wanted) for file in files], how="vertical_relaxed")
    frame = frame.filter(pl.col("received_on") <= day).sort(ORDER).unique("key", keep="last", maintain_order=True)
    if source == "household_register":
        frame = frame.unique("person", keep="last", maintain_order=True)
    money = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal)]
    frame = frame.drop("key").with_columns((pl.col(name) * 100).cast(pl.Int64) for name in money)
    fields = {name: KINDS[kind.base_type()](null=True, db_index=name in KEYS) for name, kind in frame.schema.items()}
    meta = type("Meta", (), {"app_label": "bench"})
    model = type(source.title().replace("_", ""), (models.Model,), {"__module__": __name__, "Meta": meta, **fields})
    with connection.schema_editor() as editor:
        editor.create_model(model)
    places = ", ".join(["%s"] * frame.width)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({', '.join(frame.columns)}) VALUES ({places})", frame.rows()
        )
    return model


class Household:
    """One household, asked for as a page or a nightly loop would ask."""

    def __init__(self, tables: dict[str, Any], number: str, day: date, at: dict[str, Any]) -> None:
        self.tables, self.number, self.day, self.at = tables, number, day, at
        self.registered = list(self.rows("household_register").filter(household_no=number))
        self.persons = [each.person for each in self.registered]
        last = max(self.registered, key=lambda each: (each.received_on, each.delivery, each.line))
        self.division, self.type = last.division_code, last.household_type
        self.members = [each for each in self.registered if not self.is_gone(each)]
        self.net, self.reference = self.income()
        self.line = len(self.members) * int(at["income.monitoring_line"] * 100)

    def rows(self, source: str) -> Any:
        model = self.tables[source]
        return model.objects.all() if model else self.tables["household_register"].objects.none()

    def of(self, source: str, persons: list[int] | None = None) -> list[Any]:
        """Rows of the members (or of these persons), person by person."""
        asked = [each.person for each in self.members] if persons is None else persons
        return (
            [row for person in asked for row in self.rows(source).filter(person=person)] if self.tables[source] else []
        )

    def is_gone(self, who: Any) -> bool:
        for event in self.of("vital_event", [who.person]):
            later = (event.received_on, event.delivery) > (who.received_on, who.delivery)
            stays_gone = event.kind in self.at["register.left_for_good"]
            left = event.kind in self.at["register.left_until_delivered_again"] and later
            if event.happened_on <= self.day and (stays_gone or left):
                return True
        return False

    def income(self) -> tuple[int | None, int | None]:
        if not self.tables["income_statement"]:
            return None, None
        first = self.day - timedelta(days=int(self.at["income.statement_days"]))
        told = self.rows("income_statement").filter(
            household_no=self.number, period_end__gt=first, period_end__lte=self.day
        )
        last = told.order_by("-period_end", "-received_on", "-delivery", "-line").first()
        if last is None:
            return None, None
        parts = (last.wage_income, last.business_income, last.property_income, last.transfer_income)
        net = sum(part or 0 for part in parts) - (last.business_cost or 0)
        return net, net + (last.claims_income or 0) - (last.compliant_out_of_pocket or 0)

    def within(self, day: date | None, parameter: str) -> bool:
        return day is not None and self.day - timedelta(days=int(self.at[parameter])) < day <= self.day

    def past(self, day: date | None) -> bool:
        return day is not None and day <= self.day

    def fen(self, parameter: str) -> int:
        return int(self.at[parameter] * 100)

    def age(self, who: Any) -> int:
        born = who.birth_date
        return int(self.day.year - born.year - ((born.month, born.day) > (self.day.month, self.day.day)))


def month_start(day: date, months_before: int) -> date:
    months = day.year * 12 + day.month - 1 - months_before
    return date(months // 12, months % 12 + 1, 1)


def fired(home: Household, insured_counties: set[str]) -> set[str]:
    """The rules that fire on one household."""
    found = illness(home, insured_counties) | school_and_work(home) | house_and_harvest(home)
    poor = home.net is not None and home.net < home.line
    eroded = home.net is not None and home.reference is not None and not poor and home.reference < home.line
    return found | ({"income.below_line"} if poor else set()) | ({"income.eroded_by_spending"} if eroded else set())


def illness(home: Household, insured_counties: set[str]) -> set[str]:
    at, day, found = home.at, home.day, set()
    first, end = month_start(day, int(at["medical.window_months"])), month_start(day, 0)
    settled = [row for row in home.of("medical_settlement") if first <= row.settled_on < end]
    high = "medical.high_lifted" if home.type in at["register.lifted_types"] else "medical.high_ordinary"
    if settled and sum(row.out_of_pocket or 0 for row in settled) >= home.fen(high):
        found.add("medical.high_out_of_pocket")
    months = [month_start(day, before) for before in range(1, int(at["medical.chronic_months"]) + 1)]
    for who in home.members:
        kinds = at["medical.chronic_care_types"]
        own = [row for row in settled if row.person == who.person and row.care_type in kinds]
        sums = [
            sum(row.out_of_pocket or 0 for row in own if first <= row.settled_on <= ends(first)) for first in months
        ]
        if all(paid >= home.fen("medical.chronic_monthly") for paid in sums):
            found.add("medical.chronic_outpatient")
        insured = [row for row in home.of("medical_enrolment", [who.person]) if row.year == day.year]
        if home.division[:6] in insured_counties and not any(
            row.status in at["medical.insured_states"] for row in insured
        ):
            found.add("medical.uninsured")
    for row in home.of("disability_certificate"):
        severe = row.status in at["disability.valid_states"] and row.grade in at["disability.severe_grades"]
        if severe and home.within(row.issued_on, "disability.new_days"):
            found.add("disability.new_severe")
    return found


def ends(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def school_and_work(home: Household) -> set[str]:
    at, found, cost = home.at, set(), 0
    for who in home.members:
        states = [row for row in home.of("school_roll", [who.person]) if home.past(row.status_on)]
        states.sort(key=lambda row: (row.status_on, row.received_on, row.delivery, row.line))
        age = home.age(who)
        if states and at["education.compulsory_from_age"] <= age <= at["education.compulsory_to_age"]:
            excused = who.dropout_reason in at["education.excused_reasons"]
            if states[-1].status in at["education.dropout_states"] and not excused:
                found.add("education.dropout")
        beyond = [row for row in states if row.stage in at["education.stages_beyond_compulsory"]]
        beyond = [row for row in beyond if home.within(row.status_on, "education.cost_days")]
        cost += (beyond[-1].self_paid or 0) if beyond else 0
        jobs = home.of("employment_record", [who.person])
        working = at["employment.working_from_age"] <= age <= at["employment.working_to_age"]
        if working and any(home.within(job.left_on, "employment.left_days") for job in jobs):
            found.add("employment.job_loss")
    jobs = home.of("employment_record")
    held = [job for job in jobs if home.past(job.started_on) and not home.past(job.left_on)]
    if held:
        found.discard("employment.job_loss")
    recent = [job for job in jobs if home.within(job.left_on, "employment.left_days")]
    if any((job.unpaid_months or 0) >= at["employment.unpaid_months"] for job in [*held, *recent]):
        found.add("employment.unpaid_wages")
    return (
        found | ({"education.high_cost"} if cost >= home.fen("education.high_cost") else set()) | help_and_labour(home)
    )


def help_and_labour(home: Household) -> set[str]:
    at, found = home.at, set()
    aid = home.of("social_assistance")
    standing = [row for row in aid if row.category in at["assistance.standing_categories"]]
    receives = any(home.past(row.starts_on) and not home.past(row.ends_on) for row in standing)
    if not receives and any(home.within(row.ends_on, "assistance.ended_days") for row in standing):
        found.add("assistance.ended")
    for row in aid:
        large = row.category in at["assistance.temporary_categories"] and (row.amount or 0) >= home.fen(
            "assistance.large_temporary"
        )
        if large and home.within(row.starts_on, "assistance.temporary_days"):
            found.add("assistance.large_temporary")
    able = any(who.labour in at["labour.able_skills"] for who in home.members)
    low = home.net is not None and home.net < home.line * float(at["labour.income_multiple"])
    if low and not able and not receives:
        found.add("labour.none")
    for row in home.of("hotline_complaint"):
        if row.category in at["complaint.hardship_categories"] and home.within(
            row.accepted_on, "complaint.recent_days"
        ):
            found.add("complaint.hardship")
    return found


def house_and_harvest(home: Household) -> set[str]:
    at, found = home.at, set()
    appraised = [row for row in home.of("housing_appraisal", home.persons) if home.past(row.appraised_on)]
    appraised.sort(key=lambda row: (row.appraised_on, row.received_on, row.delivery, row.line))
    if appraised and appraised[-1].grade in at["housing.unsafe_grades"] and not home.past(appraised[-1].mended_on):
        found.add("housing.unsafe")
    faults = home.of("water_fault", home.persons)
    if home.tables["water_fault"]:
        faults += list(home.rows("water_fault").filter(division_code=home.division, person=None, link=None))
    since = home.day - timedelta(days=int(at["water.fault_days"]))
    if any(row.began_on <= since and not home.past(row.restored_on) for row in faults):
        found.add("water.prolonged_fault")
    for row in home.of("disaster_report", home.persons):
        hurt = (row.loss or 0) >= home.fen("disaster.loss") or row.house_damage in at["disaster.severe_damages"]
        if hurt and home.within(row.happened_on, "disaster.recent_days"):
            found.add("disaster.loss")
    if any(home.within(row.happened_on, "accident.recent_days") for row in home.of("accident_report", home.persons)):
        found.add("accident.casualty")
    losses = [
        row.loss or 0 for row in home.of("industry_setback") if home.within(row.happened_on, "industry.recent_days")
    ]
    return found | ({"industry.setback"} if losses and sum(losses) >= home.fen("industry.losses") else set())


def clues_of(home: Household, rules: set[str]) -> list[tuple[str, str, str]]:
    types = {RISK_TYPES[rule] for rule in rules}
    poor = home.net is not None and home.net < home.line
    outside = any(not rule.startswith("income.") for rule in rules)
    level = (
        "red"
        if poor and outside
        else "orange"
        if poor or len(types) >= home.at["level.orange_risk_types"]
        else "yellow"
    )
    return [(home.number, each, level) for each in sorted(types)]


def main(home: str, as_of: str, out: str, most: str = str(MOST)) -> None:
    """Screens, writes the clues and prints what the loop took."""
    rows, day = Path(home) / "lake" / "rows", date.fromisoformat(as_of)
    tables, at = {source: filled(rows, source, day) for source in SOURCES}, values(day)
    numbers = sorted(tables["household_register"].objects.values_list("household_no", flat=True).distinct())
    chosen = numbers[:: -(-len(numbers) // int(most))]
    seconds, cpu_seconds = time.perf_counter(), time.process_time()
    counties = insured_counties(tables, day)
    found = []
    for number in chosen:
        one = Household(tables, number, day, at)
        if one.members:
            found += clues_of(one, fired(one, counties))
    whole = len(numbers) / len(chosen)
    figures = {
        "seconds": (time.perf_counter() - seconds) * whole,
        "cpu_seconds": (time.process_time() - cpu_seconds) * whole,
        "peak_mb": int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024,
    }
    pl.DataFrame(found, schema=["household_no", "risk_type", "level"], orient="row").write_parquet(out)
    Path(out).with_suffix(".json").write_text(json.dumps(chosen))
    print(json.dumps({OWN_FIGURES: figures, "looked_at": len(chosen), "households": len(numbers)}))


def insured_counties(tables: dict[str, Any], day: date) -> set[str]:
    """Counties of which some person has a row of the year."""
    if not tables["medical_enrolment"]:
        return set()
    persons = tables["medical_enrolment"].objects.filter(year=day.year, person__isnull=False).values("person")
    register = tables["household_register"].objects.filter(person__in=persons)
    return {code[:6] for code in register.values_list("division_code", flat=True).distinct()}


if __name__ == "__main__":
    main(*sys.argv[1:])
