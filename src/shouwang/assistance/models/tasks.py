"""A measure that a department carries out lies on that department's desk as a task."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance.models.plans import Measure
from shouwang.proceedings.models import Matter, Step


class TaskStage(models.TextChoices):
    """Where a task stands; what may be done there is the table in `flow`."""

    ASSIGNED = "task_assigned", _("待部门接收")
    IN_HAND = "task_in_hand", _("部门办理中")
    REPORTED = "task_reported", _("待村确认")
    RETURNED = "task_returned", _("部门退回，待区县处理")
    DONE = "task_done", _("已办结")
    WITHDRAWN = "task_withdrawn", _("已撤销")


class TaskAction(models.TextChoices):
    """What people, and the clock, do to a task."""

    ASSIGN = "assign", _("交办")
    ACCEPT = "accept_task", _("接收")
    REPORT = "report_task", _("报告办理结果")
    RETURN = "return", _("退回")
    REASSIGN = "reassign", _("改派")
    WITHDRAW = "withdraw_task", _("撤销")
    CONFIRM = "confirm_task", _("确认落实")
    DISPUTE = "dispute", _("尚未落实")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class DepartmentTask(Matter):
    """A department's part of a plan. Of a measure one task at most stands.

    `area` is the household's village; `paid` (yuan), `done_on` and `result` are what the department reported last.
    """

    number = models.CharField(_("编号"), max_length=80, unique=True)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="tasks", verbose_name=_("措施"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="departmenttasks", verbose_name=_("所在村"))
    department = models.CharField(_("部门"), max_length=50)
    stage = models.CharField(_("办理环节"), max_length=16, choices=TaskStage)
    assigned_on = models.DateField(_("交办日期"))
    done_on = models.DateField(_("落实日期"), null=True)
    paid = models.DecimalField(_("实际金额"), max_digits=12, decimal_places=2, null=True)
    result = models.TextField(_("办理结果"), blank=True)

    class Meta:
        ordering = ["-assigned_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "department", "due_on"], name="task_in_hand"),
            models.Index(fields=["area", "stage"], name="task_by_area"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["measure"], condition=~models.Q(stage="task_withdrawn"), name="one_standing_task_a_measure"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TaskStep(Step):
    """One step with a task."""

    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"))
    task = models.ForeignKey(DepartmentTask, models.PROTECT, related_name="steps", verbose_name=_("任务"))
    action = models.CharField(_("事项"), max_length=16, choices=TaskAction)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=TaskStage, blank=True)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=TaskStage)

    class Meta:
        ordering = ["task", "number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="task_steps_in_order"),
            models.UniqueConstraint(
                fields=["task", "key"], condition=~models.Q(key=""), name="a_form_is_one_task_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.number} {self.action}"
