"""The files that the benchmark ingests: a register and what fifteen departments send about it in a year.

Plain, large and clean but for one row in five hundred whose identity number has a wrong digit. Everything follows from
the number of persons; who lives where, and what people are called, comes from the world of synthetic people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter

from shouwang.sources.contract import contract
from shouwang.world.names import full_names, surnames_of
from shouwang.world.numbers import identity_numbers
from shouwang.world.places import plan_places

SEED = 20210617
AS_OF = date(2021, 6, 17)
RECEIVED_ON = date(2021, 6, 15)
WRONG_NUMBERS = 0.002
REGISTER = "household_register"
SETTLEMENTS = "medical_settlement"
XLSX_ROWS = 300_000
GIVEN_ROWS = 1_000_000
"""Rows of the file that is written in three formats, for a million persons."""


@dataclass
class People:
    """`frame`: household (index), household_no, division_code, head (Boolean), name, id_number, male, birth (Date)."""

    frame: pl.DataFrame
    rng: np.random.Generator

    def some(self, share: float) -> pl.DataFrame:
        """A random part, one row a person, with wrong numbers sprinkled in."""
        rows = self.frame.filter(pl.Series(self.rng.random(self.frame.height) < share))
        return self._smudged(rows)

    def often(self, times: float) -> pl.DataFrame:
        """Rows about people who come up more than once, `times` for each person on average."""
        chosen = self.rng.integers(0, self.frame.height, int(self.frame.height * times))
        return self._smudged(self.frame[chosen])

    def heads(self, share: float) -> pl.DataFrame:
        heads = self.frame.filter(pl.col("head"))
        return self._smudged(heads.filter(pl.Series(self.rng.random(heads.height) < share)))

    def _smudged(self, rows: pl.DataFrame) -> pl.DataFrame:
        last = pl.col("id_number").str.slice(16, 1).cast(pl.Int64)
        wrong = pl.concat_str(pl.col("id_number").str.slice(0, 16), (last + 1) % 10, pl.col("id_number").str.slice(17))
        smudge = pl.Series("smudge", self.rng.random(rows.height) < WRONG_NUMBERS)
        mended = pl.when(smudge).then(wrong).otherwise("id_number")
        return rows.with_columns(mended.alias("id_number"))

    def days(self, rows: pl.DataFrame, first: date, last: date) -> pl.Series:
        offsets = self.rng.integers(0, (last - first).days + 1, rows.height)
        return pl.Series(np.datetime64(first) + offsets.astype("timedelta64[D]")).cast(pl.Date)

    def yuan(self, rows: pl.DataFrame, median: float, spread: float) -> pl.Series:
        return pl.Series(self.rng.lognormal(np.log(median), spread, rows.height)).round(2)

    def one_of(self, rows: pl.DataFrame, shares: dict[str, float]) -> pl.Series:
        edges = np.cumsum(list(shares.values())) / sum(shares.values())
        index = np.searchsorted(edges, self.rng.random(rows.height), side="right")
        return pl.Series(list(shares)).gather(np.minimum(index, len(shares) - 1))

    def seldom(self, values: pl.Series, share: float) -> pl.Series:
        return values.set(pl.Series(self.rng.random(len(values)) >= share), None)


def people(persons: int) -> People:
    """The registered people, household by household."""
    parts = []
    for plan in plan_places(persons, SEED):
        county, rng = int(plan.code), np.random.default_rng([SEED, int(plan.code)])
        villages = np.repeat(np.arange(len(plan.villages)), plan.persons)
        first = rng.random(plan.total) < 0.28
        first[np.concatenate([[0], np.cumsum(plan.persons)[:-1]])] = True
        number = np.cumsum(first)
        male = rng.random(plan.total) < 0.52
        ages = np.where(first, rng.integers(30, 80, plan.total), rng.integers(0, 80, plan.total))
        births = pl.Series(
            np.datetime64(AS_OF) - (ages * 365.25 + rng.integers(1, 365, plan.total)).astype("timedelta64[D]")
        )
        births = births.cast(pl.Date)
        surnames = surnames_of(rng, number[-1] + 1)[number]
        years = births.dt.year().to_numpy().astype(np.int64)
        code = pl.Series([village.code for village in plan.villages]).gather(villages)
        parts.append(
            pl.DataFrame(
                {
                    "household_no": code + pl.Series(number).cast(pl.String).str.zfill(7),
                    "division_code": code,
                    "head": first,
                    "name": full_names(SEED, county, surnames, years, male, np.zeros(plan.total, dtype=bool)),
                    "id_number": identity_numbers(SEED, county, np.full(plan.total, county), births, male),
                    "male": male,
                    "birth": births,
                }
            )
        )
    return People(pl.concat(parts), np.random.default_rng(SEED))


def department_rows(who: People) -> dict[str, Callable[[], pl.DataFrame]]:
    """For each source, what makes its rows: the contract's fields, as many as three a person in all."""
    return {
        REGISTER: lambda: _register(who),
        "income_statement": lambda: _income(who),
        SETTLEMENTS: lambda: settlements(who, 1.15),
        "medical_enrolment": lambda: _enrolment(who),
        "social_assistance": lambda: _assistance(who),
        "school_roll": lambda: _school(who),
        "disability_certificate": lambda: _disability(who),
        "employment_record": lambda: _employment(who),
        "housing_appraisal": lambda: _housing(who),
        "water_fault": lambda: _water(who),
        "disaster_report": lambda: _disaster(who),
        "accident_report": lambda: _accident(who),
        "vital_event": lambda: _vital(who),
        "asset_record": lambda: _assets(who),
        "industry_setback": lambda: _industry(who),
        "hotline_complaint": lambda: _hotline(who),
    }


