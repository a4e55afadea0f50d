"""Logging in, with patience: after failures from one address the same user name must wait there, and only there."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from shouwang.accounts.models import LoginTry, User

FREE_FAILURES = 4
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


def waiting_seconds(username: str, address: str, now: datetime | None = None) -> int:
    """How long the name must still wait at the address: 2, 4, 8 … seconds from the fifth failure on; 0 when free."""
    now = now or timezone.now()
    record = LoginTry.objects.filter(username=username[:150], address=address).first()
    if record is None or record.failures <= FREE_FAILURES:
        return 0
    wait = min(timedelta(seconds=2 ** min(record.failures - FREE_FAILURES, 20)), LONGEST_WAIT)
    return max(0, round((record.last_at + wait - now).total_seconds()))


@transaction.atomic
def note_failure(username: str, address: str) -> None:
    now = timezone.now()
    LoginTry.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()
    record, _ = LoginTry.objects.get_or_create(
        username=username[:150], address=address, defaults={"last_at": now, "failures": 0}
    )
    record.failures += 1
    record.last_at = now
    record.save()


class PatientBackend(ModelBackend):
    """Checks name and password unless the name must wait at this address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **other: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        address = request.META.get("REMOTE_ADDR", "") if request else ""
        if waiting_seconds(username, address):
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **other)
        if user is None:
            note_failure(username, address)
        else:
            LoginTry.objects.filter(username=username, address=address).delete()
        return user


class LoginForm(AuthenticationForm):
    """Says how long to wait instead of repeating that the password is wrong."""

    error_messages = {
        "invalid_login": "用户名或密码不正确，请核对后再试。",
        "inactive": "该账号已停用，请联系上级管理员。",
    }

    def clean(self) -> dict[str, Any]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        seconds = waiting_seconds(self.cleaned_data.get("username") or "", address)
        if seconds:
            raise ValidationError(f"连续多次输错，请等 {seconds} 秒后再试。忘记密码请联系上级管理员重置。")
        return super().clean()
