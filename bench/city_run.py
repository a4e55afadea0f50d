"""A city from nothing to its desks, each step a process of its own: built, written, taken in, loaded, screened, opened.

python -m bench.city_run [--persons 20000000] [--months 3] [--sizes whole] [--folder bench-data]

At a hundredth, a tenth and the whole of the size. A step that is done is not done again, so the run may be killed and started
anew; what an interrupted step had used until then is not counted. `city-run.md` keeps the table, and how each step grows.
"""

import argparse
import json
import os
import platform
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.city import AS_OF, City, console
from bench.growth import exponent
from bench.processes import Measured, measured
from bench.reports import markdown
from shouwang.kernel.limits import UNITS, memory_limit

SHOUWANG = str(Path(sys.executable).with_name("shouwang"))
SMALLEST = 1_000
LOOKED_AT_EVERY = 1.0
MB = 10**6


@dataclass(frozen=True)
class Step:
    """One step of the run."""

    name: str
    command: Sequence[str]
    cap: bool = True
    """Whether the product's limit of memory holds for it; it does not for the generator of the city."""


@dataclass(frozen=True)
class Taken:
    """What a step took: `disk_mb` is what it left behind, `most_disk_mb` what it held at once, in millions of bytes; and its last words."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    disk_mb: float
    most_disk_mb: float
    output: str


def steps(city: City) -> list[Step]:
    """What is done, in this order; every step may be killed and run again."""
    world, own, day = str(city.world), [sys.executable, "-m", "bench.city_steps"], AS_OF.isoformat()
    of = ["--persons", str(city.persons), "--months", str(city.months), "--seed", str(city.plan.seed)]
    return [
        Step("build", [SHOUWANG, "world", "build", "--out", world, *of, "--start", city.plan.start, "--json"], False),
        Step("files", [SHOUWANG, "world", "files", world], False),
        Step("ingest", [*own, "ingest", world]),
        Step("load", [*own, "load"]),
        Step("screen", [SHOUWANG, "screen", "--as-of", day, "--json"]),
        Step("screen again", [SHOUWANG, "screen", "--as-of", day, "--json"]),
        Step("first day", [sys.executable, "-m", "bench.desk_day"]),
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
            taken = _done(step, city)
            _write_whole(file, json.dumps(asdict(taken), ensure_ascii=False))
        found[step.name] = Taken(**json.loads(file.read_text(encoding="utf-8")))
        console.print(f"✓ {step.name}: {found[step.name].cpu_seconds:,.0f} CPU s")
    return found


def _done(step: Step, city: City) -> Taken:
    environment = {"SHOUWANG_HOME": str(city.home)}
    before = bytes_under(city.folder)
    with _watched(city.folder) as most:
        taken: Measured = measured(step.command, environment, echo=True)
    after = bytes_under(city.folder)
    disk = [(size - before) / MB for size in (after, max(after, *most))]
    last = taken.output.strip().rpartition("\n")[2]
    return Taken(taken.seconds, taken.cpu_seconds, taken.peak_mb, disk[0], disk[1], last)


def _write_whole(file: Path, text: str) -> None:
    file.with_suffix(".tmp").write_text(text, encoding="utf-8")
    file.with_suffix(".tmp").rename(file)


@contextmanager
def _watched(folder: Path) -> Iterator[list[int]]:
    """What lies in a folder in bytes, looked at now and then: files that come and go are seen, if not all of them."""
    seen, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(LOOKED_AT_EVERY):
            seen.append(bytes_under(folder))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield seen
    finally:
        ended.set()
        watching.join()


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
            rows.append((name, f"{size:,}", *_figures(taken[name]), shown))
    capped = [taken[step.name] for size, taken in found.items() for step in steps(City(Path(), size)) if step.cap]
    highest = max(each.peak_mb for each in capped) * 2**20
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; memory limited to"
        f" {limit / UNITS['GB']:g} GB; at most {highest / UNITS['GB']:.2f} GB were held"
        f" ({'within' if highest <= limit else 'BEYOND'} the limit).",
        "",
        markdown(rows),
        "",
        markdown(_pages(found)),
    ]
    return "\n".join(lines)


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
