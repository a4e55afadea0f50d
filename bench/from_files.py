"""The whole job, from files to clues, beside the bare scan of the columns that it uses: all files of a city taken in, linked by
number, compared with what is known, laid down, and the city screened.

A job that begins with files cannot do with less than reading them. So the scan that it is measured by decodes the used columns of
the very same files (`bench/file_scan.py`) and then, for the screening, those of the rows at rest. The harder figure beside it is
measured by the rows at rest alone, as if somebody had read the files already.
"""

import json
import shutil
import sys
from collections.abc import Mapping

from bench.city import City, telling
from bench.processes import Measured, typical
from bench.runs import Runs
from shouwang.kernel.home import init_home

TAKEN_IN, FILES_SCANNED = "all files taken in", "bare scan of the files"
HEADER = (
    "from files to clues",
    "rows",
    TAKEN_IN,
    "screening",
    FILES_SCANNED,
    "of the rows at rest",
    "× both",
    "× at rest alone",
)


def measured_from_files(city: City, runs: int) -> dict[str, Measured]:
    """All files into an empty home, and their bare scan, in turn. Exits with a message where the scan did not see every row."""
    home, world = city.folder / "fresh", str(city.world)
    commands = {
        TAKEN_IN: [sys.executable, "-m", "bench.ingest", str(home), world],
        FILES_SCANNED: [sys.executable, "-m", "bench.file_scan", world],
    }
    results: dict[str, list[Measured]] = {name: [] for name in commands}
    kept = Runs(city.folder)

    def begin() -> None:
        shutil.rmtree(home, ignore_errors=True)
        init_home(home)

    with telling(f"{TAKEN_IN}, {city.persons:,} persons") as tell:
        for run in range(runs):
            for name, command in commands.items():
                results[name].append(kept.measured(name, run, command, before=begin))
            tell(run + 1)
    shutil.rmtree(home, ignore_errors=True)
    require_every_row(*(results[name][0].output for name in commands))
    return {name: typical(of) for name, of in results.items()}


def require_every_row(taken_in: str, scanned: str) -> None:
    """The scan leaves out workbooks and nothing else."""
    told = json.loads(taken_in)
    if int(scanned) != told["read"] - told["in_workbooks"]:
        sys.exit(f"the bare scan of the files saw {int(scanned):,} rows; taken in were {told}")


def table_from_files(sizes: Mapping[int, Mapping[str, Measured]], screening: str, scan: str) -> list[tuple[str, ...]]:
    """Processor seconds of each part, and how many times the bare scan the whole is; `screening`, `scan`: what those are called."""
    table: list[tuple[str, ...]] = [HEADER]
    for persons, runs in sizes.items():
        if TAKEN_IN not in runs:
            continue
        names = (TAKEN_IN, screening, FILES_SCANNED, scan)
        taken_in, screened, of_files, at_rest = (runs[name].cpu_seconds for name in names)
        ratios = ((taken_in + screened) / bare for bare in (of_files + at_rest, at_rest))
        parts = (f"{part:.2f}" for part in (taken_in, screened, of_files, at_rest))
        rows = json.loads(runs[TAKEN_IN].output)["read"]
        table.append((f"{persons:,} persons", f"{rows:,}", *parts, *(f"{ratio:.1f}" for ratio in ratios)))
    return table
