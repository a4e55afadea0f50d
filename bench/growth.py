"""How work grows with the size of a city: the exponent, and a picture of it."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 880, 480, 70, 260, 30, 50
COLOURS = ("#b3261e", "#1f5fa8", "#2d7d46", "#8a5a00", "#6a3fa0", "#00777a", "#5f6368", "#c2185b")
LETTER = 7  # about as wide as a letter is, in pixels
Points = Sequence[tuple[int, float]]


def exponent(points: Points) -> float | None:
    """The power of the size with which work grows, by least squares over the logarithms; None of fewer than two sizes."""
    logs = [(math.log(size), math.log(work)) for size, work in points if work > 0]
    if len(logs) < 2:
        return None
    x, y = (sum(each[axis] for each in logs) / len(logs) for axis in (0, 1))
    return sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs)


def chart(series: Mapping[str, Points], title: str) -> str:
    """An SVG of processor seconds over persons, both by powers of ten; one line a series, named at its end."""
    every = [point for points in series.values() for point in points]
    across = _Axis([size for size, _ in every], LEFT, WIDTH - RIGHT)
    up = _Axis([work for _, work in every], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for power in across.powers():
        x = across.at(10**power)
        parts.append(f'<path d="M{x:.0f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{10**power:,}</text>')
    for power in up.powers():
        y = up.at(10**power)
        parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{10.0**power:g}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">persons</text>')
    parts += _lines(series, across, up)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """Powers of ten around the values, on pixels from `start` to `end`."""

    def __init__(self, values: Sequence[float], start: int, end: int) -> None:
        self._low, self._high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self._high += self._low == self._high
        self._start, self._end = start, end

    def powers(self) -> range:
        return range(self._low, self._high + 1)

    def at(self, value: float) -> float:
        part = (math.log10(value) - self._low) / (self._high - self._low)
        return self._start + part * (self._end - self._start)


def _lines(series: Mapping[str, Points], across: _Axis, up: _Axis) -> list[str]:
    parts, ends = [], []
    for (name, points), colour in zip(series.items(), COLOURS * len(series), strict=False):
        places = [(across.at(size), up.at(work)) for size, work in sorted(points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
        ends.append((*places[-1], name, colour))
    return parts + _names(ends)


def _names(ends: Sequence[tuple[float, float, str, str]]) -> list[str]:
    """From the lowest to the highest, each above those that it would lie upon."""
    parts, taken = [], list[tuple[float, float, float]]()
    for x, y, name, colour in sorted(ends, key=lambda end: -end[1]):
        left, right = x + 10, x + 10 + LETTER * len(name)
        while any(abs(y - other) < 15 and left < end and begin < right for begin, end, other in taken):
            y -= 3
        taken.append((left, right, y))
        parts.append(f'<text x="{left:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(name)}</text>')
    return parts
