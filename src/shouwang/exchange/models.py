"""Deliveries as the desk lists them, and files on their way in."""

from django.db import models

from shouwang.accounts.models import User
from shouwang.areas.models import Area


class Delivery(models.Model):
    """One delivered file and what became of its rows: a copy of the ledger, which is the truth.

    `area` is the area for which it was brought in; empty for files brought in for the whole city.
    """

    number = models.PositiveIntegerField("交付", primary_key=True)
    source = models.CharField(max_length=40, db_index=True)
    source_title = models.CharField("名称", max_length=100)
    owner = models.CharField("部门", max_length=100)
    file = models.CharField("文件", max_length=255)
    received_on = models.DateField("收到日期", db_index=True)
    ingested_at = models.DateTimeField("读入时间")
    read = models.PositiveIntegerField("读取")
    accepted = models.PositiveIntegerField("接收")
    duplicate = models.PositiveIntegerField("重复")
    quarantined = models.PositiveIntegerField("隔离")
    linked = models.PositiveIntegerField("已关联", default=0)
    corrected = models.PositiveIntegerField("已更正", default=0)
    review = models.PositiveIntegerField("待认定", default=0)
    unregistered = models.PositiveIntegerField("未登记", default=0)
    report = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="deliveries", verbose_name="上传人")
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="deliveries", verbose_name="区域")

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
    rows = models.PositiveIntegerField("行数")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "area"], name="delivery_county_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.area_id}: {self.rows}"


class Upload(models.Model):
    """A file that came over the desk. `spool` names its sealed copy until it has been read."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待读入"
        READING = "reading", "正在读入"
        DONE = "done", "已读入"
        REFUSED = "refused", "未接收"

    source = models.CharField(max_length=40)
    file = models.CharField("文件", max_length=255)
    received_on = models.DateField("收到日期")
    user = models.ForeignKey(User, models.PROTECT, related_name="uploads", verbose_name="上传人")
    area = models.ForeignKey(Area, models.PROTECT, null=True, verbose_name="区域")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    size = models.PositiveBigIntegerField("大小", default=0)
    rows_done = models.PositiveIntegerField("已读行数", default=0)
    message = models.TextField("说明", blank=True)
    delivery = models.PositiveIntegerField("交付", null=True)
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    spool = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file} {self.get_state_display()}"
