"""The values of a parameter over the years, as steps; what is only proposed stands beside, broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

WIDTH, HEIGHT = 640, 160
LEFT, RIGHT, TOP, BOTTOM = 20, 20, 30, 28
ROOM_FOR_A_NAME = 90
NEAR_THE_EDGE = (
    150  # from here on to the right a name ends at its mark, so that it stays within the picture on a phone too
)
AFTER = timedelta(days=365)  # how far the last value is drawn on
Dated = tuple[date, Decimal]


@dataclass(frozen=True)
class Mark:
    """Where a value begins; without a name where there is no room for it."""

    x: float
    y: float
    since: date
    value: str
    named: bool

    @property
    def anchor(self) -> str:
        """On which side of the mark its name stands, in the words of SVG."""
        return "end" if self.x > WIDTH - NEAR_THE_EDGE else "start"


@dataclass(frozen=True)
class Steps:
    path: str
    proposed: str
    marks: tuple[Mark, ...]
    today: float
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    foot: int = HEIGHT - 8
    top: int = TOP


def steps(values: Sequence[Dated], proposed: Sequence[Dated], today: date, unit: str) -> Steps | None:
    """The picture of values by the day from which they hold, in order of day; None where there is nothing to compare."""
    shown = sorted([*values, *proposed])
    if len(shown) < 2 or not values:
        return None
    first, last = shown[0][0], max(shown[-1][0], today) + AFTER
    highest = max(value for _, value in shown) or Decimal(1)

    def x(day: date) -> float:
        return round(LEFT + (day - first) / (last - first) * (WIDTH - LEFT - RIGHT), 1)

    def y(value: Decimal) -> float:
        return round(HEIGHT - BOTTOM - float(value / highest) * (HEIGHT - TOP - BOTTOM), 1)

    marks: list[Mark] = []
    for since, value in shown:
        before = [mark for mark in marks if mark.named]
        named = not before or x(since) - before[-1].x >= ROOM_FOR_A_NAME
        marks.append(Mark(x(since), y(value), since, f"{value.normalize():f}{unit}", named))
    path = f"M{x(values[0][0])} {y(values[0][1])}"
    for since, value in values[1:]:
        path += f"H{x(since)}V{y(value)}"
    path += f"H{x(last)}"
    broken = "".join(f"M{x(since)} {y(value)}H{x(last)}" for since, value in proposed)
    return Steps(path, broken, tuple(marks), x(today))
