"""One area of the division tree."""

from django.db import models


class Area(models.Model):
    """A city, county, township or village by its statistical code.

    `scope` are the digits that all codes within the area share (2, 6, 9 or 12). An ended area stays, and names
    its `successor`.
    """

    CITY, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4
    LEVELS = [(CITY, "市"), (COUNTY, "区县"), (TOWNSHIP, "乡镇（街道）"), (VILLAGE, "村（社区）")]

    code = models.CharField("区划代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=100)
    level = models.PositiveSmallIntegerField("级别", choices=LEVELS)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="own_children", verbose_name="上级")
    scope = models.CharField(max_length=12)
    valid_from = models.DateField("启用日期", null=True)
    valid_to = models.DateField("停用日期", null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["level", "code"])]

    def __str__(self) -> str:
        return self.name
