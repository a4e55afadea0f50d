"""The lake's register at the desk: the state as known now, its history, and loading that may be killed."""

import json
import os
import signal
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desks import SIBLING, VILLAGE, batch, batch_clue
from django.db import connection

import processes
from conftest_numbers import number
from migrated import put_into
from shouwang.cli import output
from shouwang.cli.desk_register import bring_up_to_date, disk_at_the_desk
from shouwang.clues.models import Clue
from shouwang.households.models import Household, Person, RegisterChange, RegisterLoad
from shouwang.jobs.clues import record_clues
from shouwang.jobs.register import BYTES_A_ROW, load_register, room_to_load, rows_waiting
from shouwang.kernel import limits
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home, init_home

pytestmark = pytest.mark.usefixtures("areas")


def row(
    serial: int,
    household: str = "H1",
    relation: str = "户主",
    *,
    name: str = "冉大田",
    village: str = VILLAGE,
    kind: str = "一般农户",
    health: str = "健康",
    phone: str = "",
) -> str:
    return f"{household},{village},{kind},{name},{number(serial)},{relation},{health},普通劳动力,{phone}"


def vital(serial: int, kind: str, day: str, name: str = "冉大田") -> list[str]:
    return ["证件号码,姓名,变动类型,变动日期", f"{number(serial)},{name},{kind},{day}"]


def steps(household: str | None = None) -> list[tuple[str, str, dict[str, Any]]]:
    found = RegisterChange.objects.filter(household_no=household) if household else RegisterChange.objects.all()
    return [(change.received_on.isoformat(), change.kind, change.changes) for change in found]


def test_a_delivered_household_stands_on_the_desk(home: Home, send_register: Any) -> None:
    send_register(row(1, kind="脱贫户"), row(2, relation="配偶", name="覃小河", kind="脱贫户", phone="13900000001"))
    assert load_register(home) == 1
    household = Household.objects.get()
    assert (household.area_id, household.household_type, household.head_name) == (VILLAGE, "脱贫户", "冉大田")
    assert (household.member_count, household.delivery, household.received_on) == (2, 1, date(2021, 1, 5))
    person = Person.objects.get(name="覃小河")
    assert (person.relation, person.health, person.line) == ("配偶", "健康", 3)
    assert person.id_masked == f"{number(2)[:6]}********{number(2)[-4:]}"
    kept = json.loads(home.sealer().unseal(bytes(person.sealed), f"person:{person.key}"))
    assert (kept["id"], kept["phone"]) == (number(2), "13900000001")


def test_history_tells_joining_change_move_leaving_and_return(home: Home, send: Any, send_register: Any) -> None:
    send_register(row(1), row(2, relation="配偶", name="覃小河"))
    send_register(row(1, health="患有大病"), on="2021-02-05")
    send_register(row(1, health="患有大病", phone="13900000009"), on="2021-03-05")
    send("vital_event", vital(2, "迁出", "2021-03-20", "覃小河"), on="2021-04-02")
    send_register(row(2, "H2", name="覃小河", village=SIBLING), on="2021-05-05")
    send_register(row(1, "H2", "配偶", health="患有大病", village=SIBLING), on="2021-06-05")
    load_register(home)
    assert steps() == [
        ("2021-01-05", "joined", {}),
        ("2021-01-05", "joined", {}),
        ("2021-02-05", "changed", {"健康状况": ["健康", "患有大病"]}),
        ("2021-03-05", "changed", {"联系电话或住址": ["", ""]}),
        ("2021-04-02", "left", {"迁出": ["", "2021-03-20"]}),
        ("2021-05-05", "returned", {"与户主关系": ["配偶", "户主"]}),
        ("2021-06-05", "moved", {"户编号": ["H1", "H2"], "与户主关系": ["户主", "配偶"]}),
    ]
    counts = dict(Household.objects.values_list("pk", "member_count"))
    assert counts == {"H1": 0, "H2": 2}
    assert Household.objects.get(pk="H2").head_name == "覃小河"
    assert not Person.objects.exclude(left_kind="").exists()


def test_who_moved_away_or_died_leaves_and_a_death_is_for_good(home: Home, send: Any, send_register: Any) -> None:
    send_register(row(1), row(2, relation="配偶", name="覃小河"), row(3, relation="子", name="冉小田"))
    send("vital_event", vital(1, "死亡", "2021-02-01"), on="2021-02-05")
    send("vital_event", vital(2, "迁出", "2021-02-02", "覃小河"), on="2021-02-06")
    send_register(row(1, health="残疾"), on="2021-03-05")
    load_register(home)
    left = {person.name: (person.left_kind, person.left_on) for person in Person.objects.all()}
    assert left == {
        "冉大田": ("死亡", date(2021, 2, 1)),
        "覃小河": ("迁出", date(2021, 2, 2)),
        "冉小田": ("", None),
    }
    assert Household.objects.get().member_count == 1
    assert Household.objects.get().head_name == "冉大田"


def test_a_late_delivery_of_an_earlier_day_does_not_count_as_the_last(home: Home, send_register: Any) -> None:
    send_register(row(1, health="患有大病"), on="2021-03-05")
    load_register(home)
    send_register(row(1, health="健康"), on="2021-01-05")
    load_register(home)
    assert Person.objects.get().health == "患有大病"
    assert [kind for _, kind, _ in steps()] == ["joined", "changed"]
    assert steps()[1] == ("2021-03-05", "changed", {"健康状况": ["健康", "患有大病"]})


