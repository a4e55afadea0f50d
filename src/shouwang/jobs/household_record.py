"""A household's record as it was known on a day: who belonged to it, what it lived on, and what stood about it.

Today's record comes from the desk; that of an earlier day is told from the lake by the functions that filled the desk, so the
two agree (`tests/web/test_record_as_known.py` compares them over drawn deliveries).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from shouwang.deliveries.copies import REGISTER, Row
from shouwang.deliveries.rows_about import RowsAbout, Whom
from shouwang.households.models import Household, Person, RegisterChange
from shouwang.households.reading import history_of, persons_of
from shouwang.jobs.history import Statement, TouchingDelivery, TouchingRow, history_from, income_statements
from shouwang.jobs.person_history import CHANGE, PERSON_COLUMNS, PLACE, STORED, Departures, Story, tell
from shouwang.jobs.register import VITAL_EVENTS
from shouwang.kernel.home import Home
from shouwang.sources.contract import contract

HEAD = "户主"


@dataclass(frozen=True)
class Block:
    """One matter of a household's record: the source that tells of it, the field by which its latest row is known, the
    field that says when it ended, and whether each member has a row or the household one."""

    name: str
    source: str
    by: str
    ended: str = ""
    of_members: bool = True
    every: bool = False

    @property
    def owner(self) -> str:
        return contract(self.source).owner


# In the order of the two worries and three guarantees. `every`: all that stand, not only the latest.
BLOCKS = (
    Block("housing", "housing_appraisal", "appraised_on", of_members=False),
    Block("water", "water_fault", "began_on", "restored_on", of_members=False, every=True),
    Block("insurance", "medical_enrolment", "year"),
    Block("school", "school_roll", "status_on"),
    Block("work", "employment_record", "started_on"),
    Block("disability", "disability_certificate", "issued_on"),
)


@dataclass(frozen=True)
class Figure:
    """One row that stands for a block, with where it was delivered; `person` is empty where it speaks of the household."""

    block: str
    key: int
    person: str
    words: str
    delivery: int
    line: int
    received_on: date


@dataclass(frozen=True)
class HouseholdRecord:
    """Everything known about a household at the end of `on`; the persons present first, `changes` the latest first."""

    on: date
    household: Household
    persons: list[Person]
    changes: list[RegisterChange]
    events: list[TouchingDelivery]
    statements: list[Statement]

    @property
    def present(self) -> list[Person]:
        return [person for person in self.persons if not person.left_on]

    @property
    def gone(self) -> list[Person]:
        return [person for person in self.persons if person.left_on]

    def figures(self) -> dict[str, list[Figure]]:
        """The figures of each block by its name, members in their order; a block without any is missing."""
        return {block.name: found for block in BLOCKS if (found := list(self._figures(block)))}

    def _figures(self, block: Block) -> Iterable[Figure]:
        registered = {person.key: place for place, person in enumerate(self.persons)}
        present = {person.key for person in self.present}
        rows = [
            (event, row)
            for event in self.events
            if event.source == block.source
            for row in event.rows
            if not row.superseded and row.key in (present if block.of_members else {*registered, 0})
        ]
        rows.sort(key=lambda each: (each[1].cells[block.by], each[0].received_on, each[0].delivery, each[1].line))
        if block.every:
            chosen = [(event, row) for event, row in rows if _stands(row, block, self.on)]
        else:
            chosen = list({row.key if block.of_members else 0: (event, row) for event, row in rows}.values())
        for event, row in sorted(chosen, key=lambda each: registered.get(each[1].key, -1)):
            yield Figure(
                block.name,
                row.key if block.of_members else 0,
                row.person if block.of_members else "",
                row.words,
                event.delivery,
                row.line,
                event.received_on,
            )


def _stands(row: TouchingRow, block: Block, on: date) -> bool:
    ended: date | None = row.cells[block.ended]
    return ended is None or ended > on


def record_now(home: Home, household: Household, today: date) -> HouseholdRecord:
    """The record as the desk has it.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    with RowsAbout(home) as delivered:
        return HouseholdRecord(
            today,
            household,
            persons_of(household),
            history_of(household),
            history_from(delivered, household, today),
            income_statements(delivered, household),
        )


