"""What identifies a row and what it says, each as a number that stays the same for ever."""

from functools import cache

import duckdb
import polars as pl

from shouwang.deliveries.ledger import DeliveryReport
from shouwang.sources.contract import Contract

STATED = {"stated_birth_date": "birth_date", "stated_sex": "sex"}
LARGEST = 2**63 - 1
FRONT = ("delivery", "line", "received_on", "key", "repeated", "content")


@cache
def _reckoner() -> duckdb.DuckDBPyConnection:
    """Kept for the process, since opening one takes longer than a small file: each use has a cursor of its own."""
    return duckdb.connect(config={"threads": 1})


def with_keys(rows: pl.DataFrame, contract: Contract, report: DeliveryReport) -> pl.DataFrame:
    """Adds delivery, received_on, key, repeated and content in front, and drops `named`, which stood for the number.

    `key` and `content` are the last 63 bits of MD5 over the fields' texts: no secret, only a name for a value; an
    identity number takes part as its pseudonym. Two different keys of one source meet about once in 10^19 pairs.
    Where the row left out what its number states, `content` is that of the row as delivered, and the number's word is
    kept (docs/decisions/0001).
    """
    fields = ["named" if column.field == "id_number" else column.field for column in contract.columns]
    key = ["named" if name == "id_number" else name for name in contract.key]
    with _reckoner().cursor() as cursor:
        cursor.register("rows", rows.to_arrow())
        found = cursor.sql(f"select {_digest(key)} as key, {_digest(fields)} as content from rows").to_arrow_table()
    hashes = pl.DataFrame(pl.from_arrow(found))
    kept = [name for name in rows.columns if name not in ("line", "named", "phone", "address", *STATED)]
    filled = [pl.coalesce(field, stated) for stated, field in STATED.items() if stated in rows.columns]
    front = rows.select(
        pl.lit(report.number, dtype=pl.Int32).alias("delivery"),
        "line",
        pl.lit(report.received_on).alias("received_on"),
        hashes["key"],
        pl.lit(False).alias("repeated"),
        hashes["content"],
    )
    return front.hstack(rows.with_columns(filled).select(kept))


def _digest(fields: list[str]) -> str:
    return f"(md5_number(concat({', chr(31), '.join(fields)}, '')) & {LARGEST}::UHUGEINT)::BIGINT"
