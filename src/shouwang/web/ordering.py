"""What a form says of the order that it is: its own key, the version that was on the screen, a day, a month."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.orders import Order
from shouwang.proceedings.steps import LONGEST_REASON

LONGEST_KEY = 64
TYPED, MOST_TYPED = "typed", 20
OF_THE_FORM = ("csrfmiddlewaretoken", "key", "seen", "action", "measure")
Asked = TypeVar("Asked", bound=Clocks)


def key_in(request: HttpRequest) -> str:
    """The form's own key, by which the same form sent again is recognised; empty where it has none."""
    return request.POST.get("key", "")[:LONGEST_KEY]


def seen_in(request: HttpRequest) -> int | None:
    """The version that was on the screen when a form was filled in; None where it names none."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None


def order_by(request: HttpRequest, requirements: Callable[[date], Asked]) -> Order[Asked]:
    """Whoever sent a form, by today's requirements, with what was on the screen."""
    today = localdate()
    return Order(request.user, requirements(today), today, seen_in(request), key_in(request))


def day_of(text: str) -> date | None:
    """A day as a form sends it; None where it is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def day_in(form: Mapping[str, str], name: str = "day", wrong: str = "") -> date:
    """A day from a form. Raises InputError, with the words of `wrong`, where there is none."""
    found = day_of(form.get(name, ""))
    if found is None:
        raise InputError(wrong or gettext("日期没有填写或不对"), gettext("写成 2024-03-05 这样的日期"))
    return found


def month_of(text: str) -> date | None:
    """The first day of a month as an address names it (2024-03); None where it is none."""
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None


def say(request: HttpRequest, words: str, *, wrong: bool = False) -> None:
    """Says on the next page what became of a form; where it was refused, what was typed comes back with the words, so that nobody
    writes minutes twice. Identity numbers do not."""
    messages.add_message(request, messages.ERROR if wrong else messages.SUCCESS, words, "bad" if wrong else "good")
    if wrong:
        of = f"{request.POST.get('action', '')[:30]}{request.POST.get('measure', '')[:5]}"
        typed = [(name, each) for name, values in request.POST.lists() for each in values if name not in OF_THE_FORM]
        for name, text in [(name, text) for name, text in typed if text.strip()][:MOST_TYPED]:
            messages.info(request, mask_identity_numbers(text[:LONGEST_REASON]), f"{TYPED} {of or '-'} {name[:40]}")
