"""What departments delivered about one household, read from the lake. The caller has checked that it may be shown."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from shouwang.areas.reading import full_name
from shouwang.areas.tree import tree
from shouwang.deliveries.copies import WATER, WITHHELD, Row, columns_of
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.deliveries.rows_about import RowsAbout, Whom
from shouwang.households.models import Household, Person, RegisterChange
from shouwang.households.reading import ever_in
from shouwang.jobs.person_history import PLACE
from shouwang.jobs.policy import current_pack
from shouwang.kernel.home import Home
from shouwang.sources.contract import Column, Contract, contract, contracts

INCOME = "income_statement"
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
    with RowsAbout(home, known_at) as delivered:
        return history_from(delivered, household, today, names)


def history_from(
    delivered: RowsAbout, household: Household, today: date, names: Mapping[int, str] | None = None
) -> list[TouchingDelivery]:
    """As `household_history`, for whoever asks more than this."""
    told = names if names is not None else ever_in(household)
    found: dict[int, TouchingDelivery] = {}
    for of in contracts().values():
        _collect(of, delivered.rows(of.source, _whom(of, household, told)), told, found, today)
    return _latest_first(found)


def _whom(of: Contract, household: Household, keys: Collection[int]) -> Whom:
    """A source that names households speaks of this one by its number; the others by its persons, and by its village."""
    if of.has("household_no"):
        return Whom(household_no=household.household_no)
    return Whom(keys, village=household.area_id)


def household_histories(home: Home, households: Sequence[Household], today: date) -> dict[str, list[TouchingDelivery]]:
    """By its number what `household_history` says of each household: a query a source over the lake, however many they are.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    told = _everybody_of([each.pk for each in households])
    found: dict[str, dict[int, TouchingDelivery]] = {each.pk: {} for each in households}
    with Lake(home, None) as lake:
        _want(lake, households, told)
        for of in contracts().values():
            rows = lake.every_version(of.source)
            if rows:
                for number, about in _by_household(lake, of, _about_wanted(of, rows)):
                    _collect(of, about, told[number], found[number], today)
    return {number: _latest_first(deliveries) for number, deliveries in found.items()}


def _by_household(lake: Lake, of: Contract, chosen: str) -> Iterator[tuple[str, list[Row]]]:
    """By the household that each is about, the rows of a source by delivery and line."""
    columns = columns_of(of)
    cursor = lake.run(f"SELECT about, {', '.join(columns)} FROM ({chosen}) ORDER BY about, delivery, line")
    for number, rows in groupby(cursor.fetchall(), key=itemgetter(0)):
        yield number, [dict(zip(columns, row, strict=True)) for _, *row in rows]


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


def income_statements(delivered: RowsAbout, household: Household) -> list[Statement]:
    """The household's income statements that count, the latest period first.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    rows = delivered.latest(INCOME, Whom(household_no=household.household_no))
    return [_statement(row, household.member_count) for row in sorted(rows, key=itemgetter("period_end"), reverse=True)]


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


def _collect(
    of: Contract, rows: list[Row], names: Mapping[int, str], found: dict[int, TouchingDelivery], today: date
) -> None:
    """Adds the rows of a source about one household to what was found of it; `names` are those ever registered in it."""
    shown = [column for column in of.columns if column.field not in WITHHELD]
    last = {row["key"]: (row["delivery"], row["line"]) for row in sorted(rows, key=itemgetter(*PLACE))}
    for row in rows:
        received_on, number, line = (row[name] for name in PLACE)
        key = row.get("person")
        cells = {column.field: row[column.field] for column in shown}
        touching = found.setdefault(number, TouchingDelivery(number, received_on, of.source, of.title, of.owner))
        words = _words(shown, list(cells.values()), skip_name=key in names)
        days = {name: cell for name, cell in cells.items() if isinstance(cell, date)}
        past = [day for name, day in days.items() if day <= received_on and name not in NOT_HAPPENINGS]
        stands = days.get("ends_on", date.max) >= today
        on = max(past, default=received_on)
        is_superseded = last[row["key"]] != (number, line)
        touching.rows.append(TouchingRow(line, names.get(key, ""), words, is_superseded, on, stands, key or 0, cells))


def _words(columns: list[Column], cells: list[Any], *, skip_name: bool) -> str:
    parts = [
        f"{_header(column)} {_cell(column, cell)}"
        for column, cell in zip(columns, cells, strict=True)
        if cell not in (None, "") and not (skip_name and column.type == "name")
    ]
    return "，".join(parts)


def _header(column: Column) -> str:
    """A name is whoever's it is, and a division stands there by its name."""
    if column.type == "division":
        return column.header.removesuffix("代码")
    return column.header.removeprefix("户主") if column.type == "name" else column.header


def _cell(column: Column, cell: Any) -> str:
    if column.type == "division":
        area = tree().by_code.get(str(cell))
        return full_name(area) if area else str(cell)
    if isinstance(cell, date):
        return _("{year}年{month}月{day}日").format(year=cell.year, month=cell.month, day=cell.day)
    return _("{cell:,.2f}元").format(cell=cell) if column.type == "amount" else str(cell)
