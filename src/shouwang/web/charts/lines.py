"""A statistic over months as a line: large with its axis, or small beside its name. What is not known breaks the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shouwang.web.charts.trend import GridLine, grid_step, month_label

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 16, 26
SMALL_WIDTH, SMALL_HEIGHT, SMALL_EDGE = 160, 40, 4
NAMED_WHEN_NARROW = 3
PER_CENT = 100.0


@dataclass(frozen=True)
class Point:
    """One month; `y` is None where nothing is known."""

    month: date
    value: float | None
    x: float
    y: float | None
    named_when_narrow: bool

    @property
    def label(self) -> str:
        """The name of the month below the chart; a small one has none."""
        return month_label(self.month)


@dataclass(frozen=True)
class Lines:
    """`path` in the words of SVG; alone standing months are dots of it."""

    points: tuple[Point, ...]
    path: str
    grid: tuple[GridLine, ...]
    demanded: float | None
    width: int
    height: int
    left: int
    right: int
    base: int

    @property
    def known(self) -> list[Point]:
        return [point for point in self.points if point.y is not None]

    @property
    def last(self) -> Point | None:
        return self.known[-1] if self.known else None


def lines(
    months: Sequence[date], values: Sequence[float | None], *, rate: bool, demanded: float | None = None
) -> Lines:
    """The large chart: from nought up, a rate up to a hundred."""
    step = 25 if rate else grid_step(max((value for value in values if value is not None), default=0))
    highest = PER_CENT if rate else max(step * 4, 1)
    made = _drawn(months, values, highest, (LEFT, WIDTH - RIGHT), (TOP, HEIGHT - BOTTOM))
    grid = tuple(GridLine(_y(each * step, highest, TOP, HEIGHT - BOTTOM), each * step) for each in range(1, 5))
    line = None if demanded is None else _y(demanded, highest, TOP, HEIGHT - BOTTOM)
    return Lines(*made, grid, line, WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM)


def small(months: Sequence[date], values: Sequence[float | None], *, rate: bool) -> Lines:
    """The small one, without an axis: its numbers stand beside it."""
    highest = PER_CENT if rate else max((value for value in values if value is not None), default=0) or 1
    base = SMALL_HEIGHT - SMALL_EDGE
    made = _drawn(months, values, highest, (SMALL_EDGE, SMALL_WIDTH - SMALL_EDGE), (SMALL_EDGE, base))
    return Lines(*made, (), None, SMALL_WIDTH, SMALL_HEIGHT, SMALL_EDGE, SMALL_WIDTH - SMALL_EDGE, base)


def _drawn(
    months: Sequence[date],
    values: Sequence[float | None],
    highest: float,
    sides: tuple[int, int],
    ends: tuple[int, int],
) -> tuple[tuple[Point, ...], str]:
    apart = (sides[1] - sides[0]) / max(len(months) - 1, 1)
    points = []
    for place, (month, value) in enumerate(zip(months, values, strict=True)):
        y = None if value is None else _y(value, highest, *ends)
        named = (len(months) - 1 - place) % NAMED_WHEN_NARROW == 0
        points.append(Point(month, value, round(sides[0] + place * apart, 1), y, named))
    path, pen = [], "M"
    for point in points:
        if point.y is None:
            pen = "M"
            continue
        path.append(f"{pen}{point.x} {point.y}" + (f"L{point.x} {point.y}" if pen == "M" else ""))
        pen = "L"
    return tuple(points), "".join(path)


def _y(value: float, highest: float, top: int, base: int) -> float:
    return round(base - min(value / highest, 1) * (base - top), 1)
