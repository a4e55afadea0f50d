"""What assistance takes from the pipeline: what the pack asks of it, and what a household receives already."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from shouwang.assistance.proposals import ReceivedHelp
from shouwang.assistance.requirements import Requirements
from shouwang.cases.models import MonitorType
from shouwang.deliveries.lake import Lake
from shouwang.households.models import Household
from shouwang.jobs.lake_rows import about_persons, all_rows
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.kernel.measure_map import MeasureEntry, MeasureMap
from shouwang.sources.contract import contract

LAST_FIRST = "received_on DESC, delivery DESC, line DESC"
NAMED = ("category", "status", "scheme", "employer", "starts_on", "started_on", "year", "amount", "monthly_wage")


def assistance_requirements(on: date) -> Requirements:
    """What the pack asks of assistance on a day.

    Raises:
        InputError: the pack does not pass its check, or has no value yet on that day.
    """
    pack = current_pack()
    known = pack.measures.map

    def value(name: str) -> Any:
        return pack.parameters[name].at(on)

    def number(name: str) -> int:
        return int(value(f"assistance.{name}"))

    return Requirements(
        limits={name: each.at(on) for name, each in pack.deadlines.items()},
        calendar=pack.calendar,
        measures=known,
        labour_skills=tuple(value("labour.able_skills")),
        labour_ages=(int(value("employment.working_from_age")), int(value("employment.working_to_age"))),
        post_ages=(number("post_from_age"), number("post_to_age")),
        posts_a_person=number("posts_a_person"),
        loan_ages=(number("loan_from_age"), number("loan_to_age")),
        loan_limit=Decimal(str(value("assistance.loan_limit"))),
        loan_months=number("loan_months"),
        visit_months=number("visit_months"),
        visit_months_key=number("visit_months_key"),
        key_types=_types(tuple(value("assistance.key_types"))),
        amounts={each.amount: Decimal(str(value(each.amount))) for each in known.entries if each.amount},
    )


def _types(titles: tuple[str, ...]) -> tuple[str, ...]:
    """The pack names monitor types in Chinese."""
    with translation.override(settings.LANGUAGE_CODE):
        return tuple(str(value) for value, title in MonitorType.choices if str(title) in titles)


def received_by(home: Home, household: Household, known: MeasureMap, on: date) -> list[ReceivedHelp]:
    """What the latest rows of departments show that the household's members receive on a day.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    people = dict(household.persons.filter(left_kind="").values_list("key", "name"))
    found: list[ReceivedHelp] = []
    if not people:
        return found
    with Lake(home, None) as lake:
        for entry in known.entries:
            rows = all_rows(home, entry.received.source) if entry.received else ""
            if rows:
                found += _received(lake, entry, rows, people, on)
    return found


def _received(lake: Lake, entry: MeasureEntry, rows: str, people: dict[int, str], on: date) -> list[ReceivedHelp]:
    told = entry.received
    if told is None:
        return []
    conditions = [f"{column} IN ({', '.join(map(_literal, codes))})" for column, codes in told.where.items()]
    if told.since:
        conditions.append(f"{told.since} <= DATE '{on}'")
    if told.until:
        conditions.append(f"({told.until} IS NULL OR {told.until} > DATE '{on}')")
    if told.year:
        conditions.append(f"{told.year} = {on.year}")
    shown = [column for column in contract(told.source).columns if column.field in NAMED]
    latest = (
        f"SELECT *, row_number() OVER (PARTITION BY key ORDER BY {LAST_FIRST}) AS place FROM {rows}"
        f" WHERE {about_persons(people)}"
    )
    wanted = ", ".join(("person", "delivery", "line", *(column.field for column in shown)))
    sql = f"SELECT {wanted} FROM ({latest}) WHERE place = 1 AND {' AND '.join(conditions or ['true'])} ORDER BY ALL"
    help_received = []
    for person, delivery, line, *cells in lake.run(sql).fetchall():
        parts = [f"{column.header}{cell}" for column, cell in zip(shown, cells, strict=True) if cell not in (None, "")]
        words = _("{name}：{parts}").format(name=people[person], parts="，".join(parts))
        help_received.append(ReceivedHelp(entry.id, entry.category, words, delivery, line))
    return help_received


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
