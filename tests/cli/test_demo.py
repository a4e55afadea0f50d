"""The demonstration, as a person starts it: whole, quick the second time, and the same after a kill."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import processes

PERSONS = "200"
SHOUWANG = str(Path(sys.executable).with_name("shouwang"))


def from_nothing(home: Path, tables: Path) -> subprocess.Popen[str]:
    """As a person starts it. `tables` is a database that is made but empty: that `init` makes one, `casework/test_doctor.py` sees."""
    if tables.exists():
        home.mkdir()
        shutil.copyfile(tables, home / "shouwang.sqlite3")
    return subprocess.Popen(
        [SHOUWANG, "demo", "--no-serve", "--json", "--persons", PERSONS],
        env=os.environ | {"SHOUWANG_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def demo(home: Path, persons: str = PERSONS) -> subprocess.Popen[str]:
    words = ("demo", "--no-serve", "--json", "--persons", persons)
    pipe = subprocess.PIPE
    return processes.Popen(processes.SHOUWANG, *words, environ={"SHOUWANG_HOME": str(home)}, stdout=pipe, stderr=pipe)


def finished(process: subprocess.Popen[str]) -> dict[str, object]:
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    said: dict[str, object] = json.loads(out)
    return said


def desk(home: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Households and clues as the desk has them."""
    with sqlite3.connect(home / "shouwang.sqlite3") as database:
        households = database.execute(
            "SELECT household_no, area_id, household_type, head_name, member_count FROM households_household ORDER BY 1"
        ).fetchall()
        clues = database.execute(
            "SELECT number, level, risk_type, state, opened_on, last_seen_on, rules, reasons FROM clues_clue ORDER BY 1"
        ).fetchall()
    return households, clues


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> tuple[Path, dict[str, object]]:
    home = tmp_path_factory.mktemp("demo") / "home"
    return home, finished(from_nothing(home, migrated_database))


def test_it_has_households_clues_and_a_login_for_each_level(whole: tuple[Path, dict[str, object]]) -> None:
    home, said = whole
    households, clues = desk(home)
    assert len(households) > 40
    assert len(clues) > 5
    logins = said["logins"]
    assert isinstance(logins, list)
    assert {"shi", "xian", "xiang", "cun", "bumen"} <= {each["username"] for each in logins}
    assert (home / "demo-logins.txt").stat().st_mode & 0o777 == 0o600


def test_the_desk_has_a_file_of_the_county_and_values_in_every_state(whole: tuple[Path, dict[str, object]]) -> None:
    home, _ = whole
    with sqlite3.connect(home / "shouwang.sqlite3") as database:
        brought = database.execute(
            "SELECT read > 0, accepted + duplicate + quarantined + review + unregistered = read, length(area_id)"
            " FROM exchange_delivery WHERE uploaded_by_id IS NOT NULL"
        ).fetchall()
        states = database.execute("SELECT state FROM amendments_amendment ORDER BY 1").fetchall()
        tried = database.execute("SELECT DISTINCT state FROM amendments_whatif").fetchall()
    assert brought == [(1, 1, 12), (1, 1, 12)]  # what the department typed, and what the county changed in the register
    assert [state for (state,) in states] == ["accepted", "proposed", "proposed", "rejected"]
    assert tried == [("done",)]


def test_a_second_time_nothing_is_built(whole: tuple[Path, dict[str, object]]) -> None:
    home, said = whole
    before = desk(home)
    assert finished(demo(home)) == said
    assert desk(home) == before


@pytest.mark.long
def test_killed_half_way_and_run_again_it_is_the_same_city(
    whole: tuple[Path, dict[str, object]], tmp_path: Path, migrated_database: Path
) -> None:
    home = tmp_path / "home"
    process = from_nothing(home, migrated_database)
    deadline = time.monotonic() + 120
    while not (home / "lake" / "deliveries" / "D000012.json").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    finished(demo(home))
    assert desk(home) == desk(whole[0])


def test_another_city_in_the_same_place_is_refused(whole: tuple[Path, dict[str, object]]) -> None:
    process = demo(whole[0], "500")
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert "另一座演示城市" in errors


def test_a_real_home_is_never_taken_for_a_demonstration(fresh_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    process = demo(home)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "正式的数据目录" in errors
    assert not (home / "demo.json").exists()
