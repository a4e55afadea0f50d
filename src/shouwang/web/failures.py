"""What a person reads when a page cannot be shown."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "desk/errors/404.html", status=404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "desk/errors/403.html", status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token no longer fits: the page stood open too long, or cookies are off."""
    return render(request, "desk/errors/403.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Renders without the request: whatever failed must not fail again."""
    return HttpResponseServerError(get_template("desk/errors/500.html").render())
