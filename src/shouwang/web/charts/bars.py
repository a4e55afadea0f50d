"""A bar of parts beside a number in a table."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of a bar, in hundredths of the bar's width."""

    kind: str
    x: float
    width: float


def parts(amounts: Iterable[tuple[str, int]], whole: int) -> list[Part]:
    """The parts of a bar whose full width stands for `whole`; a part that is not nought stays visible."""
    found, x = [], 0.0
    for kind, amount in amounts:
        if amount and whole:
            width = max(amount / whole * 100, 0.6)
            found.append(Part(kind, round(x, 2), round(width, 2)))
            x += width
    return found
