"""County boundaries made ready to draw: projected, simplified and cached as SVG paths.

The file is `boundaries_2023.geojson` of the policy pack (WGS84, properties code and name). Whoever publishes a map
replaces that file with an approved one of the same form.
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WIDTH = 640.0
MARGIN = 4.0
TOLERANCE = 0.7  # in units of the drawing: finer detail than a phone or a projector shows
SMALLEST_RING = 1.5  # area in square units below which a ring is dropped
ROOM_FOR_A_NAME = 1500.0  # area in square units from which a name fits

Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """One county: its code, its name, an SVG path, and where its name stands (None: too small for one)."""

    code: str
    name: str
    path: str
    label: Point | None


@dataclass(frozen=True)
class Outline:
    """All counties of one map in a box of `width` × `height` units."""

    width: int
    height: int
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=2)
def outline(path: Path) -> Outline:
    """The map of one boundaries file."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    rings = {feature["properties"]["code"]: _rings(feature["geometry"]) for feature in features}
    everywhere = [point for each in rings.values() for ring in each for point in ring]
    west, east = min(x for x, _ in everywhere), max(x for x, _ in everywhere)
    south, north = min(y for _, y in everywhere), max(y for _, y in everywhere)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((east - west) * squeeze)
    height = (north - south) * scale + 2 * MARGIN

    def place(point: Point) -> Point:
        return MARGIN + (point[0] - west) * squeeze * scale, MARGIN + (north - point[1]) * scale

    shapes = tuple(
        _shape(feature["properties"]["code"], feature["properties"]["name"], [[place(p) for p in r] for r in each])
        for feature, each in zip(features, rings.values(), strict=True)
    )
    return Outline(round(WIDTH), math.ceil(height), shapes)


def _rings(geometry: dict) -> list[list[Point]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(x, y) for x, y, *_ in ring] for polygon in polygons for ring in polygon]


def _shape(code: str, name: str, rings: list[list[Point]]) -> Shape:
    largest = max(rings, key=_area)
    drawn = [_simplified(ring) for ring in rings if _area(ring) >= SMALLEST_RING or ring is largest]
    path = "".join(map(_path, drawn))
    label = _centre(largest) if _area(largest) >= ROOM_FOR_A_NAME else None
    return Shape(code, name, path, label)


def _path(ring: list[Point]) -> str:
    """A closed path in tenths of a unit, written as steps from point to point: half the size of places."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in ring[:-1]]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(tenths, tenths[1:], strict=False)]
    moves = " ".join(f"{x / 10:g} {y / 10:g}" for x, y in steps)
    return f"M{tenths[0][0] / 10:g} {tenths[0][1] / 10:g}l{moves}z"


def _area(ring: list[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False))) / 2


def _centre(ring: list[Point]) -> Point:
    """The centre of mass; county shapes are compact enough for it to lie inside."""
    x = y = doubled = 0.0
    for a, b in zip(ring, ring[1:], strict=False):
        cross = a[0] * b[1] - b[0] * a[1]
        doubled += cross
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return round(x / (3 * doubled), 1), round(y / (3 * doubled), 1)


def _simplified(ring: list[Point]) -> list[Point]:
    """The ring without points that lie within the tolerance of the line between kept ones (Douglas and Peucker)."""
    middle = max(range(len(ring)), key=lambda i: math.dist(ring[0], ring[i]))
    keep = {0, middle, len(ring) - 1}
    waiting = [(0, middle), (middle, len(ring) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        farthest = max(range(first + 1, last), key=lambda i: _distance(ring[i], ring[first], ring[last]))
        if _distance(ring[farthest], ring[first], ring[last]) > TOLERANCE:
            keep.add(farthest)
            waiting += [(first, farthest), (farthest, last)]
    return [ring[i] for i in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    length = math.dist(start, end)
    if not length:
        return math.dist(point, start)
    cross = (end[0] - start[0]) * (start[1] - point[1]) - (start[0] - point[0]) * (end[1] - start[1])
    return abs(cross) / length
