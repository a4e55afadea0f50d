"""Starts `python -c PROGRAM WORD…` for tests: a process of its own, but that modules which are not the product's are imported in
it already. To import them costs more than what most commands do.

It is forked from a process in which nothing runs (`fork_server.py`), and a child of the tests' like any other. A fresh interpreter
is started where one would begin otherwise, and elsewhere than on Linux. Who takes `subprocess` itself gets one too.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fork_server import read_as_it_starts

SHOUWANG = "from shouwang.cli.main import run; run()"
TAKE_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class ForkServer:
    process: subprocess.Popen[bytes]
    asked: socket.socket
    started_with: dict[str, str]


@cache
def fork_server() -> ForkServer:
    """One for each process that runs tests, gone with it."""
    started_with = read_as_it_starts(dict(os.environ))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        text = Path(__file__).with_name("fork_server.py").read_text(encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-c", text, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # whoever forks must be without threads that reckon
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    if ours.recv(20) != b"ready":
        raise RuntimeError(process.communicate()[1].decode())
    return ForkServer(process, ours, started_with)


class Popen(subprocess.Popen[str]):
    """As `subprocess.Popen` with text; `environ` comes on top of the tests' own."""

    def __init__(self, program: str, *words: str, environ: Mapping[str, str] | None = None, **pipes: Any) -> None:
        command = [sys.executable, "-c", program, *words]
        super().__init__(command, text=True, env=os.environ | (environ or {}), **pipes)

    def _execute_child(self, args: Sequence[str], *rest: Any) -> None:
        folder, environ, pipes = rest[4], rest[5], rest[9:15]
        if sys.platform != "linux" or read_as_it_starts(environ) != fork_server().started_with:
            super()._execute_child(args, *rest)  # type: ignore[misc]
            return
        asked = {"program": args[2], "words": args[3:], "environ": dict(environ), "folder": str(folder or Path.cwd())}
        self.pid = forked(json.dumps(asked).encode(), (pipes[0], pipes[3], pipes[5]))
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]


def forked(asked: bytes, ends: Sequence[int]) -> int:
    """The number of the process. `ends` are its standard input, output and errors; -1 is the tests' own."""
    prctl = ctypes.CDLL(None).prctl
    server = fork_server().asked
    with ONE_AT_A_TIME:
        prctl(TAKE_ORPHANS, 1, 0, 0, 0)
        socket.send_fds(server, [asked], [place if end == -1 else end for place, end in enumerate(ends)])
        made = int(server.recv(20))
        prctl(TAKE_ORPHANS, 0, 0, 0, 0)
    return made


def run(
    program: str, *words: str, environ: Mapping[str, str] | None = None, given: str = "", ends: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Types in what is `given` and waits for the end, which must be `ends` where that is said."""
    pipe = subprocess.PIPE
    with Popen(program, *words, environ=environ, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            out, errors = process.communicate(given, timeout=600)
        except BaseException:
            process.kill()
            raise
    assert ends is None or process.returncode == ends, (words, process.returncode, errors)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)
