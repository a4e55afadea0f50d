"""The nineteen standard rules as somebody would write them in pandas, over the same accepted rows.

Plain and whole in memory: read the columns, keep the last version of each key, filter, group, add up. Parameters are
the pack's. It gives household, risk type and level of each clue, without evidence or words.

    python -m bench.pandas_screening HOME AS_OF OUT.parquet

Beside the clues it writes OUT.json: the columns that it looked at, by source, which are what a bare scan reads.
"""

import json
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.parameters import values

NOBODY = -1
ORDER = ["received_on", "delivery", "line"]
Rows = pd.DataFrame


class PandasScreening:
    """One screening of the lake under `rows`, as of `day`, everything received by then known."""

    def __init__(self, rows: Path, day: date) -> None:
        self.rows = rows
        self.looked_at: dict[str, list[str]] = {}
        self.day = pd.Timestamp(day)
        self.at = values(day)
        self._register()
        self._income()

    def clues(self) -> Rows:
        """household_no, risk_type, level; one row a clue."""
        hits = pd.concat(
            [
                pd.DataFrame({"household_no": found.unique(), "risk_type": risk_type, "rule": rule})
                for rule, (risk_type, find) in self._rules().items()
                if len(found := self._screened(find()))
            ]
            or [pd.DataFrame(columns=["household_no", "risk_type", "rule"])]
        )
        below = self.households.index[self._below(1)]
        of_each = hits.groupby("household_no")
        outside = hits["household_no"][~hits["rule"].str.startswith("income.")].unique()
        several = of_each["risk_type"].nunique()
        several = several.index[several >= self.at["level.orange_risk_types"]]
        clues = hits[["household_no", "risk_type"]].drop_duplicates()
        poor = clues["household_no"].isin(below)
        clues["level"] = "yellow"
        clues.loc[poor | clues["household_no"].isin(several), "level"] = "orange"
        clues.loc[poor & clues["household_no"].isin(outside), "level"] = "red"
        return clues.sort_values(["household_no", "risk_type"]).reset_index(drop=True)

    def _rules(self) -> dict[str, tuple[str, Callable[[], pd.Series]]]:
        return {
            "medical.high_out_of_pocket": ("illness", self._high_out_of_pocket),
            "medical.chronic_outpatient": ("illness", self._chronic_outpatient),
            "medical.uninsured": ("illness", self._uninsured),
            "income.below_line": ("other", lambda: self._numbers(self._below(1))),
            "income.eroded_by_spending": ("other", self._eroded),
            "education.dropout": ("schooling", self._dropout),
            "education.high_cost": ("schooling", self._high_cost),
            "disability.new_severe": ("disability", self._new_severe),
            "employment.job_loss": ("unstable_employment", self._job_loss),
            "employment.unpaid_wages": ("unstable_employment", self._unpaid_wages),
            "labour.none": ("labour_shortage", self._no_labour),
            "housing.unsafe": ("unsafe_housing", self._unsafe_housing),
            "water.prolonged_fault": ("unsafe_water", self._water),
            "disaster.loss": ("natural_disaster", self._disaster),
            "accident.casualty": ("accident", self._accident),
            "industry.setback": ("industry_failure", self._industry),
            "assistance.large_temporary": ("other", self._large_temporary),
            "assistance.ended": ("other", self._support_ended),
            "complaint.hardship": ("other", self._complaint),
        }

    # What the rules look at

    def _read(self, source: str, columns: Sequence[str], key: str = "key") -> Rows:
        """The last version of each key; amounts in fen, days as timestamps."""
        files = sorted((self.rows / source).glob("D*.parquet"))
        wanted = list(dict.fromkeys([*columns, *ORDER, "key", "repeated"]))
        known = self.looked_at.setdefault(source, [])
        known += [name for name in wanted if name not in known]
        if not files:
            return pd.DataFrame({name: pd.Series(dtype=_EMPTY.get(name, "object")) for name in wanted})
        tables = [_with_fen(pq.ParquetFile(file).read(columns=wanted)) for file in files]
        rows = pa.concat_tables(tables, promote_options="permissive").to_pandas(date_as_object=False)
        rows = rows[rows["received_on"] <= self.day]
        if rows["repeated"].any():
            rows = rows.sort_values(ORDER).drop_duplicates(key, keep="last")
        return rows

    def _register(self) -> None:
        columns = [
            "person",
            "household_no",
            "division_code",
            "household_type",
            "birth_date",
            "labour",
            "dropout_reason",
        ]
        register = self._read("household_register", columns).sort_values(ORDER)
        self.households = register.drop_duplicates("household_no", keep="last").set_index("household_no")
        persons = register.drop_duplicates("person", keep="last").set_index("person")
        events = self._read("vital_event", ["person", "kind", "happened_on"])
        events = events[(events["happened_on"] <= self.day) & events["person"].isin(persons.index)]
        since = persons.loc[events["person"], ["received_on", "delivery"]].reset_index(drop=True)
        events = events.reset_index(drop=True)
        later = (since["received_on"] > events["received_on"]) | (
            (since["received_on"] == events["received_on"]) & (since["delivery"] > events["delivery"])
        )
        gone = events["kind"].isin(self.at["register.left_for_good"]) | (
            events["kind"].isin(self.at["register.left_until_delivered_again"]) & ~later
        )
        self.persons = persons
        self.members = persons[~persons.index.isin(events["person"][gone])].copy()
        born = self.members["birth_date"]
        birthday_to_come = (born.dt.month * 100 + born.dt.day) > self.day.month * 100 + self.day.day
        self.members["age"] = self.day.year - born.dt.year - birthday_to_come
        sizes = self.members["household_no"].value_counts()
        self.households = self.households[self.households.index.isin(sizes.index)].copy()
        self.households["members"] = sizes.reindex(self.households.index)

    def _income(self) -> None:
        parts = ["wage_income", "business_income", "property_income", "transfer_income", "business_cost"]
        rows = self._read(
            "income_statement", ["household_no", "period_end", *parts, "claims_income", "compliant_out_of_pocket"]
        )
        rows = self._within(rows, "period_end", self.at["income.statement_days"])
        rows = rows.sort_values(["period_end", *ORDER]).drop_duplicates("household_no", keep="last")
        rows = rows.set_index("household_no").reindex(self.households.index)
        known = rows["period_end"].notna()
        rows = rows.drop(columns=["period_end"])
        fen = rows[[*parts, "claims_income", "compliant_out_of_pocket"]].fillna(0)
        net = fen[parts[:-1]].sum(axis=1) - fen["business_cost"]
        self.households["net"] = net.where(known)
        self.households["reference"] = (net + fen["claims_income"] - fen["compliant_out_of_pocket"]).where(known)

    def _line(self, times: float) -> pd.Series:
        return self.households["members"] * int(self.at["income.monitoring_line"] * 100) * times

    def _below(self, times: float) -> pd.Series:
        return self.households["net"] < self._line(times)

    def _within(self, rows: Rows, column: str, days: int) -> Rows:
        return rows[(rows[column] > self.day - pd.Timedelta(days=days)) & (rows[column] <= self.day)]

    def _of(self, rows: Rows, people: Rows, *more: str) -> Rows:
        """Rows of people, with their household and more of what is known of them."""
        return rows.merge(people[["household_no", *more]], left_on="person", right_index=True, how="inner")

    def _screened(self, numbers: pd.Series) -> pd.Series:
        return numbers[numbers.isin(self.households.index)]

    def _numbers(self, mask: pd.Series) -> pd.Series:
        return pd.Series(mask.index[mask])

    def _past(self, column: pd.Series) -> pd.Series:
        return column <= self.day

    def _sums(self, rows: Rows, column: str, least: Any) -> pd.Series:
        return self._numbers(rows.groupby("household_no")[column].sum() >= int(least * 100))

    # The rules

    def _settlements(self) -> Rows:
        if not hasattr(self, "_settled"):
            rows = self._read("medical_settlement", ["person", "settled_on", "care_type", "out_of_pocket"])
            first = self.day.replace(day=1)
            rows = rows[
                (rows["settled_on"] < first)
                & (rows["settled_on"] >= first - pd.DateOffset(months=self.at["medical.window_months"]))
            ]
            self._settled = self._of(rows, self.members)
        return self._settled

    def _high_out_of_pocket(self) -> pd.Series:
        sums = self._settlements().groupby("household_no")["out_of_pocket"].sum().reindex(self.households.index)
        lifted = self.households["household_type"].isin(self.at["register.lifted_types"])
        least = lifted.map({True: self.at["medical.high_lifted"] * 100, False: self.at["medical.high_ordinary"] * 100})
        return self._numbers(sums >= least.astype("int64"))

    def _chronic_outpatient(self) -> pd.Series:
        rows, months = self._settlements(), self.at["medical.chronic_months"]
        first = self.day.replace(day=1) - pd.DateOffset(months=months)
        rows = rows[rows["care_type"].isin(self.at["medical.chronic_care_types"]) & (rows["settled_on"] >= first)]
        sums = rows.groupby(["household_no", "person", rows["settled_on"].dt.month])["out_of_pocket"].sum()
        high = sums[sums >= int(self.at["medical.chronic_monthly"] * 100)]
        every = high.groupby(level=["household_no", "person"]).size() >= months
        return pd.Series(every.index[every].get_level_values("household_no"))

    def _uninsured(self) -> pd.Series:
        rows = self._read("medical_enrolment", ["person", "year", "status"])
        rows = rows[rows["year"] == self.day.year]
        county = self.households["division_code"].str[:6]
        seen = self._of(rows, self.persons, "division_code")["household_no"]
        delivered = self.all_counties().loc[seen].unique()
        insured = rows["person"][rows["status"].isin(self.at["medical.insured_states"])]
        without = self.members["household_no"][~self.members.index.isin(insured)]
        return without[without.isin(county.index[county.isin(delivered)])]

    def all_counties(self) -> pd.Series:
        """County of every registered household, those without members too."""
        if not hasattr(self, "_counties"):
            rows = self._read("household_register", ["household_no", "division_code"]).sort_values(ORDER)
            last = rows.drop_duplicates("household_no", keep="last")
            self._counties = last.set_index("household_no")["division_code"].str[:6]
        return self._counties

    def _eroded(self) -> pd.Series:
        line = self._line(1)
        return self._numbers((self.households["net"] >= line) & (self.households["reference"] < line))

    def _school(self) -> Rows:
        return self._read("school_roll", ["person", "stage", "status", "status_on", "self_paid"])

    def _dropout(self) -> pd.Series:
        rows = self._school()
        rows = rows[self._past(rows["status_on"])].sort_values(["status_on", *ORDER])
        rows = self._of(rows.drop_duplicates("person", keep="last"), self.members, "age", "dropout_reason")
        young = rows["age"].between(self.at["education.compulsory_from_age"], self.at["education.compulsory_to_age"])
        out = rows["status"].isin(self.at["education.dropout_states"])
        return rows["household_no"][young & out & ~rows["dropout_reason"].isin(self.at["education.excused_reasons"])]

    def _high_cost(self) -> pd.Series:
        rows = self._school()
        rows = self._within(
            rows[rows["stage"].isin(self.at["education.stages_beyond_compulsory"])],
            "status_on",
            self.at["education.cost_days"],
        )
        rows = rows.sort_values(["status_on", *ORDER]).drop_duplicates("person", keep="last")
        return self._sums(self._of(rows, self.members), "self_paid", self.at["education.high_cost"])

    def _new_severe(self) -> pd.Series:
        rows = self._read("disability_certificate", ["person", "grade", "issued_on", "status"])
        rows = self._within(rows, "issued_on", self.at["disability.new_days"])
        valid = rows["status"].isin(self.at["disability.valid_states"]) & rows["grade"].isin(
            self.at["disability.severe_grades"]
        )
        return self._of(rows[valid], self.members)["household_no"]

    def _jobs(self) -> tuple[Rows, pd.Series, pd.Series]:
        """Jobs of members, which of them are held, and which were left of late."""
        rows = self._read("employment_record", ["person", "started_on", "left_on", "unpaid_months"])
        rows = self._of(rows, self.members, "age")
        held = self._past(rows["started_on"]) & ~self._past(rows["left_on"])
        left = self._past(rows["left_on"]) & (
            rows["left_on"] > self.day - pd.Timedelta(days=self.at["employment.left_days"])
        )
        return rows, held, left

    def _job_loss(self) -> pd.Series:
        rows, held, left = self._jobs()
        working_age = rows["age"].between(self.at["employment.working_from_age"], self.at["employment.working_to_age"])
        lost = rows["household_no"][left & working_age]
        return lost[~lost.isin(rows["household_no"][held])]

    def _unpaid_wages(self) -> pd.Series:
        rows, held, left = self._jobs()
        return rows["household_no"][(held | left) & (rows["unpaid_months"] >= self.at["employment.unpaid_months"])]

    def _support(self) -> tuple[Rows, pd.Series]:
        """Standing support of members, and the households that receive some."""
        rows = self._of(self._read("social_assistance", ["person", "category", "starts_on", "ends_on"]), self.members)
        rows = rows[rows["category"].isin(self.at["assistance.standing_categories"])]
        now = self._past(rows["starts_on"]) & ~self._past(rows["ends_on"])
        return rows, rows["household_no"][now]

    def _no_labour(self) -> pd.Series:
        able = self.members["household_no"][self.members["labour"].isin(self.at["labour.able_skills"])]
        poor = self._numbers(self._below(float(self.at["labour.income_multiple"])))
        return poor[~poor.isin(able) & ~poor.isin(self._support()[1])]

    def _large_temporary(self) -> pd.Series:
        rows = self._read("social_assistance", ["person", "category", "starts_on", "amount"])
        rows = self._within(rows, "starts_on", self.at["assistance.temporary_days"])
        large = rows["amount"] >= int(self.at["assistance.large_temporary"] * 100)
        rows = rows[large & rows["category"].isin(self.at["assistance.temporary_categories"])]
        return self._of(rows, self.members)["household_no"]

    def _support_ended(self) -> pd.Series:
        rows, now = self._support()
        ended = self._within(rows, "ends_on", self.at["assistance.ended_days"])["household_no"]
        return ended[~ended.isin(now)]

    def _unsafe_housing(self) -> pd.Series:
        rows = self._read("housing_appraisal", ["person", "grade", "appraised_on", "mended_on"])
        rows = self._of(rows[self._past(rows["appraised_on"])], self.persons).sort_values(["appraised_on", *ORDER])
        rows = rows.drop_duplicates("household_no", keep="last")
        return rows["household_no"][
            rows["grade"].isin(self.at["housing.unsafe_grades"]) & ~self._past(rows["mended_on"])
        ]

    def _water(self) -> pd.Series:
        rows = self._read("water_fault", ["person", "link", "division_code", "began_on", "restored_on"])
        begun = rows["began_on"] <= self.day - pd.Timedelta(days=self.at["water.fault_days"])
        rows = rows[begun & ~self._past(rows["restored_on"])]
        villages = rows["division_code"][(rows["person"] == NOBODY) & rows["link"].isna()]
        whole = self._numbers(self.households["division_code"].isin(villages))
        return pd.concat([whole, self._of(rows, self.persons)["household_no"]])

    def _disaster(self) -> pd.Series:
        rows = self._read("disaster_report", ["person", "happened_on", "loss", "house_damage"])
        rows = self._within(rows, "happened_on", self.at["disaster.recent_days"])
        hit = (rows["loss"] >= int(self.at["disaster.loss"] * 100)) | rows["house_damage"].isin(
            self.at["disaster.severe_damages"]
        )
        return self._of(rows[hit], self.persons)["household_no"]

    def _accident(self) -> pd.Series:
        rows = self._within(
            self._read("accident_report", ["person", "happened_on"]), "happened_on", self.at["accident.recent_days"]
        )
        return self._of(rows, self.persons)["household_no"]

    def _industry(self) -> pd.Series:
        rows = self._within(
            self._read("industry_setback", ["person", "happened_on", "loss"]),
            "happened_on",
            self.at["industry.recent_days"],
        )
        return self._sums(self._of(rows, self.members), "loss", self.at["industry.losses"])

    def _complaint(self) -> pd.Series:
        rows = self._read("hotline_complaint", ["person", "accepted_on", "category"])
        rows = self._within(rows, "accepted_on", self.at["complaint.recent_days"])
        return self._of(rows[rows["category"].isin(self.at["complaint.hardship_categories"])], self.members)[
            "household_no"
        ]


