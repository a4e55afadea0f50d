"""社会帮扶: a need is raised by the village, published by the county, pledged and delivered by an organisation, confirmed.

Organisations never read whose need it is: what they see is `board.Told`. They hand over at the village committee or the
township, which brings it to the household.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Duty, Permission
from shouwang.accounts.managing import open_account
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance import measures
from shouwang.assistance.models import (
    FundSource,
    MeasureState,
    Need,
    NeedAction,
    NeedStage,
    NeedStep,
    Organisation,
    PlanStage,
)
from shouwang.assistance.steps import NeedStepping, PlanStepping, need_order, plan_locked
from shouwang.audit.record import in_the_language_of_record, record
from shouwang.households.models import Household
from shouwang.kernel.errors import InputError
from shouwang.notifications.models import Message
from shouwang.notifications.telling import notify_user
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.orders import Order
from shouwang.proceedings.steps import NotOpen, words
from shouwang.tables.acting import acting_everywhere

LONGEST_TEXT = 200
MOST_PEOPLE = 100
CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
TELEPHONE = re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])")


@dataclass(frozen=True)
class Wanted:
    """What is needed, as it will be published: no name, no number, nothing about health."""

    text: str
    people: int
    wanted_by: date


@transaction.atomic
def raise_need(plan_number: str, measure_number: int, wanted: Wanted, order: Order) -> Need:
    """The village asks for what a measure of social help needs; the county reads it before anybody else does.

    Raises:
        NotOpen: the measure is not one that is approved and paid by social funds, or it is not the user's village.
        InputError: the words name somebody, or something is missing.
    """
    plan = plan_locked(plan_number)
    standing = Need.objects.filter(measure__plan=plan, measure__number=measure_number)
    standing = standing.exclude(stage=NeedStage.WITHDRAWN)
    stepping = NeedStepping(order.acting_user, order.requirements, order.on, order.key)
    mine = any(reach.is_of(plan.area_id) and reach.may(Permission.SUBMIT) for reach in stepping.scope.reaches)
    if not mine or plan.stage == PlanStage.CLOSED:
        raise NotOpen(_("社会帮扶需求由农户所在村提出"), _("请村里操作"))
    if (before := standing.first()) is not None:
        return before
    measure = measures.measure_of(plan, measure_number, MeasureState.PLANNED)
    if measure.fund_source != FundSource.SOCIAL:
        raise NotOpen(
            _("措施“{title}”的资金来源不是社会力量").format(title=measure.title), _("调整帮扶计划后再提出需求")
        )
    text = require_nameless(wanted.text, plan.case.household)
    if not 1 <= wanted.people <= MOST_PEOPLE:
        raise InputError(_("受益人数不对"), _("填写 1 到 {most} 的人数").format(most=MOST_PEOPLE))
    if wanted.wanted_by < order.on:
        raise InputError(_("希望时间已经过去"), _("填写今天或以后的日期"))
    line = line_of(plan.area, order.on)
    county = Area.objects.select_for_update().get(pk=line[Area.COUNTY].pk)
    start = f"XQ{county.pk[:6]}-"
    with acting_everywhere():  # numbered within the county, whoever raises it
        before = Need.objects.filter(number__startswith=start).count()
    need = Need.objects.create(
        number=f"{start}{before + 1:05}",
        measure=measure,
        area=plan.area,
        township=line[Area.TOWNSHIP],
        county=county,
        category=measure.category,
        text=text,
        people=wanted.people,
        wanted_by=wanted.wanted_by,
        stage=NeedStage.RAISED,
        raised_on=order.on,
    )
    stepping.take(need, NeedAction.RAISE, stage=NeedStage.RAISED, desk=county)
    stepping.finish()
    return need


def require_nameless(text: str, household: Household) -> str:
    """The words of a need, if nobody can be known by them.

    Raises:
        InputError: they name a member, or have the household's number, an identity number or a telephone.
    """
    said = words(text, _("需要什么"))[:LONGEST_TEXT]
    names = [household.head_name, *household.persons.values_list("name", flat=True)]
    if any(len(name) > 1 and name in said for name in names) or household.pk in said:
        raise InputError(_("需求里写了农户的姓名或户编号"), _("只写需要什么、给几个人用，不写是谁"))
    if said != text.replace("\0", "").strip()[:LONGEST_TEXT] or TELEPHONE.search(said):
        raise InputError(_("需求里写了证件号码或电话"), _("删去后再提交"))
    return said


@need_order(NeedAction.PUBLISH)
def publish(need: Need, stepping: NeedStepping, text: str) -> NeedStep:
    """The county has read it, may have put it better, and shows it to the organisations."""
    said = require_nameless(text or need.text, need.measure.plan.case.household)
    step: NeedStep = stepping.take(
        need, NeedAction.PUBLISH, stage=NeedStage.PUBLISHED, desk=need.county, changes={"text": said}
    )
    return step


@need_order(NeedAction.WITHDRAW)
def withdraw(need: Need, stepping: NeedStepping, reason: str) -> NeedStep:
    """The need is met otherwise, or was none."""
    return _to(need, stepping, NeedAction.WITHDRAW, NeedStage.WITHDRAWN, words(reason, _("撤回的理由")))


@need_order(NeedAction.PLEDGE)
def pledge(need: Need, stepping: NeedStepping, offer: str) -> NeedStep:
    """An organisation offers to meet it. Raises NotOpen where it is not registered with the need's county."""
    own = _organisation_of(stepping.actor, need, stepping.on)
    changes = {"organisation": own, "pledge": words(offer, _("认领内容"))}
    return _to(need, stepping, NeedAction.PLEDGE, NeedStage.PLEDGED, changes["pledge"], changes)


