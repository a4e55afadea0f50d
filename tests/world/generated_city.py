"""The small city that the tests of this folder look at."""

from shouwang.world.build import WorldPlan

PLAN = WorldPlan(persons=1200, months=3, seed=7, start="2021-01")


def quiet(_: int) -> None:
    """Progress that nobody watches."""
