"""Files taken in, as a process of its own.

python -m bench.ingest HOME SOURCE FILE RECEIVED_ON     one file
python -m bench.ingest HOME WORLD                       all files of a world, in the order in which they came
"""

import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from shouwang.deliveries.ingest import ingest_file
from shouwang.kernel.home import open_home
from shouwang.world.files import MANIFEST

Came = tuple[str, Path, date]
"""Source, file, day of receipt."""


def main(home: str, *what: str) -> None:
    """Prints what became of the rows: the report of one file, or how many rows all of them had, and workbooks among them."""
    place = open_home(Path(home))
    if len(what) == 1:
        reports = [ingest_file(place, *each) for each in _of_world(Path(what[0]))]
        in_workbooks = sum(each.read for each in reports if each.file.endswith(".xlsx"))
        print(json.dumps({"read": sum(each.read for each in reports), "in_workbooks": in_workbooks}))
        return
    source, file, received_on = what
    report = ingest_file(place, source, Path(file), date.fromisoformat(received_on))
    print(json.dumps(report.as_json(), ensure_ascii=False, default=str))


def _of_world(world: Path) -> Iterable[Came]:
    for sent in json.loads((world / MANIFEST).read_text(encoding="utf-8"))["files"]:
        yield sent["source"], world / sent["file"], date.fromisoformat(sent["received_on"])


if __name__ == "__main__":
    main(*sys.argv[1:])
