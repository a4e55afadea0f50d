"""How commands speak: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

FIRST_LINE_AFTER_SECONDS, LINE_EVERY_SECONDS = 2, 15
errors = Console(stderr=True, highlight=False, soft_wrap=True)
results = Console(highlight=False, soft_wrap=True)


def emit(data: Mapping[str, Any], as_json: bool, human: Callable[[], None]) -> None:
    """One JSON object on standard output, or the same for a reader."""
    if as_json:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
    else:
        human()


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Shows on standard error that work goes on; yields a function that takes how much is done so far.

    Where nobody watches a terminal, a line now and then takes the place of the bar.
    """
    if not errors.is_terminal:
        yield _lines_now_and_then(title, total)
        return
    with _bars() as bars:
        task = bars.add_task(title, total=total)
        yield lambda done: bars.update(task, completed=done)


@contextmanager
def progress_and_search(title: str, search: str) -> Iterator[tuple[Callable[[int], None], Callable[[int, int], None]]]:
    """`progress` beside that of a search which now and then goes through something else: how far, and of how many."""
    if not errors.is_terminal:
        lines: dict[int, Callable[[int], None]] = {}
        yield (
            _lines_now_and_then(title, None),
            lambda seen, total: lines.setdefault(total, _lines_now_and_then(search, total))(seen),
        )
        return
    with _bars() as bars:
        task, searching = bars.add_task(title, total=None), bars.add_task(search, total=None, visible=False)
        yield (
            lambda done: bars.update(task, completed=done),
            lambda seen, total: bars.update(searching, completed=seen, total=total, visible=seen < total),
        )


def _bars() -> Progress:
    parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*parts, console=errors)


def _lines_now_and_then(title: str, total: int | None) -> Callable[[int], None]:
    last = monotonic()
    pause = FIRST_LINE_AFTER_SECONDS

    def tell(done: int) -> None:
        nonlocal last, pause
        if monotonic() - last < pause:
            return
        last, pause = monotonic(), LINE_EVERY_SECONDS
        errors.print(f"{title}：{done}" + (f"/{total}" if total else ""), markup=False)

    return tell
