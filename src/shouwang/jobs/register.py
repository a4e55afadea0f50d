"""The lake's register, brought to the desk with its history.

Each delivery of register rows or vital events is taken over in one transaction. What is written for a person follows
from all rows that the lake holds of them, so the order of loading, and how often it is killed, change nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from shouwang.areas.models import Area
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.households.models import Household, Person, RegisterChange, RegisterLoad
from shouwang.jobs import newcomers
from shouwang.jobs.areas import load_areas
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.newcomers import HOUSEHOLD, UNSETTLED, WITH_MORE
from shouwang.jobs.person_history import (
    CHANGE,
    HOUSEHOLD_COLUMNS,
    PERSON_COLUMNS,
    PLACE,
    STORED,
    Departures,
    Story,
    tell,
)
from shouwang.jobs.rows import delete_rows, in_bulk, insert_or_replace_rows, insert_rows
from shouwang.kernel.home import Home
from shouwang.kernel.limits import Room, room_for
from shouwang.proceedings.following import follow_households
from shouwang.sweeps.organising import follow_households as follow_sweeps

REGISTER, VITAL_EVENTS = "household_register", "vital_event"
PERSONS_AT_A_TIME = 20_000
CHUNK = 500
BYTES_A_ROW = 650
"""Of SQLite for a registered person with household, history and indexes; measured (docs/scale.md)."""


def load_register(home: Home, progress: Callable[[int], None] | None = None) -> int:
    """Takes over every delivery not yet taken over; returns how many. `progress` hears of the persons written so far.

    Raises:
        Failure: the lake or the policy pack cannot be read, or the disk has no room.
    """
    waiting = _waiting(home)
    if not waiting:
        return 0
    room_to_load(home)
    written = 0
    with in_bulk(), Lake(home, None) as lake:
        for report in waiting:
            told = _Told(progress, written)
            written += _take_over(home, lake, report, Departures.of_pack(), told)
    return len(waiting)


def rows_waiting(home: Home) -> int:
    """Rows of the register and vital events that the lake holds and the desk has not taken over."""
    return sum(report.accepted for report in _waiting(home))


def room_to_load(home: Home) -> Room:
    """What taking over what waits will take of the home's disk; nothing where the database is a server's.

    Raises:
        Failure: there is less.
    """
    return room_for(BYTES_A_ROW * rows_waiting(home) if connection.vendor == "sqlite" else 0, home.path)


def _waiting(home: Home) -> list[DeliveryReport]:
    known = set(RegisterLoad.objects.values_list("delivery", flat=True))
    told = [report for report in deliveries(home) if report.source in (REGISTER, VITAL_EVENTS)]
    return [report for report in told if report.number not in known]


@dataclass(frozen=True)
class _Told:
    """Adds what one delivery has written to what the earlier ones wrote."""

    progress: Callable[[int], None] | None
    before: int

    def __call__(self, persons: int) -> None:
        if self.progress:
            self.progress(self.before + persons)


@transaction.atomic
def _take_over(
    home: Home, lake: Lake, report: DeliveryReport, departures: Departures, progress: Callable[[int], None]
) -> int:
    """One delivery: everybody whom it names is written anew from all rows of the lake."""
    if RegisterLoad.objects.filter(pk=report.number).exists():  # another process was faster
        return 0
    persons = 0
    if report.accepted:
        newcomers.set_apart(lake, report)
        if report.source == REGISTER:
            persons = newcomers.write(lake, report, progress)
            newcomers.write_households(lake, report, _require_areas)
        more, where = f"SELECT person FROM {WITH_MORE}", newcomers.deliveries_of_others(lake)
        for stories in _in_batches(stories_of(lake, more, departures, numbers=where)):
            _write_persons(stories)
            persons += len(stories)
            progress(persons)
        _write_households(lake)
    _bring_matters(localdate())
    RegisterLoad.objects.create(delivery=report.number, persons=persons)
    return persons


def _bring_matters(on: date) -> None:
    """What is in hand about a household goes with it to where the register says that it lives now."""
    follow_sweeps()
    follow_households(clocks_of(on), on)


def _in_batches(stories: Iterator[Story]) -> Iterator[list[Story]]:
    batch: list[Story] = []
    for story in stories:
        batch.append(story)
        if len(batch) >= PERSONS_AT_A_TIME:
            yield batch
            batch = []
    if batch:
        yield batch


def stories_of(
    lake: Lake,
    persons: str,
    departures: Departures,
    numbers: list[int] | None = None,
) -> Iterator[Story]:
    """The stories of the registered persons whom a SELECT names; `numbers` are the deliveries of the register in which they
    stand, where that is known."""
    register = lake.every_version(REGISTER) if numbers is None else lake.delivered(REGISTER, numbers)
    if not register:
        return
    chosen = f"person IN ({persons})"
    columns = ("person", *PLACE, "household_no", "content", *PERSON_COLUMNS)
    empty = ", ".join(f"NULL AS {name}" for name in ("household_no", "content", *PERSON_COLUMNS))
    rows = f"SELECT {', '.join(columns)}, NULL AS kind, NULL AS happened_on FROM {register} WHERE {chosen}"
    if lake.every_version(VITAL_EVENTS):
        events = lake.versions(VITAL_EVENTS, ("person", *PLACE, "kind", "happened_on"))
        rows += (
            f" UNION ALL SELECT person, received_on, delivery, line, {empty}, kind, happened_on "
            f"FROM ({events}) AS events WHERE {chosen}"
        )
    cursor = lake.run(f"SELECT * FROM ({rows}) AS told ORDER BY person, received_on, delivery, line")
    names = [column[0] for column in cursor.description or ()]
    for key, steps in groupby(_fetched(cursor, names), key=itemgetter("person")):
        story = tell(key, steps, departures)
        if story is not None:
            yield story


def _fetched(cursor: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    while rows := cursor.fetchmany(PERSONS_AT_A_TIME):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _write_persons(stories: list[Story]) -> None:
    insert_or_replace_rows(Person, STORED, [story.person for story in stories], key="key")
    delete_rows(RegisterChange, "person_key", [story.key for story in stories])
    insert_rows(RegisterChange, CHANGE, [change for story in stories for change in story.changes])


def _write_households(lake: Lake) -> None:
    """The latest row of a household says where it lives and of what type it is; its persons say who heads it."""
    register = lake.every_version(REGISTER)
    if not register:
        return
    columns = ", ".join((*HOUSEHOLD_COLUMNS, *PLACE))
    latest = (
        f"SELECT {columns}, row_number() OVER (PARTITION BY household_no "
        f"ORDER BY received_on DESC, delivery DESC, line DESC) AS place FROM {register} AS r "
        f"WHERE household_no IN (SELECT household_no FROM {UNSETTLED})"
    )
    cursor: Any = lake.run(f"SELECT {columns} FROM ({latest}) AS placed WHERE place = 1 ORDER BY household_no")
    while rows := cursor.fetchmany(PERSONS_AT_A_TIME):
        _require_areas({row[1] for row in rows})
        insert_or_replace_rows(Household, HOUSEHOLD, [(*row, "", 0) for row in rows], key="household_no")
        for some in _chunks([row[0] for row in rows]):
            _count_members(some)


def _require_areas(codes: set[str]) -> None:
    """A pack that was brought up to date may know villages that the desk does not know yet."""
    if codes - set(Area.objects.filter(level=Area.VILLAGE).values_list("code", flat=True)):
        load_areas()


def _count_members(numbers: list[str]) -> None:
    of_it = Person.objects.filter(household_id=OuterRef("pk"))
    present = of_it.filter(left_kind="").order_by().values("household_id").annotate(n=Count("pk")).values("n")
    heads = of_it.filter(relation="户主").order_by("left_on", "-received_on", "-delivery", "-line")
    present_heads = heads.filter(left_kind="").values("name")[:1]
    chosen = Household.objects.filter(pk__in=numbers)
    chosen.update(
        member_count=Coalesce(Subquery(present), 0),
        head_name=Coalesce(Subquery(present_heads), Subquery(heads.values("name")[:1]), F("head_name")),
    )


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
