"""Many matters at once: each picked one is agreed to by itself, with its own checks and its own entry in the audit."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope, scope_of
from shouwang.assistance.reading import plan_visible_to
from shouwang.cases.reading import case_visible_to
from shouwang.kernel.errors import ShouwangError
from shouwang.web import cases, plans
from shouwang.web.cases import key_of
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.ordering import key_in

AT_ONCE = 200  # matters of one order; each is a transaction of its own


@dataclass(frozen=True)
class Kind:
    """A kind of matter that is agreed to in its list: `page` and `listed` name the addresses of one and of all."""

    page: str
    listed: str
    visible: Callable[[Any, str], Any]
    consent: Callable[[Scope, Any], str]
    orders: Any


CASES = Kind("case", "cases", case_visible_to, cases.consent_to, cases)
PLANS = Kind("plan", "plans", plan_visible_to, plans.consent_to, plans)


@dataclass
class Decided:
    """What became of each: its household and the words of the step that was taken, or why it was not; `unknown` leads nowhere."""

    done: list[tuple[Any, Any, str]] = field(default_factory=list)
    stayed: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


@door(post=(Permission.CONSENT, Permission.APPROVE_CASE))
def cases_decide(request: HttpRequest) -> HttpResponse:
    """Agrees to all cases that were picked on a page of the list; whatever cannot be agreed to is told one by one."""
    return _decide(request, CASES)


@door(post=(Permission.CONSENT, Permission.APPROVE_CASE))
def plans_decide(request: HttpRequest) -> HttpResponse:
    """Agrees to all plans of assistance that were picked, as `cases_decide`."""
    return _decide(request, PLANS)


def _decide(request: HttpRequest, kind: Kind) -> HttpResponse:
    decided, picked = Decided(), list(dict.fromkeys(request.POST.getlist("pick")))
    for one in picked[:AT_ONCE]:
        seen, _colon, number = one.partition(":")
        try:
            decided.done.append(_agree(request, kind, number, key_of(seen)))
        except ObjectDoesNotExist:
            decided.unknown.append((number[:72], gettext("没有这一件，或不在您的辖区")))
        except ShouwangError as refused:
            decided.stayed.append((number, in_words(refused)))
    decided.unknown += [(one.partition(":")[2][:72], gettext("超过一次可以办理的数量")) for one in picked[AT_ONCE:]]
    stayed = len(decided.stayed) + len(decided.unknown)
    context = {"decided": decided, "stayed": stayed, "page": kind.page, "listed": kind.listed}
    return render(request, "desk/decided.html", context, status=200 if picked else 422)


def _agree(request: HttpRequest, kind: Kind, number: str, seen: int | None) -> tuple[Any, Any, str]:
    found, key = kind.visible(request.user, number), key_in(request)
    before = found.steps.filter(key=key).first() if key else None
    action = str(before.action) if before else kind.consent(scope_of(request.user, localdate()), found)
    order = replace(kind.orders.order_of(request), seen=seen)
    step = kind.orders.DO[action or "agree"](number, order, {"reason": request.POST.get("reason", "")})
    found.refresh_from_db()
    return found, found.household if kind is CASES else found.case.household, str(step.get_action_display())
