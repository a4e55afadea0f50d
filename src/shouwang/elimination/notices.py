"""Notices about the end of a risk: posted up as notices of the household's case, so that board and paper show them alike.

DOMAIN B2: no identity number, telephone, account or anything about health; so neither the risks nor why a risk ended by itself.
"""

from datetime import date, timedelta

from django.db.models import QuerySet

from shouwang.areas.reading import full_name
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.board import notes_of
from shouwang.cases.models import Notice, OnlineObjection
from shouwang.cases.notices import office_above, public_name
from shouwang.cases.objections import waiting_against
from shouwang.elimination.models import Elimination, EliminationStep, Posting
from shouwang.elimination.steps import Stepping
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.notifications.telling import notify

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


def notices_of(found: Elimination) -> QuerySet[Notice]:
    """Every notice about an elimination, the latest first."""
    return Notice.objects.filter(posting__elimination=found)


def publicity_of(found: Elimination) -> QuerySet[Notice]:
    """Every publicity of an elimination, taken down or not."""
    return notices_of(found).filter(kind=PUBLICITY)


def standing_notice(found: Elimination) -> Notice | None:
    """The publicity of the present round: posted up since the last review, and not taken down."""
    return publicity_of(found).filter(taken_down_on=None).first()


def online_waiting(found: Elimination) -> list[OnlineObjection]:
    """Objections from the public page that nobody has answered, the oldest first."""
    return list(waiting_against(publicity_of(found)))


@in_the_language_of_record
def tell_of_elimination(made: OnlineObjection) -> None:
    """Tells village and township of an objection against the end of a risk."""
    number = made.notice.posting.elimination.number
    for note in notes_of(made, number):
        notify(link=f"/eliminations/{number}/", **note)


def take_down(found: Elimination, on: date) -> None:
    publicity_of(found).filter(taken_down_on=None).update(taken_down_on=on)


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
        lines.append(f"如有异议，请在公示期内向{found.area.name}或{office_above(found.area)}反映。")
    lines += [found.area.name, _day(posted_on)]
    return mask_identity_numbers("\n".join(lines))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
