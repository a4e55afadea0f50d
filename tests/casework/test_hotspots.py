"""Hot spots: the probability is that of the binomial distribution, and chance alone names hardly any place."""

import math
import random

import pytest

from shouwang.clues.hotspots import CHANCE, FEWEST, at_least, hot_spots


@pytest.mark.parametrize(
    ("number", "of", "share"), [(0, 5, 0.3), (3, 10, 0.2), (8, 300, 0.012), (5, 5, 0.5), (1, 1, 1.0)]
)
def test_the_probability_is_that_of_the_binomial_distribution(number: int, of: int, share: float) -> None:
    exact = sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(number, of + 1))
    assert at_least(number, of, share) == pytest.approx(exact)


def test_a_tiny_probability_is_not_lost() -> None:
    assert 0 < at_least(40, 200, 0.001) < 1e-60
    assert at_least(3, 10, 0.0) == 0


def test_a_place_that_stands_out_is_named_with_its_figures() -> None:
    found = {("甲村", "illness"): 24, **{(f"{n}村", "illness"): 3 for n in range(30)}}
    (spot,) = hot_spots(found, {place: 300 for place, _ in found})
    assert (spot.place, spot.found, spot.households) == ("甲村", 24, 300)
    assert spot.usual == pytest.approx((24 + 90) / (31 * 300))
    assert spot.times == pytest.approx((24 / 300) / ((24 + 90) / (31 * 300)))


def test_few_households_are_never_named_nor_a_small_surplus() -> None:
    crowd = {f"{n}村": 100_000 for n in range(3)}
    assert hot_spots({("小村", "illness"): FEWEST - 1, ("0村", "illness"): 1}, {"小村": 2, **crowd}) == []
    usual = {(place, "illness"): 1000 for place in crowd}
    assert hot_spots({**usual, ("大村", "illness"): 1400}, {"大村": 100_000, **crowd}) == []
    assert hot_spots({("小村", "illness"): FEWEST, ("0村", "illness"): 1}, {"小村": 20, **crowd}) != []


def test_places_without_households_are_not_compared() -> None:
    assert hot_spots({("空村", "illness"): 9}, {"空村": 0, "甲村": 100}) == []
    assert hot_spots({}, {}) == []


def test_chance_alone_names_hardly_any_place() -> None:
    """Two hundred counties in which every village is alike: by the correction fewer than one in twenty name any."""
    draw, named = random.Random(7), 0
    for _ in range(200):
        households = {f"{n}村": 120 for n in range(60)}
        found = {
            (place, risk): sum(draw.random() < 0.02 for _ in range(120)) for place in households for risk in ("a", "b")
        }
        named += bool(hot_spots(found, households))
    assert named <= 200 * CHANCE