def record_on(home: Home, household: Household, on: date) -> HouseholdRecord | None:
    """The record as it was known at the end of a day; None where the register did not have the household yet.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    with RowsAbout(home, on) as delivered:
        registered = delivered.rows(REGISTER, Whom(household_no=household.household_no))
        if not registered:
            return None
        named = Whom({row["person"] for row in registered} - {None})
        stories = list(_stories(delivered, named, Departures.of_pack()))
        persons = _persons(stories, household)
        then = _household(household, registered, persons)
        everybody = {story.key: str(story.row["name"]) for story in stories if story.row}
        return HouseholdRecord(
            on,
            then,
            persons,
            _changes(stories, household),
            history_from(delivered, then, on, everybody),
            income_statements(delivered, then),
        )


def _stories(delivered: RowsAbout, named: Whom, departures: Departures) -> Iterable[Story]:
    """As `register.stories_of` tells them when the desk is filled, of a few persons as known on a day."""
    empty = dict.fromkeys(("household_no", "content", *PERSON_COLUMNS, "kind", "happened_on"))
    steps = [empty | row for row in (*delivered.rows(REGISTER, named), *delivered.latest(VITAL_EVENTS, named))]
    steps.sort(key=itemgetter("person", *PLACE))
    told = (tell(key, of_person, departures) for key, of_person in groupby(steps, key=itemgetter("person")))
    return filter(None, told)


def _persons(stories: list[Story], household: Household) -> list[Person]:
    """Those whom the register had in the household, in the order of `persons_of`; they are not saved."""
    told = [dict(zip(STORED, story.person, strict=True)) for story in stories]
    number = household.household_no
    found = [Person(household=household, **_without(row)) for row in told if row["household"] == number]
    return sorted(found, key=lambda each: (each.left_on or date.min, each.received_on, each.line, each.key))


def _without(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "household"}


def _household(household: Household, registered: list[Row], persons: list[Person]) -> Household:
    """The household as its latest row then had it; it is not saved. Where nobody heads it, whoever was named last as head."""
    ordered = sorted(registered, key=itemgetter(*PLACE))
    row, headed = ordered[-1], [each["name"] for each in ordered if each["relation"] == HEAD]
    present = [person for person in persons if not person.left_on]
    heads = [person for person in present if person.relation == HEAD] or [
        person for person in persons if person.relation == HEAD
    ]
    heads.sort(key=lambda each: (each.received_on, each.delivery, each.line), reverse=True)
    return Household(
        household_no=household.household_no,
        area_id=row["division_code"],
        household_type=row["household_type"],
        head_name=heads[0].name if heads else (headed or [""])[-1],
        member_count=len(present),
        received_on=row["received_on"],
        delivery=row["delivery"],
        line=row["line"],
    )


def _changes(stories: list[Story], household: Household) -> list[RegisterChange]:
    told = [RegisterChange(**dict(zip(CHANGE, change, strict=True))) for story in stories for change in story.changes]
    ours = [change for change in told if change.household_no == household.household_no]
    return sorted(ours, key=lambda each: (each.received_on, each.delivery, each.line, each.person_key), reverse=True)


@dataclass(frozen=True)
class Difference:
    """Something that two days' records tell differently: in which part, about whom, and both in words (empty: not known).

    `delivery` and `line` are where the later day has it from; 0 where it has nothing.
    """

    part: str
    about: str
    field: str
    before: str
    after: str
    delivery: int = 0
    line: int = 0


OF_MEMBER = (
    "name",
    "relation",
    "sex",
    "birth_date",
    "ethnicity",
    "education",
    "school_status",
    "dropout_reason",
    "health",
    "labour",
    "resettlement_site",
)


def differences(before: HouseholdRecord | None, after: HouseholdRecord) -> list[Difference]:
    """What became known between the end of one day and that of a later one: household, members, income, blocks."""
    return [
        *_of_household(before, after),
        *_of_members(before, after),
        *_of_income(before, after),
        *_of_blocks(before, after),
    ]


def _of_household(before: HouseholdRecord | None, after: HouseholdRecord) -> Iterable[Difference]:
    then, now = before.household if before else None, after.household
    told = (
        ("area", then.area.name if then else "", now.area.name),
        ("household_type", then.household_type if then else "", now.household_type),
    )
    for name, was, is_now in told:
        if was != is_now:
            yield Difference("household", "", name, was, is_now, now.delivery, now.line)


def _of_members(before: HouseholdRecord | None, after: HouseholdRecord) -> Iterable[Difference]:
    then = {person.key: person for person in before.persons} if before else {}
    now = {person.key: person for person in after.persons}
    for key in {**then, **now}:
        was, is_now = then.get(key), now.get(key)
        who = (is_now or was).name  # type: ignore[union-attr]
        place = (is_now.delivery, is_now.line) if is_now else (0, 0)
        if was is None or is_now is None:
            yield Difference("member", who, "registered", _registered(was), _registered(is_now), *place)
            continue
        if was.left_on != is_now.left_on or was.left_kind != is_now.left_kind:
            yield Difference(
                "member", who, "registered", _registered(was), _registered(is_now), *_of_departure(after, key)
            )
        for name in OF_MEMBER:
            old, new = _text(getattr(was, name)), _text(getattr(is_now, name))
            if old != new:
                yield Difference("member", who, name, old, new, *place)


def _of_departure(after: HouseholdRecord, key: int) -> tuple[int, int]:
    found = next((change for change in after.changes if change.person_key == key), None)
    return (found.delivery, found.line) if found else (0, 0)


def _registered(person: Person | None) -> str:
    if person is None:
        return ""
    return f"{person.left_kind} {person.left_on}" if person.left_on else person.relation


def _of_income(before: HouseholdRecord | None, after: HouseholdRecord) -> Iterable[Difference]:
    then = {each.period_end: each for each in before.statements} if before else {}
    now = {each.period_end: each for each in after.statements}
    for end in sorted({*then, *now}, reverse=True):
        was, is_now = then.get(end), now.get(end)
        if _net(was) != _net(is_now):
            place = (is_now.delivery, is_now.line) if is_now else (0, 0)
            yield Difference("income", f"{end:%Y-%m-%d}", "net", _net(was), _net(is_now), *place)


def _net(statement: Statement | None) -> str:
    return f"{Decimal(statement.net):,.2f}" if statement else ""


def _of_blocks(before: HouseholdRecord | None, after: HouseholdRecord) -> Iterable[Difference]:
    then, now = before.figures() if before else {}, after.figures()
    for block in BLOCKS:
        old = {_which(block, each): each for each in then.get(block.name, ())}
        new = {_which(block, each): each for each in now.get(block.name, ())}
        for which in {**old, **new}:
            was, is_now = old.get(which), new.get(which)
            words = (was.words if was else "", is_now.words if is_now else "")
            if words[0] != words[1]:
                place = (is_now.delivery, is_now.line) if is_now else (0, 0)
                yield Difference(block.name, (is_now or was).person, "", *words, *place)  # type: ignore[union-attr]


def _which(block: Block, figure: Figure) -> tuple[int, str]:
    return (figure.key, figure.words if block.every else "")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
