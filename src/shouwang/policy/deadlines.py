"""The clocks of a clue's handling and the calendar that they run by, as the pack's files have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from shouwang.kernel.errors import InputError
from shouwang.kernel.working_days import LONGEST, UNITS, Unit, WorkingDays
from shouwang.policy.parameters import Ground, read_ground

Confidence = Literal["H", "M", "L", "derived"]
# The clocks that a pack must have: one a step, one for rising while overdue, one for whoever was urged.
CLOCKS = ("city", "county", "township", "village", "township_review", "county_review", "rise", "urged")
LONGEST_HOLIDAY = 20  # days; a longer one is a wrong year in one of its two dates


@dataclass(frozen=True)
class Deadline:
    """How long a step may take. `values` says from which day on how many days hold; the last goes on."""

    id: str
    title: str
    unit: Unit
    values: tuple[tuple[date, int], ...]
    ground: Ground
    confidence: Confidence
    review: str = ""

    def at(self, day: date) -> int:
        """The number of days that holds on a day.

        Raises:
            InputError: the first value begins later.
        """
        held = [value for since, value in self.values if since <= day]
        if not held:
            raise InputError(
                f"“{self.title}”的时限自{self.values[0][0]}起才有，不能用于{day}", "在政策包中补上更早的值"
            )
        return held[-1]

    def words(self, day: date) -> str:
        """3天, 1个工作日."""
        return f"{self.at(day)}{UNITS[self.unit]}"


def read_deadline(name: str, data: Any) -> Deadline:
    """One clock from the pack's file.

    Raises:
        InputError: something is missing, of a wrong type, or not in order of date.
    """
    what = f"时限 {name}"
    if not isinstance(data, dict) or not data.get("title"):
        raise InputError(f"{what} 缺少 title", "补上后再试")
    dated = data.get("values")
    if not isinstance(dated, dict) or not dated or not all(type(day) is date for day in dated):
        raise InputError(f"{what} 的 values 应为“日期: 天数”", "例如 2021-01-01: 3")
    if list(dated) != sorted(dated):
        raise InputError(f"{what} 的数值没有按日期先后排列", "把较早的日期写在前面")
    for days in dated.values():
        if type(days) is not int or not 0 <= days <= LONGEST:
            raise InputError(f"{what} 的天数 {days!r} 不是 0 到 {LONGEST} 的整数", "改成整数")
    return Deadline(
        name,
        data["title"],
        _one_of(get_args(Unit), data.get("unit"), f"{what} 的单位"),
        tuple(dated.items()),
        read_ground(data.get("ground"), what),
        _one_of(get_args(Confidence), data.get("confidence"), f"{what} 的可信程度"),
        data.get("review", ""),
    )


def _one_of(allowed: tuple[Any, ...], given: Any, what: str) -> Any:
    if given not in allowed:
        raise InputError(f"{what} {given!r} 不认识", f"可用：{'、'.join(allowed)}")
    return given


def read_calendar(data: Mapping[Any, Any]) -> WorkingDays:
    """The table of days off, from the pack's file: a year's notice to its holidays and worked weekend days.

    Raises:
        InputError: a year, a holiday or a day does not read as one.
    """
    holidays: set[date] = set()
    worked: set[date] = set()
    for year, notice in data.items():
        if type(year) is not int or not notice.get("title") or not notice.get("number"):
            raise InputError(f"节假日表的 {year!r} 须写明年份、通知标题和文号", "按相邻年份的样子补全")
        for name, span in notice["days_off"].items():
            holidays |= _span(f"{year}年{name}", span)
        for day in notice["worked"]:
            worked.add(_day(day, f"{year}年调休上班"))
    return WorkingDays(frozenset(holidays), frozenset(worked), frozenset(data))


def _span(what: str, span: Any) -> set[date]:
    if not isinstance(span, list) or len(span) != 2:
        raise InputError(f"节假日表中{what}应写成 [首日, 末日]", "按相邻节日的样子改正")
    first, last = (_day(day, what) for day in span)
    if not 0 <= (last - first).days < LONGEST_HOLIDAY:
        raise InputError(f"节假日表中{what}自{first}至{last}，不像一个假期", "核对首日和末日")
    return {first + timedelta(days=each) for each in range((last - first).days + 1)}


def _day(day: Any, what: str) -> date:
    if type(day) is not date:
        raise InputError(f"节假日表中{what}的 {day!r} 不是日期", "写成 2021-02-11 的样子")
    return day
