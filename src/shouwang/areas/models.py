"""One area of the division tree."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Area(models.Model):
    """A city, county, township or village by its statistical code.

    `scope` are the digits that all codes within the area share (2, 6, 9 or 12). An ended area stays, and names
    its `successor`.
    """

    CITY, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4
    LEVELS = [(CITY, _("市")), (COUNTY, _("区县")), (TOWNSHIP, _("乡镇（街道）")), (VILLAGE, _("村（社区）"))]

    code = models.CharField(_("区划代码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=100)
    level = models.PositiveSmallIntegerField(_("级别"), choices=LEVELS)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="own_children", verbose_name=_("上级"))
    scope = models.CharField(max_length=12)
    valid_from = models.DateField(_("启用日期"), null=True)
    valid_to = models.DateField(_("停用日期"), null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["level", "code"])]

    def __str__(self) -> str:
        return self.name
