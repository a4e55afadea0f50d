"""公示栏: what hangs in a village, for everybody with any telephone; and what somebody says against it.

No login, no script. A page is gone with its notice: nothing is kept by browsers or found by search engines.
"""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.areas.models import Area
from shouwang.areas.reading import full_name, prefixes
from shouwang.cases import board as hanging
from shouwang.cases.models import Notice
from shouwang.declarations import allowances
from shouwang.declarations.models import Allowance
from shouwang.declarations.reading import village_of, was_merged
from shouwang.elimination.notices import tell_of_elimination
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.tables.acting import act_within
from shouwang.web.doors import ANYONE, door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import key_in


@door(ANYONE, on_the_way_in=True)
def board(request: HttpRequest, code: str) -> HttpResponse:
    """The board of a village: the notices of today, and how to object."""
    village, today = _village(code), localdate()
    notices: QuerySet[Notice] = hanging.standing_in(village, today)
    context = _about(village) | {
        "notices": [(each, _paragraphs(each)) for each in notices],
        "merged": was_merged(code, village),
    }
    return _not_kept(render(request, "board/board.html", context))


@door(ANYONE, post=ANYONE, on_the_way_in=True)
def board_objection(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The form of an objection, for as long as its notice hangs."""
    village, today = _village(code), localdate()
    try:
        notice = hanging.open_to_objection(village, pk, today)
    except Notice.DoesNotExist:
        raise Http404 from None
    form, wrong, taken = request.POST, "", False
    if request.method == "POST":
        try:
            _receive(request, village, notice)
            taken = True
        except ShouwangError as refused:
            wrong = in_words(refused)
    context = _about(village) | {
        "notice": notice,
        "paragraphs": _paragraphs(notice),
        "text": form.get("text", ""),
        "contact": form.get("contact", ""),
        "key": form.get("key", "")[:64] or new_key(),
        "wrong": wrong,
        "taken": taken,
    }
    return _not_kept(render(request, "board/objection.html", context, status=422 if wrong else 200))


def _receive(request: HttpRequest, village: Area, notice: Notice) -> None:
    key, text = key_in(request), request.POST.get("text", "")
    if not key:
        raise InputError(gettext("请从公示栏页面填写"), gettext("返回公示栏重新打开"))
    if text.strip() and not hanging.is_received(key):
        address = allowances.address_key(request.META.get("REMOTE_ADDR", ""))
        place = allowances.key_of("board", village.pk)
        left = allowances.use(Allowance.What.OBJECTION_FROM_ADDRESS, address)
        if not left or not allowances.use(Allowance.What.OBJECTION_IN_VILLAGE, place):
            raise InputError(gettext("提交得太多"), gettext("过一会儿再试，或打电话、当面向村里和乡镇反映"))
    of_inclusion = notice.kind == Notice.Kind.PUBLICITY
    teller = hanging.tell_of_inclusion if of_inclusion else tell_of_elimination
    hanging.receive_objection(notice, text, request.POST.get("contact", ""), on=localdate(), key=key, teller=teller)


def _village(code: str) -> Area:
    """The village of the address; the request reads and writes what is about it, and nothing else."""
    try:
        village = village_of(code, localdate())
    except Area.DoesNotExist:
        raise Http404 from None
    act_within(prefixes(village))
    return village


def _about(village: Area) -> dict[str, object]:
    return {
        "village": village,
        "place": full_name(village),
        "township": village.parent,
        "contact_of": hanging.contact_in(village),
        "board": True,
    }


def _paragraphs(notice: Notice) -> list[str]:
    return [line for line in notice.text.split("\n") if line]


def _not_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
