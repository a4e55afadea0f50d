"""One proposed value: its ground, what it would change, and the decision on it."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.amendments.flow import Step, open_to
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.amendments.reading import amendment_visible_to, latest_whatif
from shouwang.areas.models import Area
from shouwang.clues.models import Level
from shouwang.jobs.clock_whatif import kept
from shouwang.jobs.policy import current_pack
from shouwang.jobs.policy_amendments import decide
from shouwang.jobs.policy_whatif import Change, ask_for_whatif, changes
from shouwang.jobs.policy_words import pack_words
from shouwang.kernel.errors import ShouwangError
from shouwang.web.charts.comings import bar
from shouwang.web.doors import door
from shouwang.web.handling import in_words as said
from shouwang.web.handling import new_key
from shouwang.web.ordering import key_in

MOVING = (WhatIf.State.WAITING, WhatIf.State.RUNNING)
SHOWN = 60
OFFICES = (Permission.PROPOSE_POLICY, Permission.DECIDE_POLICY)
DONE = {
    Step.ACCEPT: _("已同意，新数值从施行日期起生效。"),
    Step.REJECT: _("已记为不同意。"),
    Step.WITHDRAW: _("已撤回。"),
}


def visible(request: HttpRequest, pk: int) -> Amendment:
    try:
        return amendment_visible_to(request.user, pk)
    except Amendment.DoesNotExist:
        raise Http404 from None


@door(*OFFICES)
def amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is proposed and why, what it would change within the user's area, and what may be done about it."""
    found, words, today = visible(request, pk), pack_words(), localdate()
    scope, tried = scope_of(request.user, today), latest_whatif(found)
    parameter = words.all_dated.get(found.parameter)
    steps = open_to(request.user, scope, found)
    stale = bool(tried and tried.state == WhatIf.State.DONE and tried.pack_version != current_pack().version)
    return render(
        request,
        "desk/amendment.html",
        {
            "amendment": found,
            "title": words.title_of(found.parameter),
            "clock": found.parameter in words.clocks,
            "value": words.in_words(found.parameter, found.value),
            "before": words.current(parameter, found.valid_from) if parameter else "",
            "known": parameter is not None,
            "tried": tried,
            "moving": bool(tried and tried.state in MOVING),
            "stale": stale,
            "differences": _differences(request, tried) if tried and tried.state == WhatIf.State.DONE else None,
            "steps": [str(step) for step in steps],
            "own": found.proposed_by_id == request.user.pk,
            "ready": bool(tried and tried.state == WhatIf.State.DONE and not stale),
            "open": found.state == Amendment.State.PROPOSED,
            "levels": Level.values,
            "key": new_key(),
        },
    )


def _differences(request: HttpRequest, tried: WhatIf) -> dict[str, Any]:
    """The result within the user's area: by county for the city, else (or for one county that was asked for) by township."""
    scope = scope_of(request.user, localdate())
    top, asked, within = scope.top_area, request.GET.get("area", ""), ""
    by = Area.COUNTY if top is None or top.level == Area.CITY else Area.TOWNSHIP
    if asked:
        top = Area.objects.filter(pk=asked, level=Area.COUNTY).first()
        if top is None or not scope.covers_fully(asked):
            raise Http404
        by, within = Area.TOWNSHIP, top.scope

    def covers(code: str) -> bool:
        return scope.covers_fully(code) and code.startswith(within)

    told = _of_clock(tried, covers, by) if "clock" in tried.result else _of_clues(tried, covers, by)
    return told | {
        "area": top,
        "by_county": bool(not asked and top and top.level == Area.CITY),
        "asked": bool(asked),
    }


def _of_clock(tried: WhatIf, covers: Callable[[str], bool], by: int) -> dict[str, Any]:
    """How the steps of the past year would have kept the clock, by place."""
    total, places = kept(tried.result, covers, by)
    names = _names(each.code for each in places)
    return {
        "clock": tried.result["clock"],
        "since": date.fromisoformat(tried.result["since"]),
        "total": total,
        "rows": [{"kept": each, "code": each.code, "name": names.get(each.code, each.code)} for each in places[:SHOWN]],
        "more": max(len(places) - SHOWN, 0),
    }


def _names(codes: Iterable[str]) -> dict[str, str]:
    return dict(Area.objects.filter(pk__in=list(codes)).values_list("pk", "name"))


def _of_clues(tried: WhatIf, covers: Callable[[str], bool], by: int) -> dict[str, Any]:
    """The clues that come and go, by place."""
    total, places = changes(tried.result, covers, by)
    names = _names(each.code for each in places)
    most_come = max((sum(each.come.values()) for each in places), default=0)
    most_go = max((sum(each.go.values()) for each in places), default=0)
    rows = [
        {
            "change": each,
            "name": names.get(each.code, each.code),
            "come": sum(each.come.values()),
            "go": sum(each.go.values()),
            "bar": bar(each.come, each.go, most_come, most_go),
        }
        for each in places[:SHOWN]
    ]
    return {
        "total": total,
        "sums": _sums(total),
        "rows": rows,
        "more": len(places) - len(rows),
    }


def _sums(total: Change) -> dict[str, int]:
    sums = {side: sum(getattr(total, side).values()) for side in ("before", "after", "come", "go")}
    return sums | {"most": max(sums["before"], sums["after"], 1)}


@door(post=OFFICES)
def amendment_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """Works the changes out anew, with the data and the policy of now."""
    found = visible(request, pk)
    try:
        ask_for_whatif(found, acting_user=request.user)
    except ShouwangError as refused:
        messages.error(request, said(refused), "bad")
    return HttpResponseRedirect(reverse("amendment", args=[pk]))


@door(post=OFFICES)
def amendment_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, reject, or take back."""
    visible(request, pk)
    step, key = request.POST.get("step", ""), key_in(request)
    if step not in Step.values:
        messages.error(request, gettext("请选择同意、不同意或撤回。"), "bad")
    else:
        try:
            decide(pk, Step(step), acting_user=request.user, reason=request.POST.get("reason", ""), key=key)
            messages.success(request, DONE[Step(step)], "good")
        except ShouwangError as refused:
            messages.error(request, said(refused), "bad")
    return HttpResponseRedirect(reverse("amendment", args=[pk]))
