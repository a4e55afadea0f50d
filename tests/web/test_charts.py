"""The charts' figures: what is drawn is what was counted."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from shouwang.jobs.policy import current_pack
from shouwang.web.charts.bars import parts
from shouwang.web.charts.boundaries import WIDTH, outline
from shouwang.web.charts.choropleth import Place, choropleth, tiles
from shouwang.web.charts.flow import HEIGHT as STREAM
from shouwang.web.charts.flow import stream
from shouwang.web.charts.shading import shading, step_limits
from shouwang.web.charts.trend import BOTTOM, HEIGHT, TOP, months_back, trend
from shouwang.web.overview import BOUNDARIES

MAP = current_pack().path / BOUNDARIES


def test_every_county_is_drawn_within_the_box() -> None:
    ground = outline(MAP)
    assert len(ground.shapes) == 38
    for shape in ground.shapes:
        assert re.fullmatch(r"(M[\d.]+ [\d.]+l[-\d. ]+z)+", shape.path), shape.name
        x, y = map(float, re.match(r"M([\d.]+) ([\d.]+)", shape.path).groups())
        assert 0 <= x <= WIDTH
        assert 0 <= y <= ground.height
    assert sum(len(shape.path) for shape in ground.shapes) < 40_000


def test_the_map_is_as_wide_as_the_land(tmp_path: Path) -> None:
    square = [[[100, 30], [101, 30], [101, 31], [100, 31], [100, 30]]]
    feature = {
        "type": "Feature",
        "properties": {"code": "1", "name": "甲"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    path = tmp_path / "b.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    ground = outline(path)
    assert ground.height == pytest.approx(632 / 0.8616 + 8, abs=2)  # a degree of latitude is longer: 1 / cos 30.5°
    assert ground.shapes[0].label == pytest.approx((320, ground.height / 2), abs=1)


def place(code: str, name: str, value: float | None, url: str = "/areas/") -> Place:
    return Place(code, name, value, "", url)


def test_merged_counties_lead_to_their_successor_and_count_once() -> None:
    places = {
        "500105000000": place("500157000000", "两江新区", 9, "/areas/500157000000/"),
        "500112000000": place("500157000000", "两江新区", 9, "/areas/500157000000/"),
        "500101000000": place("500101000000", "万州区", 3),
        "500103000000": place("500103000000", "渝中区", None),
    }
    found = choropleth(MAP, places)
    codes = [shape.code for shape in outline(MAP).shapes]
    drawn = dict(zip(codes, found.places, strict=True))
    assert drawn["500105000000"].place.name == "两江新区（原江北区）"
    assert drawn["500112000000"].step == drawn["500105000000"].step > drawn["500101000000"].step > "0"
    assert (drawn["500102000000"].step, drawn["500103000000"].step) == ("unknown", "unknown")
    assert drawn["500102000000"].place.url == ""
    assert [entry.text for entry in found.legend] == ["0", "3", "9", "没有数据"]


def test_none_is_not_unknown_and_every_known_value_has_its_step() -> None:
    rates = [0.0, 122.857, 140.99, 475.3, None]
    shades = shading(rates)
    assert [shades.step(rate) for rate in rates] == ["0", "1", "2", "3", "unknown"]
    assert [entry.text for entry in shades.legend] == ["0", "123", "141", "475", "没有数据"]
    assert [entry.text for entry in shading([1.25, 3.75]).legend] == ["0", "1.2", "3.8"]
    assert "没有数据" not in [entry.text for entry in shading([1.0]).legend]


def test_names_fit_on_the_map() -> None:
    names = (
        "酉阳土家族苗族自治县",
        "万州区",
        "开州区",
        "两江新区",
        "古路镇",
        "高笋塘街道",
        "东方广场社区居民委员会",
        "五育村",
    )
    drawn = tiles([place(str(n), name, n) for n, name in enumerate(names)])
    assert [each.place.short_name for each in drawn.places] == [
        *("酉阳", "万州", "开州", "两江", "古路", "高笋塘", "东方广场", "五育"),
    ]


def test_the_stream_is_as_wide_as_many_came_and_shows_who_stands() -> None:
    drawn = stream([(100, 0, "step-4"), (50, 25, "step-4"), (0, 0, "step-4")])
    points = [tuple(map(float, point.split())) for point in drawn.path.strip("Mz").split("L")]
    tall = {x: max(y for px, y in points if px == x) - min(y for px, y in points if px == x) for x in (50, 150, 250)}
    assert tall == {50: STREAM, 150: STREAM / 2, 250: 0}
    (block,) = drawn.blocks
    assert block.height == STREAM / 4
    assert stream([(0, 0, "step-4")]).blocks == ()


@pytest.mark.parametrize(
    ("values", "limits"),
    [([], []), ([0, 0], []), ([7], [7]), ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]), ([1, 1, 1, 9], [1, 9])],
)
def test_no_step_of_the_map_is_empty(values: list[int], limits: list[int]) -> None:
    assert step_limits(values) == limits


def test_the_columns_stand_on_the_base_and_add_up() -> None:
    months = months_back(date(2025, 2, 28), 12)
    assert (months[0], months[-1]) == (date(2024, 3, 1), date(2025, 2, 1))
    drawn = trend({date(2025, 1, 1): {"red": 5, "yellow": 15}}, months)
    column = drawn.months[10]
    assert (column.label, column.total, drawn.total) == ("2025年", 20, 20)
    assert [block.level for block in column.blocks] == ["yellow", "red"]
    yellow, red = column.blocks
    assert yellow.y + yellow.height == pytest.approx(HEIGHT - BOTTOM, abs=0.2)
    assert red.y + red.height == pytest.approx(yellow.y, abs=0.2)
    assert red.height * 3 == pytest.approx(yellow.height, abs=0.5)
    assert [line.value for line in drawn.grid] == [5, 10, 15, 20]
    assert red.y == pytest.approx(TOP, abs=0.2)


def test_nothing_is_drawn_of_nothing() -> None:
    assert trend({}, months_back(date(2025, 2, 28), 12)).total == 0
    assert parts([("red", 0)], 0) == []


def test_a_small_part_of_a_bar_stays_visible() -> None:
    assert [(part.kind, part.width) for part in parts([("good", 9_999), ("red", 1)], 10_000)] == [
        ("good", 99.99),
        ("red", 0.6),
    ]
