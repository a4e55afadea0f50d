"""What the village does about one measure of a plan: begun, delivered, ended; on the green channel before approval."""

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.assistance.drafting import LONGEST_NAME, as_measure, check_measure
from shouwang.assistance.models import (
    Measure,
    MeasureState,
    NeedStage,
    Plan,
    PlanAction,
    PlanStep,
    TaskStage,
)
from shouwang.assistance.plan_rules import Drafted
from shouwang.assistance.steps import PlanStepping, plan_order
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words

UNDER_WAY = (MeasureState.RUNNING, MeasureState.DELIVERED)


@plan_order(PlanAction.BEGIN)
def begin(plan: Plan, stepping: PlanStepping, number: int, day: date) -> PlanStep:
    """A planned measure begins: the household is helped from that day on.

    Raises:
        NotOpen: it is not planned, or a department or an organisation carries it out.
        InputError: the day lies before the case, or has not come.
    """
    measure = measure_of(plan, number, MeasureState.PLANNED)
    _require_own(measure)
    _check_day(day, plan.case.opened_on, stepping.on)
    return begun(plan, stepping, PlanAction.BEGIN, measure, day)


@plan_order(PlanAction.BEGIN_FIRST)
def begin_first(plan: Plan, stepping: PlanStepping, drafted: Drafted, day: date) -> PlanStep:
    """绿色通道: help that begins before the procedure has ended, where the township let the household be helped first.

    Raises:
        NotOpen: the case was not opened for it.
        InputError: the measure is incomplete, or the day is wrong.
    """
    if not plan.case.help_first:
        raise NotOpen(_("这一户没有列入先行帮扶"), _("按程序报送帮扶计划，或请乡镇列入先行帮扶"))
    _check_day(day, plan.case.opened_on, stepping.on)
    number = (plan.measures.aggregate(last=Max("number"))["last"] or 0) + 1
    check_measure(number, drafted, plan, stepping.on)
    measure = as_measure(plan, number, drafted)
    measure.save()
    return begun(plan, stepping, PlanAction.BEGIN_FIRST, measure, day)


@plan_order(PlanAction.DELIVER)
def deliver(plan: Plan, stepping: PlanStepping, number: int, day: date, result: str) -> PlanStep:
    """A measure is in place; it goes on helping until it is ended. What had not begun begins on that day.

    Raises:
        NotOpen: it is over, or for a department or an organisation to report.
        InputError: the day is wrong, or nothing is said of the result.
    """
    measure = measure_of(plan, number, MeasureState.PLANNED, MeasureState.RUNNING)
    _require_own(measure)
    return delivered(plan, stepping, measure, day, words(result, _("成效")))


@plan_order(PlanAction.IN_CHARGE)
def put_in_charge(plan: Plan, stepping: PlanStepping, number: int, name: str) -> PlanStep:
    """Names who is responsible for a measure that is not in place yet: after a move, or where somebody else does it now.

    Raises:
        NotOpen: it is over.
        InputError: nobody is named.
    """
    measure = measure_of(plan, number, MeasureState.PROPOSED, MeasureState.PLANNED, MeasureState.RUNNING)
    measure.in_charge = words(name, _("责任人"))[:LONGEST_NAME]
    measure.save(update_fields=["in_charge"])
    told = {"measure": measure.title, "person": measure.in_charge}
    step: PlanStep = stepping.take(plan, PlanAction.IN_CHARGE, noted={"measure": measure}, told=told)
    return step


@plan_order(PlanAction.END)
def end(plan: Plan, stepping: PlanStepping, number: int, reason: str) -> PlanStep:
    """A measure that ran ends today; one that had not begun is withdrawn.

    Raises:
        NotOpen: it is over, or a department or an organisation is still at it.
    """
    measure = measure_of(plan, number, MeasureState.PLANNED, *UNDER_WAY)
    _require_own(measure)
    said = words(reason, _("结束的理由"))
    if measure.state == MeasureState.PLANNED:
        changes: dict[str, Any] = {"state": MeasureState.WITHDRAWN, "result": said}
    else:
        changes = {"state": MeasureState.ENDED, "ended_on": stepping.on, "result": measure.result or said}
    return _step(plan, stepping, PlanAction.END, measure, changes, reason=said)


def measure_of(plan: Plan, number: int, *states: MeasureState) -> Measure:
    """One measure of a plan that is in one of these states.

    Raises:
        NotOpen: there is none of that number, or it stands elsewhere.
    """
    found = plan.measures.filter(number=number).first()
    if found is None:
        raise NotOpen(_("这份计划没有第{number}项措施").format(number=number), _("刷新页面查看最新情况"))
    if found.state not in states:
        raise NotOpen(
            _("措施“{title}”现在{state}，不能这样办理").format(title=found.title, state=found.get_state_display()),
            _("刷新页面查看最新情况"),
        )
    return found


def _require_own(measure: Measure) -> None:
    """What a department or an organisation carries out is reported by it."""
    if measure.tasks.exclude(stage__in=[TaskStage.DONE, TaskStage.WITHDRAWN]).exists():
        raise NotOpen(
            _("措施“{title}”由{department}办理").format(title=measure.title, department=measure.department),
            _("等部门报告后确认；部门退回的由区县改派或撤销"),
        )
    if measure.needs.exclude(stage__in=[NeedStage.CONFIRMED, NeedStage.WITHDRAWN]).exists():
        raise NotOpen(
            _("措施“{title}”正在对接社会力量").format(title=measure.title), _("送达后确认收到；不再需要的请区县撤回")
        )


def _check_day(day: date, earliest: date, on: date) -> None:
    if not earliest <= day <= on:
        raise InputError(
            _("日期 {day} 不对").format(day=day), _("填写 {earliest} 到今天之间的日期").format(earliest=earliest)
        )


def begun(plan: Plan, stepping: PlanStepping, action: PlanAction, measure: Measure, day: date) -> PlanStep:
    """Marks a measure as under way from a day on."""
    return _step(plan, stepping, action, measure, {"state": MeasureState.RUNNING, "started_on": day})


def delivered(plan: Plan, stepping: PlanStepping, measure: Measure, day: date, result: str) -> PlanStep:
    """Marks a measure as in place from a day on."""
    _check_day(day, measure.started_on or plan.case.opened_on, stepping.on)
    changes = {"state": MeasureState.DELIVERED, "delivered_on": day, "result": result}
    changes["started_on"] = measure.started_on or day
    return _step(plan, stepping, PlanAction.DELIVER, measure, changes, reason=result)


def _step(
    plan: Plan,
    stepping: PlanStepping,
    action: PlanAction,
    measure: Measure,
    changes: dict[str, Any],
    reason: str = "",
) -> PlanStep:
    for name, value in changes.items():
        setattr(measure, name, value)
    measure.save(update_fields=list(changes))
    started = measure.started_on
    of_plan = {}
    if started is not None and (plan.first_helped_on is None or started < plan.first_helped_on):
        of_plan["first_helped_on"] = started
    step: PlanStep = stepping.take(
        plan, action, reason=reason, changes=of_plan, told={"measure": measure.title}, noted={"measure": measure}
    )
    return step
