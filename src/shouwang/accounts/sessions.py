"""How long a session lasts, and what a user must settle before the desk opens."""

import time

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from shouwang.accounts.models import SecondFactor, User
from shouwang.accounts.scope import Scope

BEGAN, SEEN, FACTOR = "began", "seen", "second_factor"
SEEN_EVERY_SECONDS = 30
# What a page fetches by itself says so: a script in a header, a page that reloads itself without one in its address.
BY_ITSELF_HEADER, BY_ITSELF = "X-Fragment", "by_itself"
# Names of the pages where what is missing is settled.
GIVE_CODE, SET_UP_FACTOR, CHANGE_PASSWORD = "login-code", "second-factor", "password"


def now() -> int:
    """Seconds since 1970, as sessions note them."""
    return int(time.time())


def begin(request: HttpRequest, *, second_factor: bool) -> None:
    """Starts the clocks of a session that has just been logged in; `second_factor` says whether a code was given."""
    request.session[BEGAN] = request.session[SEEN] = now()
    request.session[FACTOR] = second_factor


def note_second_factor(request: HttpRequest) -> None:
    """The user of this session has just given a code; the session goes on under a new key."""
    request.session.cycle_key()
    request.session[FACTOR] = True


def why_ended(request: HttpRequest) -> str:
    """Why the session is over, in words; empty while it is not."""
    if not request.user.is_authenticated:
        return ""
    began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
    if now() - began > settings.SESSION_LIFE_SECONDS:
        return _("登录已满最长时限，请重新登录。")
    if now() - seen > settings.SESSION_IDLE_SECONDS:
        return _("超过 {session_idle_seconds} 分钟没有操作，已自动退出，请重新登录。").format(
            session_idle_seconds=settings.SESSION_IDLE_SECONDS // 60
        )
    return ""


def note_use(request: HttpRequest) -> None:
    """Keeps an idle session from ending; what a page fetches by itself is not use."""
    by_itself = BY_ITSELF_HEADER in request.headers or BY_ITSELF in request.GET
    if now() - request.session.get(SEEN, 0) > SEEN_EVERY_SECONDS and not by_itself:
        request.session[SEEN] = now()


def is_exempt(user: User) -> bool:
    """A demonstration account in a demonstration home, whose people are synthetic: name and password are enough."""
    return user.demonstration and settings.HOME.is_demonstration()


def must_have_second_factor(user: User, scope: Scope) -> bool:
    return not is_exempt(user) and any(reach.needs_second_factor for reach in scope.reaches)


def has_second_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def what_is_missing(request: HttpRequest, scope: Scope) -> str:
    """The name of the page where the user must go first; empty where nothing is missing."""
    user = request.user
    if not request.session.get(FACTOR):
        if has_second_factor(user):
            return GIVE_CODE
        if must_have_second_factor(user, scope):
            return SET_UP_FACTOR
    if user.must_change_password:
        return CHANGE_PASSWORD
    return ""
