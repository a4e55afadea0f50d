"""What runs by itself about clues: the first desk, standing orders and overdue steps; and what the pack asks of handling."""

from dataclasses import dataclass
from datetime import date

from shouwang.clues.requirements import Requirements
from shouwang.clues.rising import follow_divisions, follow_rules, raise_overdue, take_in
from shouwang.jobs.policy import current_pack, in_pack

VISITORS, PHOTOS = "verification.visitors", "verification.photos"


@dataclass(frozen=True)
class LookedAfter:
    """Steps taken: clues that came to their first desk, followed a merged area, went on by standing orders, and rose."""

    arrived: int
    followed: int
    sent_on: int
    raised: int


def requirements(on: date) -> Requirements:
    """What the installation's policy pack asks of handling on a day.

    Raises:
        InputError: the pack does not pass its check, or has no value yet on that day.
    """
    pack = current_pack()
    limits = {name: each.at(on) for name, each in pack.deadlines.items()}
    visitors, photos = (int(str(in_pack(name, on))) for name in (VISITORS, PHOTOS))
    return Requirements(limits, pack.calendar, visitors, photos)


def look_after(on: date) -> LookedAfter:
    """Does what is due by a day; again on that day does nothing more."""
    asked = requirements(on)
    return LookedAfter(
        take_in(asked, on), follow_divisions(asked, on), follow_rules(asked, on), raise_overdue(asked, on)
    )
