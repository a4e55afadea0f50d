"""The commands as people and scripts use them."""

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from shouwang.cli import policy, screening
from shouwang.kernel import limits
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.policy.decided import Decided, decided_path, render
from shouwang.screening.batch import BatchClue
from shouwang.screening.example_world import ExampleRow, ExampleWorld
from shouwang.screening.export import export_clues

D = "2021-06-17"
VILLAGE = "500101001001"
Run = Callable[..., Any]


@pytest.fixture
def run(home: Home) -> Run:
    """Runs a command in this process; gives standard output, or raises what ended it."""
    app = typer.Typer()
    screening.register(app)
    policy.register(app)

    def command(*words: str) -> str:
        done = CliRunner().invoke(app, words)
        if isinstance(done.exception, ShouwangError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return command


@pytest.fixture
def lived_in(home: Home) -> Home:
    """One household below the line with an accident, one with nothing."""
    rows = []
    for who, wage in (("甲", 100), ("乙", 90000)):
        values = {
            "household_no": f"H{who}",
            "division_code": VILLAGE,
            "household_type": "一般农户",
            "labour": "普通劳动力",
        }
        rows.append(ExampleRow("household_register", date(2021, 1, 5), values, who))
        statement = {"household_no": f"H{who}", "period_end": date(2021, 5, 31), "wage_income": wage}
        rows.append(ExampleRow("income_statement", date(2021, 6, 1), statement, None, None))
    accident = {"outcome": "伤残", "happened_on": date(2021, 6, 1)}
    rows.append(ExampleRow("accident_report", date(2021, 6, 5), accident, "甲"))
    return ExampleWorld(rows).build(home.path)


def test_a_screening_says_what_it_takes_of_the_disk_and_is_not_begun_without_room(
    run: Run, lived_in: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(screening.errors, "print", said.append)
    run("screen", "--as-of", D, "--dry-run")
    assert said == []
    monkeypatch.setattr(limits, "LARGE", 1)
    run("screen", "--as-of", D, "--dry-run")
    assert said[0].startswith("预计占用磁盘 1 MB，可用 ")
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": limits.LEFT_FREE}))
    with pytest.raises(ShouwangError, match="磁盘空间不够"):
        run("screen", "--as-of", D, "--dry-run")


def test_a_dry_run_says_what_would_come_and_lists_it(run: Run, lived_in: Home, tmp_path: Path) -> None:
    out = tmp_path / "clues.csv"
    said = json.loads(run("screen", "--as-of", D, "--dry-run", "--out", str(out), "--json"))
    assert said["households_screened"] == 2
    assert len(said["hits_by_rule"]) == 19
    assert said["hits_by_rule"]["accident.casualty"] == said["hits_by_rule"]["income.below_line"] == 1
    assert said["clues_new"] == {"red": 2, "orange": 0, "yellow": 0}
    assert said["clues_updated"] == {"red": 0, "orange": 0, "yellow": 0}
    raw = out.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode().splitlines()))
    assert list(rows[0]) == ["household_no", "division_code", "risk_type", "level", "rules", "reasons"]
    assert [(r["household_no"], r["risk_type"], r["level"], r["rules"]) for r in rows] == [
        ("H甲", "accident", "red", "accident.casualty"),
        ("H甲", "other", "red", "income.below_line"),
    ]
    assert "（依据：D" in rows[0]["reasons"]


def test_the_same_list_as_parquet(run: Run, lived_in: Home, tmp_path: Path) -> None:
    out = tmp_path / "clues.parquet"
    run("screen", "--as-of", D, "--dry-run", "--out", str(out))
    rows = duckdb.sql(f"SELECT household_no, rules FROM '{out}' ORDER BY ALL").fetchall()
    assert rows == [("H甲", "accident.casualty"), ("H甲", "income.below_line")]


def test_known_at_leaves_out_what_came_later(run: Run, lived_in: Home) -> None:
    said = json.loads(run("screen", "--as-of", D, "--known-at", "2021-06-04", "--dry-run", "--json"))
    assert (said["known_at"], said["hits_by_rule"]["accident.casualty"]) == ("2021-06-04", 0)


