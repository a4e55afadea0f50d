"""What people do about a plan: submitted by the village with its measures, agreed by the township, approved by the county.

Nobody alone: who submitted does not agree, who agreed does not approve. A plan that departs from a rule that leaves no
judgement is not taken; from another, only with a reason (`plan_rules`).
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.assistance.drafting import as_measure, check_measure
from shouwang.assistance.dues import Late, late_below
from shouwang.assistance.labour import able_members, members_of
from shouwang.assistance.models import (
    Measure,
    MeasureCategory,
    MeasureState,
    Plan,
    PlanAction,
    PlanStage,
    PlanStep,
    Submission,
)
from shouwang.assistance.plan_rules import Breach, Drafted, Ground, breaches
from shouwang.assistance.proposals import ReceivedHelp
from shouwang.assistance.requirements import Requirements
from shouwang.assistance.steps import PlanStepping, plan_order
from shouwang.assistance.tasks import assign
from shouwang.audit.record import in_the_language_of_record
from shouwang.kernel.errors import InputError
from shouwang.notifications.telling import Kind, Note, tell
from shouwang.proceedings.clocks import URGED
from shouwang.proceedings.desks import ACTING, line_of
from shouwang.proceedings.steps import words
from shouwang.tables.acting import acting_everywhere

GOING_ON = (MeasureState.PLANNED, MeasureState.RUNNING, MeasureState.DELIVERED)
MOST_MEASURES = 20


def ground_of(plan: Plan, received: Sequence[ReceivedHelp], requirements: Requirements, on: date) -> Ground:
    """What a plan is judged by on a day."""
    case = plan.case
    members = members_of(case.household)
    standing = list(Measure.objects.filter(plan__case=case, state__in=GOING_ON))
    posts: dict[int, int] = {}
    people = [person.pk for person in members]
    held = Measure.objects.filter(member__in=people, state__in=GOING_ON, category=MeasureCategory.PUBLIC_POST)
    with acting_everywhere():  # a post that somebody holds under the plan of a household elsewhere counts too
        for member in held.values_list("member", flat=True):
            posts[member] = posts.get(member, 0) + 1
    risks = tuple(case.risks or dict.fromkeys(case.clues.values_list("clue__risk_type", flat=True)))
    return Ground(risks, able_members(members, requirements, on), received, case.included_on, on, standing, posts)


@plan_order(PlanAction.SUBMIT)
def submit(
    plan: Plan,
    stepping: PlanStepping,
    drafted: Sequence[Drafted],
    received: Sequence[ReceivedHelp],
    reasons: Mapping[str, str],
) -> PlanStep:
    """Hands the village's measures to the township; what it proposed before is withdrawn.

    Args:
        received: what departments' rows show that the household receives.
        reasons: by the id of a rule, why the plan departs from it.

    Raises:
        InputError: a measure is incomplete, a rule is broken, or a departure has no reason.
    """
    for place, each in enumerate(drafted, start=1):
        check_measure(place, each, plan, stepping.on)
    if len(drafted) > MOST_MEASURES:
        raise InputError(_("一次最多 {most} 项措施").format(most=MOST_MEASURES), _("合并同类措施"))
    ground = ground_of(plan, received, stepping.requirements, stepping.on)
    said = _explained(breaches(drafted, ground, stepping.requirements), reasons)
    desk = line_of(plan.area, stepping.on)[Area.TOWNSHIP]
    step: PlanStep = stepping.take(
        plan, PlanAction.SUBMIT, stage=PlanStage.PLAN_AUDIT, desk=desk, told={"measures": len(drafted)}
    )
    Submission.objects.create(
        plan=plan,
        step=step,
        labour=[person.name for person in ground.able],
        received=[each.words for each in received],
        reasons=said,
    )
    plan.measures.filter(state=MeasureState.PROPOSED).update(state=MeasureState.WITHDRAWN)
    last = plan.measures.aggregate(last=Max("number"))["last"] or 0
    Measure.objects.bulk_create(as_measure(plan, last + place, each) for place, each in enumerate(drafted, start=1))
    return step


def _explained(found: Sequence[Breach], reasons: Mapping[str, str]) -> list[dict[str, str]]:
    blocking = [breach.said for breach in found if breach.rule.blocks]
    if blocking:
        raise InputError("；".join(blocking), _("改正后再报送"))
    told = []
    for breach in found:
        reason = words(
            reasons.get(breach.rule.id, ""), _("与“{title}”不同的理由（{said}）").format(
                title=breach.rule.title, said=breach.said
            )
        )  # fmt: skip
        told.append({"rule": breach.rule.id, "said": breach.said, "reason": reason})
    return told


@plan_order(PlanAction.AGREE)
def agree(plan: Plan, stepping: PlanStepping, opinion: str) -> PlanStep:
    """The township agrees. Raises NotOpen where the user submitted it."""
    _require_another(plan, stepping)
    said = words(opinion, _("意见"), needed=False)
    return _take_up(plan, stepping, PlanAction.AGREE, PlanStage.PLAN_APPROVAL, said)


@plan_order(PlanAction.APPROVE)
def approve(plan: Plan, stepping: PlanStepping, opinion: str) -> PlanStep:
    """The county approves: measures become due, what is received already counts from now on, departments get their tasks.

    Raises:
        NotOpen: the user had a part in it.
    """
    _require_another(plan, stepping)
    said = words(opinion, _("意见"), needed=False)
    proposed = list(plan.measures.filter(state=MeasureState.PROPOSED).select_related("owner"))
    counted = [each for each in proposed if each.already]
    first = {"first_helped_on": stepping.on} if counted and plan.first_helped_on is None else {}
    village = line_of(plan.area, stepping.on)[Area.VILLAGE]
    step: PlanStep = stepping.take(
        plan, PlanAction.APPROVE, stage=PlanStage.RUNNING, desk=village, reason=said, changes=first
    )
    for measure in proposed:
        measure.state = MeasureState.RUNNING if measure.already else MeasureState.PLANNED
        measure.started_on = stepping.on if measure.already else None
    Measure.objects.bulk_update(proposed, ["state", "started_on"])
    assign([each for each in proposed if each.department and not each.already], plan, stepping)
    return step


@plan_order(PlanAction.SEND_BACK)
def send_back(plan: Plan, stepping: PlanStepping, to: str, reason: str) -> PlanStep:
    """Back to an earlier stage that the table allows; the proposed measures stay for whoever mends them."""
    move = stepping.lifecycle.move_of(plan.stage, PlanAction.SEND_BACK)
    if move is None or (to and to not in move.to):
        raise InputError(_("不能退回到这一环节"), _("重新选择"))
    said = words(reason, _("退回理由"))
    return _take_up(plan, stepping, PlanAction.SEND_BACK, PlanStage(to or move.to[0]), said)


@plan_order(PlanAction.REVISE)
def revise(plan: Plan, stepping: PlanStepping, reason: str) -> PlanStep:
    """Opens a plan that runs for more measures; those that go on are not touched."""
    return _take_up(plan, stepping, PlanAction.REVISE, PlanStage.DRAFTING, words(reason, _("调整理由")))


@plan_order(PlanAction.URGE)
def urge(plan: Plan, stepping: PlanStepping, reason: str) -> PlanStep:
    """A level above sets an overdue desk a last day; where the plan's own step is in time, whoever owes its household a first
    help, a measure or a visit that is late, and they are told."""
    step: PlanStep
    late = late_below(plan, stepping.scope, stepping.on)
    if not late or (plan.due_on is not None and plan.due_on < stepping.on):
        step = stepping.urge(plan, PlanAction.URGE, reason)
        return step
    said, until = words(reason, _("催办意见")), stepping.requirements.due(URGED, stepping.on)
    step = stepping.take(plan, PlanAction.URGE, reason=said, changes={"urged_until": until}, told={"day": str(until)})
    _tell_urged(plan, step, late, until, said)
    return step


@in_the_language_of_record
def _tell_urged(plan: Plan, step: PlanStep, late: Sequence[Late], until: date, said: str) -> None:
    notes = []
    for owner in dict.fromkeys(each.owner for each in late):
        own = [each.words for each in late if each.owner == owner]
        title = _("上级催办：{number} 有 {count} 项逾期").format(number=plan.number, count=len(own))
        text = _("请在 {until} 前办理：{what}。催办意见：{said}").format(until=until, what="、".join(own), said=said)
        key = f"plan-{plan.pk}-urged-{step.number}-{owner.pk}"
        notes.append(Note(Kind.TASK, title, text, f"/plans/{plan.number}/", step.on, key, owner, ACTING[owner.level]))
    tell(notes)


def _take_up(plan: Plan, stepping: PlanStepping, action: PlanAction, stage: PlanStage, reason: str) -> PlanStep:
    level = stepping.lifecycle.level_of[stage]
    desk = line_of(plan.area, stepping.on)[level]
    step: PlanStep = stepping.take(plan, action, stage=stage, desk=desk, reason=reason)
    return step


def _require_another(plan: Plan, stepping: PlanStepping) -> None:
    part = [PlanAction.SUBMIT] if plan.stage == PlanStage.PLAN_AUDIT else [PlanAction.SUBMIT, PlanAction.AGREE]
    stepping.require_another(plan, PlanAction.SUBMIT, part)
