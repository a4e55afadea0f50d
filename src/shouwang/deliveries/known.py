"""What was known before a delivery: which rows repeat it, and which it supersedes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.kernel.home import Home

_OUTCOME = """
with known as (
    select key, arg_max(content, (received_on, delivery, line)) as content
    from read_parquet($before) semi join rows using (key) group by key
), compared as (
    select rows.key, rows.line, known.content is not null as is_known, rows.content = known.content as is_same
    from rows left join known using (key)
), judged as (
    select *, coalesce(min(case when is_same then null else line end) over (partition by key), line + 1) > line
        as is_duplicate
    from compared where is_known
)
select line, is_duplicate from judged
"""
_EVER = "select distinct key from read_parquet($ever) semi join rows using (key)"
# A register row also says where its person stands now: it is no repetition while the person stands elsewhere.
_STANDS_ELSEWHERE = """
with standing as (
    select person, arg_max(household_no, (received_on, delivery, line)) as household_no,
        max((received_on, delivery)) as delivered
    from read_parquet($before) semi join rows using (person) group by person
), last_here as (
    select person, arg_max(household_no, line) as household_no, max(line) as line from rows group by person
)
select last_here.line from last_here join standing using (person)
where last_here.household_no <> standing.household_no
"""
_GONE = """
union
select last_here.line from last_here join standing using (person)
join (select person, max((received_on, delivery)) as delivered from read_parquet($departures)
      where kind = $moved_away group by person) departed using (person)
where departed.delivered > standing.delivered
"""
MOVED_AWAY = "迁出"


Opened = Callable[[], duckdb.DuckDBPyConnection]
"""One connection, opened by the first question: where nothing came before there is none to ask."""


def with_outcome(rows: pl.DataFrame, home: Home, report: DeliveryReport, opened: Opened) -> pl.DataFrame:
    """line, duplicate, repeated, superseding for each row of a delivery.

    `rows` holds line, key, content and, for the register, person and household_no. A row is a duplicate where its key
    is known with the same content and no earlier row of the file said otherwise (STANDARD_RULES, "Where it would be
    easy to differ"): taking it would change nothing.
    """
    before = _files(home, report, received_by=True)
    ever = _files(home, report, received_by=False)
    outcome = rows.select("line", "key", twice=~pl.col("key").is_first_distinct())
    if ever:
        connection = opened()
        connection.register("rows", rows.to_arrow())
    if before:
        judged = _fetch(connection, _OUTCOME, {"before": before})
        outcome = outcome.join(judged, on="line", how="left", maintain_order="left")
    else:
        outcome = outcome.with_columns(is_duplicate=pl.lit(None, dtype=pl.Boolean))
    known = pl.col("is_duplicate").is_not_null()
    duplicate = pl.col("is_duplicate").fill_null(False)
    if report.source == "household_register" and before:
        moved = _fetch(connection, *_standing_query(home, report, before))
        duplicate = duplicate & ~pl.col("line").is_in(moved["line"].implode())
    recurring = pl.col("twice") | known
    if others := [each for each in ever if each not in before]:
        seen = _fetch(connection, _EVER, {"ever": others})
        recurring = recurring | pl.col("key").is_in(seen["key"].implode())
    if ever:
        connection.unregister("rows")
    return outcome.select(
        "line", duplicate.alias("duplicate"), recurring.alias("repeated"), (known & ~duplicate).alias("superseding")
    )


def supersedes_since(home: Home, earlier: DeliveryReport) -> bool:
    """Whether a delivery of the same source was taken after `earlier`, so that the same bytes may say something new."""
    return any(each.number > earlier.number and each.accepted for each in deliveries(home, source=earlier.source))


def _standing_query(home: Home, report: DeliveryReport, before: list[str]) -> tuple[str, dict[str, Any]]:
    departures = [
        str(home.rows("vital_event") / f"{each.label}.parquet")
        for each in deliveries(home, report.received_on, "vital_event")
        if each.accepted
    ]
    if not departures:
        return _STANDS_ELSEWHERE, {"before": before}
    values = {"before": before, "departures": departures, "moved_away": MOVED_AWAY}
    return _STANDS_ELSEWHERE + _GONE, values


def _files(home: Home, report: DeliveryReport, received_by: bool) -> list[str]:
    known_at = report.received_on if received_by else None
    reports = deliveries(home, known_at, report.source)
    folder: Path = home.rows(report.source)
    return [str(folder / f"{each.label}.parquet") for each in reports if each.accepted]


def _fetch(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(connection.sql(query, params=values).to_arrow_table()))
