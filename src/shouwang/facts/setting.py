"""For which day and with which parameter values facts are computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

Value = Decimal | int | tuple[str, ...]


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def words(self) -> str:
        return f"{day_words(self.first)}至{day_words(self.last)}"


@dataclass(frozen=True)
class Setting:
    """The as-of day D, and the value of every parameter at D: amounts in yuan, spans in days, months or years."""

    as_of: date
    parameters: Mapping[str, Value]

    def number(self, parameter: str) -> Decimal | int:
        value = self.parameters[parameter]
        if isinstance(value, tuple):
            raise TypeError(f"{parameter} is a list, not a number")
        return value

    def names(self, parameter: str) -> tuple[str, ...]:
        value = self.parameters[parameter]
        if not isinstance(value, tuple):
            raise TypeError(f"{parameter} is a number, not a list")
        return value

    def days_before(self, parameter: str) -> date:
        """D − N."""
        return self.as_of - timedelta(days=int(self.number(parameter)))

    def within(self, parameter: str) -> Period:
        """STANDARD_RULES, "Within N days": D−N < date ≤ D."""
        return Period(self.days_before(parameter) + timedelta(days=1), self.as_of)

    def whole_months(self, parameter: str) -> Period:
        """The N whole months that end on the last day of the month before D (W12 for twelve)."""
        last = self.as_of.replace(day=1) - timedelta(days=1)
        months = last.year * 12 + last.month - int(self.number(parameter))
        return Period(date(months // 12, months % 12 + 1, 1), last)


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def literal(value: Decimal | int | date | str) -> str:
    """A value as it stands in a statement."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