_EMPTY = dict.fromkeys(
    ("received_on", "birth_date", "settled_on", "status_on", "period_end", "issued_on", "started_on", "left_on",
     "starts_on", "ends_on", "appraised_on", "mended_on", "began_on", "restored_on", "happened_on", "accepted_on"),
    "datetime64[ms]",
) | {"person": "int64", "repeated": "bool"}  # fmt: skip


def _with_fen(table: pa.Table) -> pa.Table:
    """Amounts as whole fen, for adding up Decimal objects takes minutes; nobody's person as -1, for floats lose digits."""
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            fen = pc.cast(pc.multiply(table.column(place), pa.scalar(100)), pa.int64())
            table = table.set_column(place, field.name, fen)
    person = table.schema.get_field_index("person")
    if person >= 0:
        table = table.set_column(person, "person", pc.fill_null(table.column(person), NOBODY))
    return table


def main(home: str, as_of: str, out: str) -> None:
    """Screens and writes the clues."""
    screening = PandasScreening(Path(home) / "lake" / "rows", date.fromisoformat(as_of))
    clues = screening.clues()
    clues.to_parquet(out, index=False)
    Path(out).with_suffix(".json").write_text(json.dumps(screening.looked_at))
    print(len(clues))


if __name__ == "__main__":
    main(*sys.argv[1:])
