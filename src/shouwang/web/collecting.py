"""采集: the household's consent, its income with what is known filled in, and the type and risks that the village proposes."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.cases.collecting import Collected, collect, compare, to_explain, told_before, type_of
from shouwang.cases.flow import CASES
from shouwang.cases.income import LINES, Line, months_before, reckoned
from shouwang.cases.models import MOST_RISKS, Action, Case, MonitorType
from shouwang.cases.reading import clues_of
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Order
from shouwang.clues.models import RiskType
from shouwang.clues.photos import AT_MOST, LARGEST_FILE
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.handling import identification_requirements
from shouwang.jobs.identification import delivered_about
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.web import income_form
from shouwang.web.cases import carried_out, order_of, told, visible_case
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_of


@door(Permission.SUBMIT, post=Permission.SUBMIT)
def case_collect(request: HttpRequest, number: str) -> HttpResponse:
    """The form of the collection; what departments delivered stands in it, and who changes it says why."""
    found, today = visible_case(request, number), localdate()
    if request.method == "GET" and not CASES.may(scope_of(request.user, today), found, Action.COLLECT):
        return told(request, found, gettext("这一环节已经办过，或不由您办理。"), wrong=True)
    delivered, wrong = delivered_income(settings.HOME, found.household, months_before(today)), ""
    if request.method == "POST":
        try:
            _compare_first(request, found)
            step = collect(number, order_of(request), _collected(request, delivered, list(to_explain(found))))
            return carried_out(request, found, lambda: step)
        except ShouwangError as refused:
            wrong = in_words(refused)
    return render(
        request, "desk/case_collect.html", _context(request, found, delivered, wrong), status=422 if wrong else 200
    )


def _compare_first(request: HttpRequest, found: Case) -> None:
    """The program compares at night; a case that was begun today is compared now."""
    if not found.comparisons.exists():
        today = localdate()
        order = Order(request.user, identification_requirements(today), today)
        compare(found.number, order, delivered_about(settings.HOME, found.household, today))


def _collected(request: HttpRequest, delivered: dict[str, Line], places: list[Any]) -> Collected:
    form = request.POST
    consented_on = day_of(form.get("consented_on", ""))
    if consented_on is None:
        raise InputError(gettext("承诺授权书的签署日期不对"), gettext("填写农户签字的日期，不晚于今天"))
    members = form.get("members", "")
    risks = list(dict.fromkeys([form.get("main_risk", ""), *form.getlist("risks")]))
    return Collected(
        consented_on=consented_on,
        consented_by=form.get("consented_by", ""),
        members=int(members) if members.isascii() and members.isdigit() and len(members) < 4 else 0,
        income=income_form.lines_of(form, delivered),
        period=months_before(localdate()),
        monitor_type=form.get("monitor_type", ""),
        risks=[each for each in risks if each],
        reason=form.get("reason", ""),
        answers={place: form.get(f"flag-{n}", "") for n, place in enumerate(places)},
        photos=[file.read(LARGEST_FILE + 1) for file in request.FILES.getlist("photos")[: AT_MOST + 1]],
    )


def _type_known(found: Case, delivered: dict[str, Line], asked: Requirements) -> str:
    """The type that follows where departments delivered every line of the statement; else it is the village's to say."""
    members = found.household.member_count
    if not members or any(delivered[name].delivered is None or delivered[name].period for name in LINES):
        return ""
    return str(type_of(found, reckoned(delivered, members), asked))


def _context(request: HttpRequest, found: Case, delivered: dict[str, Line], wrong: str) -> dict[str, Any]:
    form, clues, asked = request.POST, clues_of(found), identification_requirements(localdate())
    known = list(dict.fromkeys(clue.risk_type for clue in clues))
    chosen = form.getlist("risks") if form else known[1:]
    reason, answers = told_before(found)
    return {
        "case": found,
        "clues": clues,
        "period": months_before(localdate()),
        "line": asked.line,
        "comparison": found.comparisons.select_related("step").first(),
        "consent_photos": asked.consent_photos,
        "most_photos": AT_MOST,
        "largest_mb": LARGEST_FILE >> 20,
        "lines": income_form.shown(form, delivered),
        "nothing_else": form.get("nothing-else"),
        "types": MonitorType.choices,
        "chosen_type": form.get("monitor_type", _type_known(found, delivered, asked)),
        "risk_types": RiskType.choices,
        "main_risk": form.get("main_risk", known[0] if known else ""),
        "risks": chosen,
        "most_risks": MOST_RISKS,
        "members": form.get("members", found.household.member_count),
        "consented_on": form.get("consented_on", ""),
        "consented_by": form.get("consented_by", found.household.head_name),
        "reason": form.get("reason", reason),
        "flags": [
            (f"flag-{n}", text, form.get(f"flag-{n}", answers.get(place, "")))
            for n, (place, text) in enumerate(to_explain(found).items())
        ],
        "seen": form.get("seen") or found.version,
        "key": form.get("key") or new_key(),
        "wrong": wrong,
    }
