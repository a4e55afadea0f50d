"""How dark places are drawn: in equal parts from few to many, none apart from unknown."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

STEPS = 5
WHOLE_FROM = 20
UNKNOWN = "unknown"


@dataclass(frozen=True)
class LegendEntry:
    step: str
    text: str


@dataclass(frozen=True)
class Shading:
    """`limits` are the least values of the steps from 1 on; they and the legend have so many decimals."""

    limits: tuple[float, ...]
    legend: tuple[LegendEntry, ...]
    decimals: int

    def step(self, value: float | None) -> str:
        """The step of a value as styles name it: 0 for none, 5 for the most."""
        return UNKNOWN if value is None else str(sum(round(value, self.decimals) >= limit for limit in self.limits))


def shading(values: Iterable[float | None]) -> Shading:
    """The steps for some places' values; None where it is not known. Small values are told apart by a decimal."""
    every = list(values)
    most = max((value for value in every if value is not None), default=0)
    decimals = 1 if most < WHOLE_FROM and any(value is not None and value % 1 for value in every) else 0
    known = sorted(round(value, decimals) for value in every if value is not None)
    limits = step_limits([value for value in known if value > 0])
    entries = [LegendEntry("0", "0")]
    for step, least in enumerate(limits, 1):
        below = limits[step] if step < len(limits) else float("inf")
        most = max(value for value in known if value < below)
        span = f"{least:.{decimals}f}" if most == least else f"{least:.{decimals}f}–{most:.{decimals}f}"
        entries.append(LegendEntry(str(step), span))
    if len(known) < len(every):
        entries.append(LegendEntry(UNKNOWN, _("没有数据")))
    return Shading(tuple(limits), tuple(entries), decimals)


def step_limits(values: list[float]) -> list[float]:
    """The least value of each step: equal parts of the places that have any, so that no step is empty."""
    some = sorted(value for value in values if value > 0)
    return sorted({some[len(some) * step // STEPS] for step in range(STEPS)}) if some else []
