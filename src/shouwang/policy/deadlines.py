"""The clocks of handling as the pack's file has them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from shouwang.kernel.errors import InputError
from shouwang.kernel.working_days import LONGEST, Limit, Unit
from shouwang.policy.dated import Dated, read_ground

Confidence = Literal["H", "M", "L", "derived"]
# The clocks that a pack must have: one a step, one for rising while overdue, one for whoever was urged.
CLOCKS = (
    *("city", "county", "township", "village", "township_review", "county_review", "rise", "urged", "soon"),
    *("collection", "deliberation", "publicity", "township_audit", "county_approval", "announcement"),
    *("first_help", "first_measure", "drafting", "plan_audit", "plan_approval"),
    *("task_assigned", "task_in_hand", "task_reported", "task_returned"),
    *("need_raised", "need_pledged", "need_matched", "need_delivered"),
    *("inspection", "watch", "relapse_audit", "relapse_approval"),
    *("refusal_notice", "green_channel"),
    *("register_township", "register_receiving", "register_returned", "register_agreed"),
)
PREFIX = "deadline."
WORKING = ("工作日", "working day", "working days")
WRITTEN = re.compile(r"(?P<days>[0-9]{1,5}) *(?P<unit>个?工作日|天|个?自然日|日|working days?|days?)")


@dataclass(frozen=True, kw_only=True)
class Deadline(Dated[Limit]):
    """How long a step of handling may take; its id is deadline.village where the pack's file has village."""

    confidence: Confidence

    def parse(self, text: str) -> Limit:
        """“5天”, “3个工作日”: the unit must be said, for documents mean both."""
        found = WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            raise InputError(f"时限“{text}”看不明白", "写成“3天”或“3个工作日”，天是自然日")
        days = int(found["days"])
        if days > LONGEST:
            raise InputError(f"时限“{text}”过长", f"最长 {LONGEST} 天")
        return Limit(days, "working" if found["unit"].endswith(WORKING) else "natural")

    def text(self, value: Limit) -> str:
        return str(value)

    def words(self, value: Limit) -> str:
        return str(value)


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
    unit = _one_of(get_args(Unit), data.get("unit"), f"{what} 的单位")
    return Deadline(
        id=f"{PREFIX}{name}",
        title=data["title"],
        values=tuple((since, Limit(days, unit)) for since, days in dated.items()),
        ground=read_ground(data.get("ground"), what),
        confidence=_one_of(get_args(Confidence), data.get("confidence"), f"{what} 的可信程度"),
        review=data.get("review", ""),
    )


def _one_of(allowed: tuple[Any, ...], given: Any, what: str) -> Any:
    if given not in allowed:
        raise InputError(f"{what} {given!r} 不认识", f"可用：{'、'.join(allowed)}")
    return given
