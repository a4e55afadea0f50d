"""我的账号: one's own password, second factor, recovery codes and sessions."""

from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts import actions, devices, second_factor, sessions
from shouwang.accounts.login import place
from shouwang.accounts.patience import forgive, take_a_try
from shouwang.accounts.scope import scope_of
from shouwang.kernel.errors import InputError
from shouwang.web.doors import SIGNED_IN, door
from shouwang.web.entry import CodeForm, try_code

QR_SCALE = 5


@door(SIGNED_IN)
def account(request: HttpRequest) -> HttpResponse:
    """Who one is here, what one may do, and what protects the account."""
    user = request.user
    scope = scope_of(user, localdate())
    return render(
        request,
        "desk/account.html",
        {
            "scope": scope,
            "factor": second_factor.second_factor_of(user),
            "must_have_factor": sessions.must_have_second_factor(user, scope),
            "codes_left": user.recovery_codes.filter(used_at=None).count(),
            "devices": user.known_devices.order_by("-last_at"),
            "form": CodeForm(),
        },
    )


@door(SIGNED_IN, post=SIGNED_IN, on_the_way_in=True)
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Shows the QR code until the phone has given its first code; then the recovery codes, this once."""
    if sessions.has_second_factor(request.user):
        return HttpResponseRedirect(reverse("account"))
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = gettext("手机扫码后显示的 6 位数字。")
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.confirm(form.cleaned_data["code"], acting_user=request.user)
        except InputError as problem:
            form.add_error(
                "code", gettext("{message}。{advice}。").format(message=problem.message, advice=problem.advice)
            )
        else:
            sessions.note_second_factor(request)
            shown = render(request, "desk/recovery_codes.html", {"codes": codes})
            devices.remember(request, shown, request.user)
            return shown
    secret = second_factor.propose(request.user)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    shown = {"form": form, "qr": qr_drawing(second_factor.address_for_phone(request.user, secret)), "groups": groups}
    return render(request, "desk/second_factor.html", shown, status=422 if form.errors else 200)


def qr_drawing(text: str) -> SafeString:
    """A QR code as SVG without style attributes, black on white whatever the page's colours are."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(scale=QR_SCALE, border=4, light="#fff", svgclass="qr", lineclass=None))


@door(post=SIGNED_IN)
def renew_recovery_codes(request: HttpRequest) -> HttpResponse:
    """A fresh set of recovery codes, against a code."""
    problem = _code_given(request)
    if problem:
        messages.error(request, problem)
        return HttpResponseRedirect(reverse("account"))
    codes = second_factor.renew_recovery_codes(acting_user=request.user)
    return render(request, "desk/recovery_codes.html", {"codes": codes})


@door(post=SIGNED_IN)
def remove_second_factor(request: HttpRequest) -> HttpResponse:
    """Unbinds the phone, against a code; whoever must have a second factor sets up the next one at once."""
    problem = _code_given(request)
    if problem:
        messages.error(request, problem)
        return HttpResponseRedirect(reverse("account"))
    second_factor.remove(request.user, acting_user=request.user)
    update_session_auth_hash(request, request.user)
    request.session[sessions.FACTOR] = False
    messages.success(request, gettext("已停用原来的动态口令，其他设备上的登录已退出。"))
    return HttpResponseRedirect(reverse("account"))


def _code_given(request: HttpRequest) -> str:
    form = CodeForm(request.POST)
    return (
        try_code(request, request.user, form.cleaned_data["code"]) if form.is_valid() else gettext("请填写动态口令。")
    )


class PasswordForm(forms.Form):
    """The old password, and the new one twice."""

    old = forms.CharField(
        label=_("现在的密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        max_length=200,
        help_text=_("至少 10 位，不要用姓名、单位、生日和常见密码；一句只有自己知道的话最好记。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次新密码"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("new") and given.get("again") and given["new"] != given["again"]:
            self.add_error("again", gettext("两次输入的新密码不一样。"))
        return given


@door(SIGNED_IN, post=SIGNED_IN, on_the_way_in=True)
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password against the old one; every other session of the user ends."""
    if sessions.has_second_factor(request.user) and not request.session.get(sessions.FACTOR):
        return HttpResponseRedirect(reverse("login-code"))
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        problem = _changed(request, form.cleaned_data["old"], form.cleaned_data["new"])
        if not problem:
            messages.success(request, gettext("密码已修改，其他设备上的登录已退出。"))
            return HttpResponseRedirect(reverse("account"))
        form.add_error(*problem)
    shown = {"form": form, "first": request.user.must_change_password}
    return render(request, "desk/password.html", shown, status=422 if form.errors else 200)


def _changed(request: HttpRequest, old: str, new: str) -> tuple[str, str] | None:
    """Changes the password; or the field with what is wrong about it."""
    user = request.user
    here = place(request, user.username)
    if not take_a_try(user.username, here):
        return "old", gettext("连续多次输错，请稍后再试。")
    if not user.check_password(old):
        return "old", gettext("现在的密码不正确。")
    forgive(user.username, here)
    try:
        actions.change_password(new, acting_user=user)
    except InputError as problem:
        return "new", problem.message
    update_session_auth_hash(request, user)
    return None


@door(post=SIGNED_IN)
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Ends every other session of the user and forgets the browsers that were known."""
    actions.end_sessions(request.user, acting_user=request.user)
    update_session_auth_hash(request, request.user)
    messages.success(request, gettext("其他设备上的登录已全部退出。"))
    return HttpResponseRedirect(reverse("account"))
