"""Requests to change the register, their steps, and the sheets by which agreed ones are delivered."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.exchange.models import Upload
from shouwang.households.models import Household
from shouwang.proceedings.models import Matter, Step, WrittenOnce


class RequestKind(models.TextChoices):
    """What happened to a household that the register does not say yet."""

    SPLIT = "split", _("分户")
    MERGE = "merge", _("并户")
    JOIN = "join", _("新增成员")
    DEATH = "death", _("死亡")
    MOVE_OUT = "move_out", _("迁出本市")
    MOVE = "move", _("整户迁移")
    CORRECTION = "correction", _("更正登记")


class RequestStage(models.TextChoices):
    """Where a request stands; what may be done there is the table in `flow`."""

    TOWNSHIP_REVIEW = "register_township", _("待乡镇审核")
    RECEIVING_REVIEW = "register_receiving", _("待迁入乡镇审核")
    RETURNED = "register_returned", _("退回村里补正")
    AGREED = "register_agreed", _("待编入名册")
    HANDED_OVER = "handed_over", _("已编入名册修订单")
    REFUSED = "refused", _("不同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class RequestAction(models.TextChoices):
    """What people, and the clock, do to a request."""

    PROPOSE = "propose", _("提出")
    AGREE = "agree", _("审核同意")
    RECEIVE = "receive", _("同意迁入")
    REFUSE = "refuse", _("不同意")
    SEND_BACK = "send_back", _("退回")
    RESUBMIT = "resubmit", _("补正后再报")
    WITHDRAW = "withdraw", _("撤回")
    HAND_OVER = "hand_over", _("编入名册修订单")
    URGE = "urge", _("催办")
    RISE = "rise", _("逾期上报")
    TAKE_OVER = "take_over", _("划转")


class AmendmentSheet(WrittenOnce):
    """Agreed requests of a county delivered in one go: a sheet a source, taken in as an ordinary file of its department.

    `sealed` holds the rows as they were delivered, by source (JSON under AES-GCM), so that they can be taken out again.
    """

    number = models.PositiveIntegerField(_("编号"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("区县"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("编制人"))
    made_at = models.DateTimeField(_("编制时间"), auto_now_add=True)
    rows = models.PositiveIntegerField(_("行数"))
    register = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="+", verbose_name=_("农户名册"))
    departures = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="+", verbose_name=_("人口变动"))
    sealed = models.BinaryField(default=b"")
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("名册修订单")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="amendment_sheets_in_order"),
            models.UniqueConstraint(fields=["area", "key"], condition=~models.Q(key=""), name="a_form_is_one_sheet"),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.number}"


class RegisterRequest(Matter):
    """One change of the register. It changes nothing of the register itself: the sheet that is delivered does.

    `lines` are the members concerned: key, name, and of each field [as registered, as it is]. `new_no` is the number of
    the household that a split makes, `into` the one into which a household is merged, `to_area` where it moved. `sealed`
    holds identity number and telephone of somebody new.
    """

    number = models.CharField(_("编号"), max_length=72, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="requests", verbose_name=_("户"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("所在村"))
    kind = models.CharField(_("事项"), max_length=12, choices=RequestKind)
    stage = models.CharField(_("办理环节"), max_length=20, choices=RequestStage)
    proposed_on = models.DateField(_("提出日期"))
    happened_on = models.DateField(_("发生日期"))
    reason = models.TextField(_("理由"))
    lines = models.JSONField(default=list)
    new_no = models.CharField(_("新户编号"), max_length=64, blank=True)
    into = models.ForeignKey(Household, models.PROTECT, null=True, related_name="merged", verbose_name=_("并入的户"))
    to_area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("迁入的村"))
    sealed = models.BinaryField(default=b"")
    sheet = models.ForeignKey(
        AmendmentSheet, models.PROTECT, null=True, related_name="requests", verbose_name=_("修订单")
    )

    class Meta:
        verbose_name = _("名册变更")
        ordering = ["-proposed_on", "number"]
        indexes = [
            models.Index(fields=["stage", "desk", "due_on"], name="requests_in_hand"),
            models.Index(fields=["area", "stage"], name="requests_by_area"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stage="handed_over", sheet__isnull=False)
                | ~models.Q(stage="handed_over") & models.Q(sheet__isnull=True),
                name="handed_over_by_a_sheet",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RegisterRequestStep(Step):
    """One step of a request."""

    request = models.ForeignKey(RegisterRequest, models.PROTECT, related_name="steps", verbose_name=_("名册变更"))
    action = models.CharField(_("事项"), max_length=12, choices=RequestAction)
    stage_from = models.CharField(_("原环节"), max_length=20, choices=RequestStage, blank=True)
    stage_to = models.CharField(_("现环节"), max_length=20, choices=RequestStage)

    class Meta:
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="request_steps_in_order"),
            models.UniqueConstraint(
                fields=["request", "key"], condition=~models.Q(key=""), name="a_form_is_one_request_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.number} {self.action}"


class RecordedFact(WrittenOnce):
    """One entry of one field of `fields` about a household, as somebody recorded it on a day; empty where it was taken back.

    Of a sensitive field `value` is what may be shown, and `sealed` holds the rest.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="facts", verbose_name=_("户"))
    field = models.CharField(_("内容"), max_length=40)
    value = models.CharField(_("登记的内容"), max_length=200, blank=True)
    sealed = models.BinaryField(default=b"")
    source = models.CharField(_("依据"), max_length=1000)
    on = models.DateField(_("登记日期"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    recorded_at = models.DateTimeField(auto_now_add=True)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("村里登记的情况")
        ordering = ["pk"]
        indexes = [models.Index(fields=["field", "household"], name="facts_by_field")]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "field", "key"], condition=~models.Q(key=""), name="a_form_records_a_field_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.field}"
