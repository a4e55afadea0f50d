"""The language of the pages: Chinese unless whoever sits there has chosen otherwise, whatever the browser says."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views import i18n

from shouwang.web.doors import ANYONE, door

LANGUAGES = dict(settings.LANGUAGES)


def choose(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: speaks the language of the cookie that `switch` sets."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        with translation.override(chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response

    return middleware


@door(post=ANYONE, on_the_way_in=True)
def switch(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen language in a cookie and goes back to the page; an unknown language changes nothing."""
    return i18n.set_language(request)
