"""农户自主申报, the public pages: reported from any telephone, without a script, without signing in; they know no household.

Nothing here tells whether a person, a household or a telephone is known to the register.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, SkipFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from shouwang.areas.models import Area
from shouwang.areas.reading import full_name, prefixes
from shouwang.clues.models import RiskType
from shouwang.clues.photos import LARGEST_FILE
from shouwang.declarations import receipt, taking
from shouwang.declarations.models import Behalf, Declaration, Stage
from shouwang.declarations.reading import (
    areas_about,
    declaration_of_receipt,
    village_of,
    waiting_declaration,
    was_merged,
)
from shouwang.declarations.telling import told_of
from shouwang.jobs.handling import declaration_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.tables.acting import act_within
from shouwang.web.doors import ANYONE, door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import key_in

LARGEST_REQUEST = taking.MOST_PHOTOS * LARGEST_FILE + (1 << 20)  # bytes
TICKET, TICKET_SECONDS = "report", 2 * 3600
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Who:
    """One of the ways to report, and what it asks for."""

    name: str
    title: Any
    behalf: Behalf
    named: bool = True
    about: bool = True


WAYS: Mapping[str, Who] = {
    each.name: each
    for each in (
        Who("myself", _("我家遇到困难了"), Behalf.MYSELF, about=False),
        Who("parent", _("我替父母或亲属申报"), Behalf.PARENT),
        Who("neighbour", _("我替邻居或同村人申报"), Behalf.NEIGHBOUR),
        Who(ANONYMOUS, _("我不留姓名，只反映情况"), Behalf.NEIGHBOUR, named=False),
    )
}
PLAIN_RISKS: Mapping[RiskType, Any] = {
    RiskType.ILLNESS: _("生病花钱多"),
    RiskType.DISABILITY: _("有人残疾"),
    RiskType.SCHOOLING: _("上学花钱多，或孩子没上学"),
    RiskType.NATURAL_DISASTER: _("受了灾"),
    RiskType.ACCIDENT: _("出了意外事故"),
    RiskType.INDUSTRY_FAILURE: _("种养或生意亏了"),
    RiskType.UNSTABLE_EMPLOYMENT: _("没活干，或工资拿不到"),
    RiskType.LABOUR_SHORTAGE: _("家里没有劳动力"),
    RiskType.UNSAFE_HOUSING: _("房子有危险"),
    RiskType.UNSAFE_WATER: _("吃水困难"),
    RiskType.OTHER: _("别的难处"),
}


class Photos(MemoryFileUploadHandler):
    """Holds the few photos of a report in memory, never on the disk in clear; whatever is too large is left out and told."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:  # noqa: N803
        self.activated = content_length <= LARGEST_REQUEST

    def new_file(self, *args: Any, **named: Any) -> None:
        FileUploadHandler.new_file(self, *args, **named)
        if not self.activated:
            raise SkipFile
        self.pieces: list[bytes] = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.pieces.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        import io

        held = io.BytesIO(b"".join(self.pieces))
        name, kind = self.file_name or "", self.content_type or ""
        return InMemoryUploadedFile(held, self.field_name, name, kind, file_size, self.charset)


@csrf_exempt  # until the photos' handler is set: `_report` is protected
@door(ANYONE, post=ANYONE, on_the_way_in=True)
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a village's poster: for whom, then what; a form that is sent becomes a declaration."""
    request.upload_handlers = [Photos(request)]
    answer: HttpResponse = _report(request, code)
    return answer


@csrf_protect
def _report(request: HttpRequest, code: str) -> HttpResponse:
    try:
        village = village_of(code, localdate())
    except Area.DoesNotExist:
        raise Http404 from None
    act_within(prefixes(village))
    way = WAYS.get(request.POST.get("who", "") or request.GET.get("who", ""))
    if way is None:
        told = {"place": full_name(village), "merged": was_merged(code, village)}
        return _page(request, "report/who.html", village=village, ways=WAYS.values(), **told)
    wrong = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_after(_taken(request, village, way)))
        except ShouwangError as refused:
            wrong = in_words(refused)
    return _page(
        request,
        "report/form.html",
        422 if wrong else 200,
        village=village,
        place=full_name(village),
        merged=was_merged(code, village),
        way=way,
        risks=[(risk, words, risk in request.POST.getlist("risk")) for risk, words in PLAIN_RISKS.items()],
        wrong=wrong,
        asked=request.POST,
        key=key_in(request) or new_key(),
        most_photos=taking.MOST_PHOTOS,
    )


