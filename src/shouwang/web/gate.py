"""The one place where a request is let in or refused: session, second factor, own password, and the view's door.

Here too the database is told for which areas the request asks, once it is known whose it is: nothing before, nothing after.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate

from shouwang.accounts import sessions
from shouwang.accounts.scope import remembered_scopes, scope_of
from shouwang.jobs.policy import remembered_pack
from shouwang.tables.acting import act_within, acting_within
from shouwang.web.doors import ANYONE, door_of, require_doors

READING = ("GET", "HEAD")


class Gate:
    """Middleware. It refuses to start over a site with an address that declares no door."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        require_doors()
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting_within(()):
            if request.method not in READING:
                return self.get_response(request)
            with remembered_scopes(), remembered_pack():
                return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, named: Any
    ) -> HttpResponse | None:
        """None lets the request through."""
        door = door_of(view)
        if door is None:
            raise ImproperlyConfigured(f"no door for {request.path}")
        ended = sessions.why_ended(request)
        if ended:
            logout(request)
            messages.info(request, ended)
        if ANYONE in door.keys(request.method):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        if not door.keys(request.method):
            return HttpResponseNotAllowed(door.methods)
        scope = scope_of(request.user, localdate())
        act_within(scope.acting)
        if not door.on_the_way_in:
            missing = sessions.what_is_missing(request, scope)
            if missing:
                return HttpResponseRedirect(reverse(missing))
        if not door.opens(scope, request.method):
            # An address that names something must not tell whether there is such a thing.
            raise Http404 if named and not door.opens(scope, "GET") else PermissionDenied
        sessions.note_use(request)
        return None
