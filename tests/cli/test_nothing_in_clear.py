"""Fifty planted identity numbers stand in clear nowhere in home, logs, temporary files and backups, during a full run and
after it."""

import gzip
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from watching import Watcher, in_clear

import processes
from conftest_numbers import number, village
from migrated import put_into
from over_http import Browser, eventually
from processes import SHOUWANG, Popen
from shouwang.kernel.home import init_home
from signed_in import phone_code, shown_secret

CITY, PASSWORD = "500000000000", "一句只有自己知道的话 2021"
BORN = "19801212"
PLANTED = [number(serial, BORN) for serial in range(1, 51)]
STEM = PLANTED[0][:14]
WRONG = [each[:17] + ("0" if each[17] != "0" else "1") for each in PLANTED]


def workbook(number_there: str) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_string(0, 0, number_there)
    return stream.getvalue()


def parquet(number_there: str) -> bytes:
    stream = BytesIO()
    pl.DataFrame({"a": [number_there] * 1000}).write_parquet(stream, compression="zstd")
    return stream.getvalue()


KINDS: dict[str, Callable[[str], bytes]] = {
    "text": lambda planted: f"错误：{planted}".encode(),
    "gb18030": lambda planted: f"错误：{planted}".encode("gb18030"),
    "utf-16": lambda planted: f"错误：{planted}".encode("utf-16"),
    "xlsx": workbook,
    "gzip": lambda planted: gzip.compress(planted.encode()),
    "parquet": parquet,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_watcher_sees_a_planted_number(kind: str, tmp_path: Path) -> None:
    watcher = Watcher([tmp_path], STEM)
    watcher.start()
    time.sleep(0.02)
    path = tmp_path / "staging" / "short-lived"
    path.parent.mkdir()
    path.write_bytes(KINDS[kind](PLANTED[7]))
    assert eventually(watcher.has_opened)
    path.unlink()  # read although it is gone
    assert watcher.finish() == {str(path)}
    assert not in_clear(KINDS[kind](number(7, "19791212")), STEM)


def test_the_watcher_sees_a_number_in_a_name_and_what_is_added_later(tmp_path: Path) -> None:
    watcher = Watcher([tmp_path], STEM)
    watcher.start()
    (tmp_path / f"{PLANTED[3]}.csv").touch()
    with (tmp_path / "log").open("w") as log:
        log.write("started\n")
        log.flush()
        assert eventually(watcher.has_opened)
        log.write(f"failed on {PLANTED[4]}\n")
    assert watcher.finish() == {str(tmp_path / f"{PLANTED[3]}.csv"), str(tmp_path / "log")}


class Installation:
    """A home whose every word, file and temporary file is watched. Department files lie in `inbox`, which is not."""

    def __init__(self, folder: Path) -> None:
        self.home, self.inbox, self.logs = folder / "home", folder / "inbox", folder / "logs"
        self.temporary, self.backups = folder / "tmp", folder / "backups"
        for each in (self.home, self.inbox, self.logs, self.temporary, self.backups):
            each.mkdir()
        self.environ = {"SHOUWANG_HOME": str(self.home), "TMPDIR": str(self.temporary)}
        self.watcher = Watcher([self.home, self.logs, self.temporary, self.backups], STEM)

    def run(self, *words: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = self.environ | ({"SHOUWANG_HOME": str(home)} if home else {})
        done = processes.run(SHOUWANG, *words, environ=environ)
        (self.logs / f"{time.monotonic_ns()}").write_text(done.stdout + done.stderr, encoding="utf-8")
        return done

    def ingest(self, source: str, name: str, content: bytes) -> subprocess.CompletedProcess[str]:
        (self.inbox / name).write_bytes(content)
        return self.run("ingest", source, str(self.inbox / name), "--received-on", "2021-06-05", "--json")


@pytest.fixture
def installation(tmp_path: Path, migrated_database: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    put_into(init_home(made.home), migrated_database)
    made.watcher.start()
    yield made
    if made.watcher.is_alive():
        made.watcher.finish()


def register(planted: list[str]) -> str:
    head = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,联系电话,住址\n"
    rows = [f"H{p[14:17]},{village()},脱贫户,向小山,{p},户主,19900000000,{p}号院" for p in planted]
    return head + "\n".join(rows) + "\n"


def settlements(planted: list[str]) -> str:
    head = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付\n"
    return head + "".join(f"S{p[14:]},{p},向小山,2021-05-03,住院,9000,0,0,0,9000\n" for p in planted)


def at_the_desk(installation: Installation) -> None:
    """A file goes in by the site, a number is looked for and shown in full, a row is mended; all over a real connection."""
    user = ["user", "add", "shi", "--name", "向明", "--area", CITY, "--duty", "city", "--from", "2020-01-01"]
    processes.run(SHOUWANG, *user, "--password-stdin", environ=installation.environ, given=f"{PASSWORD}\n", ends=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (installation.logs / "site").open("w") as log:
        site = Popen(
            SHOUWANG, "serve", "--port", str(port), environ=installation.environ, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        browser = Browser(f"http://localhost:{port}")
        assert eventually(lambda: answers(browser))
        secret = shown_secret(browser.post("/login/", {"username": "shi", "password": PASSWORD}))
        browser.post("/account/second-factor/", {"code": phone_code(secret)})
        content = register(PLANTED[30:]) + "\n" * 600_000  # beyond what the web server keeps in memory
        browser.post("/uploads/new/", {"source": "household_register", "received_on": "2021-01-05"}, content.encode())
        assert eventually(lambda: "H030" in browser.get("/households/?q=H030"))
        browser.get(f"/households/?q={PLANTED[8]}")
        person = re.search(r'href="(/persons/\d+/unmask/)"', browser.get("/households/H001/"))
        assert person is not None
        assert PLANTED[0] in browser.post(person[1], {"what": "id", "reason": "入户核实前核对证件"})
        assert "改正" in browser.get("/deliveries/2/mend/")
    finally:
        site.send_signal(signal.SIGINT)
        site.wait(timeout=120)


def answers(browser: Browser) -> bool:
    try:
        return "登录" in browser.get("/login/")
    except OSError:
        return False


def test_fifty_planted_numbers_stand_in_clear_nowhere(installation: Installation) -> None:
    run = installation.run
    assert run("init").returncode == 0
    assert installation.ingest("household_register", "a.csv", register(PLANTED[:30]).encode()).returncode == 0
    mixed = settlements([*PLANTED[:20], *WRONG[20:40], *PLANTED[40:]]).encode("gb18030")
    told = json.loads(installation.ingest("medical_settlement", f"{PLANTED[9]}.csv", mixed).stdout)["files"][0]
    assert (told["linked"] > 0, told["quarantined"] > 0) == (True, True)
    named = settlements(PLANTED[:3]).replace("向小山", PLANTED[1]).encode()  # in the column of names
    assert installation.ingest("medical_settlement", "c.csv", named).returncode == 0
    complaint = (
        "受理编号,证件号码,姓名,行政区划代码,受理日期,诉求类别,内容\n"
        f"T1,{PLANTED[2]},向小山,{village()},2021-05-05,生活困难,本人{PLANTED[3]}反映困难\n"
    )
    assert installation.ingest("hotline_complaint", "d.csv", complaint.encode()).returncode == 0
    refused = installation.ingest("household_register", f"{PLANTED[4]}.csv", f"姓名\n{PLANTED[5]}\n".encode())
    assert refused.returncode == 2
    assert run("explain", PLANTED[6], "--as-of", "2021-06-17").returncode != 0  # typed where a household belongs
    assert run("screen", "--as-of", "2021-06-17", "--json").returncode == 0
    assert run("explain", "H001", "--as-of", "2021-06-17").returncode == 0
    assert run("quarantine", "export", "D000002", str(installation.inbox / "mend.xlsx")).returncode in (0, 2)
    at_the_desk(installation)
    assert run("keys", "rotate", "--json").returncode == 0
    assert run("backup", str(installation.backups / "first"), "--json").returncode == 0
    assert run("audit", "verify").returncode == 0
    assert installation.watcher.finish() == set()
    assert installation.watcher.looked_at > 50
