"""The words of a notice, made from the case: without identity number, telephone, account or anything about health.

DOMAIN B2: publicity must not show them; so a notice names no risk, for 因病 and 因残 are about health.
"""

import re
from datetime import date

from shouwang.areas.models import Area
from shouwang.areas.reading import full_name
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.models import Case, Notice
from shouwang.kernel.citizen_id import mask_identity_numbers


@in_the_language_of_record
def text_of(case: Case, kind: Notice.Kind, posted_on: date, stands_until: date) -> str:
    """A notice as it is posted up, in Chinese whatever the language of the page; with the people whom the village counted."""
    household, collected = case.household, case.collections.first()
    members = collected.members if collected else household.member_count
    what = "拟纳入" if kind == Notice.Kind.PUBLICITY else "纳入"
    lines = [
        f"防止返贫监测对象{kind.label}",
        f"经农户申请或部门比对、入户核实、民主评议{'' if kind == Notice.Kind.PUBLICITY else '、乡镇审核、区县审定'}，"
        f"{what}防止返贫监测的农户{kind.label}如下：",
        f"户主：{public_name(household.head_name)}　家庭人口：{members}人",
        f"住址：{full_name(case.area)}",
        f"类型：{case.get_monitor_type_display()}",
    ]
    if kind == Notice.Kind.PUBLICITY:
        lines.append(f"公示时间：{_day(posted_on)}至{_day(stands_until)}。")
        lines.append(f"如有异议，请在公示期内向{case.area.name}或{office_above(case.area)}反映。")
    lines += [case.area.name, _day(posted_on)]
    return mask_identity_numbers("\n".join(lines))


NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•]+|[A-Za-z][A-Za-z .'-]*")


def public_name(name: str) -> str:
    """The head's name as a board may show it: a name and nothing that somebody wrote beside it in the register."""
    found = NAME.match(name.strip())
    return found.group(0).strip() if found else "（未登记）"


def office_above(village: Area) -> str:
    """The office above a village as it is called: a township has a government, a street its office (街道办事处)."""
    if village.parent is None:
        return "上级单位"
    return f"{village.parent.name}{'办事处' if village.parent.name.endswith('街道') else '人民政府'}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
