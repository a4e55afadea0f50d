"""Deliveries as the desk lists them, and files on their way in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.areas.models import Area


class Delivery(models.Model):
    """One delivered file and what became of its rows: a copy of the ledger, which is the truth.

    `area` is the area for which it was brought in; empty for files brought in for the whole city.
    """

    number = models.PositiveIntegerField(_("交付"), primary_key=True)
    source = models.CharField(max_length=40, db_index=True)
    source_title = models.CharField(_("名称"), max_length=100)
    owner = models.CharField(_("部门"), max_length=100)
    file = models.CharField(_("文件"), max_length=255)
    received_on = models.DateField(_("收到日期"), db_index=True)
    ingested_at = models.DateTimeField(_("读入时间"))
    read = models.PositiveIntegerField(_("读取"))
    accepted = models.PositiveIntegerField(_("接收"))
    duplicate = models.PositiveIntegerField(_("重复"))
    quarantined = models.PositiveIntegerField(_("隔离"))
    linked = models.PositiveIntegerField(_("已关联"), default=0)
    corrected = models.PositiveIntegerField(_("已更正"), default=0)
    review = models.PositiveIntegerField(_("待认定"), default=0)
    unregistered = models.PositiveIntegerField(_("未登记"), default=0)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("上传人")
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="deliveries", verbose_name=_("区域"))

    class Meta:
        ordering = ["-received_on", "-number"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"D{self.number:06d}"


class DeliveryCounty(models.Model):
    """How many accepted rows of a delivery speak of a county's households."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="counties")
    area = models.ForeignKey(Area, models.PROTECT)
    rows = models.PositiveIntegerField(_("行数"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "area"], name="delivery_county_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.area_id}: {self.rows}"


class Upload(models.Model):
    """A file that came over the desk. `spool` names its sealed copy until it has been read."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待读入")
        READING = "reading", _("正在读入")
        DONE = "done", _("已读入")
        REFUSED = "refused", _("未接收")

    source = models.CharField(max_length=40)
    file = models.CharField(_("文件"), max_length=255)
    received_on = models.DateField(_("收到日期"))
    user = models.ForeignKey(User, models.PROTECT, related_name="uploads", verbose_name=_("上传人"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, verbose_name=_("区域"))
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.WAITING)
    size = models.PositiveBigIntegerField(_("大小"), default=0)
    rows_done = models.PositiveIntegerField(_("已读行数"), default=0)
    message = models.TextField(_("说明"), blank=True)
    delivery = models.PositiveIntegerField(_("交付"), null=True)
    created_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    spool = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file} {self.get_state_display()}"
