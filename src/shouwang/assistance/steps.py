"""Steps with plans, tasks and needs, each under its lock. Whoever needs a plan and a task locks the plan first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.assistance.flow import NEEDS, PLANS, TASKS
from shouwang.assistance.handing_over import hand_over
from shouwang.assistance.models import DepartmentTask, Need, NeedStage, Plan, TaskStage
from shouwang.assistance.requirements import Requirements
from shouwang.proceedings.desks import Line, standing
from shouwang.proceedings.orders import one_step_of
from shouwang.proceedings.steps import Stepping


class PlanStepping(Stepping):
    """Who takes steps with plans."""

    requirements: Requirements
    lifecycle = PLANS
    matter = Plan
    household = "case__household"

    def brought(self, homes: Mapping[int, Line]) -> None:
        hand_over(homes, self)


class TaskStepping(Stepping):
    """Who takes steps with tasks. A task in hand runs to the last day that the plan names, while that is still ahead."""

    requirements: Requirements
    lifecycle = TASKS
    matter = DepartmentTask
    household = "measure__plan__case__household"
    planned: date | None = None

    def _clock(self, name: str | None, latest: date | None = None) -> dict[str, Any]:
        values = super()._clock(name, latest)
        if name == TaskStage.IN_HAND and self.planned is not None and self.planned > self.on:
            values = {"due_on": self.planned, "rises_on": self.requirements.rises_after(self.planned)}
        return values


class NeedStepping(Stepping):
    """Who takes steps with needs. A published one waits for the county's organisations."""

    requirements: Requirements
    lifecycle = NEEDS
    matter = Need
    household = "measure__plan__case__household"

    for_others = {NeedStage.PUBLISHED: Permission.PLEDGE}

    def along(self, matter: Need, line: Line) -> dict[str, Any]:
        return {
            "township": line.get(Area.TOWNSHIP) or standing(matter.township_id, self.on),
            "county": line[Area.COUNTY],
        }


def plan_locked(number: str) -> Plan:
    """The plan for the rest of the transaction. Raises Plan.DoesNotExist."""
    held = Plan.objects.select_for_update().prefetch_related("area__parent__parent", "desk", "case__household")
    return held.get(number=number)


def task_locked(number: str) -> DepartmentTask:
    """The task, and before it its plan, for the rest of the transaction. Raises DepartmentTask.DoesNotExist."""
    plan = Plan.objects.filter(measures__tasks__number=number).first()
    if plan is None:
        raise DepartmentTask.DoesNotExist
    plan = plan_locked(plan.number)
    held = DepartmentTask.objects.select_for_update().prefetch_related("area__parent__parent", "desk", "measure")
    task = held.get(number=number)
    task.measure.plan = plan
    return task


def need_locked(number: str) -> Need:
    """The need, and before it its plan, for the rest of the transaction. Raises Need.DoesNotExist."""
    plan = Plan.objects.filter(measures__needs__number=number).first()
    if plan is None:
        raise Need.DoesNotExist
    plan = plan_locked(plan.number)
    held = Need.objects.select_for_update()
    need = held.prefetch_related("area", "township", "county", "desk", "measure", "organisation").get(number=number)
    need.measure.plan = plan
    return need


plan_order = one_step_of(plan_locked, PlanStepping)
task_order = one_step_of(task_locked, TaskStepping)
need_order = one_step_of(need_locked, NeedStepping)