@need_order(NeedAction.MATCH)
def match(need: Need, stepping: NeedStepping, opinion: str) -> NeedStep:
    """The county agrees: the organisation is to deliver, and is told."""
    step = _to(need, stepping, NeedAction.MATCH, NeedStage.MATCHED, words(opinion, _("意见"), needed=False))
    _tell_organisation(need, stepping.on)
    return step


@in_the_language_of_record
def _tell_organisation(need: Need, on: date) -> None:
    if need.organisation is not None:
        notify_user(
            need.organisation.account,
            kind=Message.Kind.TASK,
            title=_("认领的需求 {number} 已同意，请送达").format(number=need.number),
            text=_("送到哪里、什么时候，见需求页面。"),
            link=f"/needs/{need.number}/",
            on=on,
            key=f"need-{need.number}-matched-{need.version}",
        )


@need_order(NeedAction.DECLINE)
def decline(need: Need, stepping: NeedStepping, reason: str) -> NeedStep:
    """The county does not agree, or takes it back from an organisation that does not deliver: it is open again."""
    said = words(reason, _("不同意的理由"))
    return _to(need, stepping, NeedAction.DECLINE, NeedStage.PUBLISHED, said, {"organisation": None, "pledge": ""})


@need_order(NeedAction.GIVE_UP)
def give_up(need: Need, stepping: NeedStepping, reason: str) -> NeedStep:
    """The organisation cannot after all: it is open again. Raises NotOpen where another one has pledged."""
    _require_pledged_by(stepping.actor, need)
    said = words(reason, _("取消的理由"))
    return _to(need, stepping, NeedAction.GIVE_UP, NeedStage.PUBLISHED, said, {"organisation": None, "pledge": ""})


@need_order(NeedAction.HAND_OVER)
def hand_over(need: Need, stepping: NeedStepping, day: date, what: str) -> NeedStep:
    """The organisation says what it brought to the village, and when.

    Raises:
        NotOpen: another organisation has pledged.
        InputError: the day is wrong, or nothing is said.
    """
    _require_pledged_by(stepping.actor, need)
    if not need.raised_on <= day <= stepping.on:
        raise InputError(_("送达日期不对"), _("填写实际送达的日期，不晚于今天"))
    said = words(what, _("送达了什么"))
    step: NeedStep = stepping.take(
        need,
        NeedAction.HAND_OVER,
        stage=NeedStage.DELIVERED,
        desk=line_of(need.area, stepping.on)[Area.VILLAGE],
        reason=said,
        changes={"handed_over_on": day},
    )
    return step


