"""Whole processes, measured from outside: wall and CPU time, and the most memory that was resident, with all they started."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

LOOKED_AT_EVERY = 0.1
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
OWN_FIGURES = "figures"
"""A process that prints a JSON object with this name tells its own figures: it had to set something up that does not count."""


@dataclass(frozen=True)
class Measured:
    """One run of a command, or the typical of several."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str
    runs: int = 1
    """Of how many runs these are the medians."""


class Tree:
    """A process and all that it started, looked at now and then from a thread."""

    def __init__(self, pid: int) -> None:
        self._pid, self._ended = pid, threading.Event()
        self._ticks: dict[int, int] = {}
        self.peak_mb = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._ticks.values()) / TICKS

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(LOOKED_AT_EVERY):
            self.look()

    def look(self) -> None:
        """Takes down what the tree holds and has used at this moment."""
        pages = 0
        for pid in _with_children(self._pid):
            try:
                cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            self._ticks[pid] = int(cells[11]) + int(cells[12])
            pages += int(cells[21])
        self.peak_mb = max(self.peak_mb, pages * PAGE / 2**20)


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [each.read_text().split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return
    for child in [int(each) for some in children for each in some]:
        yield from _with_children(child)


def measured(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    echo: bool = False,
    meanwhile: Callable[[Tree], None] | None = None,
) -> Measured:
    """Runs a command to its end; `echo` passes on what it tells meanwhile, and `meanwhile` hears of its processes once they run.

    Ends the benchmark with the command's own words where it fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | dict(environment or {})
    )
    tree = Tree(process.pid)
    if meanwhile:
        meanwhile(tree)
    complaints: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    listening = threading.Thread(target=_listen, args=(process.stderr, complaints, echo), daemon=True)
    listening.start()
    output = process.stdout.read()
    listening.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    tree.end()
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{''.join(complaints)}")
    if told := _own_figures(output):
        return Measured(told["seconds"], told["cpu_seconds"], told["peak_mb"], output)
    cpu_seconds = max(usage.ru_utime + usage.ru_stime, tree.cpu_seconds)
    return Measured(seconds, cpu_seconds, max(usage.ru_maxrss / 1024, tree.peak_mb), output)


def _listen(stream: IO[str], heard: list[str], echo: bool) -> None:
    for line in stream:
        heard.append(line)
        if echo:
            sys.stderr.write(line)
            sys.stderr.flush()


def _own_figures(output: str) -> dict[str, float] | None:
    last = output.strip().rpartition("\n")[2]
    told = json.loads(last) if last.startswith("{") else {}
    found: dict[str, float] | None = told.get(OWN_FIGURES)
    return found


def typical(runs: Sequence[Measured]) -> Measured:
    """Medians of wall and CPU time, with the highest peak of all."""
    return Measured(
        median(run.seconds for run in runs),
        median(run.cpu_seconds for run in runs),
        max(run.peak_mb for run in runs),
        runs[0].output,
        len(runs),
    )
