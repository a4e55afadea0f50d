"""登录: name and password, then the code from the phone where the user has one."""

import time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts import devices, second_factor, sessions
from shouwang.accounts.events import tell
from shouwang.accounts.login import LoginForm, place
from shouwang.accounts.models import LoginTry, User
from shouwang.accounts.patience import forgive, take_a_try, waiting_seconds
from shouwang.accounts.scope import scope_of
from shouwang.web.doors import ANYONE, SIGNED_IN, door

HALF_WAY = "half_way"
HALF_WAY_SECONDS = 300


class _Login(views.LoginView):
    template_name = "desk/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: LoginForm) -> HttpResponse:
        user, onward = form.get_user(), self.get_success_url()
        if sessions.has_second_factor(user):
            self.request.session[HALF_WAY] = {
                "user": user.pk,
                "proof": user.get_session_auth_hash(),
                "at": int(time.time()),
                "onward": onward,
            }
            return HttpResponseRedirect(reverse("login-code"))
        return _let_in(self.request, user, onward, second_factor=False)


login = door(ANYONE, post=ANYONE)(_Login.as_view())
logout = door(post=SIGNED_IN, on_the_way_in=True)(views.LogoutView.as_view())


class CodeForm(forms.Form):
    """The code of the moment, or a recovery code."""

    code = forms.CharField(
        label=_("动态口令"),
        max_length=40,
        help_text=_("手机验证器上当前显示的 6 位数字；手机不在身边时，可填写一个恢复码。"),
        error_messages={"required": _("请填写动态口令。")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


@door(ANYONE, post=ANYONE)
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step: for whoever gave the right password, and for a session that has not given a code yet."""
    user, onward = _who_is_half_way(request)
    if user is None:
        return HttpResponseRedirect(reverse("login"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        problem = try_code(request, user, form.cleaned_data["code"])
        if not problem:
            return _let_in(request, user, onward, second_factor=True)
        form.add_error("code", problem)
    return render(request, "desk/login_code.html", {"form": form}, status=422 if form.errors else 200)


def try_code(request: HttpRequest, user: User, code: str) -> str:
    """Uses a code up; what is wrong in words, empty where it was right."""
    here = place(request, user.username)
    if not take_a_try(user.username, here, LoginTry.Step.CODE):
        seconds = waiting_seconds(user.username, here, LoginTry.Step.CODE)
        return gettext("连续多次输错，请等 {seconds} 秒后再试。").format(seconds=seconds)
    if not second_factor.is_right(user, code):
        tell("code_refused", acting_user=None, subject=user)
        return gettext("动态口令不正确，或已经用过；请等手机显示下一组数字后再输。")
    forgive(user.username, here, LoginTry.Step.CODE)
    return ""


def _who_is_half_way(request: HttpRequest) -> tuple[User | None, str]:
    """Whose code is asked for, and where they were going; the password counts for five minutes."""
    if request.user.is_authenticated:
        settled = request.session.get(sessions.FACTOR) or not sessions.has_second_factor(request.user)
        return (None if settled else request.user), resolve_url("home")
    noted: dict[str, Any] = request.session.get(HALF_WAY, {})
    user = User.objects.filter(pk=noted.get("user"), is_active=True).first()
    late = time.time() - noted.get("at", 0) > HALF_WAY_SECONDS
    if user is None or late or noted["proof"] != user.get_session_auth_hash():
        return None, ""
    return user, noted["onward"]


def _let_in(request: HttpRequest, user: User, onward: str, *, second_factor: bool) -> HttpResponse:
    """Opens the session under a new key; a browser counts as known once everything that is asked was given."""
    request.session.pop(HALF_WAY, None)
    start_session(request, user, backend="shouwang.accounts.login.PatientBackend")
    sessions.begin(request, second_factor=second_factor)
    tell("logged_in", acting_user=user, subject=user, second_factor=second_factor)
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = resolve_url("home")
    response = HttpResponseRedirect(onward)
    if second_factor or not sessions.must_have_second_factor(user, scope_of(user, localdate())):
        devices.remember(request, response, user)
    left = user.recovery_codes.filter(used_at=None).count()
    if second_factor and left < 3:
        messages.warning(request, gettext("恢复码只剩 {left} 个，请在“我的账号”里换一组新的。").format(left=left))
    return response