def _register(who: People) -> pl.DataFrame:
    rows = who.frame
    young = pl.col("birth") > date(2005, 6, 17)
    lifted = pl.col("household_no").hash(SEED) % 10 < 2
    return rows.select(
        "household_no",
        "division_code",
        pl.when(lifted).then(pl.lit("脱贫户")).otherwise(pl.lit("一般农户")).alias("household_type"),
        "name",
        "id_number",
        pl.when("head").then(pl.lit("户主")).otherwise(pl.lit("其他")).alias("relation"),
        pl.when("male").then(pl.lit("男")).otherwise(pl.lit("女")).alias("sex"),
        pl.col("birth").alias("birth_date"),
        pl.when(young)
        .then(pl.lit("无劳动力"))
        .otherwise(who.one_of(rows, {"普通劳动力": 7, "技能劳动力": 1, "弱劳动力或半劳动力": 2}))
        .alias("labour"),
        who.one_of(rows, {"健康": 85, "长期慢性病": 10, "患有大病": 2, "残疾": 3}).alias("health"),
    )


def _income(who: People) -> pl.DataFrame:
    rows = who.frame.filter(pl.col("head"))
    return rows.select(
        "household_no",
        pl.lit(date(2020, 1, 1)).alias("period_start"),
        pl.lit(date(2020, 12, 31)).alias("period_end"),
        who.yuan(rows, 42000, 0.45).alias("wage_income"),
        who.yuan(rows, 14000, 0.6).alias("business_income"),
        who.seldom(who.yuan(rows, 900, 0.8), 0.3).alias("property_income"),
        who.yuan(rows, 4200, 0.5).alias("transfer_income"),
        who.yuan(rows, 4000, 0.6).alias("business_cost"),
        who.seldom(who.yuan(rows, 2500, 0.9), 0.05).alias("claims_income"),
        who.seldom(who.yuan(rows, 3000, 1.0), 0.3).alias("compliant_out_of_pocket"),
    )


