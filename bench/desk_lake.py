"""What departments delivered about the city at its desks: a year of every source, as it lies in the lake after an ingest.

Rows are about the households and persons of `desk_city`, as many a person as in a generated city (docs/scale.md), and their cells
follow from the contracts. All of it is synthetic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from bench.desk_city import PERSONS_A_HOUSEHOLD
from shouwang.deliveries.copies import REGISTER, WATER, WITHHELD
from shouwang.deliveries.ingest import GROUP_ROWS
from shouwang.deliveries.lake import ROW_COLUMNS, sql_type
from shouwang.deliveries.ledger import DeliveryReport, commit, label
from shouwang.kernel.home import Home
from shouwang.sources.contract import Column, contract

INCOME = "income_statement"
YEAR_DAYS = 360


@dataclass(frozen=True)
class Share:
    """Of a thousand persons (households where a source names those), how many have a row, in how many deliveries of the year."""

    source: str
    of_thousand: int
    deliveries: int
    who: str = ""


SHARES = (
    Share(REGISTER, 1000, 1), Share(INCOME, 950, 1, "k = 0"), Share("medical_enrolment", 1000, 2), Share("medical_settlement", 900, 12),
    Share("employment_record", 340, 12), Share("school_roll", 990, 4, "k = 2"), Share("social_assistance", 36, 12),
    Share("disability_certificate", 36, 4), Share("housing_appraisal", 26, 4), Share("asset_record", 65, 4),
    Share("disaster_report", 2, 12), Share("accident_report", 1, 12), Share("hotline_complaint", 6, 12),
    Share("industry_setback", 2, 4), Share(WATER, 3, 12),
)  # fmt: skip
EVERYBODY = """
CREATE TABLE everybody AS SELECT g, k, g * 4 + k AS person, village, county, village || '-' || lpad((g // {places})::VARCHAR, 5, '0') AS
    household_no, substr('冉向谭彭田张王李刘陈杨黄周吴徐孙马朱胡林', 1 + g % 20, 1) || substr('光大建国明华', 1 + k, 1) AS name
FROM range({households}) AS t(g) JOIN place ON n = g % {places}, range({members}) AS m(k)
"""


def deliver(home: Home, places: Sequence[tuple[str, str]], households: int, today: date) -> dict[str, int]:
    """Fills the lake; rows by source. `places` are villages with their counties, as `bench_place` has them by its numbers."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "temp_directory": str(home.spill)})
    villages = {
        "n": range(len(places)),
        "village": [village for village, _ in places],
        "county": [c for _, c in places],
    }
    connection.register("place", pa.table({name: pa.array(values) for name, values in villages.items()}))
    given = {"places": len(places), "households": households, "members": PERSONS_A_HOUSEHOLD}
    connection.execute(EVERYBODY.format(**given))
    number, found = 0, {}
    for share in SHARES:
        found[share.source] = 0
        for part in range(share.deliveries):
            number += 1
            found[share.source] += _one(home, connection, share, part, number, today)
    connection.close()
    return found


def _one(home: Home, connection: duckdb.DuckDBPyConnection, share: Share, part: int, number: int, today: date) -> int:
    of = contract(share.source)
    received_on = today - timedelta(days=YEAR_DAYS - YEAR_DAYS * part // share.deliveries)
    chance = f"hash(person, '{of.source}')"
    chosen = f"{chance} % 1000 < {share.of_thousand} AND {chance} // 1000 % {share.deliveries} = {part}"
    chosen += f" AND {share.who}" if share.who else ""
    columns = {
        "delivery": str(number), "line": "row_number() OVER (ORDER BY g, k) + 1", "received_on": f"DATE '{received_on}'",
        "key": f"(hash(person, '{of.source}', 1) >> 1)", "repeated": "false", "content": f"(hash(person, '{of.source}', 2) >> 1)",
    }  # fmt: skip
    if of.has("id_number"):
        columns |= {"person": "person", "link": "'linked'"}
    columns |= {each.field: _cell(each, received_on, today) for each in of.columns if each.field not in WITHHELD}
    if of.source == REGISTER:
        columns |= {
            "id_masked": "'5***************1X'",
            "sealed": "repeat('Z', 130)::BLOB",
            "phone_digits": "11::UTINYINT",
        }
    columns["county"] = "left(county, 6)"
    types = ROW_COLUMNS | {"content": "BIGINT", "id_masked": "VARCHAR", "sealed": "BLOB", "phone_digits": "UTINYINT"}
    types |= {each.field: sql_type(each) for each in of.columns}
    told = ", ".join(f"CAST({said} AS {types[name]}) AS {name}" for name, said in columns.items())
    order = ", ".join(name for name in ("county", "person", "line") if name in columns)
    home.rows(of.source).mkdir(parents=True, exist_ok=True)
    path = home.rows(of.source) / f"{label(number)}.parquet"
    connection.execute(
        f"COPY (SELECT {told} FROM everybody WHERE {chosen} ORDER BY {order}) TO '{path}' "
        f"(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {GROUP_ROWS})"
    )
    [(rows,)] = connection.execute(f"SELECT count(*) FROM '{path}'").fetchall()
    commit(home, _report(number, of.source, rows, received_on))
    return int(rows)


def _report(number: int, source: str, rows: int, received_on: date) -> DeliveryReport:
    name, at = f"{source}-{number}.csv", f"{received_on}T09:00:00+08:00"
    told: dict[str, Any] = {"read": rows, "accepted": rows, "linked": rows, "file": name, "sha256": f"{number:064x}"}
    return DeliveryReport(
        number,
        source,
        size=rows * 80,
        received_on=received_on,
        ingested_at=at,
        encoding="utf-8",
        sheet=None,
        header_line=1,
        **told,
    )


def _cell(column: Column, received_on: date, today: date) -> str:
    """What a cell says, for DuckDB; what is not asked for is empty but for amounts and names."""
    known = {
        "household_no": "household_no", "relation": "['户主', '配偶', '子'][k + 1]",
        "household_type": "['一般农户', '脱贫户'][1 + (g % 7 = 0)::INTEGER]",
        "period_start": f"DATE '{received_on.year - 1}-01-01'", "period_end": f"DATE '{received_on.year - 1}-12-31'",
    }  # fmt: skip
    if column.field in known:
        return known[column.field]
    if column.type == "name":
        return "name"
    if column.type == "amount":
        return f"200 + hash(person, '{column.field}') % 900000 / 100"
    if not column.required:
        return "NULL"
    if column.type == "division":
        return "village"
    if column.type in ("identifier", "text", "long_text"):
        return f"'{column.header}' || person"
    if column.type == "code":
        return f"'{column.codes[0]}'"
    if column.type == "date":
        return f"DATE '{received_on}' - 1 - (person % 28)::INTEGER"
    return str(today.year) if column.type == "year" else "0"
