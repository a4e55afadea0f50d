"""A real installation made by the command line, served by `shouwang serve`, and a real browser in front of it."""

import os
import select
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from json import loads
from pathlib import Path

import pytest
from installation import PASSWORD, Site
from playwright.sync_api import Browser, expect, sync_playwright

import processes
from conftest_numbers import number, village
from processes import SHOUWANG

# Playwright keeps an event loop in this thread, beside which Django would refuse to ask its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
# Debian's Chromium without a window and what belongs to one takes a third less of the processor than the whole one.
BROWSERS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
COUNTY = village()[:6] + "000000"
START_SECONDS = 120
expect.set_options(timeout=60_000)  # ms: what comes late comes; only what never comes is a fault


def _command(home: Path, *words: str, typed: str = "") -> str:
    return processes.run(SHOUWANG, *words, environ={"SHOUWANG_HOME": str(home)}, given=typed, ends=0).stdout


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _write(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="session")
def installed(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of two households, one of them with too little income, and a county officer."""
    folder = tmp_path_factory.mktemp("installed")
    home = Path(shutil.copytree(fresh_home, folder / "home"))
    register = _write(
        folder / "农户名册.csv",
        "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,性别,健康状况,劳动技能",
        f"H-001,{village()},脱贫户,冉光荣,{number(1, '19700304')},户主,男,患有大病,普通劳动力",
        f"H-002,{village()},一般农户,田秀英,{number(2, '19550607')},户主,女,健康,普通劳动力",
    )
    income = _write(folder / "收入.csv", "户编号,统计期起,统计期止,工资性收入", "H-001,2020-06-01,2021-05-31,5400.50")
    _command(home, "ingest", "household_register", register, "--received-on", "2021-01-05")
    _command(home, "ingest", "income_statement", income, "--received-on", "2021-06-05")
    officer = ("user", "add", "officer", "--name", "李静", "--area", COUNTY, "--duty", "county", "--password-stdin")
    _command(home, *officer, typed=PASSWORD + "\n")
    return home


@pytest.fixture(scope="module")
def site(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """That home with the site and its worker running.

    Each file has its own copy: a journey begins on a register on which no other one has worked.
    """
    folder = tmp_path_factory.mktemp("site")
    home = Path(shutil.copytree(installed, folder / "home"))
    serving = processes.Popen(
        SHOUWANG, "serve", "--port", str(_free_port()), "--json", environ={"SHOUWANG_HOME": str(home)},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        ready, _, _ = select.select([serving.stdout], [], [], START_SECONDS)
        assert ready, "the site did not come up"
        yield Site(loads(serving.stdout.readline())["address"].rstrip("/"), folder)
    finally:
        serving.terminate()
        serving.wait(timeout=120)


@pytest.fixture(scope="module")
def command(site: Site) -> Callable[..., str]:
    """Runs the command line over the served installation; returns what it said."""
    return partial(_command, site.files / "home")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: Playwright's own download is for other systems. `.ci/run` installs it."""
    found = next((path for path in BROWSERS if path.exists()), None)
    if found is None:
        pytest.skip(f"no browser at {BROWSERS[0]}: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()
