"""Fills a home on PostgreSQL with a city at its desks and signs people in; tells on standard output who may ask for what.

python -m bench.desk_filling HOUSEHOLDS CLUES     with SHOUWANG_HOME and SHOUWANG_DATABASE_URL set
python -m bench.desk_filling renew < people.json  their sessions begin anew
"""

import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench.desk_city import PLACES, Size, statements
from bench.desk_lake import deliver
from shouwang.deliveries.copies import REGISTER
from shouwang.jobs.casework import connect, prepare
from shouwang.jobs.worker import copy_once
from shouwang.kernel.home import Home, init_home, open_home

PEOPLE = {"city": 1, "county": 10, "township": 20, "village": 30, "department": 4}
KNOWN_A_PERSON = 60
# What is made here points only to what is made here: the database need not look every key up again.
ALL_AT_ONCE = "SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '256MB'"


def main() -> None:
    if sys.argv[1] == "renew":
        _renew(json.load(sys.stdin))
        return
    size = Size(int(sys.argv[1]), int(sys.argv[2]))
    home = Home(Path(os.environ["SHOUWANG_HOME"]))
    init_home(home.path)
    prepare(home)
    seconds = _fill(size) | _deliver(home, size)
    people = _sign_in()
    json.dump({"seconds": seconds, "people": people}, sys.stdout)


def _fill(size: Size) -> dict[str, float]:
    """How many seconds each part took."""
    from django.db import connection
    from django.utils.timezone import localdate, now

    from shouwang.clues.models import ScreeningRun
    from shouwang.jobs.policy import current_pack
    from shouwang.jobs.statistics import fill

    today, took = localdate(), {}
    with connection.cursor() as cursor:
        cursor.execute(ALL_AT_ONCE)
        cursor.execute(PLACES)
        cursor.execute("SELECT count(*) FROM bench_place")
        for name, sql in statements(size, today, sorted(current_pack().rules), cursor.fetchone()[0]).items():
            began = time.perf_counter()
            cursor.execute(sql)
            took[name] = round(time.perf_counter() - began, 1)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET session_replication_role")
    ScreeningRun.objects.create(
        as_of=today, known_at=today, pack_version=current_pack().version, households=size.households, created_at=now()
    )
    began = time.perf_counter()
    fill(today)
    took["statistics"] = round(time.perf_counter() - began, 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return took


def _deliver(home: Home, size: Size) -> dict[str, float]:
    """A year of deliveries beneath the desk, and their sorted copies; how many seconds each took."""
    from django.db import connection
    from django.utils.timezone import localdate

    from shouwang.households.models import RegisterLoad
    from shouwang.jobs.deliveries import load_deliveries

    with connection.cursor() as cursor:
        cursor.execute("SELECT village, county FROM bench_place ORDER BY n")
        places = cursor.fetchall()
    began = time.perf_counter()
    rows = deliver(home, places, size.households, localdate())
    RegisterLoad.objects.create(delivery=1, persons=rows[REGISTER])
    load_deliveries(home)
    lake = time.perf_counter()
    copy_once(home)
    return {
        f"lake of {sum(rows.values()):,} rows": round(lake - began, 1),
        "copies": round(time.perf_counter() - lake, 1),
    }


def _sign_in() -> list[dict[str, Any]]:
    """People of every level with a session each, and what lies in their area: numbers of clues, cases and households."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT village, township, county FROM bench_place ORDER BY n")
        places = cursor.fetchall()
    step = max(len(places) // PEOPLE["village"], 1)
    areas = {
        "city": ["500000000000"],
        "county": list(dict.fromkeys(county for _, _, county in places))[: PEOPLE["county"]],
        "township": list(dict.fromkeys(township for _, township, _ in places[::step]))[: PEOPLE["township"]],
        "village": [village for village, _, _ in places[::step]][: PEOPLE["village"]],
    }
    areas["department"] = areas["county"][: PEOPLE["department"]]
    return [person(duty, area) for duty, some in areas.items() for area in some]


def _renew(people: list[dict[str, Any]]) -> None:
    """Sessions of a city that was filled earlier in the day have ended since."""
    connect(open_home())
    from shouwang.accounts import sessions
    from shouwang.accounts.session_store import SessionStore

    for each in people:
        session = SessionStore(session_key=each["session"])
        session[sessions.BEGAN] = session[sessions.SEEN] = sessions.now()
        session.save()


def person(duty: str, area: str) -> dict[str, Any]:
    """Somebody new with one post, signed in: the session, and numbers of what lies in the area."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from shouwang.accounts import sessions
    from shouwang.accounts.models import Post, User
    from shouwang.cases.reading import cases_visible_to
    from shouwang.clues.reading import clues_visible_to

    user = User.objects.create(username=f"{duty}{area}", display_name=duty, password="!")
    Post.objects.create(
        user=user,
        area_id=area,
        duty=duty,
        department="医保" if duty == "department" else "",
        starts_on=date(2020, 1, 1),
    )
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[sessions.BEGAN] = session[sessions.SEEN] = sessions.now()
    session[sessions.FACTOR] = True
    session.save()
    clues = list(clues_visible_to(user).order_by("pk").values_list("number", "household_id")[:KNOWN_A_PERSON])
    cases = list(cases_visible_to(user).order_by("pk").values_list("number", flat=True)[:KNOWN_A_PERSON])
    return {
        "duty": duty,
        "area": area,
        "session": session.session_key,
        "clues": [number for number, _ in clues],
        "households": [household for _, household in clues],
        "cases": cases,
    }


if __name__ == "__main__":
    main()
