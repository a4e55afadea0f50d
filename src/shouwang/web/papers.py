"""Papers of a case to sign, to post up or to file; each printing is in the audit."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.audit.record import record_alone
from shouwang.cases.income import months_before
from shouwang.cases.models import Case, Notice
from shouwang.cases.papers import consent_of, dossier_of, notice_of, statement_of
from shouwang.cases.reading import notice_visible_to
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.printing import pdf
from shouwang.web.cases import visible_case
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.qr_codes import leading_to


def _statement(case: Case) -> dict[str, Any]:
    today = localdate()
    period, line = months_before(today), identification_requirements(today).line
    return statement_of(case, delivered_income(settings.HOME, case.household, period), period, line)


PAPERS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "consent": lambda case: consent_of(case, localdate()),
    "statement": _statement,
    "dossier": lambda case: dossier_of(case, localdate()),
}


@door(Permission.SEE_HOUSEHOLDS)
def case_paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """The consent, the income statement or the dossier of a case."""
    found = visible_case(request, number)
    if paper not in PAPERS:
        raise Http404
    return _printed(request, found, paper, lambda: PAPERS[paper](found))


@door(Permission.SEE_HOUSEHOLDS)
def notice_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A notice as it is posted up, with the code of the village's public board."""
    try:
        found = notice_visible_to(request.user, pk)
    except Notice.DoesNotExist:
        raise Http404 from None
    return _printed(
        request,
        found.case,
        "notice",
        lambda: notice_of(found) | {"board": leading_to(request, "board", found.case.area_id)},
    )


def _printed(request: HttpRequest, case: Case, paper: str, data: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        content = pdf(paper, data())
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(reverse("case", args=[case.number]))
    record_alone(request.user, "case_printed", case, paper=paper)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.number}-{paper}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
