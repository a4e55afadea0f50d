"""DuckDB and Spark compute the same: every fact of every household, and the whole batch of clues, row by row."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening.random_worlds import VILLAGES, RandomWorld
from shouwang.deliveries import spark_lake
from shouwang.deliveries.decided_links import PERSON, Decision
from shouwang.deliveries.engines import DUCKDB, ENGINES, SPARK, open_lake
from shouwang.deliveries.lake import Lake, Row
from shouwang.facts.catalogue import catalogue
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, init_home
from shouwang.policy.pack import Pack, load_pack
from shouwang.screening import engine as engine_of_rules
from shouwang.screening import run
from shouwang.screening.batch import ClueBatch
from shouwang.screening.cases import CasesOfDay, by_day, load_cases
from shouwang.screening.engine import Hits, facts_of
from shouwang.screening.example_world import ExampleWorld

FOR_LITTLE = {  # code is made and partitions are spread for millions of rows: with some hundreds they only cost
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.parquet.compression.codec": "uncompressed",
    "spark.default.parallelism": "1",
    "spark.sql.lightweightPlanChangeValidation": "false",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.debug.maxToStringFields": "0",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
DAYS = by_day(load_cases(load_pack()))
FULLEST = max(DAYS, key=lambda day: len(day.cases))
CROWD = 2  # a random world of that day


def lacking() -> str:
    if shutil.which("java") is None:
        return "no Java: apt-get install openjdk-17-jre-headless"
    return "" if find_spec("pyspark") else "no PySpark: pip install 'shouwang[spark]'"


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    if said := lacking():
        (pytest.fail if os.environ.get("SHOUWANG_TEST_SPARK") == "required" else pytest.skip)(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark_lake, "LOCAL_SETTINGS", spark_lake.LOCAL_SETTINGS | FOR_LITTLE)
        patch.setattr(spark_lake, "LOCAL_MEMORY", "1g")
        spark_lake.session()
        yield


def told(engine: str, home: Home, as_of: date, known_at: date, pack: Pack | None = None) -> tuple[list[Row], ClueBatch]:
    """Every declared fact (of another pack: every one that it speaks of) of every household in order of number, and the
    batch, from one screening."""
    facts = facts_of(pack) if pack else list(catalogue().values())
    values: list[Row] = []

    def find_hits(lake: Lake, *others: Any) -> Hits:
        columns = ", ".join(["household", "household_no", "division_code", *(fact.name for fact in facts)])
        values.extend(lake.run(f"SELECT {columns} FROM household_facts ORDER BY household_no").fetchall())
        return engine_of_rules.find_hits(lake, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "facts_of", lambda pack: facts)
        patch.setattr(run, "find_hits", find_hits)
        return values, run.screen(home, pack or load_pack(), as_of, known_at, engine=engine)


def differences(home: Home, as_of: date, known_at: date, pack: Pack | None = None) -> list[object]:
    """What the engines say apart."""
    (facts, batch), (other_facts, other_batch) = (told(engine, home, as_of, known_at, pack) for engine in ENGINES)
    assert len(facts) == len(other_facts)
    apart: list[object] = [pair for pair in zip(facts, other_facts, strict=True) if pair[0] != pair[1]]
    apart += [pair for pair in zip(batch.clues, other_batch.clues, strict=False) if pair[0] != pair[1]]
    return apart + ([] if batch == other_batch else ["the batches"])


def pack_of(day: CasesOfDay) -> Pack:
    """The pack with the rules alone whose cases these are: planning a statement costs Spark the same for one household."""
    pack = load_pack()
    return replace(pack, rules={case.rule: pack.rules[case.rule] for _, case in day.cases})


def decide_every_row_in_review(home: Home, known: date) -> int:
    """Says of each row in review that it is about somebody of the crowd; returns how many."""
    of_the_crowd = pl.col("division_code").is_in(VILLAGES)
    register = pl.scan_parquet(home.rows("household_register") / "*.parquet").filter(of_the_crowd)
    registered = register.select("person").collect()["person"]
    waiting = pl.scan_parquet(home.rows("hotline_complaint") / "*.parquet").filter(pl.col("link") == "review")
    ledger = home.lake / "decisions" / "links.jsonl"
    ledger.parent.mkdir()
    places = waiting.select("delivery", "line").collect().rows()
    with ledger.open("w") as stream:
        for (delivery, line), person in zip(places, registered, strict=False):
            said = Decision(delivery, line, PERSON, person, "测试县", "test", "", known, known.isoformat(), "")
            stream.write(json.dumps(asdict(said) | {"known": known.isoformat()}) + "\n")
    return len(places)


def test_every_fact_and_rule_come_out_the_same_for_cases_a_random_crowd_and_what_people_decided(tmp_path: Path) -> None:
    """One screening of all of them: planning its statements takes Spark most of the time, however many households there are."""
    assert {case.rule for _, case in FULLEST.cases} == set(load_pack().rules)
    crowd = RandomWorld(CROWD)
    assert (crowd.d, crowd.known_at) == (FULLEST.as_of, FULLEST.known_at)
    home = ExampleWorld([*FULLEST.world().rows, *crowd.rows]).build(tmp_path / "home")
    before = told(DUCKDB, home, crowd.d, crowd.known_at)
    assert decide_every_row_in_review(home, crowd.known_at) > 3
    assert told(DUCKDB, home, crowd.d, crowd.known_at) != before
    assert differences(home, crowd.d, crowd.known_at) == []


OTHER_DAYS = [day for day in DAYS if day is not FULLEST]


@pytest.mark.parametrize(
    "day", OTHER_DAYS, ids=lambda day: f"{day.as_of}, known {day.known_at}: {len(day.cases)} cases"
)
def test_the_cases_of_days_of_their_own_come_out_the_same(day: CasesOfDay, tmp_path: Path) -> None:
    home = day.world().build(tmp_path / "home")
    assert differences(home, day.as_of, day.known_at, pack_of(day)) == []


def test_nothing_delivered_is_no_household(tmp_path: Path) -> None:
    assert differences(init_home(tmp_path / "home"), FULLEST.as_of, FULLEST.known_at) == []


def test_what_was_spilled_is_removed(tmp_path: Path) -> None:
    home = DAYS[-1].world().build(tmp_path / "home")
    with open_lake(SPARK, home, None) as lake:
        lake.store("kept", lake.versions("household_register", ("person",)))
        assert list((home.path / "spill").rglob("*.parquet"))
    assert list((home.path / "spill").iterdir()) == []


def test_a_statement_that_spark_cannot_carry_out_is_told_in_words(tmp_path: Path) -> None:
    with open_lake(SPARK, init_home(tmp_path / "home"), None) as lake, pytest.raises(Failure, match="Spark 未能完成"):
        lake.run("SELECT no_such FROM nowhere")


def test_an_unknown_engine_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="flink"):
        run.screen(init_home(tmp_path / "home"), load_pack(), date(2021, 6, 17), engine="flink")


def test_a_statement_carried_over_wrongly_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    carried_over, day = spark_lake.in_spark, DAYS[4]
    home = day.world().build(tmp_path / "home")
    monkeypatch.setattr(spark_lake, "in_spark", lambda sql: carried_over(sql).replace(" BETWEEN ", " NOT BETWEEN "))
    assert differences(home, day.as_of, day.known_at, pack_of(day)) != []
