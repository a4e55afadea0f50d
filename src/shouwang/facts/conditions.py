"""Which source rows a fact rests on: small conditions, each of which can be a statement and can be said in words.

A column is named as in the source's contract; `member.…` names a column of the person's own register row.
Numbers and code lists come from the policy pack by the parameter's id.
"""

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from shouwang.facts.setting import Period, Setting, day_words, literal

OF_MEMBER = "member."
DAY = timedelta(days=1)


class Condition(Protocol):
    """A test of one source row `r` of person `p`.

    `turning` is a test that at least those rows meet for which the condition holds on one of two days and not on the other;
    None where the day does not matter.
    """

    def sql(self, at: Setting) -> str: ...
    def words(self, at: Setting, headers: dict[str, str]) -> str: ...
    def columns(self) -> tuple[str, ...]: ...
    def parameters(self) -> tuple[str, ...]: ...
    def period(self, at: Setting) -> Period | None: ...
    def turning(self, before: Setting, after: Setting) -> str | None: ...


class _OnDays:
    """A condition that only asks whether a date lies in `days` or not: it turns on the days at both ends of these, so that
    whole files are passed over."""

    place: str

    def days(self, at: Setting) -> Period:
        raise NotImplementedError

    def turning(self, before: Setting, after: Setting) -> str | None:
        then, now = self.days(before), self.days(after)
        strips = []
        if then.first != now.first:
            first, last = sorted((then.first, now.first))
            strips.append(_between(self.place, Period(first, last - DAY)))
        if then.last != now.last:
            first, last = sorted((then.last, now.last))
            strips.append(_between(self.place, Period(first + DAY, last)))
        return f"({' OR '.join(strips)})" if strips else None


@dataclass(frozen=True)
class _OnColumn:
    column: str

    def sql(self, at: Setting) -> str:
        raise NotImplementedError

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def parameters(self) -> tuple[str, ...]:
        return ()

    def period(self, at: Setting) -> Period | None:
        return None

    def turning(self, before: Setting, after: Setting) -> str | None:
        """What is always right to look at: every row, whether it comes out otherwise."""
        then, now = self.sql(before), self.sql(after)
        return None if then == now else f"(({then}) IS DISTINCT FROM ({now}))"

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


class Within(_OnDays, _OnParameter):
    """The date lies within the last N days: D−N < date ≤ D."""

    def days(self, at: Setting) -> Period:
        return at.within(self.parameter)

    def sql(self, at: Setting) -> str:
        return _between(self.place, self.days(at))

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        days = at.number(self.parameter)
        return f"{headers[self.column]}在近{days}天内（{at.within(self.parameter).words()}）"

    def period(self, at: Setting) -> Period | None:
        return at.within(self.parameter)


class InWholeMonths(_OnDays, _OnParameter):
    """The date lies in the last N whole months before the month of D."""

    def days(self, at: Setting) -> Period:
        return at.whole_months(self.parameter)

    def sql(self, at: Setting) -> str:
        return _between(self.place, self.days(at))

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}在{at.whole_months(self.parameter).words()}"

    def period(self, at: Setting) -> Period | None:
        return at.whole_months(self.parameter)


class UpToDay(_OnDays, _OnColumn):
    """The date is D or earlier."""

    def days(self, at: Setting) -> Period:
        return Period(date.min, at.as_of)

    def sql(self, at: Setting) -> str:
        return f"{self.place} <= {literal(at.as_of)}"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}不晚于{day_words(at.as_of)}"


class NotByDay(_OnDays, _OnColumn):
    """The date is empty or after D: what it would end still goes on."""

    def days(self, at: Setting) -> Period:
        return Period(date.min, at.as_of)

    def sql(self, at: Setting) -> str:
        return f"({self.place} IS NULL OR {self.place} > {literal(at.as_of)})"

    def words(self, at: Setting, headers: dict[str, str]) -> str:
        return f"{headers[self.column]}为空或晚于{day_words(at.as_of)}"


class DaysAgo(_OnDays, _OnParameter):
    """The date is D − N or earlier."""

    def days(self, at: Setting) -> Period:
        return Period(date.min, at.days_before(self.parameter))

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
class Aged(_OnDays, _OnColumn):
    """The person's age in completed years at D lies between two parameters, both included; no birth date, no age."""

    lowest: str
    highest: str

    def days(self, at: Setting) -> Period:
        """The days of birth: whoever was born on 29 February is a year older on 1 March."""
        youngest = _years_before(at.as_of, int(at.number(self.lowest)))
        return Period(_years_before(at.as_of, int(at.number(self.highest)) + 1) + DAY, youngest)

    def sql(self, at: Setting) -> str:
        return _between(self.place, self.days(at))

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

    def turning(self, before: Setting, after: Setting) -> str | None:
        return any_turning((one for each in self.alternatives for one in each), before, after)


def any_turning(conditions: Iterable[Condition], before: Setting, after: Setting) -> str | None:
    """A test that at least those rows meet for which some condition turns; None where none can."""
    found = dict.fromkeys(each.turning(before, after) for each in conditions)
    return " OR ".join(each for each in found if each) or None


def all_of(conditions: tuple[Condition, ...], at: Setting) -> str:
    """All conditions joined; what holds for every row where there are none."""
    return " AND ".join(condition.sql(at) for condition in conditions) or "1 = 1"


def _years_before(day: date, years: int) -> date:
    """The same day of an earlier year, or the last one before it."""
    leap = (day.month, day.day) == (2, 29)
    return (day - DAY if leap and not isleap(day.year - years) else day).replace(year=day.year - years)


def _between(place: str, period: Period) -> str:
    return f"{place} BETWEEN {literal(period.first)} AND {literal(period.last)}"


def _listed(at: Setting, parameter: str) -> str:
    return ", ".join(literal(name) for name in at.names(parameter))
