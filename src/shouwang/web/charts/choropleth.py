"""A map of places, the darker the more clues; or the same as tiles where no boundaries are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.utils.translation import gettext as _

from shouwang.web.charts.boundaries import Point, outline
from shouwang.web.charts.shading import LegendEntry, shading


@dataclass(frozen=True)
class Place:
    """What is to be shown in one place; `code` differs from the shape's where a county was merged.

    `value` is what the shade stands for, None where it is not known; `words` say it with its unit.
    """

    code: str
    name: str
    value: float | None
    words: str
    url: str

    @property
    def short_name(self) -> str:
        """The name as it stands on the map: 酉阳 for 酉阳土家族苗族自治县, 万州 for 万州区, 古路 for 古路镇."""
        bare = self.name.partition("（")[0].partition(" (")[0]
        for ending in ("村民委员会", "居民委员会"):
            bare = bare.removesuffix(ending) or bare
        if bare.endswith("自治县"):
            return bare[:2]
        for ending in ("街道", "社区", "新区", "区", "县", "镇", "乡", "村"):
            if bare.endswith(ending) and len(bare) > len(ending) + 1:
                return bare.removesuffix(ending)
        return bare

    @property
    def shown(self) -> str:
        return "—" if self.value is None else f"{self.value:,.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Drawn:
    """A place with its shade; `path` and `label` are those of its shape, none on a tile."""

    place: Place
    step: str
    path: str = ""
    label: Point | None = None

    @property
    def is_dark(self) -> bool:
        return self.step in ("4", "5")


@dataclass(frozen=True)
class Choropleth:
    """`width` and `height` are those of the drawing in its own units; nought for tiles."""

    places: tuple[Drawn, ...]
    legend: tuple[LegendEntry, ...]
    width: int = 0
    height: int = 0

    @property
    def is_map(self) -> bool:
        return self.width > 0


def choropleth(boundaries: Path, places: Mapping[str, Place]) -> Choropleth:
    """The map with `places` by the code of the shape; shapes without a place are drawn as unknown."""
    ground = outline(boundaries)
    values: list[float | None] = list({place.code: place.value for place in places.values()}.values())
    if len(places) < len(ground.shapes):
        values.append(None)
    shades, drawn = shading(values), []
    for shape in ground.shapes:
        place = places.get(shape.code) or Place(shape.code, shape.name, None, "", "")
        if place.code != shape.code:
            name = _("{name}（原{former}）").format(name=place.name, former=shape.name)
            place = replace(place, name=name)
        drawn.append(Drawn(place, shades.step(place.value), shape.path, shape.label))
    return Choropleth(tuple(drawn), shades.legend, ground.width, ground.height)


def tiles(places: Sequence[Place]) -> Choropleth:
    """The same places side by side, in their order."""
    shades = shading(place.value for place in places)
    return Choropleth(tuple(Drawn(place, shades.step(place.value)) for place in places), shades.legend)


def shape_codes(boundaries: Path) -> list[str]:
    return [shape.code for shape in outline(boundaries).shapes]
