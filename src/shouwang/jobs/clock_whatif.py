"""What another length of a clock would have changed: the same steps of the past year, measured by both."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from shouwang.clues.passages import Passage, passages_since
from shouwang.kernel.divisions import TOWNSHIP, code_at
from shouwang.kernel.working_days import Limit, WorkingDays
from shouwang.policy.pack import Pack
from shouwang.proceedings.clocks import RISE

LOOKS_BACK = timedelta(days=365)
FIELDS = ("ended", "ended_late", "ended_late_then", "running", "running_late", "running_late_then")


@dataclass
class Kept:
    """How a clock was kept in one place: runs that ended and that still run, and how many were late by the limit in force
    and by the proposed one (`_then`)."""

    code: str = ""
    ended: int = 0
    ended_late: int = 0
    ended_late_then: int = 0
    running: int = 0
    running_late: int = 0
    running_late_then: int = 0

    @property
    def runs(self) -> int:
        return self.ended + self.running

    @property
    def late(self) -> int:
        return self.ended_late + self.running_late

    @property
    def late_then(self) -> int:
        return self.ended_late_then + self.running_late_then

    @property
    def in_time(self) -> int:
        return self.runs - self.late

    @property
    def in_time_then(self) -> int:
        return self.runs - self.late_then

    def add(self, told: Mapping[str, int]) -> None:
        for name in FIELDS:
            setattr(self, name, getattr(self, name) + told[name])


def clock_whatif(
    pack: Pack, clock: str, proposed: Limit, today: date, *, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """{"clock", "set": {its id: [in force, proposed]}, "since", "places": {township: the counts of Kept}}."""
    deadline, since = pack.deadlines[clock], today - LOOKS_BACK
    in_force = deadline.at(today)
    found = compared(
        passages_since(clock, since, progress=progress),
        _last_day(pack.calendar, in_force, clock),
        _last_day(pack.calendar, proposed, clock),
        today,
    )
    return {
        "clock": clock,
        "set": {deadline.id: [str(in_force), str(proposed)]},
        "since": since.isoformat(),
        "places": {code: {name: getattr(kept, name) for name in FIELDS} for code, kept in sorted(found.items())},
    }


def compared(
    passages: Iterable[Passage], last_day: Callable[[date], date], last_day_then: Callable[[date], date], today: date
) -> dict[str, Kept]:
    """The runs of a clock by township, each measured by two limits; what still runs is measured up to today."""
    found: dict[str, Kept] = {}
    for each in passages:
        code = code_at(each.area, TOWNSHIP)
        kept = found.setdefault(code, Kept(code))
        until = each.ended or today
        late, late_then = until > last_day(each.began), until > last_day_then(each.began)
        if each.ended:
            kept.ended += 1
            kept.ended_late += late
            kept.ended_late_then += late_then
        else:
            kept.running += 1
            kept.running_late += late
            kept.running_late_then += late_then
    return found


def _last_day(calendar: WorkingDays, limit: Limit, clock: str) -> Callable[[date], date]:
    """The last day that is in time. Rising again comes on the very day of its clock, as `Requirements.rises_again`."""

    @cache
    def last_day(began: date) -> date:
        due = calendar.deadline(began, limit.days, limit.unit)
        return max(due - timedelta(days=1), began) if clock == RISE else due

    return last_day


def kept(result: Mapping[str, Any], covers: Callable[[str], bool], level: int) -> tuple[Kept, list[Kept]]:
    """The sum over the townships that somebody may see, and the places of a level; the most changed place comes first."""
    total, by_place = Kept(), dict[str, Kept]()
    for code, told in result["places"].items():
        if covers(code):
            place = code_at(code, level)
            for sum_of in (total, by_place.setdefault(place, Kept(place))):
                sum_of.add(told)
    return total, sorted(by_place.values(), key=lambda each: (-abs(each.late_then - each.late), -each.runs, each.code))
