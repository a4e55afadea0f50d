"""Serves an installation on a day that whoever started it names: `python serving_on_a_day.py HOME PORT DAY`.

Nothing but the clock differs from `shouwang serve`. Each line on standard input is answered by "done": {"day": …} moves the
clock on and does what the worker does at night; {"words": […], "typed": …} is a command of the command line, run in here
because a new process takes seconds to start.
"""

import io
import json
import sys
import threading
from contextlib import redirect_stdout
from datetime import date, timedelta
from pathlib import Path

from django.utils import timezone

_real, _moved = timezone.now, timedelta()


def be_on(day: date) -> None:
    """Moves the clock by whole days; the time of the day goes on as it is."""
    global _moved
    _moved = day - timezone.localdate(_real())


# Before anything of the site is imported: some of it takes the function by its name.
timezone.now = lambda: _real() + _moved


def serve(home: Path, port: int) -> None:
    from shouwang.jobs.casework import connect
    from shouwang.kernel.home import Home

    connect(Home(home))
    from shouwang.jobs.serving import make_server

    server = make_server("127.0.0.1", port)
    threading.Thread(target=server.run, daemon=True).start()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "day" in asked:
            be_on(date.fromisoformat(asked["day"]))
            _night()
        else:
            _command(asked["words"], asked["typed"])
        print("done", flush=True)


def _night() -> None:
    """What the worker does by itself (`worker.look_after_once`)."""
    from django.conf import settings

    from shouwang.jobs.elimination import check_conditions
    from shouwang.jobs.handling import look_after

    look_after(timezone.localdate())
    check_conditions(settings.HOME, timezone.localdate())


def _command(words: list[str], typed: str) -> None:
    from shouwang.cli.main import PROGRAM, command_line

    typing, sys.stdin = sys.stdin, io.StringIO(typed)
    try:
        with redirect_stdout(sys.stderr):
            command_line().main(words, prog_name=PROGRAM, standalone_mode=False)
    finally:
        sys.stdin = typing


if __name__ == "__main__":
    be_on(date.fromisoformat(sys.argv[3]))
    serve(Path(sys.argv[1]), int(sys.argv[2]))
