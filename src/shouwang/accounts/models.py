"""Users and the posts that they hold."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from shouwang.areas.models import Area


class User(AbstractUser):
    """Somebody who works at the desk. What they see follows from their posts alone, never from flags of Django's."""

    display_name = models.CharField("姓名", max_length=50, blank=True)
    demonstration = models.BooleanField("演示账号", default=False)

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return self.display_name or self.username


class Post(models.Model):
    """A duty in an area for a time; without a current post a user sees nothing.

    `department` is filled for department posts and is the owner as the sources' contracts name it (医保, 教育 …).
    """

    class Duty(models.TextChoices):
        CITY = "city", "市级乡村振兴部门"
        COUNTY = "county", "区县乡村振兴部门"
        TOWNSHIP = "township", "乡镇（街道）"
        VILLAGE = "village", "村（社区）"
        DEPARTMENT = "department", "行业部门"
        AUDITOR = "auditor", "监督审计"

    user = models.ForeignKey(User, models.CASCADE, related_name="posts", verbose_name="用户")
    area = models.ForeignKey(Area, models.PROTECT, verbose_name="区域")
    duty = models.CharField("职责", max_length=12, choices=Duty)
    department = models.CharField("部门", max_length=50, blank=True)
    starts_on = models.DateField("任职起")
    ends_on = models.DateField("任职止", null=True, blank=True)

    class Meta:
        verbose_name = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="post_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(duty="department", department__gt="") | (~models.Q(duty="department")),
                name="department_post_names_department",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name} {self.department or self.get_duty_display()}"


class LoginTry(models.Model):
    """Failed logins of one user name from one address; elsewhere the same user can still log in."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username", "address"], name="login_try_of_one_place")]

    def __str__(self) -> str:
        return f"{self.username} × {self.failures}"
