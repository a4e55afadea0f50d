"""政策: every rule and every parameter with its ground, readable by whoever has to answer for it; and values proposed."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.amendments.models import Amendment
from shouwang.amendments.reading import amendments_visible_to
from shouwang.clues.models import RiskType
from shouwang.jobs.policy_amendments import propose
from shouwang.jobs.policy_cases import cases_in_words
from shouwang.jobs.policy_words import DatedValue, Pack, pack_words, spoken
from shouwang.kernel.errors import InputError
from shouwang.web.charts.steps import Steps, steps
from shouwang.web.doors import SIGNED_IN, door, may_open
from shouwang.web.handling import new_key
from shouwang.web.ordering import key_in
from shouwang.web.statistics import precision_of_rules

RECENT = 10


@door(SIGNED_IN)
def policy(request: HttpRequest) -> HttpResponse:
    """All rules, parameters and clocks, and the proposals that this user may know of."""
    words, today = pack_words(), localdate()
    precise = precision_of_rules(scope_of(request.user, today), list(words.rules))
    rules = [
        {
            "rule": rule,
            "risk": RiskType(rule.risk_type).label if rule.risk_type in RiskType.values else "",
            "precision": precise[rule.id] if precise else None,
        }
        for rule in words.rules.values()
    ]

    def listed(each: Any) -> dict[str, Any]:
        return {
            "parameter": each,
            "value": words.current(each, today),
            "since": each.since(today),
            "ground": words.ground_on(each, today),
            "decided": each.decided_at(today),
            "stale": words.stale(each, today),
        }

    visible = amendments_visible_to(request.user)
    return render(
        request,
        "desk/policy.html",
        {
            "words": words,
            "rules": rules,
            "measured": precise is not None,
            "parameters": [listed(each) for each in words.parameters.values()],
            "holidays": [
                (each, words.title_of(each.id), ground_of(each, words)) for each in reversed(words.holidays.values())
            ],
            "missing": words.years_missing(today),
            "clocks": [listed(each) for each in words.clocks.values()],
            "today": today,
            "waiting": in_words(words, visible.filter(state=Amendment.State.PROPOSED)),
            "settled": in_words(words, visible.exclude(state=Amendment.State.PROPOSED)[:RECENT]),
        },
    )


def ground_of(holidays: Any, words: Pack) -> str:
    """The notice by which the table of a year holds."""
    if holidays.is_missing:
        return ""
    ground = words.ground_on(holidays, holidays.values[-1][0])
    return f"{ground.document} {ground.number or ground.clause}"


def in_words(words: Pack, amendments: Any) -> list[dict[str, Any]]:
    """Amendments with the title of their parameter and their value as people write it."""
    return [
        {
            "amendment": each,
            "title": words.title_of(each.parameter),
            "value": words.in_words(each.parameter, each.value),
        }
        for each in amendments
    ]


@door(SIGNED_IN)
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: what it asks, in which words it speaks, what it rests on, and its example cases."""
    words, today = pack_words(), localdate()
    scope = scope_of(request.user, today)
    found = words.rules.get(rule_id)
    if found is None:
        raise Http404
    return render(
        request,
        "desk/rule.html",
        {
            "words": words,
            "rule": found,
            "risk": RiskType(found.risk_type).label if found.risk_type in RiskType.values else found.risk_type,
            "clauses": words.condition(found, today),
            "reasons": words.reasons(found),
            "facts": words.facts_of(found),
            "parameters": [(each, words.current(each, today)) for each in words.parameters_of(found)],
            "ground": words.ground(found.ground),
            "changes": [(each, words.ground(each.ground)) for each in reversed(found.changes)],
            "cases": cases_in_words(words, rule_id),
            "precision": (precision_of_rules(scope, [rule_id]) or {}).get(rule_id),
            "clues_open": may_open(scope, "worklist"),
        },
    )


class ProposalForm(forms.Form):
    """A new value with its day and its ground."""

    value = forms.CharField(label=_("新数值"), max_length=500)
    valid_from = forms.DateField(
        label=_("施行日期"),
        help_text=_("从这一天起按新数值判断。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2024-03-05 这样的日期。")},
    )
    document = forms.CharField(label=_("依据文件"), max_length=200)
    document_number = forms.CharField(label=_("文号"), max_length=100, required=False)
    clause = forms.CharField(label=_("条款"), max_length=200)
    reason = forms.CharField(label=_("理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class HolidaysForm(ProposalForm):
    """The holidays of a whole year with the notice that sets them."""

    value = forms.CharField(
        label=_("放假和调休上班"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_(
            "一行一个假期，写成“春节 2027-02-06至2027-02-12”，周末也算在内；调休上班的日子写成“上班 2027-02-14”。"
        ),
    )
    valid_from = None  # type: ignore[assignment]  # of the whole year


@door(SIGNED_IN, post=Permission.PROPOSE_POLICY)
def parameter(request: HttpRequest, parameter_id: str) -> HttpResponse:
    """One parameter or clock: its values over time with their grounds, the rules that depend on it, and what is proposed."""
    words, today = pack_words(), localdate()
    found = words.all_dated.get(parameter_id)
    if found is None:
        raise Http404
    of_year = words.holidays.get(parameter_id)
    form = ProposalForm(request.POST if request.method == "POST" else None)
    if of_year is not None:
        form = HolidaysForm(request.POST if request.method == "POST" else None)
        form.fields["value"].initial = "\n".join(of_year.at(today))
    if request.method == "POST" and form.is_valid():
        try:
            made = propose(
                parameter_id,
                acting_user=request.user,
                key=key_in(request),
                **{"valid_from": today, **form.cleaned_data},
            )
            messages.success(request, gettext("建议已提出，正在推演会带来的变化。"), "good")
            return HttpResponseRedirect(reverse("amendment", args=[made.pk]))
        except InputError as problem:
            form.add_error(None, str(problem))
    waiting = amendments_visible_to(request.user).filter(
        pack=words.policy.id, parameter=parameter_id, state=Amendment.State.PROPOSED
    )
    values, unit = words.dated(found, today), getattr(found, "unit", "")
    return render(
        request,
        "desk/parameter.html",
        {
            "words": words,
            "parameter": found,
            "values": values,
            "today": today,
            "ground": words.ground_on(found, today),
            "stale": words.stale(found, today),
            "used_by": words.used_by(parameter_id),
            "waiting": in_words(words, waiting),
            "unit": unit,
            "title": words.title_of(parameter_id),
            "clock": parameter_id in words.clocks,
            "of_year": of_year,
            "picture": _picture(values, spoken(unit), waiting, today),
            "may_propose": scope_of(request.user, today).may(Permission.PROPOSE_POLICY),
            "form": form,
            "key": request.POST.get("key") or new_key(),
        },
        status=422 if form.errors else 200,
    )


def _picture(values: list[DatedValue], unit: str, waiting: Iterable[Amendment], today: date) -> Steps | None:
    """None for lists of codes, and where there is only one value."""
    if not values or any(value.amount is None for value in values):
        return None
    held = [
        (value.since, value.amount) for value in reversed(values) if not value.replaced and value.amount is not None
    ]
    return steps(held, [(each.valid_from, Decimal(each.value)) for each in waiting], today, unit)
