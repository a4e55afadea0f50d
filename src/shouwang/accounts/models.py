"""Users, the posts that they hold, and what their logins need."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Duty as EveryDuty
from shouwang.areas.models import Area


class User(AbstractUser):
    """Somebody who works at the desk. What they see follows from their posts alone, never from flags of Django's.

    Raising `session_epoch` ends every session of the user at its next request; so does a new password.
    """

    display_name = models.CharField(_("姓名"), max_length=50, blank=True)
    demonstration = models.BooleanField(_("演示账号"), default=False)
    session_epoch = models.PositiveIntegerField(default=0)
    must_change_password = models.BooleanField(_("须改初始密码"), default=False)

    class Meta:
        verbose_name = _("用户")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_session_auth_hash(self) -> str:
        return self._hash_of_session()

    def get_session_auth_fallback_hash(self) -> Any:
        from django.conf import settings

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_of_session(secret)

    def _hash_of_session(self, secret: str | None = None) -> str:
        content = f"{self.password}|{self.session_epoch}"
        return salted_hmac("shouwang.accounts.session", content, secret=secret, algorithm="sha256").hexdigest()


class Post(models.Model):
    """A duty in an area for a time; without a current post a user sees nothing.

    `department` is filled for department posts and is the owner as the sources' contracts name it (医保, 教育 …).
    `ends_on` is the last day; `revoked_at` ends the post at once.
    """

    Duty = EveryDuty

    user = models.ForeignKey(User, models.CASCADE, related_name="posts", verbose_name=_("用户"))
    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("区域"))
    duty = models.CharField(_("职责"), max_length=20, choices=EveryDuty)
    department = models.CharField(_("部门"), max_length=50, blank=True)
    starts_on = models.DateField(_("任职起"))
    ends_on = models.DateField(_("任职止"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("岗位")
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
    """Failed tries of one user name from one address or known device; elsewhere the same user can still log in."""

    class Step(models.TextChoices):
        PASSWORD = "password", _("密码")
        CODE = "code", _("动态口令")

    step = models.CharField(max_length=8, choices=Step, default=Step.PASSWORD)
    username = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "username", "address"], name="login_try_of_one_place")]

    def __str__(self) -> str:
        return f"{self.username} × {self.failures}"


class KnownDevice(models.Model):
    """A browser from which a user has logged in before; strangers who try the user's name cannot make it wait.

    Only the hash of the browser's token is kept.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="known_devices", verbose_name=_("用户"))
    digest = models.CharField(max_length=64)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="known_device_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first_at:%Y-%m-%d}"


class SecondFactor(models.Model):
    """The secret that a user's phone shares with the desk (RFC 6238), sealed; counts once it was confirmed.

    `last_step` is the 30-second step of the last accepted code: no code is accepted twice.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor", verbose_name=_("用户"))
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"{self.user_id} {'已启用' if self.confirmed_at else '未启用'}"


class RecoveryCode(models.Model):
    """A code for the day on which the phone is lost; works once, and only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name=_("用户"))
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {'已使用' if self.used_at else '未使用'}"
