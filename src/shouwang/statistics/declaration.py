"""What a statistic is: a number that is counted from records, or the ratio of two such numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from shouwang.statistics.models import Cut

# The values of a row's cell that holds several: the departments of a clue, its rules.
Several = Callable[[Any], Sequence[str]]


@dataclass(frozen=True)
class Span:
    """Counts only what kept to a clock of the policy pack, from one day to another (columns or expressions of the rows).

    With `or_due` it counts what was to be judged: what has an end, and what has none though its last day is over.
    """

    clock: str
    began: Any
    ended: Any
    or_due: bool = False

    def counts(self, began: date, ended: date | None, last_day: date, on: date) -> bool:
        """Whether something counts that began and ended so, on a day on which one looks."""
        if self.or_due:
            return ended is not None or last_day < on
        return ended is not None and ended <= last_day


@dataclass(frozen=True)
class Additive:
    """A number of things: those of the villages add up to that of the township, county and city.

    `rows` are what is counted, as they stand on a day; `month` names the day that says in which month each counts, and
    `area` the village. A `stock` is what there is at the end of a month (or today): it has no `month`, and the figure of a
    period is that of its last month. `cuts` say by which columns it is told apart; `several` by which columns that hold
    several values, of which each counts. `span` leaves out what did not keep to a clock. `definition` says in words what
    is counted, `document` on what that rests.
    """

    code: str
    group: str
    title: Any
    unit: Any
    definition: Any
    document: str
    rows: Callable[[date], QuerySet[Any]]
    month: str = ""
    area: str = "area"
    stock: bool = False
    cuts: Mapping[Cut, Any] = field(default_factory=dict)
    several: Mapping[Cut, tuple[str, Several]] = field(default_factory=dict)
    span: Span | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.code,)

    @property
    def all_cuts(self) -> tuple[Cut, ...]:
        return (Cut.WHOLE, *self.cuts, *self.several)


@dataclass(frozen=True)
class Ratio:
    """One additive number as a part of another, in per cent; `binding` is the value that the plan demands, if any."""

    code: str
    group: str
    title: Any
    part: Additive
    whole: Additive
    definition: Any
    document: str
    binding: int | None = None

    unit = "%"

    @property
    def codes(self) -> tuple[str, ...]:
        return (self.part.code, self.whole.code)

    @property
    def all_cuts(self) -> tuple[Cut, ...]:
        return tuple(cut for cut in self.part.all_cuts if cut in self.whole.all_cuts)

    @property
    def stock(self) -> bool:
        return self.part.stock


Statistic = Additive | Ratio
