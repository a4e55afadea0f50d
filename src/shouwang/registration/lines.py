"""What a request says of each member, and what the register says of it by now: still as before, as proposed, or otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwang.households.models import Person
from shouwang.registration.models import RegisterRequest
from shouwang.tables.acting import acting_everywhere

HEAD = "户主"
# What can be corrected at the desk, by its name in the register; a household's type concerns all its members.
CORRECTABLE = (
    "name",
    "relation",
    "ethnicity",
    "education",
    "school_status",
    "dropout_reason",
    "health",
    "labour",
    "resettlement_site",
)
TITLES: dict[str, str | Promise] = {
    "household": _("户编号"),
    "area": _("所在村"),
    "left": _("离开"),
    "household_type": _("户类型"),
} | {name: Person._meta.get_field(name).verbose_name for name in (*CORRECTABLE, "sex")}


class Standing(StrEnum):
    """What the register says of one changed field: nothing new yet, the same, or something else."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True)
class LineNow:
    """One changed field of a member beside what the register says now, and which row of it says so (0: none)."""

    key: int
    name: str
    field: str
    before: str
    after: str
    now: str
    standing: Standing
    delivery: int = 0
    line: int = 0

    @property
    def title(self) -> str:
        return str(TITLES[self.field])


def line_of(person: Person, **after: str) -> dict[str, Any]:
    """A member's part of a request: what changes, each with what is registered."""
    return {
        "key": person.key,
        "name": person.name,
        "changes": {field: [registered(person, field), value] for field, value in after.items()},
    }


def registered(person: Person | None, field: str) -> str:
    """What the register says of a field; empty where it does not know the person."""
    if person is None:
        return ""
    if field == "household":
        return person.household_id
    if field == "area":
        return person.household.area_id
    if field == "household_type":
        return person.household.household_type
    if field == "left":
        return person.left_kind
    value = getattr(person, field)
    return "" if value is None else str(value)


def lines_now(request: RegisterRequest) -> list[LineNow]:
    """Every changed field of a request beside the register, in one query."""
    keys = [line["key"] for line in request.lines]
    with acting_everywhere():  # whoever joins is registered elsewhere until the register says otherwise
        people = {each.key: each for each in Person.objects.filter(key__in=keys).select_related("household")}
    return list(_lines(request.lines, people))


def _lines(lines: Iterable[dict[str, Any]], people: dict[int, Person]) -> Iterable[LineNow]:
    for line in lines:
        person = people.get(line["key"])
        for field, (before, after) in line["changes"].items():
            now = registered(person, field)
            standing = Standing.CONTRADICTED
            if now == after:
                standing = Standing.CONFIRMED
            elif now == before:
                standing = Standing.WAITING
            place = (person.delivery, person.line) if person else (0, 0)
            yield LineNow(line["key"], line["name"], field, before, after, now, standing, *place)


def standing_of(lines: Iterable[LineNow]) -> Standing:
    """What the register says of a request as a whole: contradicted where it is of one field, waiting until all is there."""
    found = {each.standing for each in lines}
    if Standing.CONTRADICTED in found:
        return Standing.CONTRADICTED
    return Standing.WAITING if Standing.WAITING in found else Standing.CONFIRMED
