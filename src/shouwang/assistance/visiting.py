"""Visits to households under assistance: what was seen, with photos; what is new becomes a clue of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from shouwang.assistance.models import FollowUp, FollowUpPhoto, Plan, PlanAction, PlanStep, Situation
from shouwang.assistance.opening import next_visit
from shouwang.assistance.steps import PlanStepping, plan_order
from shouwang.clues.models import Channel
from shouwang.clues.photos import AT_MOST, redraw, seal_photo
from shouwang.clues.reporting import take_report
from shouwang.clues.requirements import Requirements
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import words

MOST_VISITORS = 10


@dataclass(frozen=True)
class Found:
    """What a visit found, as somebody writes it down; `photos` are the files' bytes."""

    visited_on: date
    visitors: Sequence[str]
    situation: str
    findings: str
    photos: Sequence[bytes] = ()


@dataclass(frozen=True)
class New:
    """A risk that nobody asked about yet; `requirements` are those of clues."""

    risk_type: str
    requirements: Requirements


@plan_order(PlanAction.FOLLOW_UP)
def record_follow_up(plan: Plan, stepping: PlanStepping, found: Found, new: New | None = None) -> PlanStep:
    """Writes down a visit, and sets the last day for the next one: sooner where the household was found worse.

    What is `new` there goes into the register of clues with the words of the visit.

    Raises:
        InputError: something is missing, the day is wrong, or a photo cannot be read.
    """
    if not plan.case.opened_on <= found.visited_on <= stepping.on:
        raise InputError(_("走访日期不对"), _("填写实际走访的日期，不晚于今天"))
    visitors = list(dict.fromkeys(words(name, _("走访人员姓名")) for name in found.visitors if name.strip()))
    if not 1 <= len(visitors) <= MOST_VISITORS:
        raise InputError(_("请填写走访人员"), _("姓名之间用顿号隔开"))
    if found.situation not in Situation.values:
        raise InputError(_("没有选择家庭状况"), _("选择好转、平稳或变差"))
    if len(found.photos) > AT_MOST:
        raise InputError(_("一次走访最多 {at_most} 张照片").format(at_most=AT_MOST), _("选最能说明情况的几张"))
    said = words(found.findings, _("走访情况"))
    drawn = [redraw(photo) for photo in found.photos]
    due = next_visit(plan.case, stepping.requirements, found.visited_on, worse=found.situation == Situation.WORSE)
    later = plan.follow_ups.filter(visited_on__gt=found.visited_on).exists()
    step: PlanStep = stepping.take(
        plan,
        PlanAction.FOLLOW_UP,
        changes={} if later else {"visit_due_on": due},
        told={"photos": len(drawn), "situation": str(Situation(found.situation).label)},
    )
    clue = _report(plan, step, said, new, stepping) if new else ""
    visit = FollowUp.objects.create(
        plan=plan,
        step=step,
        visited_on=found.visited_on,
        visitors=visitors,
        situation=found.situation,
        findings=said,
        clue_number=clue,
    )
    for each in drawn:
        FollowUpPhoto.objects.create(
            follow_up=visit, name=seal_photo(each), width=each.width, height=each.height, size=len(each.content)
        )
    return step


def _report(plan: Plan, step: PlanStep, said: str, new: New, stepping: PlanStepping) -> str:
    clue = take_report(
        plan.case.household,
        new.risk_type,
        channel=Channel.SWEEP,
        reference=f"{plan.number}/{step.number}",
        text=said,
        requirements=new.requirements,
        on=stepping.on,
        acting_user=stepping.actor,
    )
    return clue.number