def test_only_what_is_new_is_loaded_and_again_changes_nothing(home: Home, send_register: Any) -> None:
    send_register(row(1))
    told: list[int] = []
    assert (load_register(home, told.append), told) == (1, [1])
    before = list(Person.objects.values())
    assert load_register(home) == 0
    send_register(row(1), row(2, "H2"), on="2021-02-05")  # the first row is a duplicate
    told.clear()
    assert (load_register(home, told.append), told) == (1, [1])
    assert list(Person.objects.filter(household="H1").values()) == before
    assert RegisterLoad.objects.count() == 2


def test_what_loading_takes_of_the_disk_is_known_before_and_without_room_nothing_is_begun(
    home: Home, send_register: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_register(row(1), row(2, "H2"))
    taken = BYTES_A_ROW * 2 if connection.vendor == "sqlite" else 0
    assert rows_waiting(home) == 2
    assert room_to_load(home).wanted == taken
    free = limits.LEFT_FREE + taken - 1
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    if connection.vendor == "sqlite":
        with pytest.raises(Failure, match="磁盘空间不够：预计占用磁盘"):
            load_register(home)
        assert not Person.objects.exists()
        free += 1
    load_register(home)
    assert (rows_waiting(home), Person.objects.count()) == (0, 2)


def test_a_command_says_what_the_register_takes_of_the_disk_and_how_far_it_is(
    home: Home, send_register: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send_register(row(1), row(2, "H2"))
    monkeypatch.setattr(limits, "LARGE", 0)
    monkeypatch.setattr(output, "FIRST_LINE_AFTER_SECONDS", 0)
    bring_up_to_date(home)
    told = capsys.readouterr().err
    assert "预计占用磁盘" in told
    assert "更新业务数据库中的名册（行）：2/2" in told
    assert Person.objects.count() == 2


def test_a_register_file_counts_twice_where_the_desk_lies_beside_the_lake(home: Home) -> None:
    elsewhere = home.database.exists()
    home.database.touch()
    assert disk_at_the_desk(home, "household_register", 1000) == 2200
    assert disk_at_the_desk(home, "medical_settlement", 1000) == 0
    if not elsewhere:
        home.database.unlink()
        assert disk_at_the_desk(home, "household_register", 1000) == 0


def test_clues_move_with_their_household(home: Home, send_register: Any) -> None:
    send_register(row(1))
    load_register(home)
    record_clues(batch(date(2021, 1, 31), batch_clue("H1")))
    send_register(row(1, village=SIBLING), on="2021-02-05")
    load_register(home)
    assert Clue.objects.get().area_id == SIBLING


def test_persons_whom_only_vital_events_name_are_left_out(home: Home, send: Any, send_register: Any) -> None:
    send("vital_event", vital(1, "死亡", "2021-02-01"), on="2021-02-05")
    load_register(home)
    assert not Person.objects.exists()
    send_register(row(1), on="2021-03-05")
    load_register(home)
    assert Person.objects.get().left_kind == "死亡"
    assert [kind for _, kind, _ in steps("H1")] == ["left", "joined"]


LOAD = """
import os, signal, sys
from shouwang.kernel.home import open_home
from shouwang.jobs.casework import prepare
home = open_home()
prepare(home)
from shouwang.jobs import register
register.PERSONS_AT_A_TIME = 50
die_at = int(sys.argv[1])
def progress(persons):
    if die_at and persons >= die_at:
        os.kill(os.getpid(), signal.SIGKILL)
register.load_register(home, progress)
"""
DUMP = """
import json
from shouwang.kernel.home import open_home
from shouwang.jobs.casework import connect
connect(open_home())
from shouwang.households.models import Household, Person, RegisterChange, RegisterLoad
skipped = {"id", "sealed", "loaded_at"}
for model in (Household, Person, RegisterChange, RegisterLoad):
    names = [field.attname for field in model._meta.fields if field.attname not in skipped]
    rows = sorted(map(str, model.objects.values_list(*names)))
    print(json.dumps([model.__name__, rows], ensure_ascii=False))
"""


def run(home: Home, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return processes.run(program, *arguments, environ={"SHOUWANG_HOME": str(home.path)})


@pytest.mark.sqlite
def test_killed_and_run_again_is_as_if_never_killed(
    home_with_tables: Home, send_register: Any, tmp_path: Path, migrated_database: Path
) -> None:
    home = home_with_tables
    first = [row(serial, f"H{serial // 3}", "子") for serial in range(200)]
    second = [row(serial, f"H{serial // 2}", "子", health="残疾") for serial in range(0, 200, 2)]
    send_register(*first)
    send_register(*second, on="2021-02-05")
    killed = run(home, LOAD, "260")
    assert killed.returncode == -signal.SIGKILL
    half_way = run(home, DUMP).stdout
    assert '"RegisterLoad", ["(1, 200)"]' in half_way  # the second delivery was rolled back
    done = run(home, LOAD, "0")
    assert done.returncode == 0, done.stderr
    after = run(home, DUMP).stdout

    untouched = init_home(tmp_path / "untouched")
    put_into(untouched, migrated_database)
    (untouched.path / "keys.env").write_bytes(home.keys_file.read_bytes())
    (untouched.lake).rename(tmp_path / "empty")
    os.symlink(home.lake, untouched.lake)
    assert run(untouched, LOAD, "0").returncode == 0
    assert run(untouched, DUMP).stdout == after
    assert "残疾" in after
