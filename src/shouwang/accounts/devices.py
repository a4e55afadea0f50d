"""The browsers from which a user has logged in before; see `patience` for what that is good for."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from shouwang.accounts.models import KnownDevice, User

COOKIE = "known_device"
REMEMBERED_FOR = timedelta(days=180)
MOST_OF_A_USER = 12


def known_device(request: HttpRequest | None, username: str) -> int | None:
    """The number of the device if the user of that name has logged in from this browser before."""
    token = request.COOKIES.get(COOKIE, "") if request else ""
    if not token:
        return None
    found = KnownDevice.objects.filter(
        user__username=username, digest=_digest(token), last_at__gte=timezone.now() - REMEMBERED_FOR
    )
    return found.values_list("pk", flat=True).first()


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Notes that the user has just logged in from this browser; several users may share one."""
    token = request.COOKIES.get(COOKIE, "")
    if len(token) != 43:
        token = secrets.token_urlsafe(32)
    KnownDevice.objects.update_or_create(user=user, digest=_digest(token), defaults={"last_at": timezone.now()})
    kept = user.known_devices.order_by("-last_at").values_list("pk", flat=True)[:MOST_OF_A_USER]
    user.known_devices.exclude(pk__in=list(kept)).delete()
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(REMEMBERED_FOR.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def forget_all(user: User) -> None:
    user.known_devices.all().delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
