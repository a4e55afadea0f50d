"""The steps of `bench.city_run` that are no command: files taken in, the register loaded, the lake copied, pages asked for.

python -m bench.city_steps ingest WORLD | load | copies | pages     with SHOUWANG_HOME set
"""

import http.client
import json
import os
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bench.desk import serving
from shouwang.cli.output import errors, progress
from shouwang.deliveries.copies import keep_copies
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import deliveries
from shouwang.kernel.home import Home, init_home, open_home
from shouwang.world.files import MANIFEST

CITY = "500000000000"
COUNTED = ("read", "accepted", "duplicate", "quarantined", "linked", "corrected", "review", "unregistered")
AGAIN = 7
PATIENCE = 600.0


def ingest(world: str) -> None:
    """All files of a world in the order in which they came; those that were taken before are passed over."""
    home = init_home(Path(os.environ["SHOUWANG_HOME"]))
    files = json.loads((Path(world) / MANIFEST).read_text(encoding="utf-8"))["files"]
    known = Counter((each.source, each.file, each.received_on.isoformat()) for each in deliveries(home))
    for number, each in enumerate(files, start=1):
        file = Path(world) / each["file"]
        if known[each["source"], file.name, each["received_on"]]:
            continue
        began = time.perf_counter()
        with progress(f"{number}/{len(files)} {file.name}") as tell:
            taken = ingest_file(home, each["source"], file, date.fromisoformat(each["received_on"]), progress=tell)
        told = f"{taken.read:,} rows, {time.perf_counter() - began:.1f} s"
        errors.print(f"{number}/{len(files)} {file.name}: {told}", markup=False)
    reports = deliveries(home)
    print(
        json.dumps({"files": len(reports)} | {name: sum(getattr(each, name) for each in reports) for name in COUNTED})
    )


def load() -> None:
    """Makes the casework database and brings it up to the lake."""
    home = open_home()
    from shouwang.jobs.casework import catch_up, prepare

    prepare(home)
    with progress("persons written") as tell:
        catch_up(home, tell)
    print(json.dumps(_in_the_casework()))


def copies() -> None:
    """The sorted copies that the background process keeps for pages about a household."""
    home = open_home()
    with Lake(home, None) as lake:
        print(json.dumps({"made": keep_copies(lake)}))


def pages() -> None:
    """Milliseconds of some pages, the first time and as the median of later times, by the product's own server."""
    home = open_home()
    people = _people(home)
    environment = {"SHOUWANG_HOME": str(home.path)}
    told: dict[str, list[float]] = {}
    with serving(environment) as (address, _):
        for duty, (session, numbers) in people.items():
            for name, page in _addresses(numbers).items():
                times = [_asked(address, page, session) for _ in range(AGAIN)]
                told[f"{name} ({duty})"] = [times[0], median(times[1:])]
                errors.print(f"{name} ({duty}): {times[0]:.0f} ms, {median(times[1:]):.0f} ms", markup=False)
    print(json.dumps(told))


def _addresses(numbers: dict[str, str]) -> dict[str, str]:
    return {
        "today": "/today/", "overview": "/overview/", "worklist": "/clues/", "worklist, red": "/clues/?level=red",
        "clue": f"/clues/{numbers['clue']}/", "household": f"/households/{numbers['household']}/",
        "households": "/households/", "statistics": "/statistics/",
    }  # fmt: skip


def _asked(address: str, page: str, session: str) -> float:
    """Milliseconds to the last byte. Exits where the page does not come."""
    place = urlsplit(address)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=PATIENCE)
    connection.request("GET", page, headers={"Cookie": f"sessionid={session}", "Host": f"127.0.0.1:{place.port}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        sys.exit(f"{page}: {answer.status}")
    return 1000 * (time.perf_counter() - began)


def _people(home: Home) -> dict[str, tuple[str, dict[str, str]]]:
    """Somebody of the city and somebody of a county: a session each, and a clue and its household of their area."""
    from shouwang.jobs.casework import connect

    connect(home)
    from bench.desk_filling import person
    from shouwang.accounts.models import User
    from shouwang.clues.models import Clue

    found = {}
    county = Clue.objects.order_by("pk").values_list("area_id", flat=True)[0][:6] + "000000"
    for duty, area in (("city", CITY), ("county", county)):
        User.objects.filter(username=f"{duty}{area}").update(username=f"{duty}{area}-{time.time_ns()}")
        who = person(duty, area)
        numbers: dict[str, Any] = {"clue": who["clues"][0], "household": who["households"][0]}
        found[duty] = who["session"], numbers
    return found


def _in_the_casework() -> dict[str, int]:
    from shouwang.households.models import Household, Person, RegisterChange

    return {model.__name__: model.objects.count() for model in (Household, Person, RegisterChange)}


if __name__ == "__main__":
    {"ingest": ingest, "load": load, "copies": copies, "pages": pages}[sys.argv[1]](*sys.argv[2:])
