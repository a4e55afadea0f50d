"""What a policy sets from a day on: its values over time with their ground, the pack's own and those that were decided since."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, Self, TypeVar

from shouwang.kernel.errors import InputError
from shouwang.policy.decided import Decided

V = TypeVar("V")


@dataclass(frozen=True)
class Ground:
    """Where a value comes from: a document of the pack, and the clause."""

    document: str
    clause: str


def read_ground(data: Any, what: str) -> Ground:
    """Raises InputError where document or clause is missing."""
    if not isinstance(data, dict) or not data.get("document") or not data.get("clause"):
        raise InputError(f"{what}的依据（ground）须写明 document 和 clause", "补上文件和条款后再试")
    return Ground(data["document"], str(data["clause"]))


@dataclass(frozen=True, kw_only=True)
class Dated(ABC, Generic[V]):
    """`values` says from which day on which value holds; the last one goes on.

    `written` are the values of the pack's own file and `decided` those that an office decided since; `values` is both:
    of two for the same day a decided one holds, and of two decided ones the later decision.
    """

    id: str
    title: str
    values: tuple[tuple[date, V], ...]
    ground: Ground
    review: str = ""
    written: tuple[tuple[date, V], ...] = ()
    decided: tuple[Decided, ...] = ()

    @abstractmethod
    def parse(self, text: str) -> V:
        """A value from a person's words or from the list of decided values. Raises InputError where it is none."""

    @abstractmethod
    def text(self, value: V) -> str:
        """A value as `parse` reads it back."""

    @abstractmethod
    def words(self, value: V) -> str:
        """A value with its unit, as people write it."""

    def with_decided(self, decided: Sequence[Decided]) -> Self:
        """The same with decided values, in the order of their decision.

        Raises:
            InputError: a decided value cannot be read any more.
        """
        values = dict(self.written or self.values)
        for each in decided:
            values[each.valid_from] = self.parse(each.value)
        ordered = tuple((day, values[day]) for day in sorted(values))
        return replace(self, values=ordered, written=self.written or self.values, decided=tuple(decided))

    def decided_at(self, day: date) -> Decided | None:
        """The decision by which the value of a day holds; None where the pack's own value holds."""
        since = self.since(day)
        return next((each for each in reversed(self.decided) if each.valid_from == since), None)

    def since(self, day: date) -> date | None:
        """From when the value holds that holds on a day; None before the first."""
        return max((since for since, _ in self.values if since <= day), default=None)

    def at(self, day: date) -> V:
        """The value that holds on a day.

        Raises:
            InputError: the first value begins later.
        """
        held = [value for since, value in self.values if since <= day]
        if not held:
            begins = self.values[0][0]
            raise InputError(
                f"参数 {self.id}（{self.title}）自{begins}起才有数值，不能用于{day}",
                "选用更晚的截至日期，或补上更早的数值",
            )
        return held[-1]

    def is_older_than_a_year(self, day: date) -> bool:
        """Whether the last dated value began more than a year before a day."""
        since = self.values[-1][0]
        return (since.year + 1, since.month, since.day) < (day.year, day.month, day.day)
