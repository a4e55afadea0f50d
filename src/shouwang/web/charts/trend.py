"""Clues by month, stacked by level."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.dateformat import format as date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 6, 22, 26
NAMED_WHEN_NARROW = 3  # on a phone every third month has room for its name
LEVELS = ("yellow", "orange", "red")  # from the ground up


@dataclass(frozen=True)
class Block:
    level: str
    y: float
    height: float


@dataclass(frozen=True)
class Month:
    """One column: its place, its blocks, and its numbers for the table beside the chart."""

    first: date
    x: float
    middle: float
    width: float
    top: float
    blocks: tuple[Block, ...]
    counts: Mapping[str, int]
    total: int
    label: str
    named_when_narrow: bool


@dataclass(frozen=True)
class GridLine:
    y: float
    value: int


@dataclass(frozen=True)
class Trend:
    months: tuple[Month, ...]
    grid: tuple[GridLine, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM
    foot: int = HEIGHT - 7

    @property
    def total(self) -> int:
        return sum(month.total for month in self.months)


def months_back(last: date, count: int) -> list[date]:
    """The first days of `count` months up to that of `last`."""
    index = last.year * 12 + last.month - 1
    return [date(i // 12, i % 12 + 1, 1) for i in range(index - count + 1, index + 1)]


def month_label(month: date) -> str:
    """The name of a month below a chart; January says the year."""
    return _label(month, get_language())


@lru_cache(maxsize=1024)
def _label(month: date, language: str) -> str:
    """A page of statistics has hundreds of them."""
    return _("{year}年").format(year=month.year) if month.month == 1 else date_format(month, _("n月"))


def trend(counts: Mapping[date, Mapping[str, int]], months: list[date]) -> Trend:
    """The chart of clues by month (first day) and level."""
    highest = max((sum(counts.get(month, {}).values()) for month in months), default=0)
    tick = grid_step(highest)
    top_value = max(tick, -(-highest // tick) * tick)
    room = HEIGHT - TOP - BOTTOM
    step = (WIDTH - LEFT - RIGHT) / max(len(months), 1)
    width = min(step * 0.62, 44)
    columns = []
    for position, month in enumerate(months):
        found = counts.get(month, {})
        y, blocks = float(HEIGHT - BOTTOM), []
        for level in LEVELS:
            height = found.get(level, 0) / top_value * room
            if height:
                y -= height
                blocks.append(Block(level, round(y, 1), round(height, 1)))
        middle = LEFT + step * (position + 0.5)
        label = month_label(month)
        columns.append(
            Month(
                month,
                round(middle - width / 2, 1),
                round(middle, 1),
                round(width, 1),
                round(y - 5, 1),
                tuple(blocks),
                found,
                sum(found.values()),
                label,
                (len(months) - 1 - position) % NAMED_WHEN_NARROW == 0,
            )
        )
    grid = tuple(
        GridLine(round(HEIGHT - BOTTOM - value / top_value * room, 1), value)
        for value in range(tick, top_value + 1, tick)
    )
    return Trend(tuple(columns), grid)


def grid_step(highest: int) -> int:
    """A round distance between grid lines, for about four of them."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if size * factor * 4 >= highest:
                return size * factor
        size *= 10
