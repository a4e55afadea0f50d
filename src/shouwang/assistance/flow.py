"""Assistance as three tables: the plan with its measures, a department's task, and a need that organisations meet.

DOMAIN B8, A3 5.4. Nobody alone: the village proposes, the township agrees, the county approves; what a department or an
organisation reports counts when the household's village has confirmed it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwang.accounts.scope import Reach
from shouwang.areas.models import Area
from shouwang.assistance.models import (
    NeedAction,
    NeedStage,
    PlanAction,
    PlanStage,
    TaskAction,
    TaskStage,
)
from shouwang.proceedings.table import Lifecycle, read_table

# A plan that runs has no clock of its own: its measures have their last days.
PLAN_LEVELS: Mapping[str, int] = {
    PlanStage.DRAFTING: Area.VILLAGE,
    PlanStage.PLAN_AUDIT: Area.TOWNSHIP,
    PlanStage.PLAN_APPROVAL: Area.COUNTY,
}
TASK_LEVELS: Mapping[str, int] = {
    TaskStage.ASSIGNED: Area.COUNTY,
    TaskStage.IN_HAND: Area.COUNTY,
    TaskStage.REPORTED: Area.VILLAGE,
    TaskStage.RETURNED: Area.COUNTY,
}
# A need that is published waits for whoever will take it.
NEED_LEVELS: Mapping[str, int] = {
    NeedStage.RAISED: Area.COUNTY,
    NeedStage.PLEDGED: Area.COUNTY,
    NeedStage.MATCHED: Area.COUNTY,
    NeedStage.DELIVERED: Area.VILLAGE,
}

# begin, deliver, end, in_charge: of a measure, by the village, wherever the plan lies; `end` of what was not begun withdraws it.
_PLANS = """
stage          action       permission    who      to
drafting       submit_plan  submit        desk     plan_audit
plan_audit     agree        consent       desk     plan_approval
plan_audit     send_back    consent       desk     drafting
plan_approval  approve      approve_case  desk     plan_running
plan_approval  send_back    approve_case  desk     plan_audit,drafting
plan_running   revise       submit        desk     drafting
drafting       begin_first  submit        home     same
plan_audit     begin_first  submit        home     same
plan_approval  begin_first  submit        home     same
drafting       begin        submit        home     same
plan_audit     begin        submit        home     same
plan_approval  begin        submit        home     same
plan_running   begin        submit        home     same
drafting       deliver      submit        home     same
plan_audit     deliver      submit        home     same
plan_approval  deliver      submit        home     same
plan_running   deliver      submit        home     same
plan_closed    deliver      submit        home     same
drafting       end          submit        home     same
plan_audit     end          submit        home     same
plan_approval  end          submit        home     same
plan_running   end          submit        home     same
plan_closed    end          submit        home     same
drafting       in_charge    submit        home     same
plan_audit     in_charge    submit        home     same
plan_approval  in_charge    submit        home     same
plan_running   in_charge    submit        home     same
drafting       follow_up    verify        calling  same
plan_audit     follow_up    verify        calling  same
plan_approval  follow_up    verify        calling  same
plan_running   follow_up    verify        calling  same
drafting       urge         dispatch      above    same
plan_audit     urge         dispatch      above    same
plan_approval  urge         dispatch      above    same
plan_running   urge         dispatch      above    same
"""
_TASKS = """
stage          action         permission    who     to
task_assigned  accept_task    handle_tasks  desk    task_in_hand
task_assigned  return         handle_tasks  desk    task_returned
task_in_hand   report_task    handle_tasks  desk    task_reported
task_in_hand   return         handle_tasks  desk    task_returned
task_reported  confirm_task   submit        desk    task_done
task_reported  dispute        submit        desk    task_in_hand
task_returned  reassign       dispatch      desk    task_assigned
task_returned  withdraw_task  dispatch      desk    task_withdrawn
task_assigned  urge           dispatch      either  same
task_in_hand   urge           dispatch      either  same
task_reported  urge           dispatch      above   same
task_returned  urge           dispatch      above   same
"""
_NEEDS = """
stage           action         permission    who   to
need_raised     publish        approve_case  desk  need_published
need_raised     withdraw_need  approve_case  desk  need_withdrawn
need_published  pledge         pledge        desk  need_pledged
need_published  withdraw_need  approve_case  desk  need_withdrawn
need_pledged    match          approve_case  desk  need_matched
need_pledged    decline        approve_case  desk  need_published
need_pledged    give_up        pledge        desk  need_published
need_matched    hand_over      pledge        desk  need_delivered
need_matched    give_up        pledge        desk  need_published
need_matched    decline        approve_case  desk  need_published
need_delivered  confirm_need   submit        desk  need_confirmed
need_delivered  dispute        submit        desk  need_matched
need_raised     urge           dispatch      above same
need_pledged    urge           dispatch      above same
need_matched    urge           dispatch      above same
need_delivered  urge           dispatch      above same
"""


def _of_its_department(reach: Reach, task: Any) -> bool:
    """A department's post acts on its own department's tasks alone."""
    return not reach.department or reach.department == task.department


PLANS = Lifecycle(
    title=_("帮扶计划"),
    moves=read_table(_PLANS, PlanStage, PlanAction),
    level_of=PLAN_LEVELS,
    harmless=(
        *(PlanAction.BEGIN_FIRST, PlanAction.BEGIN, PlanAction.DELIVER, PlanAction.END, PlanAction.FOLLOW_UP),
        PlanAction.IN_CHARGE,
        *(PlanAction.URGE, PlanAction.RISE, PlanAction.TAKE_OVER),
    ),
    audit={
        PlanAction.OPEN: "plan_opened",
        PlanAction.SUBMIT: "plan_submitted",
        PlanAction.AGREE: "plan_agreed",
        PlanAction.APPROVE: "plan_approved",
        PlanAction.SEND_BACK: "plan_sent_back",
        PlanAction.REVISE: "plan_revised",
        PlanAction.BEGIN_FIRST: "measure_begun_first",
        PlanAction.BEGIN: "measure_begun",
        PlanAction.DELIVER: "measure_delivered",
        PlanAction.END: "measure_ended",
        PlanAction.IN_CHARGE: "measure_in_charge_named",
        PlanAction.FOLLOW_UP: "follow_up_recorded",
        PlanAction.CLOSE: "plan_closed",
        PlanAction.URGE: "plan_urged",
        PlanAction.RISE: "plan_escalated",
        PlanAction.TAKE_OVER: "plan_taken_over",
    },
)
TASKS = Lifecycle(
    title=_("任务"),
    moves=read_table(_TASKS, TaskStage, TaskAction),
    level_of=TASK_LEVELS,
    harmless=(TaskAction.URGE, TaskAction.RISE, TaskAction.TAKE_OVER),
    audit={
        TaskAction.ASSIGN: "task_assigned",
        TaskAction.ACCEPT: "task_accepted",
        TaskAction.REPORT: "task_reported",
        TaskAction.RETURN: "task_returned",
        TaskAction.REASSIGN: "task_reassigned",
        TaskAction.WITHDRAW: "task_withdrawn",
        TaskAction.CONFIRM: "task_confirmed",
        TaskAction.DISPUTE: "task_disputed",
        TaskAction.URGE: "task_urged",
        TaskAction.RISE: "task_escalated",
        TaskAction.TAKE_OVER: "task_taken_over",
    },
    concerns=_of_its_department,
)


NEEDS = Lifecycle(
    title=_("需求"),
    moves=read_table(_NEEDS, NeedStage, NeedAction),
    level_of=NEED_LEVELS,
    harmless=(NeedAction.URGE, NeedAction.RISE, NeedAction.TAKE_OVER),
    audit={
        NeedAction.RAISE: "need_raised",
        NeedAction.PUBLISH: "need_published",
        NeedAction.PLEDGE: "need_pledged",
        NeedAction.MATCH: "need_matched",
        NeedAction.DECLINE: "need_declined",
        NeedAction.GIVE_UP: "need_given_up",
        NeedAction.HAND_OVER: "need_handed_over",
        NeedAction.CONFIRM: "need_confirmed",
        NeedAction.DISPUTE: "need_disputed",
        NeedAction.WITHDRAW: "need_withdrawn",
        NeedAction.URGE: "need_urged",
        NeedAction.RISE: "need_escalated",
        NeedAction.TAKE_OVER: "need_taken_over",
    },
)
