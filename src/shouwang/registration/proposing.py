"""Proposing a change of the register: one form for every kind, checked against the register as it is.

A split gives the new household the number of the old one with -F and how many that one has split before. Clues and cases stay
with the household under which they were found, also where it is merged: their numbers hold, and nothing vanishes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import valid_on
from shouwang.households.models import Household, Person
from shouwang.households.reading import households_visible_to
from shouwang.kernel.citizen_id import is_valid, mask
from shouwang.kernel.errors import InputError
from shouwang.kernel.keys import pseudonym
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import line_of as desks_above
from shouwang.proceedings.steps import NotOpen, words
from shouwang.registration.flow import IN_HAND
from shouwang.registration.lines import CORRECTABLE, HEAD, line_of
from shouwang.registration.models import (
    RegisterRequest,
    RegisterRequestStep,
    RequestAction,
    RequestKind,
    RequestStage,
)
from shouwang.registration.steps import Stepping
from shouwang.tables.acting import acting_everywhere

DEAD, MOVED_AWAY = "死亡", "迁出"
OTHERWISE = "其他"
EARLIEST = date(1900, 1, 1)  # nobody in the register was born before


@dataclass(frozen=True)
class Codes:
    """What the register's contract allows in its columns of codes, by field; `household_types` for the household's own."""

    of: Mapping[str, tuple[str, ...]]
    household_types: tuple[str, ...]

    def check(self, name: str, value: str) -> None:
        if value and self.of.get(name) and value not in self.of[name]:
            raise InputError(_("“{value}”不在规定的选项内").format(value=value), _("从选项中选择"))


@dataclass(frozen=True)
class Proposal:
    """What the village proposes.

    Args:
        members: keys of the members concerned. relations: the relation of each to the head afterwards, by key.
        into: number of the household into which this one is merged; to_area: code of the village to which it moved.
        correct: of a correction, the field and its new value. someone: of a new member, the fields of the register;
            number: that person's identity number, which is sealed.
    """

    kind: RequestKind
    happened_on: date
    reason: str
    members: tuple[int, ...] = ()
    relations: Mapping[int, str] = field(default_factory=dict)
    into: str = ""
    to_area: str = ""
    correct: tuple[str, str] = ("", "")
    someone: Mapping[str, str] = field(default_factory=dict)
    number: str = ""
    phone: str = ""


@dataclass
class _Draft:
    """What becomes of a proposal: fields of the request, and what is to be sealed."""

    lines: list[dict[str, Any]]
    fields: dict[str, Any] = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)


def context_of_request(number: str) -> str:
    """What the seal of a request is bound to."""
    return f"request:{number}"


def may_propose(user: User, household: Household, on: date) -> bool:
    """Whether the user registers the households of this very village."""
    reaches = scope_of(user, on).reaches
    village = desks_above(household.area, on).get(Area.VILLAGE, household.area)
    return any(each.may(Permission.SUBMIT) and each.area.pk == village.pk for each in reaches)


@transaction.atomic
def propose(
    household_no: str,
    proposal: Proposal,
    *,
    acting_user: User,
    requirements: Clocks,
    codes: Codes,
    on: date,
    key: str = "",
) -> RegisterRequestStep:
    """Puts a change on the township's desk; the same form again gives the same step.

    Raises:
        NotOpen: the household is not in the user's village.
        InputError: what is proposed does not fit the register, or part of it is being handled already.
        Household.DoesNotExist: there is none.
    """
    household = Household.objects.select_for_update().prefetch_related("area").get(pk=household_no)
    made = RegisterRequestStep.objects.filter(request__household=household, key=key, actor=acting_user).first()
    if key and made is not None:
        return made
    if not may_propose(acting_user, household, on):
        raise NotOpen(_("不由您提出这一户的变更"), _("由户所在的村提出"))
    reason = words(proposal.reason, _("理由"))
    if not EARLIEST <= proposal.happened_on <= on:
        raise InputError(_("发生日期晚于今天，或早得不可能"), _("填写实际发生的日期"))
    present = list(household.persons.filter(left_kind="").order_by("received_on", "line", "key"))
    draft = _DRAFTS[proposal.kind](household, present, proposal, codes, acting_user)
    _require_free(household, draft)
    request = _begun(household, proposal, draft, reason, on)
    stepping = Stepping(acting_user, requirements, on, key)
    desk = desks_above(household.area, on)[Area.TOWNSHIP]
    step: RegisterRequestStep = stepping.take(
        request,
        RequestAction.PROPOSE,
        stage=RequestStage.TOWNSHIP_REVIEW,
        desk=desk,
        reason=reason,
        told={"what": proposal.kind.label},
    )
    stepping.finish()
    return step


def _begun(household: Household, proposal: Proposal, draft: _Draft, reason: str, on: date) -> RegisterRequest:
    """Requests of a household are numbered without gaps: the household is locked, and no request is ever deleted."""
    number = f"{household.pk}-G{household.requests.count() + 1:02}"
    sealed = b""
    if draft.secret:
        text = json.dumps(draft.secret, ensure_ascii=False, sort_keys=True)
        sealed = settings.HOME.sealer().seal(text, context_of_request(number))
    return RegisterRequest.objects.create(
        number=number,
        household=household,
        area=household.area,
        kind=proposal.kind,
        stage=RequestStage.TOWNSHIP_REVIEW,
        proposed_on=on,
        happened_on=proposal.happened_on,
        reason=reason,
        lines=draft.lines,
        sealed=sealed,
        **draft.fields,
    )


def _require_free(household: Household, draft: _Draft) -> None:
    """Nobody is in two requests at once: what one of them does would rest on what the other undoes."""
    keys = {line["key"] for line in draft.lines}
    houses = {household.pk, draft.fields["into"].pk} if "into" in draft.fields else {household.pk}
    for other in RegisterRequest.objects.filter(household__in=houses, stage__in=IN_HAND):
        if keys & {line["key"] for line in other.lines}:
            raise InputError(
                _("{number} 还在办理，涉及同一成员").format(number=other.number), _("等它办完，或请乡镇退回后撤回")
            )


def _split(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    leaving = _chosen(present, asked)
    staying = [each for each in present if each not in leaving]
    if not staying:
        raise InputError(_("不能全部分出"), _("至少留下一人；整户迁移请选“整户迁移”"))
    number = (
        f"{household.pk}-F{RegisterRequest.objects.filter(household=household, kind=RequestKind.SPLIT).count() + 1}"
    )
    with acting_everywhere():  # a household of that number may have moved away
        taken = Household.objects.filter(pk=number).exists()
    if taken or len(number) > Household._meta.get_field("household_no").max_length:  # type: ignore[operator]
        raise InputError(_("新户编号 {number} 已被占用").format(number=number), _("请乡镇核对名册"))
    relations = {each.key: asked.relations.get(each.key, each.relation) for each in present}
    _require_one_head(leaving, relations, codes, _("分出的户"))
    _require_one_head(staying, relations, codes, _("留下的户"))
    lines = [line_of(each, household=number, relation=relations[each.key]) for each in leaving]
    lines += [line_of(each, relation=relations[each.key]) for each in staying if relations[each.key] != each.relation]
    return _Draft(lines, {"new_no": number})


def _merge(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    into = households_visible_to(user).filter(pk=asked.into.strip()).first()
    if into is None or into.pk == household.pk or not into.member_count:
        raise InputError(_("没有找到要并入的户"), _("填写本村另一户的户编号，该户须有成员"))
    if into.area_id != household.area_id:
        raise InputError(_("要并入的户不在本村"), _("先办理整户迁移"))
    if not present:
        raise InputError(_("这一户已经没有成员"), _("不必并户"))
    lines = []
    for each in present:
        relation = asked.relations.get(each.key) or OTHERWISE
        codes.check("relation", relation)
        if relation == HEAD:
            raise InputError(_("并入后只能有一名户主"), _("填写与并入户户主的关系"))
        lines.append(line_of(each, household=into.pk, relation=relation))
    return _Draft(lines, {"into": into})


def _left(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    kind = DEAD if asked.kind == RequestKind.DEATH else MOVED_AWAY
    leaving = _chosen(present, asked)
    if any(each.birth_date and each.birth_date > asked.happened_on for each in leaving):
        raise InputError(_("发生日期早于出生日期"), _("核对日期"))
    relations = {each.key: asked.relations.get(each.key, each.relation) for each in present}
    staying = [each for each in present if each not in leaving]
    if staying:
        _require_one_head(staying, relations, codes, _("留下的户"))
    lines = [line_of(each, left=kind) for each in leaving]
    lines += [line_of(each, relation=relations[each.key]) for each in staying if relations[each.key] != each.relation]
    return _Draft(lines)


def _move(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    to = Area.objects.filter(valid_on(localdate()), pk=asked.to_area.strip(), level=Area.VILLAGE).first()
    if to is None or to.pk == household.area_id:
        raise InputError(_("没有找到迁入的村"), _("按区县、乡镇、村选择迁入的村；迁出本市的选“迁出本市”"))
    if not present:
        raise InputError(_("这一户已经没有成员"), _("不必迁移"))
    return _Draft([line_of(each, area=to.pk) for each in present], {"to_area": to})


def _join(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    number = "".join(asked.number.split()).upper()
    if not (len(number) == 18 and number.isascii() and is_valid(number)):
        raise InputError(_("证件号码不是有效的 18 位号码"), _("对照证件重新输入"))
    key = pseudonym(settings.HOME.keys(), number)
    if any(each.key == key for each in present):
        raise InputError(_("此人已在这一户"), _("核对证件号码"))
    name, relation = asked.someone.get("name", "").strip(), asked.someone.get("relation", "")
    if not name or not relation or relation == HEAD and any(each.relation == HEAD for each in present):
        raise InputError(_("请填写姓名和与户主关系"), _("已有户主的，选与户主的关系"))
    wanted = {each: str(asked.someone.get(each, "")).strip() for each in (*CORRECTABLE, "sex")}
    for each, value in wanted.items():
        codes.check(each, value)
    with acting_everywhere():  # whoever marries in is registered elsewhere
        known = Person.objects.filter(key=key).select_related("household").first()
    if known is not None:
        lines = [line_of(known, household=household.pk, relation=relation)]
    else:
        told = {each: ["", value] for each, value in wanted.items() if value}
        lines = [{"key": key, "name": name, "changes": {"household": ["", household.pk], **told}}]
    secret = {"id": number, "masked": mask(number), "phone": asked.phone.strip()[:20]}
    return _Draft(lines, secret=secret)


def _correction(household: Household, present: list[Person], asked: Proposal, codes: Codes, user: User) -> _Draft:
    name, value = asked.correct[0], asked.correct[1].strip()
    if name == "household_type":
        if value not in codes.household_types or value == household.household_type:
            raise InputError(_("户类型没有变化或不在规定的选项内"), _("从选项中选择"))
        return _Draft([line_of(each, household_type=value) for each in present])
    if name not in CORRECTABLE:
        raise InputError(_("这一栏不能在这里更正"), _("从列出的栏目中选择"))
    codes.check(name, value)
    who = _chosen(present, asked)
    if name in ("name", "relation") and not value:
        raise InputError(_("请填写更正后的内容"), _("写清楚后再提交"))
    if len(value) > Person._meta.get_field(name).max_length:  # type: ignore[operator]
        raise InputError(_("更正后的内容过长"), _("写得简短一些"))
    lines = [line_of(each, **{name: value}) for each in who]
    if all(before == after for line in lines for before, after in line["changes"].values()):
        raise InputError(_("与名册相同，没有变化"), _("核对后再提交"))
    return _Draft(lines)


def _chosen(present: list[Person], asked: Proposal) -> list[Person]:
    chosen = [each for each in present if each.key in asked.members]
    if not chosen or len(chosen) != len(set(asked.members)):
        raise InputError(_("请选择现在这一户的成员"), _("刷新页面后重新选择"))
    return chosen


def _require_one_head(some: list[Person], relations: Mapping[int, str], codes: Codes, where: str) -> None:
    for each in some:
        codes.check("relation", relations[each.key])
    if [relations[each.key] for each in some].count(HEAD) != 1:
        raise InputError(_("{where}须有一名户主").format(where=where), _("给一人选户主，其余选与户主的关系"))


_Drafting = Callable[[Household, list[Person], Proposal, Codes, User], _Draft]
_DRAFTS: dict[RequestKind, _Drafting] = {
    RequestKind.SPLIT: _split,
    RequestKind.MERGE: _merge,
    RequestKind.JOIN: _join,
    RequestKind.DEATH: _left,
    RequestKind.MOVE_OUT: _left,
    RequestKind.MOVE: _move,
    RequestKind.CORRECTION: _correction,
}
