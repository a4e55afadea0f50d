"""Notices about the end of a risk: posted up as notices of the household's case, so that board and paper show them alike.

DOMAIN B2: no identity number, telephone, account or anything about health; so neither the risks nor why a risk ended by itself.
"""

from datetime import date, timedelta

from shouwang.areas.reading import full_name
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.models import Notice
from shouwang.cases.notices import public_name
from shouwang.elimination.models import Elimination, EliminationStep, Posting
from shouwang.elimination.steps import Stepping
from shouwang.kernel.citizen_id import mask_identity_numbers

PUBLICITY, ANNOUNCEMENT = Notice.Kind.ELIMINATION_PUBLICITY, Notice.Kind.ELIMINATION_ANNOUNCEMENT


def post(found: Elimination, stepping: Stepping, step: EliminationStep, kind: Notice.Kind, place: str) -> Notice:
    """Posts a notice up: it stands for the days of the pack, the day of posting not counted."""
    until = stepping.on + timedelta(days=stepping.requirements.publicity_days)
    notice = Notice.objects.create(
        case=found.case,
        kind=kind,
        text=text_of(found, kind, stepping.on, until),
        place=place,
        posted_on=stepping.on,
        stands_until=until,
    )
    Posting.objects.create(elimination=found, step=step, notice=notice)
    return notice


def standing_notice(found: Elimination) -> Notice | None:
    """The publicity of the present round: posted up since the last review, and not taken down."""
    own = Notice.objects.filter(posting__elimination=found, kind=PUBLICITY, taken_down_on=None)
    return own.first()


def take_down(found: Elimination, on: date) -> None:
    Notice.objects.filter(posting__elimination=found, kind=PUBLICITY, taken_down_on=None).update(taken_down_on=on)


@in_the_language_of_record
def text_of(found: Elimination, kind: Notice.Kind, posted_on: date, stands_until: date) -> str:
    """A notice as it is posted up, in Chinese whatever the language of the page."""
    household, proposed = found.case.household, kind == PUBLICITY
    latest = found.proposals.first()
    ended = "拟消除风险的监测对象公示如下：" if proposed else "风险已消除的监测对象公告如下："
    lines = [
        f"防止返贫监测对象{kind.label}",
        f"经入户核查、民主评议{'' if proposed else '、村内公示、乡镇审核、区县审定'}，{ended}",
        f"户主：{public_name(household.head_name)}　家庭人口：{latest.members if latest else household.member_count}人",
        f"住址：{full_name(found.area)}",
        f"消除方式：{found.get_mode_display()}",
    ]
    if proposed:
        lines.append(f"公示时间：{_day(posted_on)}至{_day(stands_until)}。")
        above = f"{found.area.parent.name}人民政府" if found.area.parent else "上级单位"
        lines.append(f"如有异议，请在公示期内向{found.area.name}或{above}反映。")
    lines += [found.area.name, _day(posted_on)]
    return mask_identity_numbers("\n".join(lines))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
