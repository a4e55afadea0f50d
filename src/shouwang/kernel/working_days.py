"""Working days: the weekends, the holidays and the weekend days that are worked to make up for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shouwang.kernel.errors import InputError

Unit = Literal["natural", "working"]
UNITS: Mapping[Unit, str] = {"natural": "天", "working": "个工作日"}
ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST = 1000  # days; longer is a slip of the pen, not a clock


@dataclass(frozen=True)
class Limit:
    """How long a clock runs: so many days of a kind."""

    days: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.days}{UNITS[self.unit]}"


@dataclass(frozen=True)
class WorkingDays:
    """The table of an office: `holidays` are off whatever the weekday, `worked` is worked whatever the weekday.

    `years` are the years that the table speaks of. In any other year Monday to Friday are worked: a clock has to go on
    before the next notice is out, and whoever shows the day says that it may move (`assumed`).
    """

    holidays: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]

    def __post_init__(self) -> None:
        both = sorted(self.holidays & self.worked)
        if both:
            raise InputError(f"节假日表中 {both[0]} 既是放假日又是上班日", "按国务院办公厅的通知改正")
        needless = sorted(day for day in self.worked if day.weekday() < SATURDAY)
        if needless:
            raise InputError(f"节假日表中 {needless[0]} 本来就是工作日，不必列为调休上班", "核对日期")

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.holidays)

    def deadline(self, began: date, days: int, unit: Unit) -> date:
        """The last day of a clock of so many days; the day on which it began does not count.

        Natural days are counted through weekends and holidays and may end on one.

        Raises:
            InputError: the clock is negative or longer than anybody means.
        """
        if not 0 <= days <= LONGEST:
            raise InputError(f"时限 {days} 天不在允许的范围内", f"填 0 到 {LONGEST} 之间的天数")
        if unit == "natural":
            return began + timedelta(days=days)
        day = began
        while days:
            day += ONE_DAY
            days -= self.is_working(day)
        return day

    def between(self, first: date, last: date, unit: Unit) -> int:
        """Days after `first` up to `last`, that one included; negative where `last` lies before `first`."""
        if last < first:
            return -self.between(last, first, unit)
        if unit == "natural":
            return (last - first).days
        return sum(self.is_working(first + timedelta(days=each)) for each in range(1, (last - first).days + 1))

    def assumed(self, first: date, last: date) -> list[int]:
        """The years of a span that the table does not speak of."""
        return [year for year in range(first.year, last.year + 1) if year not in self.years]