def _taken(request: HttpRequest, village: Area, way: Who) -> Declaration:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        raise ShouwangError(gettext("照片太大，没有收下"), gettext("少传几张，或不传照片"))
    asked = request.POST

    def written(name: str) -> str:
        return asked.get(name, "")[:1200]

    told = taking.Report(
        behalf=way.behalf,
        risks=[RiskType(each) for each in asked.getlist("risk") if each in RiskType.values],
        said=written("said"),
        reporter=written("reporter"),
        phone="".join(each for each in written("phone") if each.isascii() and each.isdigit()),
        id_number="".join(written("id_number").split()).upper(),
        about=written("about"),
        place=written("place"),
        anonymous=not way.named,
        photos=[each.read() for each in request.FILES.getlist("photos") if each.size],
    )
    today = localdate()
    return taking.take(
        village,
        told,
        requirements=declaration_requirements(today),
        on=today,
        key=_same_again(request, told, today),
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _same_again(request: HttpRequest, told: taking.Report, today: date) -> str:
    """What one browser sends on a day in the same words is one report, also after going back, where the form has another key;
    other words are another report, also where the browser kept the page with its key."""
    browser = request.META.get("CSRF_COOKIE") or request.POST.get("key", "")[:64] or new_key()
    written = (browser, request.path, today.isoformat(), *(repr(each) for each in astuple(replace(told, photos=()))))
    said = hashlib.sha256("\n".join(written).encode())
    for photo in told.photos:
        said.update(hashlib.sha256(photo).digest())
    return said.hexdigest()


def _page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, template, context, status=status)


def _after(found: Declaration) -> str:
    """Where somebody goes on: the code, or the receipt."""
    name = "report-code" if found.stage == Stage.UNVERIFIED else "report-receipt"
    return reverse(name, args=[ticket_of(found)])


def ticket_of(found: Declaration) -> str:
    """What the browser that reported shows to go on; it says nothing and lasts two hours."""
    return signing.dumps(found.pk, salt=TICKET)


def _of_ticket(ticket: str) -> Declaration:
    try:
        pk = signing.loads(ticket, salt=TICKET, max_age=TICKET_SECONDS)
        act_within(areas_about(pk=pk))
        return waiting_declaration(pk)
    except (signing.BadSignature, Declaration.DoesNotExist):
        raise Http404 from None


@door(ANYONE, post=ANYONE, on_the_way_in=True)
def report_code(request: HttpRequest, ticket: str) -> HttpResponse:
    """Asks for the code that went to the telephone."""
    found, wrong, said = _of_ticket(ticket), "", ""
    if found.stage != Stage.UNVERIFIED:
        return HttpResponseRedirect(_after(found))
    if request.method == "POST" and request.POST.get("again"):
        sent = taking.send_again(found, request.META.get("REMOTE_ADDR", ""))
        said = gettext("新的验证码已经发出。") if sent else ""
        wrong = "" if sent else gettext("验证码发得太多了，暂时不能再发。您的申报不会丢，一天后乡镇会打电话核对。")
    elif request.method == "POST":
        today = localdate()
        if taking.verify(found, request.POST.get("code", ""), requirements=declaration_requirements(today), on=today):
            return HttpResponseRedirect(_after(found))
        wrong = gettext("验证码不对，或已经过期。请再看一遍短信，或重新发一个。")
    status = 422 if wrong else 200
    return _page(request, "report/code.html", status, declaration=found, wrong=wrong, said=said)


@door(ANYONE, on_the_way_in=True)
def report_receipt(request: HttpRequest, ticket: str) -> HttpResponse:
    """The number with which somebody asks later, in large figures."""
    found = _of_ticket(ticket)
    if found.stage == Stage.UNVERIFIED:
        return HttpResponseRedirect(_after(found))
    number = receipt.in_groups(found.number)
    return _page(request, "report/receipt.html", number=number, declaration=found, told=told_of(found))


@door(ANYONE, post=ANYONE, on_the_way_in=True)
def report_state(request: HttpRequest) -> HttpResponse:
    """How one's own report stands. What fits no report is answered alike, whatever does not fit."""
    number, digits = request.POST.get("number", "")[:60], request.POST.get("digits", "")[:20]
    found = _of_receipt(request, number, digits) if number else None
    wrong = _not_found() if number and found is None else ""
    return _page(request, "report/state.html", 422 if wrong else 200, **_state(found, number, digits), wrong=wrong)


def _of_receipt(request: HttpRequest, number: str, digits: str) -> Declaration | None:
    act_within(areas_about(number=receipt.read(number) or ""))
    return declaration_of_receipt(number, digits, request.META.get("REMOTE_ADDR", ""))


def _not_found() -> str:
    return gettext("没有查到。请核对回执编号和手机号后四位。")


def _state(found: Declaration | None, number: str, digits: str) -> dict[str, Any]:
    if found is None:
        return {"number": number, "digits": digits}
    return {
        "declaration": found,
        "told": told_of(found),
        "number": receipt.in_groups(found.number),
        "digits": digits,
        "appeal": getattr(found, "appeal", None),
    }


@door(post=ANYONE, on_the_way_in=True)
def report_appeal(request: HttpRequest) -> HttpResponse:
    """Whoever does not accept the answer says why, once."""
    number, digits = request.POST.get("number", "")[:60], request.POST.get("digits", "")[:20]
    found = _of_receipt(request, number, digits)
    if found is None:
        return _page(request, "report/state.html", 422, number=number, digits=digits, wrong=_not_found())
    today, wrong = localdate(), ""
    try:
        text = request.POST.get("text", "")[:1200]
        taking.appeal(found.number, text, requirements=declaration_requirements(today), on=today)
    except ShouwangError as refused:
        wrong = in_words(refused)
    found = _of_receipt(request, number, digits)
    return _page(request, "report/state.html", 422 if wrong else 200, **_state(found, number, digits), wrong=wrong)
