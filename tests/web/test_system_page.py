"""The system administrator's page: how the installation runs, and nothing about any household."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from filelock import FileLock
from small_city import CITY, make_user

from shouwang.jobs import running
from shouwang.jobs.doctor import BROKEN, Finding
from shouwang.jobs.running import look
from signed_in import sign_in


@pytest.fixture
def keeper(city: SimpleNamespace) -> Client:
    return sign_in(Client(), make_user("xitong", CITY, "system_admin"))


@contextmanager
def worker() -> Iterator[None]:
    with FileLock(Path(settings.HOME.path) / "worker.lock", timeout=0):
        yield


def test_a_worker_that_stopped_is_said_first(keeper: Client) -> None:
    assert "后台进程没有运行" in keeper.get("/system/").content.decode()
    with worker():
        said = keeper.get("/system/").content.decode()
    assert "后台进程没有运行" not in said
    assert "正在运行" in said


def test_it_tells_what_is_to_be_mended_and_when_the_last_screening_was(
    keeper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = [Finding("disk", BROKEN, "磁盘满了", "清理磁盘"), Finding("clock", "ok", "时钟正确")]
    monkeypatch.setattr(running, "examine", lambda home: planted)
    said = keeper.get("/system/").content.decode()
    assert "磁盘满了" in said
    assert "1 项要处理，1 项正常" in said
    assert "截至 2021-06-17" in said
    assert "未读入的文件</dt><dd>1</dd>" in said


def test_sizes_are_those_on_the_disk(city: SimpleNamespace, home: object) -> None:
    place = settings.HOME.path / "lake" / "rows"
    place.mkdir(parents=True, exist_ok=True)
    (place / "planted").write_bytes(b"x" * 12345)
    assert dict(look(settings.HOME).sizes)["数据湖"] == 12345


def test_no_household_stands_on_it(keeper: Client, city: SimpleNamespace) -> None:
    said = keeper.get("/system/").content.decode()
    for mark in (city.household.pk, city.household.head_name, city.clue.number, city.upload.file, city.delivery.file):
        assert mark not in said
    for who in ("city", "county", "village"):
        assert sign_in(Client(), city.users[who]).get("/system/").status_code == 403


@pytest.mark.parametrize(
    ("duty", "page"), [("system_admin", "/system/"), ("auditor", "/audit/"), ("security_admin", "/users/")]
)
def test_an_administrators_first_page_is_their_own(duty: str, page: str, city: SimpleNamespace) -> None:
    client = sign_in(Client(), make_user(duty, CITY, duty))
    assert client.get("/")["Location"] == page
    assert client.get(page).status_code == 200
