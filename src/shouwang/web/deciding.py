"""Many cases at once: each picked one is agreed to by itself, with its own checks and its own entry in the audit."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.cases.models import Case
from shouwang.cases.reading import case_visible_to
from shouwang.cases.steps import Order
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.web.cases import DO, consent_to, key_of
from shouwang.web.doors import door
from shouwang.web.handling import in_words

AT_ONCE = 200  # cases of one order; each is a transaction of its own


@dataclass
class Decided:
    """What became of each: the words of the step that was taken, or why it was not."""

    done: list[tuple[Case, str]] = field(default_factory=list)
    stayed: list[tuple[str, str]] = field(default_factory=list)


@door(post=(Permission.CONSENT, Permission.APPROVE_CASE))
def cases_decide(request: HttpRequest) -> HttpResponse:
    """Agrees to all that were picked on a page of the list; whatever cannot be agreed to is told one by one."""
    decided, picked = Decided(), list(dict.fromkeys(request.POST.getlist("pick")))
    for one in picked[:AT_ONCE]:
        seen, _colon, number = one.partition(":")
        try:
            decided.done.append(_agree(request, number, key_of(seen)))
        except Case.DoesNotExist:
            decided.stayed.append((number[:72], gettext("没有这个案件，或不在您的辖区")))
        except ShouwangError as refused:
            decided.stayed.append((number, in_words(refused)))
    decided.stayed += [(one.partition(":")[2][:72], gettext("超过一次可以办理的数量")) for one in picked[AT_ONCE:]]
    return render(request, "desk/cases_decided.html", {"decided": decided}, status=200 if picked else 422)


def _agree(request: HttpRequest, number: str, seen: int | None) -> tuple[Case, str]:
    today = localdate()
    found, key = case_visible_to(request.user, number), request.POST.get("key", "")[:64]
    before = found.steps.filter(key=key).first() if key else None
    action = str(before.action) if before else consent_to(scope_of(request.user, today), found)
    order = Order(request.user, identification_requirements(today), today, seen, key)
    step = DO[action or "agree"](number, order, {"reason": request.POST.get("reason", "")})
    found.refresh_from_db()
    return found, str(step.get_action_display())
