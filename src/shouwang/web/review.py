"""待认定: rows whose person is for people to decide, their candidates side by side, the decision and its undoing."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record_alone
from shouwang.jobs.link_decisions import LONGEST_REASON, NotWaiting, decide_link, undo_link
from shouwang.jobs.review import row_in_review, rows_in_review, with_cells
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import key_in, say
from shouwang.web.paging import page_of

NOBODY, UNDO = "none", "undo"


@door(Permission.DECIDE_LINKS)
def review(request: HttpRequest) -> HttpResponse:
    """The rows that wait within scope, or those decided on."""
    decided = request.GET.get("state") == "decided"
    page = page_of(request, rows_in_review(settings.HOME, scope_of(request.user, localdate()), decided=decided))
    with_cells(settings.HOME, list(page.object_list))
    return render(request, "desk/review.html", {"page": page, "decided": decided})


@door(Permission.DECIDE_LINKS, post=Permission.DECIDE_LINKS)
def review_row(request: HttpRequest, number: int, line: int) -> HttpResponse:
    """One row beside its candidates; the decision is taken here and undone here."""
    if request.method == "POST":
        return _take(request, number, line)
    row = row_in_review(settings.HOME, scope_of(request.user, localdate()), number, line)
    if row is None:
        raise Http404
    subject = ("delivery", row.label)
    record_alone(request.user, "review_viewed", subject, area=row.candidates[0].person.household.area_id, line=line)
    context = {"row": row, "key": new_key(), "longest": LONGEST_REASON, "today": localdate()}
    return render(request, "desk/review_row.html", context)


def _take(request: HttpRequest, number: int, line: int) -> HttpResponse:
    meant, reason = request.POST.get("meant", ""), request.POST.get("reason", "")
    order = {"acting_user": request.user, "reason": reason, "key": key_in(request)}
    here = reverse("review-row", args=[number, line])
    try:
        if meant == UNDO:
            undo_link(settings.HOME, number, line, **order)
            return _told(request, _("认定已撤销，这一行回到待认定。"), here)
        if meant != NOBODY and not (meant.isascii() and meant.isdigit() and len(meant) < 16):
            if row_in_review(settings.HOME, scope_of(request.user, localdate()), number, line) is None:
                raise NotWaiting
            return _told(request, _("请选择是其中哪一位，或“都不是”。"), here, wrong=True)
        decide_link(settings.HOME, number, line, person=None if meant == NOBODY else int(meant), **order)
    except NotWaiting:
        raise Http404 from None
    except ShouwangError as refused:
        return _told(request, in_words(refused), here, wrong=True)
    return _told(request, _("第{line}行已认定，今天起的筛查按此计算。").format(line=line), reverse("review"))


def _told(request: HttpRequest, words: str, to: str, *, wrong: bool = False) -> HttpResponse:
    say(request, words, wrong=wrong)
    return HttpResponseRedirect(to)
