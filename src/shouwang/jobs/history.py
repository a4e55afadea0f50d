"""What departments delivered about one household, read from the lake. The caller has checked that it may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.households.models import Household, Person, RegisterChange
from shouwang.households.reading import ever_in
from shouwang.jobs.lake_rows import about_persons, all_rows
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.sources.contract import Column, Contract, contract, contracts

REGISTER, INCOME, WATER = "household_register", "income_statement", "water_fault"
LAST_FIRST = "received_on DESC, delivery DESC, line DESC"
WITHHELD = ("phone", "address", "id_number")
EARNINGS = ("wage_income", "business_income", "property_income", "transfer_income")
COST = "business_cost"
NOT_HAPPENINGS = ("birth_date",)
MONITORING_LINE = "income.monitoring_line"


@dataclass(frozen=True)
class TouchingRow:
    """One row about the household. `superseded`: a later row of the same key counts instead. `on`: the latest day that it
    speaks of. `stands`: what it tells of has not ended. `key` is the person's in the lake, 0 where it speaks of the
    household; `cells` is the row by the fields of its contract."""

    line: int
    person: str
    words: str
    superseded: bool
    on: date
    stands: bool = True
    key: int = 0
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class TouchingDelivery:
    """One delivery with its rows about the household."""

    delivery: int
    received_on: date
    source: str
    source_title: str
    owner: str
    rows: list[TouchingRow] = field(default_factory=list)

    @property
    def label(self) -> str:
        return label(self.delivery)


Found = dict[str, dict[int, TouchingDelivery]]
"""By household and delivery what was found."""
Names = Mapping[str, Mapping[int, str]]
"""By household everybody registered in it, by key in the lake."""


@dataclass(frozen=True)
class Entry:
    """One line of an income statement: `sign` is 1 for what comes in, −1 for what goes out; yuan, None where empty."""

    title: str
    amount: Decimal | None
    sign: int


@dataclass(frozen=True)
class Statement:
    """One income statement in yuan, reckoned as STANDARD_RULES, "Income", over the present members.

    Amounts a head are None for a household without members.
    """

    period_start: date
    period_end: date
    lines: list[Entry]
    net: Decimal
    claims: Decimal
    out_of_pocket: Decimal
    members: int
    delivery: int
    line: int

    @property
    def per_capita(self) -> Decimal | None:
        return self.net / self.members if self.members else None

    @property
    def reference_per_capita(self) -> Decimal | None:
        return (self.net + self.claims - self.out_of_pocket) / self.members if self.members else None


def household_history(
    home: Home,
    household: Household,
    today: date,
    names: Mapping[int, str] | None = None,
    known_at: date | None = None,
) -> list[TouchingDelivery]:
    """Deliveries with rows about the household or anybody ever registered in it, the latest first.

    Args:
        today: the day by which something has ended or still stands.
        names: everybody registered in the household as known on that day, by key in the lake; without it, today's.
        known_at: only what was received by the end of that day; None: everything.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    told = names if names is not None else ever_in(household)
    found: Found = {household.pk: {}}
    with Lake(home, known_at) as lake:
        for of in contracts().values():
            rows = all_rows(home, of.source, known_at=known_at)
            condition = _about(of, household, list(told))
            if rows and condition:
                chosen = f"SELECT {_literal(household.pk)} AS about, * FROM {rows} WHERE {condition}"
                _collect(lake, of, chosen, {household.pk: told}, found, today)
    return _latest_first(found[household.pk])


def household_histories(home: Home, households: Sequence[Household], today: date) -> dict[str, list[TouchingDelivery]]:
    """By its number what `household_history` says of each household: a query a source over the lake, however many they are.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    told = _everybody_of([each.pk for each in households])
    found: Found = {each.pk: {} for each in households}
    with Lake(home, None) as lake:
        _want(lake, households, told)
        for of in contracts().values():
            rows = all_rows(home, of.source)
            if rows:
                _collect(lake, of, _about_wanted(of, rows), told, found, today)
    return {number: _latest_first(deliveries) for number, deliveries in found.items()}


def _latest_first(found: Mapping[int, TouchingDelivery]) -> list[TouchingDelivery]:
    return sorted(found.values(), key=lambda each: (each.received_on, each.delivery), reverse=True)


def _want(lake: Lake, households: Sequence[Household], told: Names) -> None:
    """The tables of what is asked about: households with their villages, and everybody ever registered in them."""
    import pyarrow as pa

    persons = [(number, key) for number, names in told.items() for key in names]
    tables = {
        "wanted_household": {
            "about": pa.array([each.pk for each in households], pa.string()),
            "division_code": pa.array([each.area_id for each in households], pa.string()),
        },
        "wanted_person": {
            "about": pa.array([number for number, _ in persons], pa.string()),
            "person": pa.array([key for _, key in persons], pa.int64()),
        },
    }
    for name, columns in tables.items():
        lake.connection.register("given", pa.table(columns))
        lake.store(name, "SELECT * FROM given")
        lake.connection.unregister("given")


def _about_wanted(of: Contract, rows: str) -> str:
    """As `_about`, for all that is wanted: the rows of a source with the household (`about`) of which they speak."""
    if of.has("household_no"):
        return f"SELECT w.about, r.* FROM {rows} AS r JOIN wanted_household AS w ON w.about = r.household_no"
    parts = []
    if of.has("id_number"):
        parts.append(f"SELECT w.about, r.* FROM {rows} AS r JOIN wanted_person AS w ON w.person = r.person")
    if of.source == WATER:
        parts.append(
            f"SELECT w.about, r.* FROM {rows} AS r JOIN wanted_household AS w ON w.division_code = r.division_code "
            "WHERE r.person IS NULL AND r.link IS NULL"
        )
    return " UNION ALL ".join(parts)


def income_statements(home: Home, household: Household, known_at: date | None = None) -> list[Statement]:
    """The household's income statements that count, the latest period first; as known at the end of a day, or now.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    rows = all_rows(home, INCOME, known_at=known_at)
    if not rows:
        return []
    columns = contract(INCOME).columns
    condition = f"household_no = {_literal(household.household_no)}"
    place = f"row_number() OVER (PARTITION BY key ORDER BY {LAST_FIRST}) AS place"
    wanted = ", ".join((*(column.field for column in columns), "delivery", "line"))
    sql = f"SELECT {wanted} FROM (SELECT *, {place} FROM {rows} WHERE {condition}) WHERE place = 1 ORDER BY period_end DESC"
    with Lake(home, known_at) as lake:
        cursor = lake.run(sql)
        names = [each[0] for each in cursor.description or ()]
        members = household.member_count
        return [_statement(dict(zip(names, row, strict=True)), members) for row in cursor.fetchall()]


