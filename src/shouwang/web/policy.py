"""政策: every rule and every parameter with its ground, readable by whoever has to answer for it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from shouwang.clues.models import RiskType
from shouwang.jobs.policy_cases import cases_in_words
from shouwang.jobs.policy_words import pack_words
from shouwang.web.doors import SIGNED_IN, door


@door(SIGNED_IN)
def policy(request: HttpRequest) -> HttpResponse:
    """All rules and parameters."""
    words, today = pack_words(), localdate()
    rules = [
        {"rule": rule, "risk": RiskType(rule.risk_type).label if rule.risk_type in RiskType.values else ""}
        for rule in words.rules.values()
    ]
    parameters = [
        {
            "parameter": each,
            "value": words.current(each, today),
            "since": words.since(each, today),
            "ground": words.ground(each.ground),
            "stale": words.stale(each, today),
        }
        for each in words.parameters.values()
    ]
    return render(
        request, "desk/policy.html", {"words": words, "rules": rules, "parameters": parameters, "today": today}
    )


@door(SIGNED_IN)
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: what it asks, in which words it speaks, what it rests on, and its example cases."""
    words, today = pack_words(), localdate()
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
            "cases": cases_in_words(words, rule_id),
        },
    )


@door(SIGNED_IN)
def parameter(request: HttpRequest, parameter_id: str) -> HttpResponse:
    """One parameter: its dated values, its ground, and the rules that depend on it."""
    words, today = pack_words(), localdate()
    found = words.parameters.get(parameter_id)
    if found is None:
        raise Http404
    return render(
        request,
        "desk/parameter.html",
        {
            "words": words,
            "parameter": found,
            "values": words.dated(found, today),
            "ground": words.ground(found.ground),
            "stale": words.stale(found, today),
            "used_by": words.used_by(parameter_id),
        },
    )
