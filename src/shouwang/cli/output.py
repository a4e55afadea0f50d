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
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


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
