"""Clues that go, to the left, and come, to the right, of a middle line: one bar a place."""

from collections.abc import Mapping
from dataclasses import dataclass

from shouwang.web.charts.bars import Part

LEVELS = ("red", "orange", "yellow")


@dataclass(frozen=True)
class Bar:
    """Parts in hundredths of the width, and where the middle line stands."""

    parts: tuple[Part, ...]
    middle: float


def bar(come: Mapping[str, int], go: Mapping[str, int], most_come: int, most_go: int) -> Bar:
    """A bar on a scale that all places share: `most_come` and `most_go` are the longest of all on either side."""
    whole = most_come + most_go
    if not whole:
        return Bar((), 50)
    middle = most_go / whole * 100
    found, x = [], middle
    for level in LEVELS:
        width = come.get(level, 0) / whole * 100
        if width:
            found.append(Part(level, round(x, 2), round(width, 2)))
            x += width
    x = middle
    for level in LEVELS:
        width = go.get(level, 0) / whole * 100
        if width:
            x -= width
            found.append(Part(level, round(x, 2), round(width, 2)))
    return Bar(tuple(found), round(middle, 2))