@need_order(NeedAction.CONFIRM)
def confirm(need: Need, stepping: NeedStepping, opinion: str) -> NeedStep:
    """The village has it and has brought it to the household: the measure is in place from the day of delivery."""
    plan, measure = need.measure.plan, need.measure
    said = words(opinion, _("意见"), needed=False)
    if measure.state != MeasureState.PLANNED or need.handed_over_on is None:
        raise NotOpen(_("措施“{title}”已经结束").format(title=measure.title), _("刷新页面查看最新情况"))
    on_plan = PlanStepping(stepping.actor, stepping.requirements, stepping.on)
    measures.delivered(plan, on_plan, measure, need.handed_over_on, need.pledge)
    step = _to(need, stepping, NeedAction.CONFIRM, NeedStage.CONFIRMED, said, {"confirmed_on": stepping.on})
    on_plan.finish()
    return step


@need_order(NeedAction.DISPUTE)
def dispute(need: Need, stepping: NeedStepping, reason: str) -> NeedStep:
    """Nothing came, or something else: back to the organisation."""
    said = words(reason, _("没有收到的情况"))
    step: NeedStep = stepping.take(
        need,
        NeedAction.DISPUTE,
        stage=NeedStage.MATCHED,
        desk=need.county,
        reason=said,
        changes={"handed_over_on": None},
    )
    return step


@need_order(NeedAction.URGE)
def urge(need: Need, stepping: NeedStepping, reason: str) -> NeedStep:
    """A level above sets an overdue desk a last day."""
    step: NeedStep = stepping.urge(need, NeedAction.URGE, reason)
    return step


def _to(
    need: Need,
    stepping: NeedStepping,
    action: NeedAction,
    stage: NeedStage,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> NeedStep:
    told = {"organisation": need.organisation.name} if need.organisation else {}
    step: NeedStep = stepping.take(need, action, stage=stage, desk=need.desk, reason=reason, changes=changes, told=told)
    return step


def _organisation_of(user: User | None, need: Need, on: date) -> Organisation:
    own = Organisation.objects.filter(account=user).select_related("area").first()
    if own is None or line_of(own.area, on)[Area.COUNTY].pk != need.county_id:
        raise NotOpen(
            _("您的账号没有在{county}登记为社会组织").format(county=need.county.name), _("请联系区县乡村振兴部门")
        )
    return own


def _require_pledged_by(user: User | None, need: Need) -> None:
    if need.organisation is None or need.organisation.account_id != getattr(user, "pk", None):
        raise NotOpen(_("这项需求不是您认领的"), _("刷新页面查看最新情况"))


@dataclass(frozen=True)
class Registering:
    """An organisation as the county registers it; `username` is the name of the account that is opened for it."""

    name: str
    credit_code: str
    contact: str
    username: str


@transaction.atomic
def register_organisation(
    registering: Registering, *, area: Area, acting_user: User, on: date
) -> tuple[Organisation, str]:
    """Registers an organisation with its account; the initial password is returned this once.

    Registered again with the same code it is the same organisation, and no password is told.

    Raises:
        InputError: something is missing, the code is none, or the account is not for the user to open.
    """
    name, contact = words(registering.name, _("名称")), words(registering.contact, _("联系人"))
    code = registering.credit_code.strip().upper()
    if not CREDIT_CODE.fullmatch(code):
        raise InputError(_("统一社会信用代码不对"), _("填写 18 位代码，字母大写，没有 I、O、S、V、Z"))
    known = Organisation.objects.filter(area=area, credit_code=code).first()
    if known is not None:
        return known, ""
    user, password = open_account(
        acting_user=acting_user,
        username=registering.username.strip(),
        display_name=name[:LONGEST_TEXT],
        area_code=area.pk,
        duty=Duty.SOCIAL_FORCE,
        starts_on=on,
    )
    made = Organisation.objects.create(
        name=name[:100],
        credit_code=code,
        area=area,
        contact=contact[:50],
        account=user,
        registered_by=acting_user,
        registered_on=on,
    )
    record(acting_user, "organisation_registered", made)
    return made, password
