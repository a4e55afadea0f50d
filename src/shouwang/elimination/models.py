"""Eliminations and their steps."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.cases.models import Case, EliminationMode
from shouwang.proceedings.models import Matter, Step


class Stage(models.TextChoices):
    """Where an elimination stands; what may be done there is the table in `flow`."""

    INSPECTION = "inspection", _("待入户核查")
    DELIBERATION = "deliberation", _("待民主评议")
    PUBLICITY = "publicity", _("村内公示")
    TOWNSHIP_AUDIT = "township_audit", _("待乡镇审核")
    COUNTY_APPROVAL = "county_approval", _("待区县审定")
    ANNOUNCEMENT = "announcement", _("待公告")
    WATCH = "watch", _("已消除，跟踪监测")
    ELIMINATED = "eliminated", _("已消除")
    RELAPSE_AUDIT = "relapse_audit", _("回退待乡镇审核")
    RELAPSE_APPROVAL = "relapse_approval", _("回退待区县审定")
    ROLLED_BACK = "rolled_back", _("已回退")
    REFUSED = "refused", _("不予消除")


class Action(models.TextChoices):
    """What people, and the clock, do to an elimination."""

    PROPOSE = "propose", _("提出消除")
    DELIBERATE = "deliberate", _("民主评议")
    POST_UP = "post_up", _("张贴公示")
    OBJECT = "object", _("公示期异议")
    REPORT = "report", _("公示期满报送")
    AGREE = "agree", _("乡镇审核同意")
    APPROVE = "approve", _("区县审定同意")
    REFUSE = "refuse", _("不予消除")
    SEND_BACK = "send_back", _("退回")
    ANNOUNCE = "announce", _("公告")
    FOLLOW_UP = "follow_up", _("跟踪走访")
    RELAPSE = "relapse", _("提出回退")
    CONFIRM = "confirm", _("同意回退")
    DENY = "deny", _("不予回退")
    ROLL_BACK = "roll_back", _("审定回退")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")


class NaturalGround(models.TextChoices):
    """Why the risk of a household ended by itself (DOMAIN B7): nobody of it lives there any more."""

    DEATH = "death", _("整户死亡")
    MOVED_AWAY = "moved_away", _("整户迁出")
    MERGED = "merged", _("并入他户")


class Elimination(Matter):
    """One monitored household's way to the end of its risk. Of a case one elimination at most is under way or stands.

    `eliminated_on` is the day of the announcement, `watched_until` the last day of the watching; `rolled_back_on` says
    that the household relapsed, `refused_on` that township or county did not eliminate it. Only steps write these.
    """

    number = models.CharField(_("编号"), max_length=72, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="eliminations", verbose_name=_("案件"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="eliminations", verbose_name=_("所在村"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=Stage)
    mode = models.CharField(_("消除方式"), max_length=10, choices=EliminationMode)
    ground = models.CharField(_("自然消除的原因"), max_length=12, choices=NaturalGround, blank=True)
    proposed_on = models.DateField(_("提出日期"))
    eliminated_on = models.DateField(_("风险消除时间"), null=True)
    watched_until = models.DateField(_("跟踪监测至"), null=True)
    rolled_back_on = models.DateField(_("回退时间"), null=True)
    refused_on = models.DateField(_("不予消除日期"), null=True)
    refusal = models.TextField(_("不予消除的理由"), blank=True)

    class Meta:
        ordering = ["-proposed_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="elimination_in_hand"),
            models.Index(fields=["area", "stage"], name="elimination_by_area"),
            models.Index(fields=["eliminated_on", "area"], name="eliminations_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=~models.Q(stage__in=["refused", "rolled_back"]),
                name="one_standing_elimination_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(mode="natural") & ~models.Q(ground="") | models.Q(mode="assisted", ground=""),
                name="natural_elimination_has_ground",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    stage__in=["watch", "eliminated", "relapse_audit", "relapse_approval", "rolled_back"]
                )
                | models.Q(eliminated_on__isnull=False),
                name="eliminated_has_day",
            ),
            models.CheckConstraint(
                condition=models.Q(stage="rolled_back", rolled_back_on__isnull=False)
                | ~models.Q(stage="rolled_back") & models.Q(rolled_back_on__isnull=True),
                name="rolled_back_has_day",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class EliminationStep(Step):
    """One step of an elimination."""

    elimination = models.ForeignKey(Elimination, models.PROTECT, related_name="steps", verbose_name=_("风险消除"))
    action = models.CharField(_("事项"), max_length=12, choices=Action)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=Stage)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=Stage)

    class Meta:
        ordering = ["elimination", "number"]
        constraints = [
            models.UniqueConstraint(fields=["elimination", "number"], name="elimination_steps_in_order"),
            models.UniqueConstraint(
                fields=["elimination", "key"], condition=~models.Q(key=""), name="a_form_is_one_elimination_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elimination_id} {self.number} {self.action}"
