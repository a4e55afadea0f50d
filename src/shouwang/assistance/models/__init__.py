"""Plans with their measures, contacts and visits; tasks of departments; needs that organisations meet."""

from shouwang.assistance.models.looking_after import Contact, ContactKind, FollowUp, FollowUpPhoto, Situation
from shouwang.assistance.models.needs import Need, NeedAction, NeedStage, NeedStep, Organisation
from shouwang.assistance.models.plans import (
    FundSource,
    Measure,
    MeasureCategory,
    MeasureState,
    Plan,
    PlanAction,
    PlanStage,
    PlanStep,
    Submission,
)
from shouwang.assistance.models.tasks import DepartmentTask, TaskAction, TaskStage, TaskStep

__all__ = [
    "Contact",
    "ContactKind",
    "DepartmentTask",
    "FollowUp",
    "FollowUpPhoto",
    "FundSource",
    "Measure",
    "MeasureCategory",
    "MeasureState",
    "Need",
    "NeedAction",
    "NeedStage",
    "NeedStep",
    "Organisation",
    "Plan",
    "PlanAction",
    "PlanStage",
    "PlanStep",
    "Situation",
    "Submission",
    "TaskAction",
    "TaskStage",
    "TaskStep",
]
