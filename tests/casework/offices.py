"""Somebody at every desk on the way of a clue, and ways to bring a clue to a stage."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from desks import (
    COUNTY,
    FOREIGN_COUNTY,
    FOREIGN_VILLAGE,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    SIBLING,
    TOWNSHIP,
    VILLAGE,
    batch,
    batch_clue,
)
from PIL import Image

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.clues import handling, verification
from shouwang.clues.models import Clue
from shouwang.clues.requirements import Requirements
from shouwang.clues.verification import Seen
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import requirements

ON = date(2021, 6, 17)  # a Thursday
CITY = "500000000000"
PEOPLE: Mapping[str, tuple[str, str, str]] = {
    "city": (CITY, "city", ""),
    "county": (COUNTY, "county", ""),
    "county_too": (COUNTY, "county", ""),
    "township": (TOWNSHIP, "township", ""),
    "village": (VILLAGE, "village", ""),
    "team": (VILLAGE, "resident_team", ""),
    "grid_worker": (VILLAGE, "grid_worker", ""),
    "enumerator": (TOWNSHIP, "enumerator", ""),
    "department": (COUNTY, "department", "医保"),
    "sibling_village": (SIBLING, "village", ""),
    "other_township": (OTHER_TOWNSHIP, "township", ""),
    "other_village": (OTHER_VILLAGE, "village", ""),
    "foreign_county": (FOREIGN_COUNTY, "county", ""),
    "foreign_village": (FOREIGN_VILLAGE, "village", ""),
    "system_admin": (CITY, "system_admin", ""),
    "auditor": (CITY, "auditor", ""),
}
FLAG = {"source": "asset_record", "delivery": "D000009", "line": 5, "person": 1, "text": "小型汽车一辆"}
PLACE = ("asset_record", "D000009", 5)


def make_people() -> dict[str, User]:
    """They need no password: nobody logs in here."""
    made = dict(
        zip(PEOPLE, User.objects.bulk_create(User(username=name, password="!") for name in PEOPLE), strict=True)
    )
    Post.objects.bulk_create(
        Post(user=made[name], area_id=code, duty=duty, department=department, starts_on=date(2020, 1, 1))
        for name, (code, duty, department) in PEOPLE.items()
    )
    return made


def asked(on: date = ON) -> Requirements:
    return requirements(on)


def area(code: str) -> Area:
    return Area.objects.get(pk=code)


def picture(size: tuple[int, int] = (80, 60), **saved: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, "JPEG", **saved)
    return stream.getvalue()


def seen(**more: Any) -> Seen:
    told: dict[str, Any] = {
        "visited_on": ON,
        "visitors": ["张三", "李四"],
        "place": "二组院坝",
        "findings": "户主住院，自费三万余元",
        "photos": [picture()],
    }
    return Seen(**(told | more))


def open_clue(household: str = "H1", risk: str = "illness", level: str = "yellow") -> Clue:
    """A clue that came to the city's desk on the day."""
    record_clues(batch(ON, batch_clue(household, risk, level)))
    return Clue.objects.get(household_id=household, risk_type=risk)


class Desk:
    """Does the steps of the way, each by whom it belongs to; `seen` is left to the engine."""

    def __init__(self, people: Mapping[str, User], on: date = ON) -> None:
        self.people, self.on = people, on

    def by(self, who: str, **more: Any) -> dict[str, Any]:
        return {"acting_user": self.people[who], "requirements": asked(self.on), "on": self.on} | more

    def bring(self, clue: Clue, stage: str, conclusion: str = "confirm") -> Clue:
        """Takes a clue from the city's desk to a stage."""
        number = clue.number
        if stage != "city":
            handling.dispatch(number, to=area(COUNTY), **self.by("city"))
        if stage not in ("city", "county"):
            handling.dispatch(number, to=area(TOWNSHIP), **self.by("county"))
        if stage not in ("city", "county", "township"):
            handling.dispatch(number, to=area(VILLAGE), **self.by("township"))
        if stage in ("township_review", "county_review", "closed"):
            self.submit(number, conclusion)
            if stage != "township_review":
                verification.agree(number, **self.by("township"))
            clue.refresh_from_db()
            if stage == "closed" and clue.stage == "county_review":
                verification.agree(number, **self.by("county"))
        clue.refresh_from_db()
        assert clue.stage == stage
        return clue

    def submit(self, number: str, conclusion: str = "confirm", **more: Any) -> None:
        verification.record_visit(number, seen(), **self.by("grid_worker"))
        told = {"reason": "情况属实", "answers": {PLACE: "车辆系亲属借用登记"}} | more
        verification.submit_finding(number, conclusion, **told, **self.by("village"))
