"""Little lakes for examples: rows of sources as a rule's case tells them, laid down as ingest would.

Each household gets a village and a county of its own, so that thousands of examples can share one lake.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.deliveries.ledger import DeliveryReport, commit
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, init_home
from shouwang.sources.contract import Column, Contract, contracts

FRONT = {
    "delivery": pa.int32(),
    "line": pa.int32(),
    "received_on": pa.date32(),
    "key": pa.int64(),
    "repeated": pa.bool_(),
    "content": pa.int64(),
    "person": pa.int64(),
    "link": pa.string(),
    "county": pa.int32(),
}
TYPES = {"date": pa.date32(), "amount": pa.decimal128(18, 2), "count": pa.int32(), "year": pa.int32()}
FIRST_LINE = 2  # below the header


def number_of(*parts: object) -> int:
    """A number of 63 bits for a name."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@dataclass
class ExampleRow:
    """One accepted row: `who` names a person (None: nobody), `values` are the contract's fields.

    Rows received on one day are delivered in the order of `delivered`, rows of one source with the same together.
    """

    source: str
    received_on: date
    values: Mapping[str, Any]
    who: str | None = None
    link: str | None = "linked"
    delivered: int = 0


@dataclass
class ExampleWorld:
    """Rows to be laid into a home, in the order in which they are ingested."""

    rows: list[ExampleRow] = field(default_factory=list)

    def deliveries(self) -> list[list[ExampleRow]]:
        """The rows of each delivery in the order of ingest: the first is number 1, its first row line 2."""
        batches: dict[tuple[int, date, str], list[ExampleRow]] = {}
        for row in self.rows:
            batches.setdefault((row.delivered, row.received_on, row.source), []).append(row)
        return [rows for _, rows in sorted(batches.items())]

    def build(self, path: Path) -> Home:
        """Makes a home of these deliveries.

        Raises:
            InputError: a row has a column that its source's contract does not know.
        """
        home = init_home(path)
        seen: set[tuple[str, int]] = set()
        for number, rows in enumerate(self.deliveries(), start=1):
            deliver_rows(home, number, rows, seen)
        return home


def deliver_rows(home: Home, number: int, rows: list[ExampleRow], seen: set[tuple[str, int]]) -> None:
    source, received_on = rows[0].source, rows[0].received_on
    expected = contracts()[source]
    fields = [column for column in expected.columns if column.field != "id_number"]
    columns: dict[str, list[Any]] = {name: [] for name in [*FRONT, *(column.field for column in fields)]}
    for line, row in enumerate(rows, start=FIRST_LINE):
        unknown = set(row.values) - {column.field for column in fields}
        if unknown:
            raise InputError(f"{source} 没有列 {'、'.join(sorted(unknown))}", "核对合约中的列名")
        key = number_of(*(row.who if name == "id_number" else row.values.get(name) for name in expected.key))
        front = {
            "delivery": number,
            "line": line,
            "received_on": received_on,
            "key": key,
            "repeated": (source, key) in seen,
            "content": number_of(row.who, *sorted(row.values.items())),
            "person": None if row.who is None else number_of("person", row.who),
            "county": int(str(row.values.get("division_code") or 0)[:6]),
            "link": row.link if expected.subject == "person" or row.who is not None else None,
        }
        seen.add((source, key))
        for name, value in front.items():
            columns[name].append(value)
        for column in fields:
            columns[column.field].append(_cell(column, row.values.get(column.field)))
    _write(home, expected, number, received_on, columns)


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type == "amount":
        return Decimal(str(value)).quantize(Decimal("0.01"))
    return value if column.type in TYPES else str(value)


def _write(home: Home, expected: Contract, number: int, received_on: date, columns: dict[str, list[Any]]) -> None:
    types = FRONT | {column.field: TYPES.get(column.type, pa.string()) for column in expected.columns}
    table = pa.table({name: pa.array(cells, types[name]) for name, cells in columns.items()})
    report = DeliveryReport(
        number=number,
        source=expected.source,
        file="example",
        sha256="",
        size=0,
        received_on=received_on,
        ingested_at="",
        encoding="utf-8",
        sheet=None,
        header_line=1,
        read=table.num_rows,
        accepted=table.num_rows,
    )
    home.rows(expected.source).mkdir(parents=True, exist_ok=True)
    pq.write_table(table, home.rows(expected.source) / f"{report.label}.parquet")
    commit(home, report)
