"""The holidays of a year as a dated value: the pack's own table, and what an office decided since by the same procedure as
for parameters.

A year's value is a list of lines, “春节 2027-02-06至2027-02-12” for days off (weekends included) and “上班 2027-02-14” for
a weekend day that is worked. A decision replaces the whole year. Clocks that were set before keep their last day.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shouwang.kernel.errors import InputError
from shouwang.kernel.working_days import WorkingDays
from shouwang.policy.dated import Dated, Ground

PREFIX = "calendar."
AHEAD = 3  # years after the last one of the pack that an office may set
LONGEST_HOLIDAY = 20  # days; a longer one is a wrong year in one of its two dates
WORKED = "上班"
DAY = r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?"
OFF = re.compile(rf"(?P<name>\D{{1,20}}?) *[::]? *{DAY}(?: *(?:至|到|to|~|—|-) *{DAY})?")
WORKING_DAYS = re.compile(rf"(?:(?:调休)?{WORKED}日?|worked) *[::]? *((?:{DAY}[、,， ]*)+)")
Lines = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Holidays(Dated[Lines]):
    """One year; its id is calendar.2027. Without a value the year counts Monday to Friday, and people are told."""

    year: int

    @property
    def is_missing(self) -> bool:
        return not self.values

    def at(self, day: date) -> Lines:
        """The table of the year as it stands, whatever the day; nothing where there is none yet."""
        return self.values[-1][1] if self.values else ()

    def parse(self, text: str) -> Lines:
        """Lines from a person's words, parted by a line break or a semicolon.

        Raises:
            InputError: a line does not read as holiday or as worked days, or a day lies in another year.
        """
        lines: list[str] = []
        written = [each.strip() for each in re.split(r"[；;\n]", unicodedata.normalize("NFKC", text)) if each.strip()]
        for each in written:
            if worked := WORKING_DAYS.fullmatch(each):
                lines += [f"{WORKED} {_day(found)}" for found in re.findall(DAY, worked[1])]
            elif off := OFF.fullmatch(each):
                first = _day(off.groups()[1:4])
                last = _day(off.groups()[4:7]) if off[5] else first
                lines.append(f"{''.join(off['name'].split())} {first}至{last}")
            else:
                raise InputError(
                    f"节假日“{each}”看不明白", "写成“春节 2027-02-06至2027-02-12”或“上班 2027-02-14、2027-02-20”"
                )
        found = tuple(lines)
        self._check(found)
        return found

    def text(self, value: Lines) -> str:
        return "；".join(value)

    def words(self, value: Lines) -> str:
        return "；".join(value)

    def _check(self, lines: Lines) -> None:
        if not lines:
            raise InputError(f"{self.year}年没有写任何节假日", "按国务院办公厅的通知填写")
        days = table_of([lines], [self.year])
        wrong = sorted(day for day in days.holidays | days.worked if abs(day.year - self.year) > 1)
        wrong += sorted(day for day in days.worked if day.year != self.year)
        if wrong:
            raise InputError(f"{wrong[0]} 不在 {self.year} 年", "核对年份")


def _day(parts: Iterable[str]) -> date:
    year, month, day = (int(each) for each in parts)
    try:
        return date(year, month, day)
    except ValueError:
        raise InputError(f"没有 {year}-{month}-{day} 这一天", "核对日期") from None


def table_of(years: Iterable[Lines], known: Iterable[int]) -> WorkingDays:
    """The days off and the worked weekend days of many years. Raises InputError where a day is both, or a span is too long."""
    holidays, worked = set[date](), set[date]()
    for lines in years:
        for line in lines:
            name, _, days = line.partition(" ")
            if name == WORKED:
                worked.add(date.fromisoformat(days))
                continue
            first, last = (date.fromisoformat(each) for each in days.split("至"))
            if not 0 <= (last - first).days < LONGEST_HOLIDAY:
                raise InputError(f"节假日表中{name}自{first}至{last}，不像一个假期", "核对首日和末日")
            holidays |= {first + timedelta(days=each) for each in range((last - first).days + 1)}
    return WorkingDays(frozenset(holidays), frozenset(worked), frozenset(known))


def calendar_of(years: Mapping[str, Holidays]) -> WorkingDays:
    """The working days of all years that have a table."""
    there = [each for each in years.values() if not each.is_missing]
    return table_of([each.at(date(each.year, 1, 1)) for each in there], [each.year for each in there])


def read_holidays(data: Mapping[Any, Any]) -> dict[str, Holidays]:
    """The table of the pack's file by year, with the years after it that have none yet.

    Raises:
        InputError: a year, a holiday or a day does not read as one.
    """
    found = {}
    for year, notice in data.items():
        if type(year) is not int or not notice.get("title") or not notice.get("number"):
            raise InputError(f"节假日表的 {year!r} 须写明年份、通知标题和文号", "按相邻年份的样子补全")
        lines = [_line(f"{year}年", name, span) for name, span in notice["days_off"].items()]
        lines += [f"{WORKED} {_of_file(day, f'{year}年调休上班')}" for day in notice["worked"]]
        found[str(year)] = _year(year, tuple(lines), Ground(notice["title"], notice["number"]))
    for year in range(max(data, default=0) + 1, max(data, default=0) + 1 + AHEAD):
        found[str(year)] = _year(year, (), Ground("", ""))
    return found


def _year(year: int, lines: Lines, ground: Ground) -> Holidays:
    values = ((date(year, 1, 1), lines),) if lines else ()
    return Holidays(id=f"{PREFIX}{year}", title=f"{year}年节假日安排", values=values, ground=ground, year=year)


def _line(year: str, name: str, span: Any) -> str:
    what = f"{year}{name}"
    if not isinstance(span, list) or len(span) != 2:
        raise InputError(f"节假日表中{what}应写成 [首日, 末日]", "按相邻节日的样子改正")
    first, last = (_of_file(day, what) for day in span)
    if not 0 <= (last - first).days < LONGEST_HOLIDAY:
        raise InputError(f"节假日表中{what}自{first}至{last}，不像一个假期", "核对首日和末日")
    return f"{name} {first}至{last}"


def _of_file(day: Any, what: str) -> date:
    if type(day) is not date:
        raise InputError(f"节假日表中{what}的 {day!r} 不是日期", "写成 2021-02-11 的样子")
    return day
