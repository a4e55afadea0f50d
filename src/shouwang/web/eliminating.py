"""消除条件 and 提出消除: what data say of each condition, and the form in which the village proposes."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name
from shouwang.cases.income import months_before
from shouwang.cases.models import Case, EliminationMode
from shouwang.cases.models import Stage as CaseStage
from shouwang.clues.photos import AT_MOST, LARGEST_FILE
from shouwang.elimination.conditions import CONDITIONS, Assessment
from shouwang.elimination.models import Elimination, Stage
from shouwang.elimination.proposing import Inspected, propose
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.elimination import assessment_of
from shouwang.jobs.handling import elimination_requirements
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.web import income_form
from shouwang.web.cases import visible_case
from shouwang.web.doors import door
from shouwang.web.eliminations import carried_out, order_of
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_of
from shouwang.web.visiting import NAMES

DANGERS = ("dropout", "unsafe_house", "uninsured", "unsafe_water")
PROPOSING = (Stage.INSPECTION,)


@door(Permission.SEE_HOUSEHOLDS, post=Permission.SUBMIT)
def elimination_propose(request: HttpRequest, number: str) -> HttpResponse:
    """The conditions of one monitored household, checked now; whoever sits at the village's desk may propose below."""
    found, today = visible_case(request, number), localdate()
    assessment = assessment_of(settings.HOME, found, today)
    natural = assessment.mode == EliminationMode.NATURAL
    delivered, wrong = {} if natural else delivered_income(settings.HOME, found.household, months_before(today)), ""
    if request.method == "POST":
        try:
            step = propose(number, order_of(request), _inspected(request, assessment, delivered), assessment)
            return carried_out(request, lambda: step, step.elimination)
        except ShouwangError as refused:
            wrong = in_words(refused)
    standing = found.eliminations.exclude(stage__in=[Stage.REFUSED, Stage.ROLLED_BACK]).first()
    context = _shown(assessment) | {
        "case": found,
        "place": full_name(found.area),
        "assessment": assessment,
        "standing": standing if standing is not None and standing.stage not in PROPOSING else None,
        "may_propose": _may_propose(request, found, standing, assessment),
        "natural": natural,
        "wrong": wrong,
        **_form(request, found, standing, delivered),
    }
    return render(request, "desk/elimination_propose.html", context, status=422 if wrong else 200)


def _may_propose(request: HttpRequest, case: Case, standing: Elimination | None, assessment: Assessment) -> bool:
    """Whether the form is shown: at the village's own desk, nothing under way but what waits for another visit."""
    if case.stage != CaseStage.INCLUDED or assessment.blocking:
        return False
    if standing is not None and standing.stage not in PROPOSING:
        return False
    reaches = scope_of(request.user, localdate()).holding(Permission.SUBMIT)
    return any(each.is_of(case.area_id) for each in reaches)


def _shown(assessment: Assessment) -> dict[str, Any]:
    rows = [
        {"condition": each, "found": assessment.found[each.name]}
        for each in CONDITIONS
        if each.name in assessment.found
    ]
    states = [row["found"].state for row in rows]
    return {"rows": rows, "counted": {state: states.count(state) for state in ("met", "unmet", "unknown")}}


def _inspected(request: HttpRequest, assessment: Assessment, delivered: Any) -> Inspected:
    form, natural = request.POST, assessment.mode == EliminationMode.NATURAL
    visited_on, consented_on = day_of(form.get("visited_on", "")), day_of(form.get("consented_on", ""))
    if visited_on is None or consented_on is None:
        raise InputError(gettext("走访日期或农户确认日期没有填对"), gettext("写成 2024-03-05 这样的日期"))
    members = form.get("members", "")
    seen = {name: {"yes": True, "no": False}.get(form.get(name, "")) for name in DANGERS}
    return Inspected(
        visited_on=visited_on,
        visitors=NAMES.split(form.get("visitors", "")),
        consented_on=consented_on,
        consented_by=form.get("consented_by", ""),
        members=int(members) if members.isascii() and members.isdigit() and len(members) < 4 else 0,
        reason=form.get("reason", ""),
        income={} if natural else income_form.lines_of(form, delivered),
        period=None if natural else months_before(localdate()),
        answers={each.name: form.get(f"answer-{each.name}", "") for each in assessment.to_settle},
        photos=[file.read(LARGEST_FILE + 1) for file in request.FILES.getlist("photos")[: AT_MOST + 1]],
        **seen,
    )


def _form(request: HttpRequest, case: Case, standing: Elimination | None, delivered: Any) -> dict[str, Any]:
    form, today = request.POST, localdate()
    asked = elimination_requirements(today)
    names = ("visited_on", "visitors", "consented_on", "consented_by", "members", "reason")
    known = {
        "visited_on": today.isoformat(),
        "visitors": f"{request.user}、",
        "consented_on": today.isoformat(),
        "consented_by": case.household.head_name,
        "members": case.household.member_count,
        "reason": "",
    }
    titles = (_("有失学辍学"), _("住房有安全隐患"), _("有成员未参保"), _("饮水有安全隐患"))
    return {
        "form": {name: form.get(name, known[name]) for name in names},
        "lines": income_form.shown(form, delivered) if delivered else [],
        "nothing_else": form.get("nothing-else"),
        "period": months_before(today),
        "line": asked.line,
        "least_visitors": asked.visitors,
        "consent_photos": asked.consent_photos,
        "most_photos": AT_MOST,
        "largest_mb": LARGEST_FILE >> 20,
        "dangers": [(name, title, form.get(name, "")) for name, title in zip(DANGERS, titles, strict=True)],
        "answers": {name: value for name, value in form.items() if name.startswith("answer-")},
        "seen": form.get("seen") or (standing.version if standing else 0),
        "key": form.get("key") or new_key(),
    }