def monitoring_line(day: date) -> Decimal | None:
    """The monitoring line that held on a day, in yuan a head and year; None before there was one."""
    line = current_pack().parameters[MONITORING_LINE]
    return Decimal(str(line.at(day))) if line.values[0][0] <= day else None


def _statement(row: dict[str, Any], members: int) -> Statement:
    of = contract(INCOME)
    lines = [Entry(of.column(name).header, row[name], 1) for name in EARNINGS]
    lines.append(Entry(of.column(COST).header, row[COST], -1))
    nought = Decimal(0)
    return Statement(
        row["period_start"],
        row["period_end"],
        lines,
        sum((entry.sign * (entry.amount or nought) for entry in lines), nought),
        row["claims_income"] or nought,
        row["compliant_out_of_pocket"] or nought,
        members,
        row["delivery"],
        row["line"],
    )


def _everybody_of(numbers: Sequence[str]) -> dict[str, dict[int, str]]:
    """As `ever_in`, by the number of the household."""
    once = RegisterChange.objects.filter(household_no__in=numbers).order_by().values_list("household_no", "person_key")
    present = Person.objects.filter(household__in=numbers).order_by().values_list("household_id", "key")
    pairs = {*once, *present}
    names = dict(Person.objects.filter(key__in={key for _, key in pairs}).values_list("key", "name"))
    found: dict[str, dict[int, str]] = {number: {} for number in numbers}
    for number, key in pairs:
        if key in names:
            found[number][key] = names[key]
    return found


def _about(of: Contract, household: Household, keys: list[int]) -> str:
    """The condition under which a row of a source speaks of the household; empty where none can."""
    named = about_persons(keys) if keys and of.has("id_number") else ""
    if of.has("household_no"):
        return f"household_no = {_literal(household.household_no)}"
    if of.source == WATER:
        whole_village = f"(division_code = {_literal(household.area_id)} AND person IS NULL AND link IS NULL)"
        return f"({named} OR {whole_village})" if named else whole_village
    return named


def _collect(lake: Lake, of: Contract, chosen: str, told: Names, found: Found, today: date) -> None:
    """Adds the chosen rows of a source to what was found of the household that each is about."""
    shown = [column for column in of.columns if column.field not in WITHHELD]
    person = "person" if of.has("id_number") else "NULL AS person"
    later = f"row_number() OVER (PARTITION BY about, key ORDER BY {LAST_FIRST}) > 1 AS superseded"
    wanted = ", ".join(column.field for column in shown)
    sql = f"SELECT about, delivery, line, received_on, {person}, {later}, {wanted} FROM ({chosen}) ORDER BY delivery, line"
    for about, number, line, received_on, key, superseded, *cells in lake.run(sql).fetchall():
        names = told[about]
        touching = found[about].setdefault(number, TouchingDelivery(number, received_on, of.source, of.title, of.owner))
        words = _words(shown, cells, skip_name=key in names)
        days = {column.field: cell for column, cell in zip(shown, cells, strict=True) if isinstance(cell, date)}
        past = [day for name, day in days.items() if day <= received_on and name not in NOT_HAPPENINGS]
        stands = days.get("ends_on", date.max) >= today
        on = max(past, default=received_on)
        values = {column.field: cell for column, cell in zip(shown, cells, strict=True)}
        touching.rows.append(TouchingRow(line, names.get(key, ""), words, superseded, on, stands, key or 0, values))


def _words(columns: list[Column], cells: list[Any], *, skip_name: bool) -> str:
    parts = [
        f"{column.header.removeprefix('户主') if column.type == 'name' else column.header} {_cell(column, cell)}"
        for column, cell in zip(columns, cells, strict=True)
        if cell not in (None, "") and not (skip_name and column.type == "name")
    ]
    return "，".join(parts)


def _cell(column: Column, cell: Any) -> str:
    if isinstance(cell, date):
        return _("{year}年{month}月{day}日").format(year=cell.year, month=cell.month, day=cell.day)
    return _("{cell:,.2f}元").format(cell=cell) if column.type == "amount" else str(cell)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