def test_an_empty_home_is_screened(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "clues.csv"
    said = json.loads(run("screen", "--as-of", D, "--dry-run", "--out", str(out), "--json"))
    assert said["households_screened"] == 0
    assert out.read_text() == "household_no,division_code,risk_type,level,rules,reasons\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("screen", "--as-of", "2021-13-01"), "2021-13-01"),
        (("screen", "--as-of", "20210601"), "20210601"),
        (("screen", "--as-of", "2021-W23-1"), "2021-W23-1"),
        (("screen", "--as-of", D, "--known-at", "gestern"), "--known-at"),
        (("screen", "--as-of", D, "--out", "clues.xls"), "clues.xls"),
        (("screen", "--as-of", D, "--out", "/nowhere/clues.csv"), "/nowhere"),
        (("screen", "--as-of", "2019-01-01", "--dry-run"), "2019-01-01"),
        (("explain", "H甲", "--as-of", D), "H甲"),
        (("whatif", "--as-of", D, "--set", "income.monitoring_line"), "income.monitoring_line"),
        (("whatif", "--as-of", D, "--set", "income.no_such=1"), "income.no_such"),
        (("whatif", "--as-of", D, "--set", "income.monitoring_line=viel"), "viel"),
        (("whatif", "--as-of", D, "--set", "income.monitoring_line=1", "--area", "1"), "行政区划 1"),
        (("policy", "show", "nothing.at_all"), "nothing.at_all"),
        (("policy", "list", "--path", "/nowhere"), "/nowhere"),
    ],
)
def test_bad_input_is_told_and_ends_with_two(run: Run, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(ShouwangError, match=said) as caught:
        run(*words)
    assert caught.value.exit_code == 2
    assert caught.value.advice


def test_explain_and_whatif(run: Run, lived_in: Home) -> None:
    said = json.loads(run("explain", "H甲", "--as-of", D, "--json"))
    assert said["level"] == "red"
    assert len(said["rules"]) == 19
    assert {fact["name"] for fact in said["facts"]} >= {"members", "net_income", "assets"}
    income = next(fact for fact in said["facts"] if fact["name"] == "net_income")
    assert income["rows"][0] | {"text": ""} == {
        "source": "income_statement",
        "delivery": "D000002",
        "line": 2,
        "text": "",
    }
    assert "预警" in run("explain", "H甲", "--as-of", D)
    changed = json.loads(run("whatif", "--as-of", D, "--set", "income.monitoring_line=50", "--json"))
    assert (changed["come"]["total"], changed["go"]["total"]) == (0, 1)
    assert "消失：1 条" in run("whatif", "--as-of", D, "--set", "income.monitoring_line=50")


def test_the_policy_is_listed_and_shown(run: Run) -> None:
    listed = json.loads(run("policy", "list", "--json"))
    assert len(listed["rules"]) == 19
    assert "income.monitoring_line" in run("policy", "list")
    shown = json.loads(run("policy", "show", "income.monitoring_line", "--json"))["parameter"]
    assert shown["values"] == {"2020-01-01": "6000.00"}
    assert shown["ground"]["number"] == "渝府办发〔2021〕149号"
    assert shown["used_by"] == ["income.below_line", "income.eroded_by_spending", "labour.none"]
    rule = json.loads(run("policy", "show", "education.dropout", "--json"))["rule"]
    assert "education.compulsory_from_age" in rule["parameters"]
    assert "义务教育" in run("policy", "show", "education.dropout")


def test_a_cell_that_looks_like_a_formula_is_made_text(tmp_path: Path) -> None:
    clue = BatchClue("=cmd()", "500101001001", "other", "yellow", ("a.b", "c.d"), "+1，理由", {}, [])
    export_clues([clue], tmp_path / "x.csv")
    row = list(csv.reader((tmp_path / "x.csv").read_text().splitlines()))[1]
    assert row == ["'=cmd()", "500101001001", "other", "yellow", "a.b;c.d", "'+1，理由"]
    for start in "=+-@\t\r\n＝＋－＠":
        export_clues([replace(clue, reasons=f"{start}cmd()")], tmp_path / "x.csv")
        assert f"'{start}cmd()" in (tmp_path / "x.csv").read_bytes().decode()


def test_a_list_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "x.csv"
    out.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ShouwangError, match="写入"):
        export_clues([], out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_commands_work_by_what_was_decided_in_the_home(run: Run, lived_in: Home) -> None:
    day = date(2021, 6, 1)
    decided = Decided(1, "chongqing", "income.monitoring_line", "90001", day, "通知", "渝〔2021〕1号", "第二条", day, 7)
    before = json.loads(run("screen", "--as-of", D, "--dry-run", "--json"))
    decided_path(lived_in).parent.mkdir()
    decided_path(lived_in).write_bytes(render([decided]))
    said = json.loads(run("screen", "--as-of", D, "--dry-run", "--json"))
    assert said["pack_version"].startswith("2021.1-1+")
    assert (before["hits_by_rule"]["income.below_line"], said["hits_by_rule"]["income.below_line"]) == (1, 2)
    changed = json.loads(run("whatif", "--as-of", D, "--set", "income.monitoring_line=6000", "--json"))
    assert changed["set"]["income.monitoring_line"] == {"before": "90001", "after": "6000"}
    explained = json.loads(run("explain", "H乙", "--as-of", D, "--json"))
    assert explained["pack_version"] == said["pack_version"]
    shown = json.loads(run("policy", "show", "income.monitoring_line", "--json"))["parameter"]
    assert shown["values"] == {"2020-01-01": "6000.00", "2021-06-01": "90001.00"}
    assert shown["decided"][0] == {
        "number": 1,
        "since": "2021-06-01",
        "value": "90001",
        "document": "通知",
        "document_number": "渝〔2021〕1号",
        "clause": "第二条",
    }
    assert "渝〔2021〕1号" in run("policy", "show", "income.monitoring_line")
    own_files = json.loads(run("policy", "show", "income.monitoring_line", "--path", "policies/chongqing", "--json"))
    assert own_files["parameter"]["decided"] == []
