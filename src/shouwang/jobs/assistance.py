"""What assistance takes from the pipeline: what the pack asks of it, and what a household receives already."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from shouwang.assistance.proposals import ReceivedHelp
from shouwang.assistance.requirements import Requirements
from shouwang.cases.models import MonitorType
from shouwang.deliveries.copies import Row
from shouwang.deliveries.rows_about import RowsAbout, Whom
from shouwang.households.models import Household
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.kernel.measure_map import MeasureEntry, MeasureMap, Received
from shouwang.sources.contract import contract

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
    with RowsAbout(home) as delivered:
        for entry in known.entries:
            if entry.received:
                found += _received(
                    entry, entry.received, delivered.latest(entry.received.source, Whom(people)), people, on
                )
    return found


def _received(
    entry: MeasureEntry, told: Received, rows: list[Row], people: dict[int, str], on: date
) -> Iterator[ReceivedHelp]:
    shown = [column for column in contract(told.source).columns if column.field in NAMED]
    for row in sorted(rows, key=itemgetter("person", "delivery", "line")):
        if _is_received(row, told, on):
            parts = [f"{each.header}{row[each.field]}" for each in shown if row[each.field] not in (None, "")]
            words = _("{name}：{parts}").format(name=people[row["person"]], parts="，".join(parts))
            yield ReceivedHelp(entry.id, entry.category, words, row["delivery"], row["line"])


def _is_received(row: Row, told: Received, on: date) -> bool:
    began, ended = row[told.since] if told.since else on, row[told.until] if told.until else None
    return (
        all(row[column] in codes for column, codes in told.where.items())
        and (began is not None and began <= on)
        and (ended is None or ended > on)
        and (not told.year or row[told.year] == on.year)
    )
