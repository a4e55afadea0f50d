"""People at their desks: asks for pages at a steady pace, whether the earlier ones have come or not, and tells how long each took.

python -m bench.desk_load ADDRESS REQUESTS_A_SECOND SECONDS < people.json

A request is due at a fixed moment; its time runs from there to the last byte, so a page that makes others wait is charged
for it. Bounded: it ends after so many seconds and what is still under way then.
"""

import http.client
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

# How many of a hundred requests; who works on clues asks for their day, their list and the clues on it.
MIX: Mapping[str, int] = {
    "today": 18, "worklist": 20, "clue": 20, "household": 10, "households": 5, "overview": 7, "statistics": 8,
    "precision": 2, "cases": 6, "case": 4,
}  # fmt: skip
AT_ONCE = 48
PATIENCE = 30.0
Person = Mapping[str, Any]


def _one(whole_list: str, numbers: Sequence[str], die: random.Random) -> str:
    """One of the person's own; the list itself where there is none."""
    return f"{whole_list}{die.choice(numbers)}/" if numbers else whole_list


WORKLISTS = (
    "",
    "level=red",
    "risk=illness",
    "state=any&sort=newest",
    "sort=due",
    "page=2",
    "stage=village",
    "page=5&sort=area",
)
STATISTICS = ("", "by=risk:illness", "show=clues.found", "view=table", "show=cases.timely", "by=type:marginal")
PAGES: Mapping[str, Callable[[Person, random.Random], str]] = {
    "today": lambda person, die: "/today/",
    "worklist": lambda person, die: f"/clues/?{die.choice(WORKLISTS)}",
    "clue": lambda person, die: _one("/clues/", person["clues"], die),
    "household": lambda person, die: _one("/households/", person["households"], die),
    "households": lambda person, die: f"/households/?page={die.randint(1, 20)}",
    "overview": lambda person, die: "/overview/",
    "statistics": lambda person, die: f"/statistics/?{die.choice(STATISTICS)}",
    "precision": lambda person, die: "/statistics/precision/",
    "cases": lambda person, die: f"/cases/?{die.choice(('', 'group=included', 'page=2'))}",
    "case": lambda person, die: _one("/cases/", person["cases"], die),
}


def main() -> None:
    address, rate, seconds = urlsplit(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    people, die = json.load(sys.stdin), random.Random(1)
    due: SimpleQueue[tuple[float, str, str, str] | None] = SimpleQueue()
    told: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threads = [threading.Thread(target=_ask, args=(address.hostname, address.port, due, told)) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    begin = time.perf_counter()
    for number in range(int(rate * seconds)):
        moment = begin + number / rate
        time.sleep(max(0.0, moment - time.perf_counter()))
        person = die.choices(people, [3 if each["duty"] in ("township", "village") else 2 for each in people])[0]
        kind = die.choices(list(MIX), list(MIX.values()))[0]
        due.put((moment, kind, PAGES[kind](person, die), person["session"]))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    found = []
    while True:
        try:
            found.append(told.get_nowait())
        except Empty:
            break
    json.dump(found, sys.stdout)


def _ask(host: str, port: int, due: SimpleQueue[Any], told: SimpleQueue[dict[str, Any]]) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    while (wanted := due.get()) is not None:
        moment, kind, page, session = wanted
        try:
            connection.request("GET", page, headers={"Cookie": f"sessionid={session}", "Host": f"127.0.0.1:{port}"})
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            status = f"{type(problem).__name__}"
        told.put({"kind": kind, "page": page, "due": moment, "seconds": time.perf_counter() - moment, "status": status})
    connection.close()


if __name__ == "__main__":
    main()
