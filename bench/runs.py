"""Runs that are kept: a benchmark that was ended goes on with the run that is missing, as long as what it measures is the same."""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import shouwang
from bench.processes import Measured, measured
from shouwang.kernel.pack import pack_folder

MEASURED = ("kernel", "sources", "linkage", "deliveries", "facts", "policy", "screening", "cli")
"""The parts of the product that take files in and screen."""


class Runs:
    """The runs of one city, a line of `runs.jsonl` each; those of other code or of another machine are passed over."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "runs.jsonl"
        self._known: dict[tuple[str, int], Measured] = {}
        for line in self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []:
            told = json.loads(line)
            of, name, run = (told.pop(each) for each in ("of", "name", "run"))
            if of == measured_of():
                self._known[name, run] = Measured(**told)

    def measured(
        self,
        name: str,
        run: int,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        before: Callable[[], object] = lambda: None,
    ) -> Measured:
        """The kept figures of a run, or those of running it now, after `before` was done."""
        if (name, run) not in self._known:
            before()
            found = self._known[name, run] = measured(command, environment)
            line = json.dumps({"of": measured_of(), "name": name, "run": run, **vars(found)}, ensure_ascii=False)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return self._known[name, run]


@cache
def measured_of() -> str:
    """What figures depend on: the product's code and values, the bench's own, the machine."""
    package = Path(shouwang.__file__).parent
    files = [path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("desk")]
    files += pack_folder().rglob("*.yaml")
    files += [path for part in MEASURED for path in (package / part).rglob("*.py")]
    known = sha256(f"{platform.node()} {platform.python_version()} {os.cpu_count()}".encode())
    for path in sorted(files):
        known.update(path.read_bytes())
    return known.hexdigest()
