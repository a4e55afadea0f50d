"""改正: the quarantined rows of one delivery mended in the browser and sent again."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.audit.record import record_alone
from shouwang.exchange.models import Delivery
from shouwang.exchange.reading import may_open_rows
from shouwang.jobs.mending import open_quarantine, send_mended
from shouwang.kernel.errors import ShouwangError
from shouwang.web.deliveries import delivery_or_404
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.paging import page_of

ROWS_AT_ONCE = 10


@door(Permission.UPLOAD, post=Permission.UPLOAD)
def mend(request: HttpRequest, number: int) -> HttpResponse:
    """The rows that wait, each cell with what is wrong with it; sending them leads to the progress of the reading."""
    found = delivery_or_404(request, number)
    if not may_open_rows(request.user, found):
        raise PermissionDenied
    if request.method == "POST":
        return _send(request, found)
    waiting = open_quarantine(settings.HOME, found)
    page = page_of(request, waiting.lines, ROWS_AT_ONCE)
    rows = waiting.rows(page.object_list)
    record_alone(request.user, "quarantine_viewed", found, rows=len(rows))
    return render(request, "desk/mend.html", {"delivery": found, "page": page, "rows": rows})


def _send(request: HttpRequest, found: Delivery) -> HttpResponse:
    here = HttpResponseRedirect(request.get_full_path())
    form = {name: str(value) for name, value in request.POST.items()}
    if not any(name.startswith("v-") for name in form):
        return here
    try:
        sent = send_mended(settings.HOME, found, form, acting_user=request.user)
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
        return here
    for words in sent.left:
        messages.warning(request, _("{words}。").format(words=words), "warn")
    if sent.upload is None:
        if not sent.left:
            messages.warning(request, _("没有改动，未提交。改正至少一格，或勾选“原样再报”。"), "warn")
        return here
    messages.success(request, _("已提交 {rows} 行，读完后逐行说明结果。").format(rows=sent.rows), "good")
    return HttpResponseRedirect(reverse("upload-state", args=[sent.upload.pk]))
