"""Papers of a case to sign, to post up or to file; each printing is in the audit."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.audit.record import in_the_language_of_record, record_alone
from shouwang.cases.income import months_before
from shouwang.cases.models import Case, Notice, Stage
from shouwang.cases.papers import consent_of, dossier_of, notice_of, statement_of
from shouwang.cases.reading import notice_visible_to
from shouwang.elimination.papers import confirmation_of
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.elimination import assessment_of
from shouwang.jobs.handling import elimination_requirements, identification_requirements
from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.printing import pdf
from shouwang.web.cases import visible_case
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.qr_codes import leading_to


def _statement(case: Case) -> dict[str, Any]:
    today = localdate()
    period, line = months_before(today), identification_requirements(today).line
    return statement_of(case, delivered_income(settings.HOME, case.household, period), period, line)


def _ending(case: Case) -> dict[str, Any]:
    today = localdate()
    if case.stage != Stage.INCLUDED:
        raise Failure(gettext("案件 {number} 没有在监测").format(number=case.number), gettext("纳入监测以后才有消除"))
    assessment = assessment_of(settings.HOME, case, today)
    return confirmation_of(case, assessment, elimination_requirements(today), today)


TITLES: Mapping[str, Any] = {
    "consent": _("承诺授权书"),
    "statement": _("收入测算表"),
    "dossier": _("案件档案"),
    "ending": _("风险消除确认书"),
    "notice": _("公示"),
}
PAPERS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "consent": lambda case: consent_of(case, localdate()),
    "statement": _statement,
    "dossier": lambda case: dossier_of(case, localdate()),
    "ending": _ending,
}


@door(Permission.SEE_HOUSEHOLDS)
def case_paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """The consent, the income statement, the dossier of a case, or what the household signs at the end of its risk."""
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
    _told(request.user, case, paper)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.number}-{paper}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@in_the_language_of_record
def _told(user: User, case: Case, paper: str) -> None:
    record_alone(user, "case_printed", case, paper=str(TITLES[paper]))
