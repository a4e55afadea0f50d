"""Asking for an export, and deciding about one: each once for each form, under the lock of the row, on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import path
from shouwang.audit.record import in_the_language_of_record, post_of, record
from shouwang.kernel.errors import InputError
from shouwang.notifications.telling import Kind, notify, notify_user
from shouwang.outputs.flow import WAYS, Step, may
from shouwang.outputs.models import Content, Export, Listed, State
from shouwang.outputs.reading import clues_of, export_visible_to, may_ask_for, monitored
from shouwang.proceedings.steps import NotOpen, Overtaken, words
from shouwang.registration.models import AmendmentSheet
from shouwang.registration.sheets import sheets_visible_to

LONGEST = 300
ON_PAPER = (Content.CASE_REGISTER, Content.CLUE_REGISTER)
MOST_ON_PAPER = 2000
"""Rows of a register on paper: a hundred pages; larger areas print their townships one by one."""


@dataclass(frozen=True)
class Limits:
    """What the policy pack allows: rows of one export, exports of one user in a day, minutes to take a file."""

    most_rows: int
    a_day: int
    minutes: int


@dataclass(frozen=True)
class Wish:
    """What somebody asks for, as the form has it."""

    content: str
    area: Area
    as_of: date
    identities: bool
    purpose: str
    key: str = ""
    subject: str = ""


@transaction.atomic
def ask_for(wish: Wish, limits: Limits, *, acting_user: User) -> Export:
    """Keeps a request. Without identity numbers it needs nobody's consent; with them it waits for a second person.

    Raises:
        PermissionDenied: the content or the area is not the user's to take out.
        InputError: no purpose, a day to come, too many rows, or too many exports today.
    """
    before = Export.objects.filter(requested_by=acting_user, key=wish.key).first() if wish.key else None
    if before is not None:
        return before
    if not may_ask_for(scope_of(acting_user, localdate()), wish.content, wish.area):
        raise PermissionDenied
    if wish.as_of > localdate():
        raise InputError(_("截至日期 {day} 还没有到").format(day=wish.as_of), _("填写今天或以前的日期"))
    sheet = _sheet_of(wish, acting_user) if wish.content == Content.AMENDMENT_SHEET else None
    identities = sheet is not None or (wish.identities and wish.content == Content.HOUSEHOLD_FORM)
    purpose = words(wish.purpose, _("用途"), needed=identities)[:LONGEST]
    rows, most = sheet.rows if sheet else count_of(wish.content, wish.area, wish.as_of), limits.most_rows
    if wish.content in ON_PAPER:
        most = min(most, MOST_ON_PAPER)
    within_limits(acting_user, rows, limits, most=most)
    export = Export.objects.create(
        content=wish.content,
        subject=wish.subject if sheet else "",
        area=wish.area,
        as_of=wish.as_of,
        identities=identities,
        purpose=purpose,
        requested_by=acting_user,
        post=post_of(acting_user),
        state=State.REQUESTED if identities else State.APPROVED,
        rows=rows,
        key=wish.key,
    )
    record(acting_user, "export_requested", export, **told(export))
    if identities:
        _tell_who_decides(export)
    return export


def _sheet_of(wish: Wish, user: User) -> AmendmentSheet:
    """The sheet that is asked for. Raises InputError where it is none of the user's, or its rows were not kept."""
    number = int(wish.subject) if wish.subject.isascii() and wish.subject.isdigit() and len(wish.subject) < 9 else 0
    found = sheets_visible_to(user).filter(area=wish.area, number=number).first()
    if found is None or not found.sealed:
        raise InputError(_("没有找到这份名册修订单"), _("在名册变更页选择要下载的修订单"))
    return found


def count_of(content: str, area: Area, on: date) -> int:
    """Households, or clues, that an export would hold."""
    return (clues_of(area, on) if content == Content.CLUE_REGISTER else monitored(area, on)).count()


def within_limits(user: User, rows: int, limits: Limits, *, most: int | None = None) -> None:
    """Raises InputError where an export has too many rows, or none, or the user has had enough of them today."""
    allowed = limits.most_rows if most is None else most
    if rows > allowed:
        raise InputError(
            _("一次最多导出 {allowed} 条，现有 {rows} 条").format(allowed=allowed, rows=rows), _("缩小区域或先筛选")
        )
    if not rows:
        raise InputError(_("没有可以导出的内容"), _("换一个区域或日期"))
    today = localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if Export.objects.filter(requested_by=user, requested_at__gte=today).count() >= limits.a_day:
        raise InputError(_("今天已导出 {a_day} 次，达到上限").format(a_day=limits.a_day), _("明天再导出"))


