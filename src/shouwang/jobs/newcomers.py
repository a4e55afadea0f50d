"""Persons of whom the lake holds one register row and nothing else: nearly everybody when a register first comes.

Their story is that row, so it goes to the database as it is, theirs in one statement after another; whoever has more rows,
or a vital event, is told by `person_history`. Both write the same for the same rows.
"""

from collections.abc import Callable, Iterator
from typing import Any

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.facts.register import SOURCE as REGISTER
from shouwang.facts.register import VITAL_EVENTS
from shouwang.households.models import Household, Person, RegisterChange
from shouwang.jobs.person_history import CHANGE, MAY_BE_UNKNOWN, PERSON_COLUMNS, PLACE, STORED
from shouwang.jobs.rows import delete_rows, insert_or_replace_rows, insert_rows

WITH_MORE = "with_more_rows"
UNSETTLED = "unsettled_household"
HEAD = "户主"
HOUSEHOLD = ("household_no", "area", "household_type", *PLACE, "head_name", "member_count")
AT_A_TIME = 20_000
Row = tuple[Any, ...]


def set_apart(lake: Lake, report: DeliveryReport) -> None:
    """Makes `with_more_rows` (person), of whom a delivery names those who are no newcomers, and `unsettled_household`
    (household_no), of the households with which it has to do those in which somebody else than newcomers is named."""
    named = lake.delivered(report.source, [report.number])
    lake.store("named_person", f"SELECT DISTINCT person FROM {named} AS r WHERE person IS NOT NULL")
    register, events = lake.every_version(REGISTER), lake.every_version(VITAL_EVENTS)
    if report.source != REGISTER:
        lake.store(WITH_MORE, "SELECT person FROM named_person")
        lake.store(UNSETTLED, _households_of_others(register))
        return
    more = [f"SELECT person FROM {named} AS r WHERE person IS NOT NULL GROUP BY person HAVING count(*) > 1"]
    apart = [f"SELECT household_no FROM {named} AS r WHERE person IS NULL"]
    numbers = [each.number for each in lake.reports if each.number != report.number]
    elsewhere = lake.delivered(REGISTER, numbers)
    for rows in (elsewhere, events):
        if rows:
            more.append(f"SELECT r.person FROM {rows} AS r SEMI JOIN named_person AS n ON n.person = r.person")
    lake.store(WITH_MORE, " UNION ".join(more))
    if elsewhere:
        also = f"SEMI JOIN {named} AS n ON n.household_no = r.household_no"
        apart.append(f"SELECT r.household_no FROM {elsewhere} AS r {also}")
    lake.store(UNSETTLED, " UNION ".join([*apart, _households_of_others(register)]))


def write(lake: Lake, report: DeliveryReport, progress: Callable[[int], None]) -> int:
    """Writes a delivery's newcomers with how they came to be there; returns how many."""
    written = 0
    household, place = STORED.index("household"), [STORED.index(name) for name in PLACE]
    for rows in _fetched(lake, f"SELECT {_stored()} FROM {_newcomers(lake, report)} ORDER BY r.person"):
        insert_or_replace_rows(Person, STORED, rows, key="key")
        delete_rows(RegisterChange, "person_key", [row[0] for row in rows])
        came = ((row[0], row[household], "joined", {}, *(row[each] for each in place)) for row in rows)
        insert_rows(RegisterChange, CHANGE, came)
        written += len(rows)
        progress(written)
    return written


def write_households(lake: Lake, report: DeliveryReport, require_areas: Callable[[set[str]], None]) -> None:
    """Writes the households in which nobody but newcomers of a delivery is named. Its last row says where and of what type."""
    last = [f"max_by({name}, r.line)" for name in ("division_code", "household_type", *PLACE)]
    head = f"coalesce(max_by(coalesce(r.name, ''), r.line) FILTER (WHERE r.relation = '{HEAD}'), '')"
    settled = f"ANTI JOIN {UNSETTLED} AS u ON u.household_no = r.household_no"
    selected = f"SELECT r.household_no, {', '.join(last)}, {head}, count(*)"
    of = lake.delivered(report.source, [report.number])
    for rows in _fetched(lake, f"{selected} FROM {of} AS r {settled} GROUP BY r.household_no ORDER BY r.household_no"):
        require_areas({row[1] for row in rows})
        insert_or_replace_rows(Household, HOUSEHOLD, rows, key="household_no")


def deliveries_of_others(lake: Lake) -> list[int]:
    """The numbers of the register's deliveries in which those stand who are no newcomers: of the others nothing need be read."""
    register = lake.every_version(REGISTER)
    theirs = f"SELECT DISTINCT r.delivery FROM {register} AS r SEMI JOIN {WITH_MORE} AS m ON m.person = r.person"
    return [number for (number,) in lake.run(theirs).fetchall()] if register else []


def _households_of_others(register: str) -> str:
    """The households in which some row names somebody who is no newcomer."""
    if not register:
        return "SELECT '' AS household_no WHERE 1 = 0"
    return f"SELECT DISTINCT r.household_no FROM {register} AS r SEMI JOIN {WITH_MORE} AS m ON m.person = r.person"


def _newcomers(lake: Lake, report: DeliveryReport) -> str:
    rows = lake.delivered(report.source, [report.number])
    return f"{rows} AS r ANTI JOIN {WITH_MORE} AS m ON m.person = r.person WHERE r.person IS NOT NULL"


def _stored() -> str:
    """The columns of a stored person: what is empty is empty text, and nobody has left."""
    empty = {"sealed": "''::BLOB"}
    told = (
        f"r.{name}" if name in MAY_BE_UNKNOWN else f"coalesce(r.{name}, {empty.get(name, repr(''))})"
        for name in PERSON_COLUMNS
    )
    return ", ".join(["r.person", "r.household_no", *told, "''", "NULL", *(f"r.{name}" for name in PLACE)])


def _fetched(lake: Lake, select: str) -> Iterator[list[Row]]:
    cursor: Any = lake.run(select)
    while rows := cursor.fetchmany(AT_A_TIME):
        yield rows
