"""A statistic over months as a line: large with its axis, or small beside its name. What is not known breaks the line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString

from shouwang.web.charts.trend import GridLine, grid_step, month_label

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 16, 26
SMALL_WIDTH, SMALL_HEIGHT, SMALL_EDGE = 160, 40, 4
NAMED_WHEN_NARROW = 3
PER_CENT = 100.0
SMALL = (
    f'<svg class="small-lines" viewBox="0 0 {SMALL_WIDTH} {SMALL_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"'
    ' focusable="false"><path class="line-of" d="{path}" vector-effect="non-scaling-stroke"/></svg>'
)


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


def small(values: Sequence[float | None], *, rate: bool) -> SafeString:
    """The small one as it is drawn, without an axis: its numbers stand beside it. A page has sixty."""
    highest = PER_CENT if rate else max((value for value in values if value is not None), default=0) or 1
    apart = (SMALL_WIDTH - 2 * SMALL_EDGE) / max(len(values) - 1, 1)
    base = SMALL_HEIGHT - SMALL_EDGE
    path = _path(
        (round(SMALL_EDGE + place * apart, 1), None if value is None else _y(value, highest, SMALL_EDGE, base))
        for place, value in enumerate(values)
    )
    return SafeString(SMALL.format(path=path))


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
    return tuple(points), _path((point.x, point.y) for point in points)


def _path(points: Iterable[tuple[float, float | None]]) -> str:
    path, pen = [], "M"
    for x, y in points:
        if y is None:
            pen = "M"
            continue
        path.append(f"{pen}{x} {y}" + (f"L{x} {y}" if pen == "M" else ""))
        pen = "L"
    return "".join(path)


def _y(value: float, highest: float, top: int, base: int) -> float:
    return round(base - min(value / highest, 1) * (base - top), 1)
