"""Defects as the last check of the register found them; what was mended is not there any more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.households.models import Household


class Severity(models.IntegerChoices):
    """How bad a defect is."""

    SERIOUS = 1, _("严重")
    ORDINARY = 2, _("一般")
    HINT = 3, _("提示")


class Defect(models.Model):
    """One rule on data quality that finds fault with a household, or with one member of it (`person_key`, 0: none).

    `values` are what was found, by the names in the rule's words; `delivery` and `line` the register row that counts;
    `found_on` the day on which it was found first and since then always.
    """

    rule = models.CharField(_("规则"), max_length=60)
    severity = models.PositiveSmallIntegerField(_("程度"), choices=Severity)
    household = models.ForeignKey(Household, models.CASCADE, related_name="defects", verbose_name=_("户"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("所在村"))
    person_key = models.BigIntegerField(default=0)
    values = models.JSONField(default=dict)
    delivery = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    found_on = models.DateField(_("发现日期"))

    class Meta:
        verbose_name = _("数据问题")
        ordering = ["severity", "rule", "area", "household", "person_key"]
        indexes = [
            models.Index(fields=["area", "severity", "rule"], name="defects_by_area"),
            models.Index(fields=["severity", "rule", "area"], name="defects_worst_first"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rule", "household", "person_key"], name="a_defect_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.household_id}"


class QualityCheck(models.Model):
    """One check of the whole register as of a day. `state` names what it looked at: an equal state needs no other check."""

    as_of = models.DateField(_("截至日期"))
    checked_at = models.DateTimeField(_("检查时间"), auto_now_add=True)
    state = models.CharField(max_length=200)
    households = models.PositiveIntegerField(_("户数"))
    defects = models.PositiveIntegerField(_("问题数"))
    by_rule = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("数据质量检查")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of} {self.defects}"
