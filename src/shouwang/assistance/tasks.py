"""A department's part of a plan: assigned when the plan is approved, accepted or returned, reported, confirmed by the village.

What the department reports counts when the household's village has confirmed it.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.assistance import measures
from shouwang.assistance.models import (
    DepartmentTask,
    Measure,
    MeasureState,
    Plan,
    TaskAction,
    TaskStage,
    TaskStep,
)
from shouwang.assistance.steps import PlanStepping, TaskStepping, task_order
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words

LONGEST_NAME = 50


def assign(departmental: Sequence[Measure], plan: Plan, stepping: PlanStepping) -> None:
    """A task for each of these measures, on the desk of its department in the owner's county or city."""
    if not departmental:
        return
    line = line_of(plan.area, stepping.on)
    assigning = TaskStepping(stepping.actor, stepping.requirements, stepping.on)
    for measure in departmental:
        level = Area.CITY if measure.owner.level == Area.CITY else Area.COUNTY
        task = DepartmentTask.objects.create(
            number=_number(measure, plan),
            measure=measure,
            area=plan.area,
            department=measure.department,
            stage=TaskStage.ASSIGNED,
            assigned_on=stepping.on,
        )
        told = {"department": measure.department}
        assigning.take(task, TaskAction.ASSIGN, stage=TaskStage.ASSIGNED, desk=line[level], told=told)
    assigning.finish()


def _number(measure: Measure, plan: Plan) -> str:
    """The plan is locked, and no task is ever deleted."""
    again = measure.tasks.count()
    return f"{plan.number}-{measure.number:02}" + (f"-{again + 1}" if again else "")


@task_order(TaskAction.ACCEPT)
def accept(task: DepartmentTask, stepping: TaskStepping) -> TaskStep:
    """The department takes it up; its clock runs to the plan's last day, or as the pack says where that is over."""
    stepping.planned = task.measure.due_on
    return _to(task, stepping, TaskAction.ACCEPT, TaskStage.IN_HAND)


@task_order(TaskAction.RETURN)
def give_back(task: DepartmentTask, stepping: TaskStepping, reason: str) -> TaskStep:
    """Not this department's, or not possible: the office of the same level settles it."""
    return _to(task, stepping, TaskAction.RETURN, TaskStage.RETURNED, words(reason, _("退回理由")))


@task_order(TaskAction.REPORT)
def report(task: DepartmentTask, stepping: TaskStepping, done_on: date, paid: Decimal | None, result: str) -> TaskStep:
    """The department says what it did, when and for how much; the village confirms.

    Raises:
        InputError: the day or the amount is wrong, or nothing is said.
    """
    if not task.measure.plan.case.opened_on <= done_on <= stepping.on:
        raise InputError(_("落实日期不对"), _("填写实际落实的日期，不晚于今天"))
    if paid is not None and not (0 <= paid < 10**10 and paid == round(paid, 2)):
        raise InputError(_("实际金额不对"), _("填写元，最多两位小数；不涉及资金的留空"))
    changes = {"done_on": done_on, "paid": paid, "result": words(result, _("办理结果"))}
    step: TaskStep = stepping.take(
        task,
        TaskAction.REPORT,
        stage=TaskStage.REPORTED,
        desk=line_of(task.area, stepping.on)[Area.VILLAGE],
        reason=str(changes["result"]),
        changes=changes,
    )
    return step


@task_order(TaskAction.CONFIRM)
def confirm(task: DepartmentTask, stepping: TaskStepping, opinion: str) -> TaskStep:
    """The village has seen it: the measure is in place, and helps from the day that the department named."""
    said = words(opinion, _("意见"), needed=False)
    plan, measure = task.measure.plan, task.measure
    if measure.state not in (MeasureState.PLANNED, MeasureState.RUNNING) or task.done_on is None:
        raise NotOpen(_("措施“{title}”已经结束").format(title=measure.title), _("刷新页面查看最新情况"))
    if task.paid is not None:
        measure.amount = task.paid
        measure.save(update_fields=["amount"])
    on_plan = PlanStepping(stepping.actor, stepping.requirements, stepping.on)
    measures.delivered(plan, on_plan, measure, task.done_on, task.result)
    step = _to(task, stepping, TaskAction.CONFIRM, TaskStage.DONE, said)
    on_plan.finish()
    return step


@task_order(TaskAction.DISPUTE)
def dispute(task: DepartmentTask, stepping: TaskStepping, reason: str) -> TaskStep:
    """The village has not seen it: back to the department that reported it."""
    said = words(reason, _("没有落实的情况"))
    reported = task.steps.filter(action=TaskAction.REPORT).select_related("desk_from").order_by("-number")[0]
    step: TaskStep = stepping.take(
        task, TaskAction.DISPUTE, stage=TaskStage.IN_HAND, desk=reported.desk_from, reason=said
    )
    return step


@task_order(TaskAction.REASSIGN)
def reassign(task: DepartmentTask, stepping: TaskStepping, department: str, reason: str) -> TaskStep:
    """The office gives a returned task to another department.

    Raises:
        InputError: no department is named.
    """
    named = words(department, _("部门"))[:LONGEST_NAME]
    said = words(reason, _("改派理由"))
    step: TaskStep = stepping.take(
        task,
        TaskAction.REASSIGN,
        stage=TaskStage.ASSIGNED,
        desk=task.desk,
        reason=said,
        changes={"department": named},
        told={"department": named},
    )
    Measure.objects.filter(pk=task.measure_id).update(department=named)
    return step


@task_order(TaskAction.WITHDRAW)
def withdraw(task: DepartmentTask, stepping: TaskStepping, reason: str) -> TaskStep:
    """No department can do it: the village plans something else."""
    said = words(reason, _("撤销理由"))
    step = _to(task, stepping, TaskAction.WITHDRAW, TaskStage.WITHDRAWN, said)
    Measure.objects.filter(pk=task.measure_id, started_on=None).update(state=MeasureState.WITHDRAWN, result=said)
    return step


@task_order(TaskAction.URGE)
def urge(task: DepartmentTask, stepping: TaskStepping, reason: str) -> TaskStep:
    """The office, or a level above, sets an overdue desk a last day."""
    step: TaskStep = stepping.urge(task, TaskAction.URGE, reason)
    return step


def _to(
    task: DepartmentTask, stepping: TaskStepping, action: TaskAction, stage: TaskStage, reason: str = ""
) -> TaskStep:
    step: TaskStep = stepping.take(task, action, stage=stage, desk=task.desk, reason=reason)
    return step
