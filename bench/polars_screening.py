"""The nineteen standard rules in Polars, streaming, over the same accepted rows.

People and households become integers once; every rule is a lazy query of its own that Polars runs in batches. Parameters are the
pack's. It gives household, risk type and level of each clue, without evidence or words.

python -m bench.polars_screening HOME AS_OF OUT.parquet
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from bench.duckdb_screening import type_of
from bench.hand_sql import ALWAYS, RISK_TYPES, SOURCES
from bench.parameters import values

PLACE = "place"
LINE_BITS, DELIVERY_BITS = 26, 20
TYPES = {
    "DATE": pl.Date,
    "BIGINT": pl.Int64,
    "INTEGER": pl.Int32,
    "BOOLEAN": pl.Boolean,
    "DECIMAL(18, 2)": pl.Decimal(18, 2),
}
Rows = pl.LazyFrame


class PolarsScreening:
    """One screening of the lake under `rows`, as of `day`, everything received by then known."""

    def __init__(self, rows: Path, day: date) -> None:
        self.rows, self.day, self.at = rows, day, values(day)
        self._register()
        self._income()

    def clues(self) -> pl.DataFrame:
        """household_no, risk_type, level; one row a clue."""
        hits = pl.concat(
            [
                _now(
                    find().select("home").unique().join(self.households.lazy().select("home"), on="home", how="semi")
                ).with_columns(rule=pl.lit(rule), risk_type=pl.lit(RISK_TYPES[rule]))
                for rule, find in self._rules().items()
            ]
        )
        outside = (~pl.col("rule").str.starts_with("income.")).any()
        counted = hits.group_by("home").agg(types=pl.col("risk_type").n_unique(), outside=outside)
        poor = pl.col("net").lt(pl.col("line")).fill_null(False)
        level = (
            pl.when(poor & pl.col("outside"))
            .then(pl.lit("red"))
            .when(poor | (pl.col("types") >= self.at["level.orange_risk_types"]))
            .then(pl.lit("orange"))
            .otherwise(pl.lit("yellow"))
        )
        found = hits.select("home", "risk_type").unique().join(counted, on="home").join(self.households, on="home")
        return found.select("household_no", "risk_type", level.alias("level")).sort("household_no", "risk_type")

    def _rules(self) -> dict[str, Callable[[], Rows]]:
        return {
            "medical.high_out_of_pocket": self._high_out_of_pocket,
            "medical.chronic_outpatient": self._chronic_outpatient,
            "medical.uninsured": self._uninsured,
            "income.below_line": lambda: self._homes(pl.col("net") < pl.col("line")),
            "income.eroded_by_spending": lambda: self._homes(
                (pl.col("net") >= pl.col("line")) & (pl.col("reference") < pl.col("line"))
            ),
            "education.dropout": self._dropout,
            "education.high_cost": self._high_cost,
            "disability.new_severe": self._new_severe,
            "employment.job_loss": self._job_loss,
            "employment.unpaid_wages": lambda: self._jobs().filter(
                (pl.col("held") | pl.col("left")) & (pl.col("unpaid_months") >= self.at["employment.unpaid_months"])
            ),
            "labour.none": self._no_labour,
            "housing.unsafe": self._unsafe_housing,
            "water.prolonged_fault": self._water,
            "disaster.loss": self._disaster,
            "accident.casualty": lambda: self._of_registered(
                self._latest("accident_report").filter(self._within("happened_on", "accident.recent_days"))
            ),
            "industry.setback": self._industry,
            "assistance.large_temporary": self._large_temporary,
            "assistance.ended": self._support_ended,
            "complaint.hardship": lambda: self._of_members(
                self._latest("hotline_complaint").filter(
                    self._within("accepted_on", "complaint.recent_days")
                    & self._among("category", "complaint.hardship_categories")
                )
            ),
        }

    # What the rules look at

    def _scan(self, source: str) -> Rows:
        wanted = [*SOURCES[source], *ALWAYS]
        files = sorted((self.rows / source).glob("D*.parquet"))
        if not files:
            types = {name: TYPES.get(type_of(source, name), pl.String) for name in wanted}
            return pl.LazyFrame(schema=types).with_columns(place=pl.lit(None, dtype=pl.Int64))
        day, delivery = pl.col("received_on").to_physical().cast(pl.Int64), pl.col("delivery").cast(pl.Int64)
        place = ((day * 2**DELIVERY_BITS) + delivery) * 2**LINE_BITS + pl.col("line")
        rows = pl.scan_parquet(files, missing_columns="raise").select(wanted).filter(pl.col("received_on") <= self.day)
        return rows.with_columns(place.alias(PLACE))

    def _latest(self, source: str) -> Rows:
        """The last version of each key; only of keys that came again is it looked for."""
        rows = self._scan(source)
        again = _now(rows.filter("repeated").select("key").unique())
        if again.is_empty():
            return rows
        once = rows.join(again.lazy(), on="key", how="anti")
        several = rows.join(again.lazy(), on="key", how="semi")
        return pl.concat([once, _last(several, "key")])

    def _register(self) -> None:
        columns = ["person", "household_no", "birth_date", "labour", "dropout_reason", "received_on", "delivery", PLACE]
        registered = self._latest("household_register")
        homes = _last(registered, "household_no").select("household_no", "division_code", "household_type")
        self.homes = _now(homes).with_row_index("home")
        numbers = self.homes.lazy().select("home", "household_no")
        persons = _last(registered.select(columns), "person").join(numbers, on="household_no").drop("household_no")
        self.persons = _now(persons)
        events = self._latest("vital_event").filter(pl.col("happened_on") <= self.day)
        events = events.join(self.persons.lazy().select("person", since="received_on", after="delivery"), on="person")
        undone = (pl.col("since") > pl.col("received_on")) | (
            (pl.col("since") == pl.col("received_on")) & (pl.col("after") > pl.col("delivery"))
        )
        gone = self._among("kind", "register.left_for_good") | (
            self._among("kind", "register.left_until_delivered_again") & ~undone
        )
        born = pl.col("birth_date").dt
        to_come = born.month().cast(pl.Int32) * 100 + born.day() > self.day.month * 100 + self.day.day
        age = (self.day.year - born.year() - to_come.cast(pl.Int32)).alias("age")
        members = self.persons.lazy().join(events.filter(gone).select("person"), on="person", how="anti")
        self.members = _now(members.select("person", "home", "labour", "dropout_reason", age))
        self.persons = self.persons.select("person", "home")

    def _income(self) -> None:
        parts = ["wage_income", "business_income", "property_income", "transfer_income"]
        fen = {
            name: (pl.col(name).fill_null(0) * 100).cast(pl.Int64)
            for name in (*parts, "business_cost", "claims_income", "compliant_out_of_pocket")
        }
        rows = self._latest("income_statement").filter(self._within("period_end", "income.statement_days"))
        last = pl.col("period_end").to_physical().cast(pl.Int64).alias("ends")
        rows = rows.with_columns(last)
        rows = _last(_last_by(rows, "household_no", "ends"), "household_no")
        net = pl.sum_horizontal(fen[name] for name in parts) - fen["business_cost"]
        reference = net + fen["claims_income"] - fen["compliant_out_of_pocket"]
        sizes = self.members.lazy().group_by("home").agg(members=pl.len().cast(pl.Int64))
        line = pl.col("members") * int(self.at["income.monitoring_line"] * 100)
        known = rows.select("household_no", net=net, reference=reference)
        households = self.homes.lazy().join(sizes, on="home").join(known, on="household_no", how="left")
        self.households = _now(households.with_columns(line=line))

    def _within(self, column: str, parameter: str) -> pl.Expr:
        first = self.day - timedelta(days=int(self.at[parameter]))
        return (pl.col(column) > first) & (pl.col(column) <= self.day)

    def _among(self, column: str, parameter: str) -> pl.Expr:
        return pl.col(column).is_in(list(self.at[parameter])).fill_null(False)

    def _past(self, column: str) -> pl.Expr:
        return (pl.col(column) <= self.day).fill_null(False)

    def _fen(self, parameter: str) -> int:
        return int(self.at[parameter] * 100)

    def _homes(self, condition: pl.Expr) -> Rows:
        return self.households.lazy().filter(condition)

    def _of_members(self, rows: Rows, *more: str) -> Rows:
        return rows.join(self.members.lazy().select("person", "home", *more), on="person")

    def _of_registered(self, rows: Rows) -> Rows:
        return rows.join(self.persons.lazy(), on="person")

    def _first_of_month(self, months_before: int) -> date:
        months = self.day.year * 12 + self.day.month - 1 - months_before
        return date(months // 12, months % 12 + 1, 1)

    # The rules

    def _settled(self) -> Rows:
        first, end = self._first_of_month(int(self.at["medical.window_months"])), self._first_of_month(0)
        rows = self._latest("medical_settlement")
        rows = rows.filter((pl.col("settled_on") >= first) & (pl.col("settled_on") < end))
        return self._of_members(rows.with_columns(_fen_of("out_of_pocket")))

    def _high_out_of_pocket(self) -> Rows:
        sums = self._settled().group_by("home").agg(paid=pl.col("out_of_pocket").sum())
        lifted = self._among("household_type", "register.lifted_types")
        least = pl.when(lifted).then(self._fen("medical.high_lifted")).otherwise(self._fen("medical.high_ordinary"))
        return sums.join(self.households.lazy(), on="home").filter(pl.col("paid") >= least)

    def _chronic_outpatient(self) -> Rows:
        months = int(self.at["medical.chronic_months"])
        kind = self._among("care_type", "medical.chronic_care_types")
        rows = self._settled().filter(kind & (pl.col("settled_on") >= self._first_of_month(months)))
        by_month = rows.group_by("home", "person", pl.col("settled_on").dt.month()).agg(pl.col("out_of_pocket").sum())
        high = by_month.filter(pl.col("out_of_pocket") >= self._fen("medical.chronic_monthly"))
        return high.group_by("home", "person").len().filter(pl.col("len") >= months)

    def _uninsured(self) -> Rows:
        rows = self._latest("medical_enrolment").filter(pl.col("year") == self.day.year)
        county = pl.col("division_code").str.slice(0, 6)
        told = self._of_registered(rows).select("home").unique().join(self.homes.lazy(), on="home")
        counties = _now(told.select(county.alias("county")).unique())["county"]
        insured = rows.filter(self._among("status", "medical.insured_states")).select("person")
        without = self.members.lazy().select("person", "home").join(insured, on="person", how="anti")
        return without.join(self.homes.lazy().filter(county.is_in(counties.implode())), on="home", how="semi")

    def _dropout(self) -> Rows:
        rows = self._latest("school_roll").filter(self._past("status_on") & pl.col("person").is_not_null())
        rows = self._of_members(self._last_state(rows), "age", "dropout_reason")
        young = pl.col("age").is_between(
            self.at["education.compulsory_from_age"], self.at["education.compulsory_to_age"]
        )
        excused = self._among("dropout_reason", "education.excused_reasons")
        return rows.filter(young & self._among("status", "education.dropout_states") & ~excused)

    def _high_cost(self) -> Rows:
        beyond = self._among("stage", "education.stages_beyond_compulsory")
        rows = self._latest("school_roll").filter(beyond & self._within("status_on", "education.cost_days"))
        rows = self._last_state(rows.filter(pl.col("person").is_not_null())).with_columns(_fen_of("self_paid"))
        sums = self._of_members(rows).group_by("home").agg(pl.col("self_paid").sum())
        return sums.filter(pl.col("self_paid") >= self._fen("education.high_cost"))

    def _last_state(self, rows: Rows) -> Rows:
        rows = rows.with_columns(pl.col("status_on").to_physical().cast(pl.Int64).alias("stated"))
        return _last(_last_by(rows, "person", "stated"), "person")

    def _new_severe(self) -> Rows:
        valid = self._among("status", "disability.valid_states") & self._among("grade", "disability.severe_grades")
        rows = self._latest("disability_certificate").filter(valid & self._within("issued_on", "disability.new_days"))
        return self._of_members(rows)

    def _jobs(self) -> Rows:
        held = self._past("started_on") & ~self._past("left_on")
        left = self._within("left_on", "employment.left_days").fill_null(False)
        return self._of_members(self._latest("employment_record"), "age").with_columns(held=held, left=left)

    def _job_loss(self) -> Rows:
        working = pl.col("age").is_between(self.at["employment.working_from_age"], self.at["employment.working_to_age"])
        held = self._jobs().filter("held").select("home")
        return self._jobs().filter(pl.col("left") & working).join(held, on="home", how="anti")

    def _support(self) -> Rows:
        rows = self._of_members(self._latest("social_assistance"))
        rows = rows.filter(self._among("category", "assistance.standing_categories"))
        return rows.with_columns(stands=self._past("starts_on") & ~self._past("ends_on"))

    def _no_labour(self) -> Rows:
        able = self.members.lazy().filter(self._among("labour", "labour.able_skills"))
        poor = self._homes(pl.col("net") < pl.col("line") * float(self.at["labour.income_multiple"]))
        poor = poor.join(able.select("home"), on="home", how="anti")
        return poor.join(self._support().filter("stands").select("home"), on="home", how="anti")

    def _large_temporary(self) -> Rows:
        rows = self._latest("social_assistance").filter(
            self._within("starts_on", "assistance.temporary_days")
            & self._among("category", "assistance.temporary_categories")
        )
        large = pl.col("amount") >= self._fen("assistance.large_temporary")
        return self._of_members(rows.with_columns(_fen_of("amount")).filter(large))

    def _support_ended(self) -> Rows:
        ended = self._support().filter(self._within("ends_on", "assistance.ended_days"))
        return ended.join(self._support().filter("stands").select("home"), on="home", how="anti")

    def _unsafe_housing(self) -> Rows:
        rows = self._of_registered(self._latest("housing_appraisal").filter(self._past("appraised_on")))
        rows = rows.with_columns(pl.col("appraised_on").to_physical().cast(pl.Int64).alias("told"))
        rows = _last(_last_by(rows, "home", "told"), "home")
        return rows.filter(self._among("grade", "housing.unsafe_grades") & ~self._past("mended_on"))

    def _water(self) -> Rows:
        since = self.day - timedelta(days=int(self.at["water.fault_days"]))
        rows = self._latest("water_fault").filter((pl.col("began_on") <= since) & ~self._past("restored_on"))
        villages = rows.filter(pl.col("person").is_null() & pl.col("link").is_null()).select("division_code")
        whole = self.households.lazy().join(villages, on="division_code", how="semi")
        return pl.concat([whole.select("home"), self._of_registered(rows).select("home")])

    def _disaster(self) -> Rows:
        rows = self._latest("disaster_report").filter(self._within("happened_on", "disaster.recent_days"))
        hurt = (pl.col("loss") >= self._fen("disaster.loss")) | self._among("house_damage", "disaster.severe_damages")
        return self._of_registered(rows.with_columns(_fen_of("loss")).filter(hurt))

    def _industry(self) -> Rows:
        rows = self._latest("industry_setback").filter(self._within("happened_on", "industry.recent_days"))
        sums = self._of_members(rows.with_columns(_fen_of("loss"))).group_by("home").agg(pl.col("loss").sum())
        return sums.filter(pl.col("loss") >= self._fen("industry.losses"))


def _now(rows: Rows) -> pl.DataFrame:
    return rows.collect(engine="streaming")


def _last(rows: Rows, of: str) -> Rows:
    """The row of each that was delivered last."""
    return _last_by(rows, of, PLACE)


def _last_by(rows: Rows, of: str, column: str) -> Rows:
    """The rows of each with its largest value of a column."""
    return rows.join(rows.group_by(of).agg(pl.col(column).max()), on=[of, column], how="semi")


def _fen_of(column: str) -> pl.Expr:
    return (pl.col(column).fill_null(0) * 100).cast(pl.Int64)


def main(home: str, as_of: str, out: str) -> None:
    """Screens and writes the clues."""
    found: Any = PolarsScreening(Path(home) / "lake" / "rows", date.fromisoformat(as_of)).clues()
    found.write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
