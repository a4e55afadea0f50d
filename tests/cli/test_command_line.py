"""The command line as scripts use it: one JSON object, exit codes, and a home that no killed command harms."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import processes
from conftest_numbers import number, village
from processes import SHOUWANG
from shouwang.kernel.home import Home, init_home

HEADER = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return processes.run(SHOUWANG, *words, environ={"SHOUWANG_HOME": str(home)})


@pytest.fixture
def home(fresh_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fresh_home, tmp_path / "home"))


@pytest.fixture
def settlements(tmp_path: Path) -> Path:
    path = tmp_path / "医保.csv"
    lines = [f"S{i},{number(1 + i % 3)},向小山,2021-05-{1 + i % 28:02d},住院,3000,0,0,0,3000" for i in range(3000)]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "名册.csv"
    rows = [f"H{i},{village()},脱贫户,向小山,{number(i)},户主" for i in (1, 2, 3)]
    path.write_text("\n".join(["户编号,行政区划代码,户类型,姓名,证件号码,与户主关系", *rows]) + "\n", encoding="utf-8")
    return path


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def counts(screened: dict[str, Any]) -> tuple[int, int]:
    return sum(screened["clues_new"].values()), sum(screened["clues_updated"].values())


def test_files_in_clues_out(home: Path, register: Path, settlements: Path, tmp_path: Path) -> None:
    """Real files through the real command: clues are new once, then updated, and a dry run changes nothing."""
    taken = result(run(home, "ingest", "household_register", str(register), "--received-on", "2021-01-05", "--json"))
    assert (taken["files"][0]["read"], taken["files"][0]["accepted"]) == (3, 3)
    bills = result(run(home, "ingest", "medical_settlement", str(settlements), "--received-on", "2021-06-05", "--json"))
    assert bills["files"][0]["linked"] == 3000
    out = tmp_path / "clues.csv"
    screen = ("screen", "--as-of", "2021-06-17", "--json")
    assert counts(result(run(home, *screen, "--dry-run"))) == (3, 0)
    screened = result(run(home, *screen, "--out", str(out)))
    assert screened["households_screened"] == 3
    assert screened["hits_by_rule"]["medical.high_out_of_pocket"] == 3
    assert (screened["clues_new"], counts(screened)) == ({"red": 0, "orange": 0, "yellow": 3}, (3, 0))
    assert counts(result(run(home, *screen, "--dry-run"))) == (0, 3)
    assert counts(result(run(home, *screen))) == (0, 3)
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "household_no,division_code,risk_type,level,rules,reasons"
    assert lines[1].startswith(f"H1,{village()},illness,yellow,medical.high_out_of_pocket,")
    assert "D000002" in lines[1]
    told = run(home, "explain", "H1", "--as-of", "2021-06-17")
    assert "个人自付" in told.stdout
    assert number(1) not in told.stdout + told.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "nosuch", "a.csv"),
        ("ingest", "medical_settlement", "missing.csv"),
        ("ingest", "medical_settlement", __file__, "--received-on", "17/6/2021"),
        ("ingest",),
        ("nosuch",),
        ("screen", "--as-of", "yesterday"),
        ("explain", "H99", "--as-of", "2021-06-17"),
        ("whatif", "--as-of", "2021-06-17", "--set", "no.such=1"),
        ("quarantine", "export", "D000099", "out.xlsx"),
        ("policy", "show", "no.such"),
    ],
)
def test_bad_words_end_with_two_and_say_why(home: Path, words: tuple[str, ...]) -> None:
    before = sorted(path for path in home.rglob("*") if path.name != "lock")
    done = run(home, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert sorted(path for path in home.rglob("*") if path.name != "lock") == before


def test_every_command_works_on_an_empty_home(home: Path) -> None:
    assert result(run(home, "screen", "--as-of", "2021-06-17", "--json"))["households_screened"] == 0
    whatif = ("whatif", "--as-of", "2021-06-17", "--set", "income.monitoring_line=7000", "--json")
    assert result(run(home, *whatif))["come"]["total"] == 0


def test_the_shipped_pack_is_in_order(home: Path) -> None:
    told = result(run(home, "policy", "check", "--json"))
    assert told["faults"] == []
    assert told["cases"] > 150
    assert any("income.monitoring_line" in warning and "已满一年" in warning for warning in told["warnings"])


def test_killed_at_any_moment_and_run_again_ends_the_same(
    home: Path, fresh_home: Path, settlements: Path, tmp_path: Path
) -> None:
    words = ("ingest", "medical_settlement", str(settlements), "--received-on", "2021-06-05")
    untouched = Path(shutil.copytree(fresh_home, tmp_path / "untouched"))  # the same keys, so the same pseudonyms
    began = time.monotonic()
    assert run(untouched, *words).returncode == 0
    took, moments = time.monotonic() - began, random.Random(7)
    for part in (0.2, 0.4, 0.6, 0.8):
        process = processes.Popen(
            SHOUWANG, *words, environ={"SHOUWANG_HOME": str(home)}, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(took * (part + moments.uniform(-0.1, 0.1)))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert run(home, *words).returncode == 0
    killed, never_killed = lake(init_home(home)), lake(init_home(untouched))
    assert killed.keys() == never_killed.keys() == {"rows/medical_settlement/D000001.parquet"}
    assert all(killed[name].equals(never_killed[name]) for name in killed)


def lake(home: Home) -> dict[str, pl.DataFrame]:
    """What lies in the lake beside the reports, which carry the moment of their making."""
    found = [path for path in home.lake.rglob("*") if path.is_file() and path.suffix != ".json"]
    return {str(path.relative_to(home.lake)): pl.read_parquet(path) for path in found}


def test_a_screening_loads_neither_dataframes_nor_the_casework(home: Path) -> None:
    """It would be a quarter of a second of every command, whatever the size of the city."""
    said = "import sys; print([part for part in ('polars', 'numpy', 'pyarrow', 'django') if part in sys.modules])"
    loaded = f"import shouwang.cli.main, shouwang.screening.daily, shouwang.screening.export; {said}"
    environ = os.environ | {"SHOUWANG_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", loaded], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    checked = f"import shouwang.deliveries.ingest; {said}"
    done = subprocess.run([sys.executable, "-c", checked], env=environ, capture_output=True, text=True, check=True)
    assert "polars" in done.stdout