def let_out(
    user: User, content: Content | Listed, area: Area, rows: int, limits: Limits, *, action: str, **detail: Any
) -> Export:
    """A list that is taken at once, from the page that shows it: numbered, limited and on record before it is made.

    Raises:
        InputError: as `within_limits`.
    """
    with transaction.atomic():
        within_limits(user, rows, limits)
        export = Export.objects.create(
            content=content,
            area=area,
            as_of=localdate(),
            requested_by=user,
            post=post_of(user),
            state=State.TAKEN,
            rows=rows,
            taken_at=now(),
        )
        record(user, action, ("list", export.number), area=area, rows=rows, **detail)
    return export


@transaction.atomic
def decide(pk: int, step: Step, *, acting_user: User, opinion: str = "", key: str = "") -> Export:
    """Agrees, declines or withdraws. The first wins; whoever comes second is told who was first.

    Raises:
        Export.DoesNotExist: the user may not know of it.
        InputError: declined without a word why.
        NotOpen: it is not the user's to take this step.
        Overtaken: somebody else was first.
    """
    export_visible_to(acting_user, pk)
    held = Export.objects.select_for_update().get(pk=pk)
    if key and held.decision_key == key and held.decided_by_id in (acting_user.pk, None):
        return held
    way = WAYS[step]
    if not may(acting_user, scope_of(acting_user, localdate()), held, step):
        raise _not_yours(acting_user, held, step)
    if held.state != way.begin:
        raise _overtaken(held)
    held.state, held.decision_key = way.end, key
    held.opinion = words(opinion, _("审批意见"), needed=step == Step.DECLINE)[:LONGEST]
    if step != Step.WITHDRAW:
        held.decided_by, held.decided_at = acting_user, now()
    held.save(update_fields=["state", "decision_key", "opinion", "decided_by", "decided_at"])
    record(acting_user, f"export_{held.state}", held, reason=held.opinion, **told(held))
    if step != Step.WITHDRAW:
        _tell_decided(held)
    return held


def told(export: Export) -> Mapping[str, Any]:
    """What the audit is told of an export."""
    return {
        "what": str(Content(export.content).label),
        "as_of": export.as_of.isoformat(),
        "rows": export.rows,
        "identities": export.identities,
        "purpose": export.purpose,
        **({"reference": export.subject} if export.subject else {}),
    }


@in_the_language_of_record
def tell_ready(export: Export) -> None:
    """Tells whoever asked that the file can be taken, and until when."""
    _tell_who_asked(export, _("您申请的导出 {number} 可以下载").format(number=export.number))


@in_the_language_of_record
def _tell_decided(export: Export) -> None:
    said = _("不同意") if export.state == State.DECLINED else _("同意")
    _tell_who_asked(export, _("您申请的导出 {number}：{said}").format(number=export.number, said=said))


def _tell_who_asked(export: Export, title: str) -> None:
    named = {"kind": Kind.RESULT, "text": export.opinion, "link": f"/outputs/{export.pk}/", "on": localdate()}
    notify_user(export.requested_by, title=title, key=f"export-{export.pk}-{export.state}", **named)


@in_the_language_of_record
def _tell_who_decides(export: Export) -> None:
    """The offices at the level of the asker's area and above it, down to the county."""
    title = _("{area}申请导出含证件号码的信息，等待审批").format(area=export.area.name)
    for office in path(export.area):
        if office.level <= Area.COUNTY:
            notify(
                office,
                Permission.APPROVE_EXPORT,
                kind=Kind.TASK,
                title=title,
                text=export.purpose,
                link=f"/outputs/{export.pk}/",
                on=localdate(),
                key=f"export-{export.pk}",
            )


def _not_yours(user: User, export: Export, step: Step) -> NotOpen:
    if step in (Step.APPROVE, Step.DECLINE) and export.requested_by_id == user.pk:
        return NotOpen(_("不能审批自己的申请"), _("请另一位同志审批"))
    return NotOpen(_("这份导出不由您{step}").format(step=step.label), _("由申请人撤回，由区县或市级审批"))


def _overtaken(export: Export) -> Overtaken:
    state = State(export.state).label
    if export.decided_by is None or export.decided_at is None:
        return Overtaken(_("这份导出现在“{state}”。您这次操作没有生效").format(state=state), _("刷新页面查看最新情况"))
    at: datetime = localtime(export.decided_at)
    return Overtaken(
        _("{decided_by}已于{at:%Y年%-m月%-d日 %H:%M}先行办理：{state}。您这次操作没有生效").format(
            decided_by=export.decided_by, at=at, state=state
        ),
        _("刷新页面查看最新情况"),
    )


def valid_for(limits: Limits) -> datetime:
    """Until when a file that is ready now can be taken."""
    return now() + timedelta(minutes=limits.minutes)
