"""The worklist twice on the same database: the product's page, and one as the field's systems are written.

The other one reads every clue of the area as an object, asks for each row's household, village, township and county by itself,
counts and sorts in Python, and shows the same thirty. Seconds of both, each the median of its runs.
"""

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from shouwang.jobs.casework import connect
from shouwang.kernel.home import open_home

RUNS, SHOWN = 5, 30
TEMPLATE = (
    "{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.head }}</td><td>{{ row.place }}</td></tr>{% endfor %}"
)


def main() -> None:
    connect(open_home())
    from django.test import Client

    session, area = sys.argv[1:3]
    client = Client(HTTP_HOST="127.0.0.1")
    client.cookies["sessionid"] = session

    def ours() -> None:
        answer = client.get("/clues/")
        if answer.status_code != 200:
            raise RuntimeError(f"the worklist answered {answer.status_code}")

    json.dump({"shouwang": _median(ours), "row by row": _median(lambda: row_by_row(area))}, sys.stdout)


def _median(act: Callable[[], Any]) -> float:
    act()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def row_by_row(area: str) -> str:
    """The thirty gravest open clues of a county, with how many there are of each level."""
    from django.template import Context, Template

    from shouwang.areas.models import Area
    from shouwang.clues.models import Clue

    found, levels = [], Counter[str]()
    for clue in Clue.objects.filter(area__code__startswith=Area.objects.get(pk=area).scope, state="open").order_by(
        "pk"
    ):
        levels[clue.level] += 1
        places, each = [], Area.objects.get(pk=clue.area_id)
        while each is not None:
            places.insert(0, each.name)
            each = each.parent
        row = {
            "number": clue.number,
            "head": clue.household.head_name,
            "place": " ".join(places),
            "steps": clue.steps.count(),
        }
        found.append((["red", "orange", "yellow"].index(clue.level), clue.opened_on, row))
    found.sort(key=lambda each: each[:2])
    return Template(TEMPLATE).render(Context({"rows": [row for _, _, row in found[:SHOWN]], "levels": dict(levels)}))


if __name__ == "__main__":
    main()
