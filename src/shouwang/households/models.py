"""Households and persons as the register says now, and how they came to be so."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area


class Household(models.Model):
    """One household. `delivery` and `line` name the register row that says so last. `income_known` is whether the latest
    screening had an income statement that counts; None where none has looked yet."""

    household_no = models.CharField(_("户编号"), max_length=64, primary_key=True)
    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("所在村"), related_name="households")
    household_type = models.CharField(_("户类型"), max_length=20)
    head_name = models.CharField(_("户主"), max_length=100, blank=True)
    member_count = models.PositiveIntegerField(_("现有人数"), default=0)
    received_on = models.DateField(_("最近登记日期"))
    delivery = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    income_known = models.BooleanField(_("有收入数据"), null=True)

    class Meta:
        ordering = ["household_no"]
        indexes = [
            models.Index(fields=["area", "household_no"]),
            models.Index(
                fields=["area", "household_no"], condition=Q(income_known=False), name="households_without_income"
            ),
        ]

    def __str__(self) -> str:
        return self.household_no


class Person(models.Model):
    """One registered person; who has died or moved away stays, with `left_kind` and `left_on`.

    `key` is the pseudonym in the lake; `sealed` holds identity number, telephone and address under AES-GCM.
    """

    key = models.BigIntegerField(unique=True)
    household = models.ForeignKey(Household, models.CASCADE, related_name="persons", verbose_name=_("所在户"))
    name = models.CharField(_("姓名"), max_length=200)
    id_masked = models.CharField(_("证件号码"), max_length=18)
    sealed = models.BinaryField()
    sex = models.CharField(_("性别"), max_length=10, blank=True)
    birth_date = models.DateField(_("出生日期"), null=True)
    relation = models.CharField(_("与户主关系"), max_length=20)
    ethnicity = models.CharField(_("民族"), max_length=200, blank=True)
    education = models.CharField(_("文化程度"), max_length=200, blank=True)
    school_status = models.CharField(_("在校生状况"), max_length=200, blank=True)
    dropout_reason = models.CharField(_("失学原因"), max_length=20, blank=True)
    health = models.CharField(_("健康状况"), max_length=20, blank=True)
    labour = models.CharField(_("劳动技能"), max_length=20, blank=True)
    resettlement_site = models.CharField(_("搬迁安置点"), max_length=200, blank=True)
    left_kind = models.CharField(_("离开原因"), max_length=10, blank=True)
    left_on = models.DateField(_("离开日期"), null=True)
    delivery = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    received_on = models.DateField(_("登记日期"))

    class Meta:
        ordering = ["household_id", "line"]

    def __str__(self) -> str:
        return self.name


class RegisterChange(models.Model):
    """One step in a person's history in the register. `changes` maps a column's header to [before, after]."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("登记入册")
        CHANGED = "changed", _("信息变更")
        MOVED = "moved", _("转入他户")
        LEFT = "left", _("离开")
        RETURNED = "returned", _("重新登记")

    person_key = models.BigIntegerField(db_index=True)
    household_no = models.CharField(_("户编号"), max_length=64, db_index=True)
    received_on = models.DateField(_("收到日期"))
    delivery = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    kind = models.CharField(_("变化"), max_length=10, choices=Kind)
    changes = models.JSONField(default=dict)

    class Meta:
        ordering = ["received_on", "delivery", "line"]

    def __str__(self) -> str:
        return f"{self.household_no} {self.get_kind_display()}"


class RegisterLoad(models.Model):
    """A delivery of register rows or vital events that the desk has taken over; its row is the last thing written."""

    delivery = models.PositiveIntegerField(primary_key=True)
    persons = models.PositiveIntegerField()
    loaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.delivery}: {self.persons}"
