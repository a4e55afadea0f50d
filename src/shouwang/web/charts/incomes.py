"""Income a head by statement beside the monitoring line: a small picture that says whether a family stands above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT = 480, 170
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 26, 26
WIDEST_BAR, AT_MOST, OVERHANG = 56, 6, 8


@dataclass(frozen=True)
class Bar:
    """One statement: `below` where it lies under the line of its day."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    period_end: date
    amount: Decimal
    below: bool
    line: float
    line_amount: Decimal

    @property
    def above(self) -> float:
        """Where the figure stands: over the bar and over the line, so that neither runs through it."""
        return min(self.y, self.line)

    @property
    def from_x(self) -> float:
        return round(self.x - OVERHANG, 1)

    @property
    def to_x(self) -> float:
        return round(self.x + self.width + OVERHANG, 1)


@dataclass(frozen=True)
class Incomes:
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - BOTTOM
    foot: int = HEIGHT - 8


def incomes(values: Sequence[tuple[date, Decimal, Decimal]]) -> Incomes | None:
    """The last statements as (end of the period, income a head, monitoring line of that day), in order of day; amounts in
    yuan. None where there is none. A negative income stands on the base with its figure.
    """
    shown = sorted(values)[-AT_MOST:]
    if not shown:
        return None
    highest = max(max(amount, line) for _, amount, line in shown) or Decimal(1)
    room = (WIDTH - LEFT - RIGHT) / len(shown)
    width = min(WIDEST_BAR, room * 0.6)

    def y(value: Decimal) -> float:
        return round(HEIGHT - BOTTOM - float(max(value, Decimal(0)) / highest) * (HEIGHT - TOP - BOTTOM), 1)

    bars = []
    for place, (end, amount, line) in enumerate(shown):
        middle = round(LEFT + room * (place + 0.5), 1)
        height = round(HEIGHT - BOTTOM - y(amount), 1)
        bars.append(
            Bar(
                round(middle - width / 2, 1),
                y(amount),
                width,
                height,
                middle,
                end,
                amount,
                amount < line,
                y(line),
                line,
            )
        )
    return Incomes(tuple(bars))