def settlements(who: People, times: float) -> pl.DataFrame:
    """Medical settlements, `times` for each person; the four parts add up to the total."""
    rows = who.often(times)
    parts = [
        who.yuan(rows, 180, 1.3),
        who.seldom(who.yuan(rows, 300, 1), 0.1),
        who.yuan(rows, 20, 1),
        who.yuan(rows, 90, 1.3),
    ]
    fen = [part.fill_null(0).cast(pl.Decimal(18, 2)) for part in parts]
    return rows.select(
        pl.format("JS{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(9)).alias("settlement_no"),
        "id_number",
        "name",
        who.days(rows, date(2020, 5, 20), date(2021, 6, 14)).alias("settled_on"),
        who.one_of(rows, {"普通门诊": 62, "门诊慢特病": 20, "住院": 18}).alias("care_type"),
        (fen[0] + fen[1] + fen[2] + fen[3]).alias("total_cost"),
        fen[0].alias("basic_paid"),
        fen[1].alias("serious_illness_paid"),
        fen[2].alias("assistance_paid"),
        fen[3].alias("out_of_pocket"),
    )


def _enrolment(who: People) -> pl.DataFrame:
    rows = who.some(0.997)
    return rows.select(
        "id_number",
        "name",
        pl.lit(AS_OF.year).alias("year"),
        pl.lit("居民").alias("scheme"),
        pl.lit("正常").alias("status"),
    )


def _assistance(who: People) -> pl.DataFrame:
    rows = who.some(0.07)
    started = who.days(rows, date(2018, 1, 1), date(2021, 6, 10))
    category = who.one_of(rows, {"农村低保": 70, "特困供养": 15, "临时救助": 15})
    ended = who.seldom(who.days(rows, date(2021, 1, 1), date(2021, 6, 14)), 0.04)
    return rows.select(
        "id_number",
        "name",
        category.alias("category"),
        started.alias("starts_on"),
        ended.set(ended < started, None).alias("ends_on"),
        who.yuan(rows, 900, 0.7).alias("amount"),
    )


def _school(who: People) -> pl.DataFrame:
    rows = who.some(0.17)
    return rows.select(
        "id_number",
        "name",
        pl.lit("第一中心学校").alias("school"),
        who.one_of(rows, {"小学": 45, "初中": 25, "普通高中": 14, "中职": 8, "高职": 5, "本科及以上": 3}).alias(
            "stage"
        ),
        who.one_of(rows, {"在校": 985, "休学": 8, "疑似辍学": 3, "辍学": 1, "毕业": 3}).alias("status"),
        who.days(rows, date(2020, 9, 1), date(2021, 6, 10)).alias("status_on"),
        who.yuan(rows, 1500, 0.8).alias("self_paid"),
    )


def _disability(who: People) -> pl.DataFrame:
    rows = who.some(0.025)
    return rows.select(
        "id_number",
        "name",
        pl.lit("肢体").alias("category"),
        who.one_of(rows, {"一级": 1, "二级": 2, "三级": 4, "四级": 4}).alias("grade"),
        who.days(rows, date(2012, 1, 1), date(2021, 6, 10)).alias("issued_on"),
        who.one_of(rows, {"有效": 96, "注销": 4}).alias("status"),
    )


def _employment(who: People) -> pl.DataFrame:
    rows = who.some(0.24)
    started = who.days(rows, date(2017, 1, 1), date(2021, 6, 1))
    left = who.seldom(who.days(rows, date(2020, 1, 1), date(2021, 6, 14)), 0.1)
    return rows.select(
        "id_number",
        "name",
        pl.lit("某某建筑有限公司").alias("employer"),
        who.yuan(rows, 3800, 0.3).alias("monthly_wage"),
        started.alias("started_on"),
        left.set(left < started, None).alias("left_on"),
        who.seldom(pl.Series(who.rng.integers(0, 4, rows.height)), 0.004).alias("unpaid_months"),
    )


def _housing(who: People) -> pl.DataFrame:
    rows = who.heads(0.08)
    return rows.select(
        "id_number",
        "name",
        who.one_of(rows, {"A": 60, "B": 30, "C": 7, "D": 3}).alias("grade"),
        who.days(rows, date(2019, 1, 1), date(2021, 6, 10)).alias("appraised_on"),
        who.seldom(who.days(rows, date(2021, 1, 1), date(2021, 6, 14)), 0.5).alias("mended_on"),
    )


def _water(who: People) -> pl.DataFrame:
    rows = who.heads(0.006)
    whole = pl.Series(who.rng.random(rows.height) < 0.02)
    return rows.select(
        "division_code",
        pl.when(whole).then(None).otherwise("id_number").alias("id_number"),
        who.days(rows, date(2021, 1, 1), date(2021, 6, 14)).alias("began_on"),
        who.seldom(pl.Series([date(2021, 6, 15)] * rows.height), 0.93).alias("restored_on"),
    )


def _disaster(who: People) -> pl.DataFrame:
    rows = who.heads(0.03)
    return rows.select(
        "id_number",
        "name",
        who.one_of(rows, {"洪涝": 5, "地质": 2, "干旱": 2, "气象": 1}).alias("kind"),
        who.days(rows, date(2020, 6, 1), date(2021, 6, 14)).alias("happened_on"),
        who.yuan(rows, 1200, 1).alias("loss"),
        who.one_of(rows, {"无": 90, "一般损坏": 7, "严重损坏": 2, "倒塌": 1}).alias("house_damage"),
    )


def _accident(who: People) -> pl.DataFrame:
    rows = who.some(0.001)
    happened = who.days(rows, date(2020, 6, 1), date(2021, 6, 14))
    return rows.select(
        "id_number", "name", who.one_of(rows, {"伤残": 7, "死亡": 3}).alias("outcome"), happened.alias("happened_on")
    )


def _vital(who: People) -> pl.DataFrame:
    rows = who.some(0.012)
    happened = who.days(rows, date(2020, 6, 1), date(2021, 6, 14))
    return rows.select(
        "id_number", "name", who.one_of(rows, {"死亡": 6, "迁出": 4}).alias("kind"), happened.alias("happened_on")
    )


def _assets(who: People) -> pl.DataFrame:
    rows = who.some(0.05)
    return rows.select(
        "id_number",
        "name",
        who.one_of(rows, {"小型客车": 6, "商品房": 2, "工商登记": 2}).alias("category"),
        who.days(rows, date(2012, 1, 1), date(2021, 6, 10)).alias("registered_on"),
        who.yuan(rows, 60000, 0.6).alias("value"),
    )


def _industry(who: People) -> pl.DataFrame:
    rows = who.heads(0.015)
    return rows.select(
        "id_number",
        "name",
        who.one_of(rows, {"生猪养殖": 4, "中蜂养殖": 2, "脆李种植": 3, "花椒种植": 2}).alias("project"),
        who.one_of(rows, {"项目失败": 2, "产品滞销": 4, "价格下跌": 4}).alias("situation"),
        who.yuan(rows, 1800, 0.9).alias("loss"),
        who.days(rows, date(2020, 6, 1), date(2021, 6, 14)).alias("happened_on"),
    )


def _hotline(who: People) -> pl.DataFrame:
    rows = who.some(0.004)
    return rows.select(
        pl.format("12317{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(8)).alias("complaint_no"),
        "name",
        who.seldom(rows["id_number"], 0.8).alias("id_number"),
        "division_code",
        who.days(rows, date(2021, 1, 1), date(2021, 6, 14)).alias("accepted_on"),
        who.one_of(rows, {"生活困难": 3, "政策咨询": 5, "土地纠纷": 2}).alias("category"),
    )


def with_headers(source: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows under the headers that the department writes, every cell as text."""
    headers = {column.field: column.header for column in contract(source).columns}
    texts = rows.select(pl.all().cast(pl.String))
    return texts.rename({name: headers[name] for name in rows.columns})


def write_csv(rows: pl.DataFrame, path: Path, encoding: str = "utf-8") -> None:
    """Writes the file whole, or not at all."""
    staged = path.with_suffix(".tmp")
    rows.write_csv(staged)
    if encoding != "utf-8":
        staged.write_bytes(staged.read_text(encoding="utf-8").encode(encoding))
    staged.rename(path)


def write_xlsx(rows: pl.DataFrame, path: Path) -> None:
    """One sheet of texts, as departments export identity numbers."""
    staged = path.with_suffix(".tmp")
    with xlsxwriter.Workbook(staged, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("结算明细")
        sheet.write_row(0, 0, rows.columns)
        for place, cells in enumerate(rows.iter_rows(), 1):
            sheet.write_row(place, 0, cells)
    staged.rename(path)
