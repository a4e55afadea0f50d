"""One person's rows of the register and vital events, told in the order in which they were received.

STANDARD_RULES, "Where it would be easy to differ": the last delivered row counts; nobody leaves but by a vital event;
a register row delivered after a 迁出 brings the person back, after a death it does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shouwang.jobs.policy import names_in_pack
from shouwang.sources.contract import contract

HOUSEHOLD_COLUMNS = ("household_no", "division_code", "household_type")
PERSON_COLUMNS = (
    "name",
    "id_masked",
    "sealed",
    "sex",
    "birth_date",
    "relation",
    "ethnicity",
    "education",
    "school_status",
    "dropout_reason",
    "health",
    "labour",
    "resettlement_site",
)
SHOWN = tuple(name for name in PERSON_COLUMNS if name not in ("sealed", "id_masked"))
MAY_BE_UNKNOWN = ("birth_date",)
PLACE = ("received_on", "delivery", "line")
STORED = ("key", "household", *PERSON_COLUMNS, "left_kind", "left_on", *PLACE)
CHANGE = ("person_key", "household_no", "kind", "changes", *PLACE)
OUT_OF_SIGHT = "联系电话或住址"


@dataclass(frozen=True)
class Departures:
    """The kinds of vital event that take a person out: for good, or until a register row comes after it."""

    for_good: tuple[str, ...]
    until_delivered_again: tuple[str, ...]

    @classmethod
    def of_pack(cls) -> "Departures":
        return cls(names_in_pack("register.left_for_good"), names_in_pack("register.left_until_delivered_again"))


@dataclass
class Story:
    """What the desk keeps of one person: a row of `Person` (`STORED`), and rows of `RegisterChange` (`CHANGE`)."""

    key: int
    row: dict[str, Any] | None = None
    left: dict[str, Any] | None = None
    changes: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def person(self) -> list[Any]:
        assert self.row is not None
        row = self.row
        told = [row[name] if name in MAY_BE_UNKNOWN else row[name] or "" for name in PERSON_COLUMNS]
        left = (self.left["kind"], self.left["happened_on"]) if self.left else ("", None)
        return [self.key, row["household_no"], *told, *left, *(row[name] for name in PLACE)]

    def add(self, kind: str, step: dict[str, Any], changes: dict[str, list[str]]) -> None:
        assert self.row is not None
        number = self.row["household_no"]
        self.changes.append((self.key, number, kind, changes, *(step[name] for name in PLACE)))


def tell(key: int, steps: Iterable[dict[str, Any]], departures: Departures) -> Story | None:
    """The story of one person; None for one whom only vital events name."""
    story = Story(key)
    for step in steps:
        if step["kind"] is None:
            _registered(story, step, departures)
        elif step["kind"] in departures.for_good or step["kind"] in departures.until_delivered_again:
            _left(story, step, departures)
    return story if story.row is not None else None


def _registered(story: Story, row: dict[str, Any], departures: Departures) -> None:
    before, story.row = story.row, row
    back = story.left is not None and story.left["kind"] in departures.until_delivered_again
    if back:
        story.left = None
    if before is None:
        story.add("joined", row, {})
        if story.left:  # the death was known before the registration
            story.add("left", story.left, _departure(story.left))
        return
    changes = _differences(before, row)
    if back:
        story.add("returned", row, changes)
    elif before["household_no"] != row["household_no"]:
        story.add("moved", row, {"户编号": [before["household_no"], row["household_no"]]} | changes)
    elif changes:
        story.add("changed", row, changes)
    elif before["content"] != row["content"]:
        story.add("changed", row, {OUT_OF_SIGHT: ["", ""]})


def _left(story: Story, event: dict[str, Any], departures: Departures) -> None:
    if story.left is not None and story.left["kind"] in departures.for_good:
        return
    story.left = event
    if story.row is not None:
        story.add("left", event, _departure(event))


def _departure(event: dict[str, Any]) -> dict[str, list[str]]:
    return {event["kind"]: ["", event["happened_on"].isoformat()]}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    return {
        _header(name): [str(before[name] or ""), str(after[name] or "")]
        for name in SHOWN
        if (before[name] or "") != (after[name] or "")
    }


def _header(name: str) -> str:
    return next(column.header for column in contract("household_register").columns if column.field == name)


def in_order(changes: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    """What changed, the household first and then by the columns of the register: the database need not keep an order."""
    places = _places()
    return sorted(changes.items(), key=lambda each: places.get(each[0], len(places)))


@cache
def _places() -> dict[str, int]:
    return {header: place for place, header in enumerate(["户编号", *map(_header, SHOWN)])}
