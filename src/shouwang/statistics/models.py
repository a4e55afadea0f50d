"""Figures of areas and months, and up to which day each statistic was filled."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area


class Cut(models.TextChoices):
    """By what a figure is told apart beside area and month; one at a time, so that no figure speaks of one household."""

    WHOLE = "", _("全部")
    RISK = "risk", _("风险类型")
    CHANNEL = "channel", _("发现渠道")
    TYPE = "type", _("监测对象类型")
    DEPARTMENT = "department", _("相关部门")
    RULE = "rule", _("筛查规则")


class Figure(models.Model):
    """One number: a statistic of an area in a month (its first day), whole or for one value of a cut.

    Only `jobs.statistics` writes these, from the records of the casework; they can be thrown away and filled anew. The
    database does not look each area up again: a filling writes millions, and takes them from rows that point to areas.
    """

    statistic = models.CharField(_("指标"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="figures", db_index=False, db_constraint=False)
    month = models.DateField(_("月份"))
    cut = models.CharField(_("分组"), max_length=10, choices=Cut, blank=True)
    of = models.CharField(_("分组取值"), max_length=60, blank=True)
    value = models.BigIntegerField(_("数值"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "cut", "of", "statistic", "month"], name="one_figure_a_month")
        ]
        indexes = [models.Index(fields=["statistic"], name="figures_by_statistic")]

    def __str__(self) -> str:
        return f"{self.statistic} {self.area_id} {self.month:%Y-%m} {self.of} {self.value}"


class Filling(models.Model):
    """Up to which day a statistic was filled, written in the transaction that filled it."""

    statistic = models.CharField(_("指标"), max_length=60, primary_key=True)
    on = models.DateField(_("统计截至"))
    filled_at = models.DateTimeField(_("统计时间"), auto_now=True)

    def __str__(self) -> str:
        return f"{self.statistic} {self.on}"
