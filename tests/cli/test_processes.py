"""A process that tests start is forked, and yet like one that is started from nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import processes

LOOK = """
import atexit, json, os, sys, tempfile
tempfile.tempdir, sys.told = "/changed", "changed"  # which nobody else must see
atexit.register(print, "at the end")
print(json.dumps([sys.argv, sys.path[0], sys.stdin.read(), os.getcwd(), dict(os.environ), os.getppid(), __name__]))
sys.exit(3)
"""
KNOWS = """
import os, sys, tempfile
assert not hasattr(sys, "told") and tempfile.gettempdir() == os.environ["TMPDIR"]
assert not any(name.startswith("shouwang") for name in sys.modules), "of the product nothing is imported"
"""
RECKONS = """
import duckdb, numpy, polars
rows = polars.DataFrame({"a": numpy.arange(200_000) % 7}).lazy().group_by("a").len().collect(engine="streaming").sort("a")
assert duckdb.sql("SELECT a, count(*) FROM rows GROUP BY ALL ORDER BY ALL").fetchall() == rows.rows()
print(numpy.linalg.det(numpy.eye(300)))
"""


def fresh(program: str, *words: str, environ: dict[str, str], given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, env=os.environ | environ, input=given, capture_output=True, text=True, check=False)


def test_it_is_told_the_same_and_ends_the_same(tmp_path: Path) -> None:
    environ = {"TMPDIR": str(tmp_path), "SAID": "县"}
    forked = processes.run(LOOK, "one", "二", environ=environ, given="typed")
    begun = fresh(LOOK, "one", "二", environ=environ, given="typed")
    assert (forked.returncode, forked.stdout, forked.stderr) == (begun.returncode, begun.stdout, begun.stderr)
    assert forked.stdout.endswith("\nat the end\n")
    assert processes.run(KNOWS, environ=environ).stderr == ""


@pytest.mark.parametrize(
    "program", ["1 / 0", "import sys; sys.exit('why')", "import os; os.kill(os.getpid(), 9)", RECKONS]
)
def test_an_end_of_every_kind(program: str) -> None:
    forked, begun = processes.run(program), fresh(program, environ={})
    assert (forked.returncode, forked.stdout) == (begun.returncode, begun.stdout)
    assert forked.stderr.splitlines()[-1:] == begun.stderr.splitlines()[-1:]


def test_a_signal_reaches_it_and_nobody_else() -> None:
    waits = "import time; print('ready', flush=True); time.sleep(60)"
    pair = [processes.Popen(waits, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]
    for each, sent in zip(pair, (signal.SIGINT, signal.SIGKILL), strict=True):
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
        assert each.poll() is None
        each.send_signal(sent)
        assert each.wait(timeout=60) == -sent
        each.stdout.close()


def test_where_an_interpreter_would_start_otherwise_one_is_started() -> None:
    said = "import sys; print(sys.flags.utf8_mode, 'polars' in sys.modules)"
    assert processes.run(said, environ={"PYTHONUTF8": "1"}).stdout == "1 False\n"
    assert processes.run(said).stdout.endswith("True\n" if sys.platform == "linux" else "False\n")
