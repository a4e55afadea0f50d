"""交付: what came, and what became of every row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record_alone
from shouwang.exchange.models import Delivery, Upload
from shouwang.exchange.reading import deliveries_visible_to, may_open_rows, uploads_visible_to
from shouwang.jobs.outputs import limits, mark_of
from shouwang.jobs.quarantine import masked_rows, quarantine_sheet, resent_rows, standing_of
from shouwang.kernel.errors import InputError
from shouwang.outputs.models import Content
from shouwang.outputs.requesting import let_out
from shouwang.sources.contract import contracts
from shouwang.web.doors import door, may_open
from shouwang.web.handling import in_words
from shouwang.web.paging import page_of
from shouwang.web.vocabulary import LINKS, Reason, reason

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STILL_MOVING = (Upload.State.WAITING, Upload.State.READING)


@dataclass(frozen=True)
class ReasonRow:
    code: str
    words: Reason
    rows: int


@dataclass(frozen=True)
class LinkRow:
    title: str
    meaning: str
    rows: int


@door(Permission.SEE_HOUSEHOLDS)
def deliveries(request: HttpRequest) -> HttpResponse:
    """The deliveries within scope, the latest first."""
    source = request.GET.get("source", "")
    known = contracts()
    found = deliveries_visible_to(request.user).defer("report").order_by("-received_on", "-number")
    if source in known:
        found = found.filter(source=source)
    page, scope = page_of(request, found), scope_of(request.user, localdate())
    return render(
        request,
        "desk/deliveries.html",
        {
            "page": page,
            "most": max((each.read for each in page), default=0),
            "sources": [(name, gettext(each.title)) for name, each in known.items()],
            "source": source,
            "can_upload": scope.can_upload,
            "review_open": may_open(scope, "review"),
            "uploads": uploads_visible_to(request.user).filter(state__in=STILL_MOVING),
        },
    )


def delivery_or_404(request: HttpRequest, number: int) -> Delivery:
    found = deliveries_visible_to(request.user).filter(number=number).first()
    if found is None:
        raise Http404
    return found


@door(Permission.SEE_FILES)
def delivery(request: HttpRequest, number: int) -> HttpResponse:
    """One delivery with its report, and its quarantined rows for those whose file it is."""
    found = delivery_or_404(request, number)
    contract = contracts().get(found.source)
    may_open = may_open_rows(request.user, found)
    held: dict[str, Any] = {}
    if may_open and found.quarantined:
        page = page_of(request, range(found.quarantined))
        offset = page.start_index() - 1
        headers, rows = masked_rows(settings.HOME, found.number, found.source, offset, page.paginator.per_page)
        record_alone(request.user, "quarantine_viewed", found, rows=len(rows))
        standing = standing_of(settings.HOME, found.number)
        held = {"page": page, "headers": headers, "quarantined": rows, "standing": standing}
    if may_open:
        held["resent"] = resent_rows(settings.HOME, found)
    return render(
        request,
        "desk/delivery.html",
        {
            "delivery": found,
            "report": found.report,
            "line": request.GET.get("line", "") if request.GET.get("line", "").isdigit() else "",
            "reasons": reason_rows(found.report.get("quarantined_by_reason", {})),
            "links": link_rows(found) if contract and contract.subject != "place" else [],
            "may_open": may_open,
            **held,
        },
    )


@door(Permission.UPLOAD)
def quarantine_download(request: HttpRequest, number: int) -> HttpResponse:
    """The quarantined rows in clear, to mend and send again: only for those whose file it is."""
    found = delivery_or_404(request, number)
    if not may_open_rows(request.user, found):
        raise PermissionDenied
    if not found.quarantined:
        raise Http404
    area = scope_of(request.user, localdate()).holding(Permission.UPLOAD)[0].area
    try:
        taken = let_out(
            request.user,
            Content.ROWS_TO_MEND,
            area,
            found.quarantined,
            limits(localdate()),
            action="quarantine_exported",
            delivery=found.label,
        )
    except InputError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(reverse("delivery", args=[found.number]))
    sheet = quarantine_sheet(settings.HOME, found.number, mark_of(taken).dress)
    response = HttpResponse(sheet, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{found.label}-quarantine.xlsx"'
    return response


def reason_rows(by_reason: Mapping[str, Any]) -> list[ReasonRow]:
    """Why rows wait, the most frequent first. One row may have several reasons."""
    rows = [ReasonRow(code, reason(code), int(number)) for code, number in by_reason.items()]
    return sorted(rows, key=lambda row: (-row.rows, row.code))


def link_rows(found: Delivery) -> list[LinkRow]:
    """How accepted rows were matched with the register."""
    return [LinkRow(title, meaning, getattr(found, name)) for name, (title, meaning) in LINKS.items()]
