"""The doctor finds what was planted, says how to mend it, and is quiet where all is well."""

import json
import os
import secrets
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import CITY, make_user
from django.conf import settings

import processes
from runtime_role import emptied
from shouwang.accounts.models import Post, User
from shouwang.deliveries.ledger import DeliveryReport, commit
from shouwang.jobs import doctor
from shouwang.kernel import china_time
from shouwang.kernel.home import Home, init_home
from shouwang.printing import typesetting

Fault = Callable[[Home, pytest.MonkeyPatch], None]


@pytest.fixture
def installation(home: Home, areas: None, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose keys come from the environment and whose database file exists."""
    for name in doctor.NAMES:
        monkeypatch.setenv(name, secrets.token_hex(32))
    home.keys_file.unlink()
    with sqlite3.connect(home.database):
        home.database.touch(0o600)
    home.database.chmod(0o600)
    make_user("shi", CITY, "city")
    for duty in ("system_admin", "security_admin", "auditor"):
        user = User.objects.create(username=duty, password="!")
        Post.objects.create(user=user, area_id=CITY, duty=duty, starts_on=date(2020, 1, 1))
    return home


def states(home: Home) -> dict[str, str]:
    return {each.check: each.state for each in doctor.examine(home)}


def test_a_sound_installation_is_healthy(installation: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(china_time, "today", lambda: date(2026, 10, 1))  # in December it asks for the next holidays
    found = {each.check: each for each in doctor.examine(installation) if each.state not in ("ok", "note")}
    assert set(found) <= {"outdated_parameters", "disk"}
    assert not any(each.is_bad for each in found.values())


def report(number: int = 1, **more: Any) -> DeliveryReport:
    day = date(2021, 1, 5)
    return DeliveryReport(
        number, "household_register", "a.csv", "0", 1, day, "2021-01-05T10:00:00+08:00", "utf-8", None, 1, **more
    )


def _wide_home(home: Home, patch: pytest.MonkeyPatch) -> None:
    home.path.chmod(0o755)


def _wide_database(home: Home, patch: pytest.MonkeyPatch) -> None:
    home.database.chmod(0o644)


def _keys_beside_data(home: Home, patch: pytest.MonkeyPatch) -> None:
    home.keys_file.write_text("".join(f"{name}={secrets.token_hex(32)}\n" for name in doctor.NAMES))
    home.keys_file.chmod(0o600)


def _keys_beside_data_in_production(home: Home, patch: pytest.MonkeyPatch) -> None:
    _keys_beside_data(home, patch)
    patch.setattr(settings, "BEYOND_THIS_MACHINE", True)


def _example_keys(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SHOUWANG_FIELD_KEY", "0123456789abcdef" * 4)


def _one_key_for_all(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SHOUWANG_FIELD_KEY", os.environ["SHOUWANG_PSEUDONYM_KEY"])


def _no_keys(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("SHOUWANG_FIELD_KEY")


def _debug(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "DEBUG", True)


def _any_host(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "ALLOWED_HOSTS", ["*"])


def _plain_http(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "BEYOND_THIS_MACHINE", True)


def _wal(home: Home, patch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(home.database) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
    patch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))


def _no_database(home: Home, patch: pytest.MonkeyPatch) -> None:
    home.database.unlink()


def _pending(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor, "pending_migrations", lambda: ["clues.0002_more"])


def _full_disk(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor.shutil, "disk_usage", lambda _: _Usage(100 << 20))


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def _staging(home: Home, patch: pytest.MonkeyPatch) -> None:
    home.staging.mkdir()
    (home.staging / "rows.parquet").write_bytes(b"PAR1")


def _lost_rows(home: Home, patch: pytest.MonkeyPatch) -> None:
    commit(home, report(accepted=1, read=1))


def _clock(home: Home, patch: pytest.MonkeyPatch) -> None:
    later = (datetime.now().astimezone() + timedelta(days=2)).isoformat(timespec="seconds")
    commit(home, DeliveryReport.from_json(report().as_json() | {"ingested_at": later}))


def _behind(home: Home, patch: pytest.MonkeyPatch) -> None:
    commit(home, report())


def _demonstration_account(home: Home, patch: pytest.MonkeyPatch) -> None:
    User.objects.update(demonstration=True)


def _old_python(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(doctor.sys, "version_info", (3, 9, 2))


def _no_policy(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SHOUWANG_POLICY", str(home.path / "nowhere"))


def _no_font(home: Home, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(typesetting, "SERIF", ())
    patch.setattr(typesetting, "SANS", ())


def _idle_account(home: Home, patch: pytest.MonkeyPatch) -> None:
    Post.objects.update(starts_on=date(2019, 1, 1), ends_on=date(2019, 12, 31))


def _revoked_post(home: Home, patch: pytest.MonkeyPatch) -> None:
    Post.objects.update(revoked_at=datetime.now().astimezone())


def _no_auditor(home: Home, patch: pytest.MonkeyPatch) -> None:
    Post.objects.filter(duty="auditor").update(ends_on=date(2020, 12, 31))


def _nobody(home: Home, patch: pytest.MonkeyPatch) -> None:
    emptied(User.objects.all())


@pytest.mark.parametrize(
    ("plant", "check", "state"),
    [
        (_wide_home, "permissions", "insecure"),
        (_wide_database, "permissions", "insecure"),
        (_keys_beside_data, "keys", "warning"),
        (_keys_beside_data_in_production, "keys", "insecure"),
        (_no_keys, "keys", "broken"),
        (_example_keys, "random_keys", "insecure"),
        (_one_key_for_all, "random_keys", "insecure"),
        (_debug, "debug", "insecure"),
        (_any_host, "allowed_hosts", "insecure"),
        (_plain_http, "https", "insecure"),
        pytest.param(_wal, "sqlite", "broken", marks=pytest.mark.sqlite),
        pytest.param(_no_database, "database", "broken", marks=pytest.mark.sqlite),
        (_pending, "migrations", "broken"),
        (_full_disk, "disk", "broken"),
        (_staging, "staging", "warning"),
        (_lost_rows, "lake", "broken"),
        (_clock, "clock", "broken"),
        (_behind, "desk", "warning"),
        (_demonstration_account, "demo_accounts", "insecure"),
        (_old_python, "python", "broken"),
        (_no_policy, "policy", "broken"),
        (_no_font, "font", "warning"),
        (_idle_account, "posts", "note"),
        (_revoked_post, "posts", "note"),
        (_no_auditor, "administrators", "note"),
        (_nobody, "users", "note"),
    ],
)
def test_a_planted_fault_is_found(
    installation: Home, monkeypatch: pytest.MonkeyPatch, plant: Fault, check: str, state: str
) -> None:
    assert states(installation).get(check, "ok") == "ok"
    plant(installation, monkeypatch)
    found = [each for each in doctor.examine(installation) if each.check == check]
    assert [each.state for each in found] == [state]
    assert found[0].mend


def test_a_demonstration_home_may_have_demonstration_accounts(
    installation: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation.path / "demo.json").write_text("{}")
    User.objects.update(demonstration=True)
    assert "demo_accounts" not in states(installation)
    monkeypatch.setattr(settings, "BEYOND_THIS_MACHINE", True)
    assert states(installation)["demo_accounts"] == "insecure"


def command(home: Path, *arguments: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    return processes.run(processes.SHOUWANG, *arguments, environ={"SHOUWANG_HOME": str(home)} | environ, given=given)


def test_from_nothing_to_an_installation_with_a_user(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = command(home, "doctor", "--json")
    assert before.returncode == 1
    assert json.loads(before.stdout)["healthy"] is False
    assert not home.exists()
    assert command(home, "serve").returncode == 2
    assert json.loads(command(home, "init", "--json").stdout) == {"home": str(home), "created": True}
    keys = (home / "keys.env").read_text()
    assert json.loads(command(home, "init", "--json").stdout)["created"] is False
    assert (home / "keys.env").read_text() == keys
    added = command(home, "user", "add", "shi", "--name", "向明", "--area", CITY, "--duty", "city", "--json")
    assert set(json.loads(added.stdout)) == {"username", "password"}
    again = command(home, "user", "add", "shi", "--name", "向明", "--area", CITY, "--duty", "city")
    assert (again.returncode, "已有人使用" in again.stderr) == (2, True)
    weak = command(
        home, "user", "add", "wu", "--name", "x", "--area", CITY, "--duty", "city", "--password-stdin", given="12345\n"
    )
    assert weak.returncode == 2
    after = command(home, "doctor", "--json")
    assert (after.returncode, json.loads(after.stdout)["healthy"]) == (0, True)
    insecure = command(home, "doctor", "--json", SHOUWANG_DEBUG="1", SHOUWANG_ALLOWED_HOSTS="*")
    assert insecure.returncode == 1
    bad = {each["check"] for each in json.loads(insecure.stdout)["findings"] if each["state"] == "insecure"}
    assert bad == {"debug", "allowed_hosts", "keys"}


def test_two_homes_do_not_meet_in_one_process(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shouwang.jobs.casework import connect
    from shouwang.kernel.errors import InputError

    connect(home)
    with pytest.raises(InputError, match="数据目录"):
        connect(init_home(tmp_path / "other"))
