"""What a household needs beside the state's measures, told to registered organisations without saying whose need it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance.models.plans import Measure, MeasureCategory
from shouwang.proceedings.models import Matter, Step


class Organisation(models.Model):
    """A social organisation, company or group of people that a county has registered; it signs in with `account`."""

    name = models.CharField(_("名称"), max_length=100)
    credit_code = models.CharField(_("统一社会信用代码"), max_length=18)
    area = models.ForeignKey(Area, models.PROTECT, related_name="organisations", verbose_name=_("登记区县"))
    contact = models.CharField(_("联系人"), max_length=50)
    account = models.OneToOneField(User, models.PROTECT, related_name="organisation", verbose_name=_("账号"))
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    registered_on = models.DateField(_("登记日期"))

    class Meta:
        ordering = ["area", "name"]
        constraints = [models.UniqueConstraint(fields=["area", "credit_code"], name="organisation_once_a_county")]

    def __str__(self) -> str:
        return self.name


class NeedStage(models.TextChoices):
    """Where a need stands; what may be done there is the table in `flow`."""

    RAISED = "need_raised", _("待区县发布")
    PUBLISHED = "need_published", _("待社会力量认领")
    PLEDGED = "need_pledged", _("待区县对接")
    MATCHED = "need_matched", _("待落实")
    DELIVERED = "need_delivered", _("待村确认收到")
    CONFIRMED = "need_confirmed", _("已收到")
    WITHDRAWN = "need_withdrawn", _("已撤回")


class NeedAction(models.TextChoices):
    """What people, and the clock, do to a need."""

    RAISE = "raise_need", _("提出需求")
    PUBLISH = "publish", _("发布")
    PLEDGE = "pledge", _("认领")
    MATCH = "match", _("同意对接")
    DECLINE = "decline", _("不同意对接")
    GIVE_UP = "give_up", _("取消认领")
    HAND_OVER = "hand_over", _("报告已送达")
    CONFIRM = "confirm_need", _("确认收到")
    DISPUTE = "dispute", _("没有收到")
    WITHDRAW = "withdraw_need", _("撤回需求")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class Need(Matter):
    """One need. Organisations see `number`, `township`, `category`, `text`, `people` and `wanted_by`, and nothing else.

    `number` says the county and nothing of the household. `organisation` is who has pledged, with what (`pledge`).
    """

    number = models.CharField(_("编号"), max_length=40, unique=True)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="needs", verbose_name=_("措施"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="needs", verbose_name=_("所在村"))
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("乡镇"))
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("区县"))
    category = models.CharField(_("类别"), max_length=24, choices=MeasureCategory)
    text = models.CharField(_("需要什么"), max_length=200)
    people = models.PositiveSmallIntegerField(_("受益人数"))
    wanted_by = models.DateField(_("希望时间"))
    stage = models.CharField(_("办理环节"), max_length=16, choices=NeedStage)
    raised_on = models.DateField(_("提出日期"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="needs", verbose_name=_("认领单位")
    )
    pledge = models.TextField(_("认领内容"), blank=True)
    handed_over_on = models.DateField(_("送达日期"), null=True)
    confirmed_on = models.DateField(_("确认日期"), null=True)

    class Meta:
        ordering = ["-raised_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="need_in_hand"),
            models.Index(fields=["county", "stage"], name="need_board"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["measure"],
                condition=~models.Q(stage__in=["need_withdrawn"]),
                name="one_standing_need_a_measure",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage__in=["need_pledged", "need_matched", "need_delivered", "need_confirmed"])
                | models.Q(organisation__isnull=False),
                name="pledged_need_has_organisation",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class NeedStep(Step):
    """One step with a need."""

    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"))
    need = models.ForeignKey(Need, models.PROTECT, related_name="steps", verbose_name=_("需求"))
    action = models.CharField(_("事项"), max_length=16, choices=NeedAction)
    stage_from = models.CharField(_("原环节"), max_length=16, choices=NeedStage, blank=True)
    stage_to = models.CharField(_("现环节"), max_length=16, choices=NeedStage)

    class Meta:
        ordering = ["need", "number"]
        constraints = [
            models.UniqueConstraint(fields=["need", "number"], name="need_steps_in_order"),
            models.UniqueConstraint(
                fields=["need", "key"], condition=~models.Q(key=""), name="a_form_is_one_need_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.number} {self.action}"
