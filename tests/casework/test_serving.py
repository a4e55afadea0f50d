"""`shouwang serve` as a person meets it: the address, a file going in, a worker that comes back, an end on Ctrl+C."""

import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import CITY, PASSWORD, VILLAGE

import processes
from conftest_numbers import number
from over_http import Browser, eventually
from processes import SHOUWANG
from signed_in import phone_code, shown_secret

PLANTED = number(555)
KEY = secrets.token_hex(32)


@pytest.fixture
def home(fresh_home: Path, tmp_path: Path) -> Path:
    made = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    user = ["user", "add", "shi", "--name", "向明", "--area", CITY, "--duty", "city", "--from", "2020-01-01"]
    processes.run(
        SHOUWANG, *user, "--password-stdin", environ={"SHOUWANG_HOME": str(made)}, given=PASSWORD + "\n", ends=0
    )
    return made


@pytest.fixture
def site(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = processes.Popen(
        SHOUWANG, "serve", "--port", str(port), "--json", environ={"SHOUWANG_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    announced = process.stdout.readline()
    assert f"http://localhost:{port}/" in announced
    yield process, f"http://localhost:{port}"
    if process.poll() is None:
        process.kill()
    process.wait(timeout=60)


def asked(home: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{home / 'shouwang.sqlite3'}?mode=ro", uri=True, timeout=60) as opened:
        return opened.execute(sql).fetchall()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split()]


def test_a_file_goes_in_the_worker_comes_back_and_ctrl_c_ends_it(
    home: Path, site: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = site
    browser = Browser(address)
    secret = shown_secret(browser.post("/login/", {"username": "shi", "password": PASSWORD}))
    assert "恢复码" in browser.post("/account/second-factor/", {"code": phone_code(secret)})
    filler = "".join(
        f"H{n},{VILLAGE},一般农户,冉大田,{number(n % 400, f'19{50 + n // 400}0101')},户主\n" for n in range(9000)
    )
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系\n"
    content = (header + f"H-P,{VILLAGE},一般农户,向前进,{PLANTED},户主\n" + filler).encode()
    assert len(content) > 600_000  # beyond what the web server keeps in memory
    browser.post("/uploads/new/", {"source": "household_register", "received_on": "2021-01-05"}, content)
    assert eventually(lambda: asked(home, "SELECT state FROM exchange_upload") == [("done",)])
    assert asked(home, "SELECT count(*) FROM households_person WHERE name = '向前进'") == [(1,)]
    for path in home.rglob("*"):
        assert not path.is_file() or PLANTED.encode() not in path.read_bytes(), path
    assert "H-P" in browser.get("/households/?q=H-P")

    (worker,) = workers_of(process)
    os.kill(worker, signal.SIGKILL)
    assert eventually(lambda: [pid for pid in workers_of(process) if pid != worker] != [])
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 0
    assert eventually(lambda: workers_of(process) == [])


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"SHOUWANG_ALLOWED_HOSTS": "*"}, "SHOUWANG_ALLOWED_HOSTS"),
        ({"SHOUWANG_ALLOWED_HOSTS": "a.example.cn", "SHOUWANG_DEBUG": "1"}, "SHOUWANG_DEBUG"),
        ({"SHOUWANG_ALLOWED_HOSTS": "a.example.cn", "SHOUWANG_DJANGO_KEY": "0123"}, "SHOUWANG_DJANGO_KEY"),
        (
            {"SHOUWANG_DEBUG": "1"},
            "SHOUWANG_DEBUG",
        ),  # where it listens beyond this machine, whatever names it answers to
        ({"SHOUWANG_FIELD_KEY": "0" * 64}, "SHOUWANG_FIELD_KEY"),
        ({"SHOUWANG_FIELD_KEY": KEY, "SHOUWANG_PSEUDONYM_KEY": KEY}, "SHOUWANG_PSEUDONYM_KEY"),
    ],
)
def test_careless_settings_are_refused_with_what_to_set(fresh_home: Path, environ: dict[str, str], word: str) -> None:
    told = {"SHOUWANG_HOME": str(fresh_home)} | environ
    ended = processes.run(SHOUWANG, "serve", "--port", "1", "--host", "0.0.0.0", environ=told)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert word in ended.stderr


def test_no_other_server_gets_a_site_that_serve_would_refuse(fresh_home: Path) -> None:
    environ = {"SHOUWANG_HOME": str(fresh_home)}
    for more, sound in ({}, True), ({"SHOUWANG_FIELD_KEY": "ab" * 32}, False):
        ended = processes.run("import shouwang.wsgi", environ=environ | more)
        assert (ended.returncode == 0) is sound
        assert sound or "SHOUWANG_FIELD_KEY" in ended.stderr


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_PROCESSES", "2")


def answering(process: subprocess.Popen[str]) -> list[int]:
    """The other processes that answer, beside the one that was started."""
    return [pid for pid in workers_of(process) if b"shouwang.jobs.serving" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.usefixtures("two_processes")
def test_two_processes_answer_and_one_that_dies_is_started_again(site: tuple[subprocess.Popen[str], str]) -> None:
    process, address = site
    assert eventually(lambda: len(answering(process)) == 1)
    first = answering(process)[0]
    os.kill(first, signal.SIGKILL)
    browser = Browser(address)
    assert all("登录" in browser.get("/login/") for _ in range(20))
    assert eventually(lambda: answering(process) not in ([], [first]))
    second = answering(process)[0]
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    assert eventually(lambda: not Path(f"/proc/{second}").exists())
