"""The desk under load: a city on PostgreSQL, the product's own server, and people who ask for pages at a steady pace.

python -m bench.desk [--households 1000000] [--clues 200000] [--rate 50] [--seconds 60] [--folder bench-data] [--fill-only]

The filled city is kept and taken again on the same day by the same code.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

import shouwang
from bench.postgresql import Server, kept, programs
from bench.processes import measured

SHOUWANG = str(Path(sys.executable).with_name("shouwang"))
TO_REACH_MS, RATE = 200, 50
# As docs/operations.md advises, for less memory; what is committed is on the disk, as at a real desk.
OPTIONS = {
    "shared_buffers": "1GB", "effective_cache_size": "4GB", "work_mem": "32MB", "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1", "max_wal_size": "4GB", "jit": "off",
}  # fmt: skip
SMALL = 50_000
DESK = "desk"
"""The role of the site and its worker; the tables belong to the role of whoever starts the server."""
BACKGROUND = "shouwang.jobs.worker"  # not what answers
console = Console(stderr=True, highlight=False)
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Times:
    """Of one kind of page: how many, their times in milliseconds, and how many were no page."""

    kind: str
    milliseconds: Sequence[float]
    errors: int

    def at(self, part: float) -> float:
        """The time within which such a part of the pages came, in milliseconds."""
        ordered = sorted(self.milliseconds)
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def main() -> None:
    """Fills, serves, asks, and keeps the figures in `desk.md` and `desk.json`."""
    options = _options()
    folder = (options.folder / f"desk-{options.households}").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    found = measure(
        folder, options.households, options.clues, options.rate, 0 if options.fill_only else options.seconds
    )
    if not found:
        return
    text = report(found)
    print(text)
    (folder / "desk.md").write_text(text + "\n", encoding="utf-8")
    (folder / "desk.json").write_text(json.dumps(found), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--households", type=int, default=1_000_000)
    parser.add_argument("--clues", type=int, default=0, help="a fifth of the households where it is not given")
    parser.add_argument("--rate", type=float, default=RATE, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--fill-only", action="store_true", help="make the city, to be measured later in the day")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    given = parser.parse_args()
    given.clues = given.clues or given.households // 5
    return given


def measure(folder: Path, households: int, clues: int, rate: float, seconds: float) -> dict[str, Any]:
    """Everything up to the figures; empty where no seconds are given. What it starts is gone when it returns."""
    memory = OPTIONS if households >= SMALL else {**OPTIONS, "shared_buffers": "64MB"}
    place = _for_data(folder) / f"shouwang-desk-{households}-{clues}"
    origin = made_from(households, clues)
    told = place / "filled.json"
    if not told.exists() or json.loads(told.read_text())["made_from"] != origin:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    with kept(memory, place) as server:
        environment = {
            "SHOUWANG_HOME": str(place / "home"), "SHOUWANG_DATABASE_URL": server.url("shouwang"), "SHOUWANG_ALLOWED_HOSTS": "",
        }  # fmt: skip
        if not told.exists():
            console.print(f"filling {households:,} households and {clues:,} clues …")
            subprocess.run([programs() / "createdb", "-h", server.folder, "-U", "shouwang", "shouwang"], check=True)
            filling = measured([sys.executable, "-m", "bench.desk_filling", str(households), str(clues)], environment)
            told.write_text(json.dumps({"made_from": origin, **json.loads(filling.output)}))
        filled = json.loads(told.read_text())
        environment |= _behind_the_wall(server, environment)
        return _measured(server, environment, filled, rate, seconds, households, clues) if seconds else {}


def _behind_the_wall(server: Server, owner: Mapping[str, str]) -> Mapping[str, str]:
    """What makes the site the runtime role's, as an installation has it: behind the row policies, which are those of today."""
    there = "SELECT FROM pg_roles WHERE rolname = '" + DESK + "'"
    command = [programs() / "psql", "-h", server.folder, "-U", "shouwang", "-At", "shouwang", "-c"]
    sql = f"DO $$ BEGIN IF NOT EXISTS ({there}) THEN CREATE ROLE {DESK} LOGIN; END IF; END $$"
    subprocess.run([*command, sql], check=True, capture_output=True)
    runtime = {"SHOUWANG_DATABASE_URL": server.url("shouwang", DESK)}
    both = {**os.environ, **owner, **runtime, "SHOUWANG_DATABASE_OWNER_URL": owner["SHOUWANG_DATABASE_URL"]}
    subprocess.run([SHOUWANG, "init"], env=both, check=True, capture_output=True)
    return runtime


def made_from(households: int, clues: int) -> str:
    """What a filled city follows from: its size, the day, how it is filled, the tables and what is counted."""
    sources = [Path(__file__).with_name(name) for name in ("desk_city.py", "desk_filling.py", "desk_lake.py")]
    package = Path(shouwang.__file__).parent
    sources += [package / "jobs" / "statistics.py", *sorted(package.glob("statistics/*.py"))]
    sources += sorted(package.glob("*/migrations/*.py"))
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    known = sha256(f"{households} {clues} {day}".encode())
    for each in sources:
        known.update(each.read_bytes())
    return known.hexdigest()


