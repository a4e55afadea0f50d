"""A city from nothing to its desks, each step a process of its own: built, written, taken in, loaded, screened, opened.

python -m bench.city_run [--persons 20000000] [--months 3] [--sizes whole] [--folder bench-data]

At a hundredth, a tenth and the whole of the size. A step that is done is not done again, so the run may be killed and started
anew; what an interrupted step had used until then counts with it. `city-run.md` keeps the table, and how each step grows.
"""

import argparse
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.city import AS_OF, City, console
from bench.from_files import FILES_SCANNED
from bench.growth import exponent
from bench.hand_sql import COLUMNS
from bench.processes import Tree, measured
from bench.reports import markdown
from shouwang.kernel.limits import UNITS, memory_limit

SHOUWANG = str(Path(sys.executable).with_name("shouwang"))
SMALLEST = 1_000
LOOKED_AT_EVERY = 1.0
MB = 10**6
INGEST, SCREEN = "ingest", "screen"
SCANS = (FILES_SCANNED, "bare scan of the columns")


@dataclass(frozen=True)
class Step:
    """One step of the run."""

    name: str
    command: Sequence[str]
    cap: bool = True
    """Whether the product's limit of memory holds for it; it does not for the generator of the city."""


@dataclass(frozen=True)
class Taken:
    """What a step took: `disk_mb` is what it left behind, `most_disk_mb` what it held at once, in millions of bytes; its last words;
    and how often it was begun."""

    seconds: float = 0
    cpu_seconds: float = 0
    peak_mb: float = 0
    disk_mb: float = 0
    most_disk_mb: float = 0
    output: str = ""
    begun: int = 0


def steps(city: City) -> list[Step]:
    """What is done, in this order; every step may be killed and run again."""
    world, own, day = str(city.world), [sys.executable, "-m", "bench.city_steps"], AS_OF.isoformat()
    of = ["--persons", str(city.persons), "--months", str(city.months), "--seed", str(city.plan.seed)]
    return [
        Step("build", [SHOUWANG, "world", "build", "--out", world, *of, "--start", city.plan.start, "--json"], False),
        Step("files", [SHOUWANG, "world", "files", world], False),
        Step(SCANS[0], [sys.executable, "-m", "bench.file_scan", world], False),
        Step(INGEST, [*own, "ingest", world]),
        Step("load", [*own, "load"]),
        Step(SCANS[1], [sys.executable, "-m", "bench.bare_scan", str(city.home), json.dumps(COLUMNS)], False),
        Step(SCREEN, [SHOUWANG, "screen", "--as-of", day, "--json"]),
        Step("screen again", [SHOUWANG, "screen", "--as-of", day, "--json"]),
        Step("first day", [sys.executable, "-m", "bench.desk_day"]),
        Step("sorted copies", [*own, "copies"]),
        Step("pages", [*own, "pages"], False),
    ]


