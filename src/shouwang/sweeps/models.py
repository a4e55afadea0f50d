"""A campaign, the households that it goes to, and what was found in each home."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.households.models import Household
from shouwang.proceedings.models import Matter, Step, WrittenOnce


class Stage(models.TextChoices):
    """Where a campaign stands; what may be done there is the table in `flow`."""

    PLANNED = "planned", _("待开始")
    RUNNING = "running", _("排查中")
    CLOSED = "closed", _("已结束")


class Action(models.TextChoices):
    """What its organiser, and the clock, do to a campaign."""

    PLAN = "plan", _("制定排查")
    START = "start", _("开始排查")
    ADD = "add", _("补充农户")
    CLOSE = "close", _("结束排查")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Campaign(Matter):
    """One sweep of an office: over groups (`groups.GROUPS`) in places (codes of areas within its own), up to `ends_on`.

    Its households are those that fit on the day on which it starts; later ones are added by hand or by looking again.
    `desk` is the office that organises it. `batches` counts how often households were added.
    """

    number = models.CharField(_("编号"), max_length=64, unique=True)
    title = models.CharField(_("名称"), max_length=100)
    area = models.ForeignKey(Area, models.PROTECT, related_name="campaigns", verbose_name=_("组织单位"))
    groups = models.JSONField(_("重点人群"), default=list)
    places = models.JSONField(_("区域"), default=list)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("截止日期"))
    stage = models.CharField(_("状态"), max_length=10, choices=Stage)
    batches = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(_("结束日期"), null=True)
    closed_reason = models.TextField(_("未完成的理由"), blank=True)

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="campaign_days_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.title


class CampaignStep(Step):
    """One step with a campaign."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="steps", verbose_name=_("排查"))
    action = models.CharField(_("事项"), max_length=10, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=10, choices=Stage)
    stage_to = models.CharField(_("现环节"), max_length=10, choices=Stage)

    class Meta:
        ordering = ["campaign", "number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_steps_in_order"),
            models.UniqueConstraint(
                fields=["campaign", "key"], condition=~models.Q(key=""), name="a_campaign_form_is_one_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.number} {self.action}"


class SweepTask(models.Model):
    """One household that a campaign goes to. `reasons` are the groups for which, written |illness|single|; `area` is where it
    lived then; `outcome` is what the latest record of it says, empty before the first."""

    class Outcome(models.TextChoices):
        WELL = "well", _("没有发现困难")
        TROUBLE = "trouble", _("发现困难")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="tasks", verbose_name=_("排查"))
    household = models.ForeignKey(Household, models.PROTECT, related_name="sweep_tasks", verbose_name=_("户"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("所在村"))
    reasons = models.CharField(_("为什么在内"), max_length=400, db_default="")
    batch = models.PositiveSmallIntegerField()
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome, blank=True, db_default="")
    done_on = models.DateField(_("排查日期"), null=True)

    class Meta:
        ordering = ["area_id", "household_id"]
        indexes = [models.Index(fields=["campaign", "area", "outcome"], name="sweep_progress")]
        constraints = [models.UniqueConstraint(fields=["campaign", "household"], name="a_household_once_a_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.household_id}"


class SweepRecord(WrittenOnce):
    """What somebody found in a home: `answers` by item of the checklist {"answer": well|trouble|known, "note"}."""

    task = models.ForeignKey(SweepTask, models.PROTECT, related_name="records", verbose_name=_("排查任务"))
    number = models.PositiveSmallIntegerField(_("序号"))
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("排查人"))
    post = models.CharField(_("岗位"), max_length=300, blank=True)
    at = models.DateTimeField(_("时间"), auto_now_add=True)
    visited_on = models.DateField(_("排查日期"))
    answers = models.JSONField(_("逐项情况"), default=dict)
    said = models.TextField(_("其他情况"), blank=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["task", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="sweep_records_in_order"),
            models.UniqueConstraint(fields=["task", "key"], condition=~models.Q(key=""), name="a_form_is_one_record"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.number}"