def _measured(
    server: Server,
    environment: Mapping[str, str],
    filled: Told,
    rate: float,
    seconds: float,
    households: int,
    clues: int,
) -> dict[str, Any]:
    people = filled["people"]
    subprocess.run([sys.executable, "-m", "bench.desk_day"], env=os.environ | environment, check=True)
    renew = [sys.executable, "-m", "bench.desk_filling", "renew"]
    subprocess.run(renew, input=json.dumps(people), env=os.environ | environment, text=True, check=True)
    county = next(each for each in people if each["duty"] == "county")
    command = [sys.executable, "-m", "bench.desk_peer", county["session"], county["area"]]
    peer = json.loads(measured(command, environment).output)
    with serving(environment) as (address, process):
        _asked(address, people, rate, min(30.0, seconds))  # what is read for the first time is read from the disk
        before = _cpu(process.pid, BACKGROUND), _cpu(server.process)
        console.print(f"asking {rate:g} times a second for {seconds:g} s …")
        began = time.monotonic()
        told = _asked(address, people, rate, seconds)
        lasted = time.monotonic() - began
        cpu = {"site": _cpu(process.pid, BACKGROUND) - before[0], "postgresql": _cpu(server.process) - before[1]}
    return {
        "households": households, "clues": clues, "rate": rate, "seconds": lasted, "filled": filled["seconds"],
        "peer": peer, "cpu": cpu, "told": told, "postgresql": _version(server),
    }  # fmt: skip


def _for_data(folder: Path) -> Path:
    """The folder, or the one for temporary files where PostgreSQL's own user cannot go into it."""
    open_to_all = all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
    return folder if os.geteuid() or open_to_all else Path(tempfile.gettempdir())


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The site as an office runs it, on a free port of this machine alone."""
    command = [SHOUWANG, "serve", "--port", str(_free_port()), "--json"]
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"].replace("localhost", "127.0.0.1")
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _asked(address: str, people: list[Told], rate: float, seconds: float) -> list[Told]:
    asked = subprocess.run(
        [sys.executable, "-m", "bench.desk_load", address, str(rate), str(seconds)],
        input=json.dumps(people), capture_output=True, text=True, timeout=seconds + 120,
    )  # fmt: skip
    if asked.returncode:
        sys.exit(asked.stderr)
    return list(json.loads(asked.stdout))


def _cpu(process: int, without: str = "") -> float:
    """CPU seconds of a process and of all below it, those that have ended included; `without` those of a program."""
    ticks, total = os.sysconf("SC_CLK_TCK"), 0
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if without and without in stat.with_name("cmdline").read_text(errors="replace"):
                continue
        except OSError:
            continue
        children[int(fields[1])].append((int(stat.parts[2]), sum(map(int, fields[11:15]))))
    own = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    waiting, total = [process], sum(map(int, own[11:15]))
    while waiting:
        for child, spent in children[waiting.pop()]:
            total += spent
            waiting.append(child)
    return total / ticks


def _version(server: Server) -> str:
    command = [programs() / "psql", "-h", server.folder, "-U", "shouwang", "-Atc", "SHOW server_version", "postgres"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]


def times_of(told: Sequence[Told]) -> list[Times]:
    """By kind of page, all together last; whatever is not answered with 200 is an error."""
    kinds = sorted({each["kind"] for each in told})
    found = []
    for kind in [*kinds, ""]:
        some = [each for each in told if not kind or each["kind"] == kind]
        errors = sum(each["status"] != 200 for each in some)
        found.append(Times(kind or "all", [1000 * each["seconds"] for each in some if each["status"] == 200], errors))
    return found


def report(found: Mapping[str, Any]) -> str:
    """The figures as a text of Markdown."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("django", "psycopg", "waitress"))
    lines = [
        f"{found['households']:,} households, {found['clues']:,} clues; {found['rate']:g} requests a second;"
        f" {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()},"
        f" PostgreSQL {found['postgresql']}, {parts}",
        "",
        f"| page (to reach: p95 {TO_REACH_MS} ms, no error) | requests | p50 ms | p95 ms | p99 ms | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in times_of(found["told"]):
        count = len(each.milliseconds) + each.errors
        lines.append(
            f"| {each.kind} | {count:,} | {each.at(0.5):,.0f} | {each.at(0.95):,.0f} | {each.at(0.99):,.0f} | {each.errors} |"
        )
    requests, cpu, peer = max(len(found["told"]), 1), found["cpu"], found["peer"]
    lines += [
        "",
        f"CPU a request: {1000 * cpu['site'] / requests:.1f} ms of the site, {1000 * cpu['postgresql'] / requests:.1f} ms of"
        f" PostgreSQL; {len(found['told']) / found['seconds']:.1f} answers a second.",
        f"The worklist of a county, alone: {1000 * peer['shouwang']:.0f} ms; row by row through the ORM"
        f" {1000 * peer['row by row']:,.0f} ms, {peer['row by row'] / peer['shouwang']:.0f} ×.",
        "Filled in seconds: " + ", ".join(f"{name} {seconds:g}" for name, seconds in found["filled"].items()) + ".",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
