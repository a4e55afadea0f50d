"""The months a world lasts, and the day of the month on which each department sends its file."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from shouwang.kernel.errors import InputError
from shouwang.world.draws import Ints

SENDING_DAY = {
    "household_register": 4,
    "medical_settlement": 6,
    "medical_enrolment": 8,
    "asset_record": 9,
    "social_assistance": 10,
    "school_roll": 11,
    "income_statement": 12,
    "disability_certificate": 15,
    "housing_appraisal": 16,
    "employment_record": 18,
    "vital_event": 20,
    "industry_setback": 21,
    "accident_report": 22,
    "water_fault": 25,
    "disaster_report": 26,
    "hotline_complaint": 27,
}
"""The order within a month is the order in which files arrive: the register first, so that the rest can be linked."""

EPOCH = date(1970, 1, 1)
NEVER = 9999
"""Month index of a row that nobody sends within the world."""


@dataclass(frozen=True)
class Calendar:
    """`count` months from the first of `start`'s month."""

    start: date
    count: int

    @cached_property
    def first_day(self) -> int:
        """Day number on which the world starts."""
        return day_number(self.start)

    @cached_property
    def end_day(self) -> int:
        """Day number after the last day."""
        return day_number(self.month(self.count))

    def month(self, index: int) -> date:
        """The first day of month `index`; negative ones lie before the start."""
        months = self.start.year * 12 + self.start.month - 1 + index
        return date(months // 12, months % 12 + 1, 1)

    def label(self, index: int) -> str:
        return self.month(index).strftime("%Y-%m")

    def received_on(self, source: str, index: int) -> date:
        return self.month(index).replace(day=SENDING_DAY[source])

    def arrival(self, source: str, told: Ints) -> Ints:
        """The first month whose file of `source` can hold what the department knew on day `told`; else `NEVER`."""
        sent = np.array([day_number(self.received_on(source, index)) for index in range(self.count)], dtype=np.int64)
        index = np.searchsorted(sent, told, side="left").astype(np.int64)
        return np.asarray(np.where(index < self.count, index, NEVER))

    def months_of_year_start(self) -> list[int]:
        """The first month and every later January: when yearly files are sent."""
        return [index for index in range(self.count) if index == 0 or self.month(index).month == 1]


def day_number(day: date) -> int:
    return (day - EPOCH).days


def parse_month(text: str) -> date:
    """`2021-01` as the first day of that month.

    Raises:
        InputError: not a month between 2000 and 2100.
    """
    year, _, month = text.partition("-")
    if not (
        len(year) == 4 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and "2000" <= year < "2100"
    ):
        raise InputError(f"“{text}”不是有效的月份", "请写成 2021-01 这样的形式")
    return date(int(year), int(month), 1)
