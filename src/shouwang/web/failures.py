"""What a person reads when a page cannot be shown."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import get_template

PUBLIC = ("/report/", "/board/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token no longer fits: the page stood open too long, or cookies are off."""
    return _told(request, 403)


def too_much(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent is larger than any form of the site, or no form at all."""
    return _told(request, 400)


def _told(request: HttpRequest, status: int) -> HttpResponse:
    """In the words of the desk; on the public pages in those of a village, where nobody has a post or an overview."""
    public = request.path.startswith(PUBLIC)
    return render(request, f"{'report' if public else 'desk'}/errors/{status}.html", status=status)


def broken(request: HttpRequest) -> HttpResponse:
    """Renders without the request: whatever failed must not fail again."""
    return HttpResponseServerError(get_template("desk/errors/500.html").render())
