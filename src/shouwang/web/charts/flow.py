"""The way of clues as a stream from left to right: as wide at each stage as many came so far, and dark where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMN, HEIGHT = 100, 64
EDGE = 2.0  # what is not nought stays visible
BLOCK = 34.0


@dataclass(frozen=True)
class Block:
    """Those who stand at a stage, in the middle of its column."""

    x: float
    y: float
    height: float
    kind: str
    width: float = BLOCK


@dataclass(frozen=True)
class Stream:
    width: int
    path: str
    blocks: tuple[Block, ...]
    height: int = HEIGHT


def stream(stages: Sequence[tuple[int, int, str]]) -> Stream:
    """The picture of (reached, standing, kind of block) by stage; the first stage has the most."""
    most = max((reached for reached, _, _ in stages), default=0)
    middle = HEIGHT / 2
    upper, lower, blocks = [], [], []
    for place, (reached, standing, kind) in enumerate(stages):
        x, half = place * COLUMN + COLUMN / 2, _half(reached, most)
        first, last = place == 0, place == len(stages) - 1
        for point in ([0.0] if first else []) + [x] + ([float(len(stages) * COLUMN)] if last else []):
            upper.append((point, middle - half))
            lower.insert(0, (point, middle + half))
        if standing and most:
            tall = 2 * _half(standing, most)
            blocks.append(Block(x - BLOCK / 2, round(middle - tall / 2, 1), round(tall, 1), kind))
    path = "M" + "L".join(f"{x:g} {y:.1f}" for x, y in [*upper, *lower]) + "z" if stages else ""
    return Stream(len(stages) * COLUMN, path, tuple(blocks))


def _half(number: int, most: int) -> float:
    return max(number / most * HEIGHT / 2, EDGE / 2) if number and most else 0.0
