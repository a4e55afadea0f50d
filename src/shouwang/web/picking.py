"""Many clues at once: picked on the pages of the worklist, kept while paging, and given down in one order."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope, scope_of
from shouwang.clues.handling import AT_ONCE, dispatch_many
from shouwang.clues.models import DispatchRule, Level, RiskType
from shouwang.clues.reading import clues_to_dispatch
from shouwang.clues.rising import follow_rules
from shouwang.clues.standing import (
    adopt_rule,
    end_rule,
    inherited_rules,
    levels_below,
    offices_of,
    rules_of,
    set_rule,
)
from shouwang.jobs.handling import GREEN_CHANNEL_RISKS, requirements
from shouwang.jobs.policy import names_in_pack
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import key_in
from shouwang.web.worklist import asked_filters, matching

PICKED = "picked_clues"


def picked(request: HttpRequest) -> set[int]:
    """The clues that the user has picked in this session."""
    return set(request.session.get(PICKED, ()))


def _keep(request: HttpRequest, pks: Iterable[int]) -> None:
    request.session[PICKED] = sorted(pks)[:AT_ONCE]


def _numbers(texts: Iterable[str]) -> set[int]:
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 12}


@door(post=Permission.DISPATCH)
def pick(request: HttpRequest) -> HttpResponse:
    """Keeps what is ticked on one page of the list, all that the filters find, or nothing; then back, or onward."""
    what, query = request.POST.get("what", ""), QueryDict(request.POST.get("query", "")[:1000])
    if what == "none":
        _keep(request, ())
    elif what == "all":
        found = matching(clues_to_dispatch(request.user), asked_filters(request.user, query))
        _keep(request, found.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
        if found.count() > AT_ONCE:
            messages.warning(
                request, gettext("一次最多下发 {at_once} 条，已选前 {at_once} 条。").format(at_once=AT_ONCE), "warn"
            )
    else:
        shown = _numbers(request.POST.get("shown", "").split(","))
        ticked = shown & _numbers(request.POST.getlist("pick"))
        allowed = clues_to_dispatch(request.user).filter(pk__in=ticked).values_list("pk", flat=True)
        _keep(request, (picked(request) - shown) | set(allowed))
    if request.headers.get("X-Fragment"):
        return render(request, "desk/parts/picked.html", {"picked": len(picked(request))})
    if what == "dispatch":
        return HttpResponseRedirect(reverse("clues-dispatch"))
    return HttpResponseRedirect(f"{reverse('worklist')}?{query.urlencode()}")


@door(Permission.DISPATCH, post=Permission.DISPATCH)
def dispatch(request: HttpRequest) -> HttpResponse:
    """The order for all that was picked: to which level, and what became of each."""
    found = clues_to_dispatch(request.user).filter(pk__in=picked(request))
    scope, today = scope_of(request.user, localdate()), localdate()
    levels = sorted({each for office in offices_of(scope) for each in levels_below(office)})
    sudden = (
        found.filter(risk_type__in=names_in_pack(GREEN_CHANNEL_RISKS)).count() if scope.may(Permission.CONSENT) else 0
    )
    shown = {"levels": levels, "key": new_key(), "count": found.count(), "sudden": sudden}
    if request.method == "GET":
        return render(request, "desk/dispatch.html", shown)
    numbers = list(found.order_by("number").values_list("number", flat=True))
    level = request.POST.get("level", "")
    if level not in {str(each) for each, _ in levels} or not numbers:
        wrong = gettext("请选择下发到哪一级。") if numbers else gettext("没有选中可以下发的线索。")
        return render(request, "desk/dispatch.html", shown | {"wrong": wrong}, status=422)
    result = dispatch_many(
        numbers,
        acting_user=request.user,
        requirements=requirements(today),
        on=today,
        to_level=int(level),
        key=key_in(request),
    )
    _keep(request, found.values_list("pk", flat=True) if result.stayed else ())
    return render(request, "desk/dispatched.html", {"result": result, "level": dict(levels)[int(level)]})


@door(Permission.DISPATCH, post=Permission.DISPATCH)
def rules(request: HttpRequest) -> HttpResponse:
    """The standing orders of one's office: set, looked at, taken back."""
    today = localdate()
    scope, asked = scope_of(request.user, today), request.POST
    if request.method == "POST":
        try:
            words = _change_rules(request, scope)
            messages.success(request, words, "good")
            return HttpResponseRedirect(reverse("clue-rules"))
        except ShouwangError as refused:
            messages.error(request, in_words(refused), "bad")
        except DispatchRule.DoesNotExist:
            messages.error(request, gettext("没有这条规则，可能已经撤销。"), "bad")
    offices = offices_of(scope)
    return render(
        request,
        "desk/dispatch_rules.html",
        {
            "rules": rules_of(scope),
            "inherited": inherited_rules(scope, today),
            "offices": offices,
            "levels": Level.choices,
            "risks": RiskType.choices,
            "to_levels": sorted({each for office in offices for each in levels_below(office)}),
            "asked": asked,
        },
        status=422 if request.method == "POST" else 200,
    )


def _change_rules(request: HttpRequest, scope: Scope) -> str:
    asked, user, today = request.POST, request.user, localdate()
    if "end" in asked:
        end_rule(min(_numbers([asked["end"]]), default=0), acting_user=user, scope=scope, on=today)
        return gettext("下发规则已撤销。")
    if "adopt" in asked:
        adopt_rule(min(_numbers([asked["adopt"]]), default=0), acting_user=user, scope=scope, on=today)
    else:
        level = min(_numbers([asked.get("to_level", "")]), default=0)
        kind = {"level": asked.get("level", ""), "risk_type": asked.get("risk_type", "")}
        set_rule(acting_user=user, scope=scope, area=asked.get("area", ""), to_level=level, **kind)
    sent = follow_rules(requirements(today), today)
    return gettext("下发规则已生效，现有线索按规则下发 {sent} 步。").format(sent=sent)
