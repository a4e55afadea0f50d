"""What departments delivered for the columns of the household form: a query a source over the lake for all members at once.

What counts is the last version of each row as received by the day of the export. Nothing is concluded from a row that is not there:
the column then stays empty.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.jobs.policy import in_pack, looked_up_once
from shouwang.kernel.home import Home
from shouwang.outputs.told import Delivered, Told
from shouwang.quality.tables import SCHEMES
from shouwang.sources.contract import contract

YES, NO = "是", "否"
OTHERWISE = ", unless a row says more"
AID = {"农村低保": "low_income", "特困供养": "destitute"}
LAST_LAST = "received_on, delivery, line"
CODES = ("medical.insured_states", "disability.valid_states", "housing.unsafe_grades")
Row = dict[str, Any]
Values = Iterable[tuple[str, str, date]]


@dataclass(frozen=True)
class Reading:
    """For which day rows are read, and which codes the pack counts on it."""

    on: date
    codes: Mapping[str, tuple[str, ...]]

    @classmethod
    @looked_up_once()
    def of(cls, on: date) -> "Reading":
        return cls(on, {name: tuple(map(str, cast(tuple[str, ...], in_pack(name, on)))) for name in CODES})


def delivered_of(home: Home, persons: Collection[int], villages: Collection[str], on: date) -> Delivered:
    """What was known at the end of a day about persons (keys of the lake) and about villages as a whole.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    found: defaultdict[int, dict[str, Told]] = defaultdict(dict)
    places: defaultdict[str, dict[str, Told]] = defaultdict(dict)
    reading = Reading.of(on)
    with Lake(home, on) as lake:
        _wanted(lake, persons, villages)
        for source, (columns, by, read) in SOURCES.items():
            for row in _rows(lake, source, columns, by):
                for name, value, day in read(row, reading):
                    found[row["person"]][name] = Told(value, _source(source, row), day)
        for row in _rows(
            lake, "water_fault", ("division_code", "began_on", "restored_on"), "began_on", of_village=True
        ):
            for name, value, day in _water(row, reading):
                places[row["division_code"]][name] = Told(value, _source("water_fault", row), day)
        _count_months(lake, found, on)
    for values in found.values():
        for name in [each for each in values if each.endswith(OTHERWISE)]:
            values.setdefault(name.removesuffix(OTHERWISE), values.pop(name))
    return Delivered(found, places)


def _wanted(lake: Lake, persons: Collection[int], villages: Collection[str]) -> None:
    import pyarrow as pa

    for name, column, values, kind in (
        ("wanted", "person", sorted(persons), pa.int64()),
        ("wanted_village", "division_code", sorted(villages), pa.string()),
    ):
        lake.connection.register("given", pa.table({column: pa.array(values, kind)}))
        lake.store(name, f"SELECT {column} FROM given")
        lake.connection.unregister("given")


def _rows(lake: Lake, source: str, columns: tuple[str, ...], by: str, *, of_village: bool = False) -> Iterator[Row]:
    """The rows that count about whom is wanted, the latest last: what comes later takes the place of what was before."""
    named = ("person", *columns, *LAST_LAST.split(", "))
    about = (
        "person IS NULL AND link IS NULL AND division_code IN (SELECT division_code FROM wanted_village)"
        if of_village
        else "person IN (SELECT person FROM wanted)"
    )
    wanted = lake.versions(source, (*named, "link") if of_village else named)
    cursor = lake.run(f"SELECT * FROM ({wanted}) AS v WHERE {about} ORDER BY {by}, {LAST_LAST}")
    heads = [each[0] for each in cursor.description or ()]
    while some := cursor.fetchmany(10_000):
        for cells in some:
            yield dict(zip(heads, cells, strict=True))


def _source(source: str, row: Row) -> str:
    of = contract(source)
    return f"{of.owner}《{of.title}》{label(row['delivery'])} 第{row['line']}行"


def _insured(row: Row, at: Reading) -> Values:
    """What this year's row says of its scheme; whoever is insured by one is not by the other unless a row says so."""
    if row["year"] != at.on.year:
        return
    valid, day = row["status"] in at.codes["medical.insured_states"], date(row["year"], 1, 1)
    for name, scheme in SCHEMES.items():
        if row["scheme"] == scheme:
            yield f"{name}_insured", YES if valid else NO, day
        elif valid:
            yield f"{name}_insured{OTHERWISE}", NO, day


def _disabled(row: Row, at: Reading) -> Values:
    if row["issued_on"] <= at.on:
        valid = row["status"] in at.codes["disability.valid_states"]
        yield "disability", f"{row['category']}{row['grade']}" if valid else "", row["issued_on"]


def _aided(row: Row, at: Reading) -> Values:
    if row["category"] in AID and row["starts_on"] <= at.on:
        stands = row["ends_on"] is None or row["ends_on"] > at.on
        yield AID[row["category"]], YES if stands else NO, row["starts_on"]


def _working(row: Row, at: Reading) -> Values:
    if row["started_on"] <= at.on and (row["left_on"] is None or row["left_on"] > at.on):
        yield "employer", row["employer"] or "", row["started_on"]
        yield "monthly_wage", "" if row["monthly_wage"] is None else str(row["monthly_wage"]), row["started_on"]


def _housing(row: Row, at: Reading) -> Values:
    if row["appraised_on"] <= at.on:
        mended = row["mended_on"] is not None and row["mended_on"] <= at.on
        unsafe = row["grade"] in at.codes["housing.unsafe_grades"] and not mended
        yield "housing_grade", row["grade"], row["appraised_on"]
        yield "housing_unsafe", YES if unsafe else NO, row["appraised_on"]


def _water(row: Row, at: Reading) -> Values:
    if row["began_on"] <= at.on and (row["restored_on"] is None or row["restored_on"] > at.on):
        yield "water_safe", NO, row["began_on"]


def _disaster(row: Row, at: Reading) -> Values:
    if row["happened_on"] <= at.on:
        yield "disaster", row["kind"], row["happened_on"]


SOURCES: dict[str, tuple[tuple[str, ...], str, Callable[[Row, Reading], Values]]] = {
    "medical_enrolment": (("year", "scheme", "status"), "year", _insured),
    "disability_certificate": (("category", "grade", "issued_on", "status"), "issued_on", _disabled),
    "social_assistance": (("category", "starts_on", "ends_on"), "starts_on", _aided),
    "employment_record": (("employer", "monthly_wage", "started_on", "left_on"), "started_on", _working),
    "housing_appraisal": (("grade", "appraised_on", "mended_on"), "appraised_on", _housing),
    "water_fault": (("division_code", "began_on", "restored_on"), "began_on", _water),
    "disaster_report": (("kind", "happened_on"), "happened_on", _disaster),
}


def _count_months(lake: Lake, found: defaultdict[int, dict[str, Told]], on: date) -> None:
    """In how many months of the day's year, up to that day, somebody had work."""
    first, months, rows = date(on.year, 1, 1), defaultdict[int, set[int]](set), dict[int, Row]()
    for row in _rows(lake, "employment_record", ("started_on", "left_on"), "started_on"):
        begun, ended = max(row["started_on"], first), min(row["left_on"] or on, on)
        if begun <= ended:
            months[row["person"]].update(range(begun.month, ended.month + 1))
            rows[row["person"]] = row
    for person, row in rows.items():
        source = _source("employment_record", row)
        found[person]["months_worked"] = Told(str(len(months[person])), source, row["started_on"])
