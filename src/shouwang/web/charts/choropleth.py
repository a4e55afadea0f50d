"""A map of counties, the darker the more clues."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext

from shouwang.web.charts.boundaries import Point, outline

STEPS = 5


@dataclass(frozen=True)
class County:
    """One county on the map; `step` 0 means none, 5 the most."""

    code: str
    name: str
    path: str
    label: Point | None
    value: int
    step: int
    url: str

    @property
    def short_name(self) -> str:
        """The name as it stands on the map: 酉阳 for 酉阳土家族苗族自治县, 万州 for 万州区."""
        bare = self.name.partition("（")[0]
        if bare.endswith("自治县"):
            return bare[:2]
        return bare[:-1] if len(bare) > 2 and bare[-1] in "区县" else bare


@dataclass(frozen=True)
class LegendEntry:
    step: int
    text: str


@dataclass(frozen=True)
class Choropleth:
    width: int
    height: int
    counties: tuple[County, ...]
    legend: tuple[LegendEntry, ...]


@dataclass(frozen=True)
class Place:
    """What is to be shown in one area of the map; `code` differs from the shape's where a county was merged."""

    code: str
    name: str
    value: int
    url: str


def choropleth(boundaries: Path, places: Mapping[str, Place]) -> Choropleth:
    """The map with `places` by the code of the shape; shapes without a place stay empty."""
    ground = outline(boundaries)
    distinct = {place.code: place.value for place in places.values()}
    limits = step_limits(list(distinct.values()))
    counties = []
    for shape in ground.shapes:
        place = places.get(shape.code) or Place(shape.code, shape.name, 0, "")
        name = place.name if place.code == shape.code else f"{place.name}（原{shape.name}）"
        step = sum(place.value >= limit for limit in limits)
        counties.append(County(shape.code, name, shape.path, shape.label, place.value, step, place.url))
    return Choropleth(ground.width, ground.height, tuple(counties), legend(limits, list(distinct.values())))


def step_limits(values: list[int]) -> list[int]:
    """The least value of each step from 1 on: equal parts of the places that have any, so that no step is empty."""
    some = sorted(value for value in values if value > 0)
    if not some:
        return []
    limits = sorted({some[len(some) * step // STEPS] for step in range(STEPS)})
    return limits


def legend(limits: list[int], values: list[int]) -> tuple[LegendEntry, ...]:
    """What each step stands for, from few to many."""
    entries = [LegendEntry(0, gettext("无"))]
    for step, least in enumerate(limits, 1):
        most = limits[step] - 1 if step < len(limits) else max(values)
        entries.append(LegendEntry(step, str(least) if most == least else f"{least}–{most}"))
    return tuple(entries)
