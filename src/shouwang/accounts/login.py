"""Logging in with name and password; what comes after is in `second_factor` and `sessions`."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.devices import known_device
from shouwang.accounts.events import tell
from shouwang.accounts.models import User
from shouwang.accounts.patience import Place, forgive, place_of, take_a_try, waiting_seconds
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.questions import Blank, Question


def place(request: HttpRequest | None, username: str) -> Place:
    """Where the request tries that name from."""
    return place_of(request.META.get("REMOTE_ADDR", "") if request else "", known_device(request, username))


_account = Question(lambda: User.objects.filter(pk=Blank("pk")))


class PatientBackend(ModelBackend):
    """Checks name and password unless the name must wait at this place."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **other: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        here = place(request, username)
        if not take_a_try(username, here):
            tell("login_made_to_wait", acting_user=None, username=mask_identity_numbers(username[:150]))
            raise PermissionDenied
        user = super().authenticate(request, username=username, password=password, **other)
        if user is None:
            tell("login_refused", acting_user=None, username=mask_identity_numbers(username[:150]))
        else:
            forgive(username, here)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Whose session it is, as the account stands now: every page asks this."""
        user = _account.one(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        """A demonstration account opens nothing outside a demonstration home."""
        astray = user.demonstration and not settings.HOME.is_demonstration()
        return super().user_can_authenticate(user) and not astray


class LoginForm(AuthenticationForm):
    """Says how long to wait instead of repeating that the password is wrong."""

    error_messages = {
        "invalid_login": _("用户名或密码不正确，请核对后再试。"),
        "inactive": _("该账号已停用，请联系上级管理员。"),
    }

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username") or ""
        seconds = waiting_seconds(username, place(self.request, username))
        if seconds:
            raise ValidationError(
                gettext("连续多次输错，请等 {seconds} 秒后再试。忘记密码请联系上级管理员重置。").format(seconds=seconds)
            )
        return super().clean()
