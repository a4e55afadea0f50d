"""消息: what a desk and its people were told; read one by one or all at once, without what has left one's scope."""

import re
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record_alone
from shouwang.notifications.models import Message
from shouwang.notifications.reading import mark_read, message_for, messages_for
from shouwang.notifications.sms import words_of
from shouwang.web.doors import SIGNED_IN, door, may_open
from shouwang.web.matters import MATTERS
from shouwang.web.paging import page_of

GONE = _("事项已不在您的职责范围内，内容不再显示")


@dataclass(frozen=True)
class Told:
    """A message as its reader sees it."""

    message: Message
    open: bool

    @property
    def title(self) -> str:
        return self.message.title if self.open else str(GONE)


def told(user: User, messages: list[Message]) -> list[Told]:
    """The messages with whether what they are about is within the user's scope; a query for each kind of matter."""
    scope = scope_of(user, localdate())
    wanted: dict[str, set[str]] = {}
    for message in messages:
        name, what = _names(message.link)
        if name in MATTERS and what:
            wanted.setdefault(name, set()).add(what)
    seen = {name: set(MATTERS[name](user, sorted(named))) for name, named in wanted.items()}

    def is_open(message: Message) -> bool:
        name, what = _names(message.link)
        if not message.link:
            return True
        return bool(name) and may_open(scope, name) and (not what or what in seen.get(name, ()))

    return [Told(message, is_open(message)) for message in messages]


def _names(link: str) -> tuple[str, str]:
    """The name of the address that a link leads to, and what it names there; nothing for one that leads nowhere."""
    try:
        match = resolve(re.split(r"[?#]", link)[0]) if link else None
    except Resolver404:
        match = None
    if match is None:
        return "", ""
    return match.url_name or "", "/".join(str(each) for each in (*match.args, *match.kwargs.values()))


@door(SIGNED_IN)
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first; unread ones alone unless all are asked for."""
    mine, everything = messages_for(request.user, localdate()), request.GET.get("show") == "all"
    page = page_of(request, mine if everything else mine.filter(unread=True))
    rows = told(request.user, list(page))
    last = page.object_list[0].pk if rows else 0
    return render(request, "desk/inbox.html", {"page": page, "rows": rows, "everything": everything, "last": last})


@door(SIGNED_IN)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message; opening it marks it as read. Words that are to be passed on are shown to who opens it, on record."""
    try:
        found = message_for(request.user, pk, localdate())
    except Message.DoesNotExist:
        raise Http404 from None
    [seen] = told(request.user, [found])
    words = words_of(found) if seen.open else None
    if words:
        record_alone(request.user, "relay_read", found)
    mark_read(request.user, [found])
    return render(request, "desk/message.html", {"told": seen, "message": found, "words": words})


@door(post=SIGNED_IN)
def read(request: HttpRequest) -> HttpResponse:
    """Marks as read whatever was there when the page was shown; what came since stays new."""
    last = request.POST.get("last", "")
    if last.isascii() and last.isdigit() and len(last) < 19:
        mark_read(request.user, messages_for(request.user, localdate()).filter(unread=True, pk__lte=int(last)))
    return HttpResponseRedirect(reverse("inbox"))