def main() -> None:
    """Runs what is not done yet, and shows the table."""
    options = _options()
    whole = options.persons
    sizes = [whole // part for part in (100, 10, 1) if whole // part >= SMALLEST]
    if options.sizes:
        sizes = options.sizes
    found: dict[int, dict[str, Taken]] = {}
    for size in sizes:
        city = City(options.folder.absolute(), size, options.months)
        found[size] = run(city)
    text = report(found)
    print(text)
    (options.folder / "city-run.md").write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.city_run", description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000_000)
    parser.add_argument("--months", type=int, default=3, help="months of deliveries, up to the end of 2021")
    parser.add_argument("--sizes", type=_numbers, help="these sizes instead, for example 200000,20000000")
    parser.add_argument("--folder", type=Path, default=Path("bench-data"))
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


def run(city: City) -> dict[str, Taken]:
    """What every step took; those that were done before are read from `steps/` in the city's folder."""
    kept = city.folder / "steps"
    kept.mkdir(parents=True, exist_ok=True)
    found = {}
    for step in steps(city):
        file = kept / f"{step.name.replace(' ', '-')}.json"
        if not file.exists():
            console.print(f"{city.persons:,} persons: {step.name} …")
            _put_down(file, _Doing(step, city, file.with_suffix(".begun")).done())
            file.with_suffix(".begun").unlink(missing_ok=True)  # whoever is quick was never looked at
        found[step.name] = _taken(file)
        console.print(f"✓ {step.name}: {found[step.name].cpu_seconds:,.0f} CPU s")
    return found


class _Doing:
    """A step on its way: what it has taken so far is put down now and then, so that it counts where the run is killed."""

    def __init__(self, step: Step, city: City, file: Path) -> None:
        self._step, self._city, self._file = step, city, file
        self._earlier = _taken(file) if file.exists() else Taken()
        self._before = bytes_under(city.folder) - int(self._earlier.disk_mb * MB)
        self._most, self._ended = self._earlier.most_disk_mb, threading.Event()
        self._watching: threading.Thread | None = None

    def done(self) -> Taken:
        home = {"SHOUWANG_HOME": str(self._city.home)}
        try:
            taken = measured(self._step.command, home, echo=True, meanwhile=self._watch)
        finally:
            self._ended.set()
            if self._watching:
                self._watching.join()
        last = taken.output.strip().rpartition("\n")[2]
        return self._so_far(taken.seconds, taken.cpu_seconds, taken.peak_mb, last)

    def _watch(self, tree: Tree) -> None:
        began = time.perf_counter()

        def watch() -> None:
            while not self._ended.wait(LOOKED_AT_EVERY):
                _put_down(self._file, self._so_far(time.perf_counter() - began, tree.cpu_seconds, tree.peak_mb, ""))

        self._watching = threading.Thread(target=watch, daemon=True)
        self._watching.start()

    def _so_far(self, seconds: float, cpu_seconds: float, peak_mb: float, output: str) -> Taken:
        disk = (bytes_under(self._city.folder) - self._before) / MB
        self._most = max(self._most, disk)
        before = self._earlier
        return Taken(
            before.seconds + seconds,
            before.cpu_seconds + cpu_seconds,
            max(before.peak_mb, peak_mb),
            disk,
            self._most,
            output,
            before.begun + 1,
        )


def _taken(file: Path) -> Taken:
    return Taken(**json.loads(file.read_text(encoding="utf-8")))


def _put_down(file: Path, taken: Taken) -> None:
    file.with_suffix(".tmp").write_text(json.dumps(asdict(taken), ensure_ascii=False), encoding="utf-8")
    file.with_suffix(".tmp").rename(file)


def bytes_under(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts as nothing."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return size


def report(found: Mapping[int, Mapping[str, Taken]]) -> str:
    """Persons × step, how each step grows, and the times of the pages."""
    limit = memory_limit()
    head = ("step", "persons", "CPU s", "wall s", "peak MB", "disk MB", "most disk MB", "grows with the power")
    rows: list[tuple[str, ...]] = [head]
    for name in next(iter(found.values())):
        power = exponent([(size, taken[name].cpu_seconds) for size, taken in found.items()])
        for size, taken in found.items():
            shown = "" if power is None or size != max(found) else f"{power:.2f}"
            times = f", begun {taken[name].begun} times" if taken[name].begun > 1 else ""
            rows.append((f"{name}{times}", f"{size:,}", *_figures(taken[name]), shown))
    capped = [taken[step.name] for size, taken in found.items() for step in steps(City(Path(), size)) if step.cap]
    highest = max(each.peak_mb for each in capped) * 2**20
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; memory limited to"
        f" {limit / UNITS['GB']:g} GB; at most {highest / UNITS['GB']:.2f} GB were held"
        f" ({'within' if highest <= limit else 'BEYOND'} the limit).",
        "",
        markdown(rows),
        "",
        *(f"{size:,} persons: {_by_scan(taken)}" for size, taken in found.items()),
        "",
        markdown(_pages(found)),
    ]
    return "\n".join(lines)


def _by_scan(taken: Mapping[str, Taken]) -> str:
    """As in `bench/from_files.py`, but that every clue is put down at its first desk."""
    ours = sum(taken[name].cpu_seconds for name in (INGEST, SCREEN))
    return f"taken in and screened with {ours / sum(taken[name].cpu_seconds for name in SCANS):.1f} × the bare scans"


def _figures(taken: Taken) -> tuple[str, ...]:
    parts = (taken.cpu_seconds, taken.seconds, taken.peak_mb, taken.disk_mb, taken.most_disk_mb)
    return tuple(f"{each:,.0f}" if each >= 10 else f"{each:.1f}" for each in parts)


def _pages(found: Mapping[int, Mapping[str, Taken]]) -> list[tuple[str, ...]]:
    """Milliseconds of each page, the first time and afterwards."""
    rows: list[tuple[str, ...]] = [("page", *(f"{size:,}: first ms, then ms" for size in found))]
    told = {size: json.loads(taken["pages"].output) for size, taken in found.items()}
    for page in next(iter(told.values())):
        rows.append((page, *(f"{each[page][0]:,.0f}, {each[page][1]:,.0f}" for each in told.values())))
    return rows


if __name__ == "__main__":
    main()
