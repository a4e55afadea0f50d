"""Which source rows a fact rests on: small conditions, each of which can be a statement and can be said in words.

A column is named as in the source's contract; `member.…` names a column of the person's own register row.
Numbers and code lists come from the policy pack by the parameter's id.
"""

from dataclasses import dataclass
from typing import Protocol

from shouwang.facts.setting import Period, Setting, day_words, literal

OF_MEMBER = "member."


class Condition(Protocol):
    """A test of one source row `r` of person `p`."""

    def sql(self, at: Setting) -> str: ...
    def words(self, at: Setting, headers: dict[str, str]) -> str: ...
    def columns(self) -> tuple[str, ...]: ...
    def parameters(self) -> tuple[str, ...]: ...
    def period(self, at: Setting) -> Period | None: ...


@dataclass(frozen=True)
class _OnColumn:
    column: str

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def parameters(self) -> tuple[str, ...]:
        return ()

    def period(self, at: Setting) -> Period | None:
        return None

    @property
    def place(self) -> str:
        return place_of(self.column)


def place_of(column: str) -> str:
    """Where a column stands in a statement."""
    return f"p.{column.removeprefix(OF_MEMBER)}" if column.startswith(OF_MEMBER) else f"r.{column}"


@dataclass(frozen=True)
class _OnParameter(_OnColumn):
    parameter: str

    def parameters(self) -> tuple[str, ...]:
        return (self.parameter,)


class Within(_OnParameter):
    """The date lies within the last N days: D−N < date ≤ D."""

    def sql(self, at: Setting) -> str:
        return _between(self.place, at.within(self.parameter))

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        days = at.number(self.parameter)
        return f"{headers[self.column]}在近{days}天内（{at.within(self.parameter).words()}）"

    def period(self, at: Setting) -> Period | None:
        return at.within(self.parameter)


class InWholeMonths(_OnParameter):
    """The date lies in the last N whole months before the month of D."""

    def sql(self, at: Setting) -> str:
        return _between(self.place, at.whole_months(self.parameter))

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}在{at.whole_months(self.parameter).words()}"

    def period(self, at: Setting) -> Period | None:
        return at.whole_months(self.parameter)


class UpToDay(_OnColumn):
    """The date is D or earlier."""

    def sql(self, at: Setting) -> str:
        return f"{self.place} <= {literal(at.as_of)}"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}不晚于{day_words(at.as_of)}"


class NotByDay(_OnColumn):
    """The date is empty or after D: what it would end still goes on."""

    def sql(self, at: Setting) -> str:
        return f"({self.place} IS NULL OR {self.place} > {literal(at.as_of)})"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}为空或晚于{day_words(at.as_of)}"


class DaysAgo(_OnParameter):
    """The date is D − N or earlier."""

    def sql(self, at: Setting) -> str:
        return f"{self.place} <= {literal(at.days_before(self.parameter))}"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}不晚于{day_words(at.days_before(self.parameter))}"


class OneOf(_OnParameter):
    """The code is one of the parameter's list."""

    def sql(self, at: Setting) -> str:
        return f"{self.place} IN ({_listed(at, self.parameter)})"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}为{'或'.join(at.names(self.parameter))}"


class NoneOf(_OnParameter):
    """The code is empty or outside the parameter's list."""

    def sql(self, at: Setting) -> str:
        return f"({self.place} IS NULL OR {self.place} NOT IN ({_listed(at, self.parameter)}))"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}不是{'或'.join(at.names(self.parameter))}"


class InYearOfDay(_OnColumn):
    """The year is the year of D."""

    def sql(self, at: Setting) -> str:
        return f"{self.place} = {at.as_of.year}"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}为{at.as_of.year}年"


@dataclass(frozen=True)
class Aged(_OnColumn):
    """The person's age in completed years at D lies between two parameters, both included; no birth date, no age."""

    lowest: str
    highest: str

    def sql(self, at: Setting) -> str:
        day = at.as_of
        birth = self.place
        not_yet = f"month({birth}) * 100 + day({birth}) > {day.month * 100 + day.day}"
        age = f"{day.year} - year({birth}) - CASE WHEN {not_yet} THEN 1 ELSE 0 END"
        return f"{age} BETWEEN {literal(at.number(self.lowest))} AND {literal(at.number(self.highest))}"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"年龄{at.number(self.lowest)}至{at.number(self.highest)}周岁"

    def parameters(self) -> tuple[str, ...]:
        return (self.lowest, self.highest)


@dataclass(frozen=True)
class Either:
    """One of several alternatives, each a list of conditions that all hold."""

    alternatives: tuple[tuple[Condition, ...], ...]

    def sql(self, at: Setting) -> str:
        return "(" + " OR ".join(f"({all_of(each, at)})" for each in self.alternatives) + ")"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return "，或".join("且".join(one.words(at, headers) for one in each) for each in self.alternatives)

    def columns(self) -> tuple[str, ...]:
        return tuple(name for each in self.alternatives for one in each for name in one.columns())

    def parameters(self) -> tuple[str, ...]:
        return tuple(name for each in self.alternatives for one in each for name in one.parameters())

    def period(self, at: Setting) -> Period | None:
        return None


def all_of(conditions: tuple[Condition, ...], at: Setting) -> str:
    """All conditions joined; what holds for every row where there are none."""
    return " AND ".join(condition.sql(at) for condition in conditions) or "1 = 1"


def _between(place: str, period: Period) -> str:
    return f"{place} BETWEEN {literal(period.first)} AND {literal(period.last)}"


def _listed(at: Setting, parameter: str) -> str:
    return ", ".join(literal(name) for name in at.names(parameter))
