"""风险消除: whose risk may have ended, what is in hand, who is watched, who relapsed; one elimination and its steps."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.audit.record import record_alone
from shouwang.cases.income import TITLES
from shouwang.cases.objections import set_aside_against
from shouwang.clues.models import RiskType
from shouwang.elimination import deciding, watching
from shouwang.elimination.conditions import TITLE_OF
from shouwang.elimination.flow import ELIMINATIONS, ON_THE_WAY_OUT
from shouwang.elimination.models import Action, ConditionCheck, Elimination, EliminationStep, Stage
from shouwang.elimination.notices import notices_of, online_waiting, publicity_of, standing_notice
from shouwang.elimination.reading import checks_visible_to, elimination_visible_to, eliminations_visible_to
from shouwang.elimination.steps import Order
from shouwang.jobs.elimination import assessment_of
from shouwang.jobs.handling import elimination_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.deliberation import Minutes
from shouwang.web.cases import MinutesForm, key_of, posts_up_in, shown_online
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_of, order_by, say
from shouwang.web.paging import page_of
from shouwang.web.visiting import NAMES

OFFICES = (
    Permission.SUBMIT,
    Permission.CONSENT,
    Permission.APPROVE_CASE,
    Permission.DISPATCH,
    Permission.VERIFY,
)
# Groups of what the last check found, and groups of eliminations.
CHECKED: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "": (_("可能符合消除条件"), {"unfulfilled": 0, "no_labour": False}),
    "nearly": (_("还差一项"), {"unfulfilled": 1, "no_labour": False}),
}
GROUPS: Mapping[str, tuple[Any, tuple[Stage, ...]]] = {
    "hand": (_("在办"), ON_THE_WAY_OUT),
    "watch": (_("跟踪监测"), (Stage.WATCH,)),
    "relapse": (_("回退"), (Stage.RELAPSE_AUDIT, Stage.RELAPSE_APPROVAL)),
    "ended": (_("已消除、已回退、不予消除"), (Stage.ELIMINATED, Stage.ROLLED_BACK, Stage.REFUSED)),
}
SOCIAL_FLOOR: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "social_floor": (_("整户无劳动能力兜底保障户"), {"no_labour": True}),
}


@door(Permission.SEE_HOUSEHOLDS)
def eliminations(request: HttpRequest) -> HttpResponse:
    """One group within scope: what may be proposed first of all, then what is under way, soonest first."""
    checks, found = checks_visible_to(request.user), eliminations_visible_to(request.user)
    asked = request.GET.get("group", "")
    by_check = CHECKED | SOCIAL_FLOOR
    group = asked if asked in GROUPS or asked in by_check else ""
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    tabs = [(name, title, checks.filter(**wanted).count()) for name, (title, wanted) in CHECKED.items()]
    tabs += [(name, title, found.filter(stage__in=stages).count()) for name, (title, stages) in GROUPS.items()]
    tabs += [(name, title, checks.filter(**wanted).count()) for name, (title, wanted) in SOCIAL_FLOOR.items()]
    if group in GROUPS:
        rows: Any = _under_way(request, found.filter(stage__in=GROUPS[group][1]), search)
    else:
        rows = _checked(request, checks.filter(**by_check[group][1]), search)
    return render(
        request,
        "desk/eliminations.html",
        {"tabs": tabs, "group": group, "search": search, "by_check": group in by_check, **rows},
    )


def _checked(request: HttpRequest, found: QuerySet[ConditionCheck], search: str) -> dict[str, Any]:
    if search:
        found = found.filter(case__household__head_name__contains=search) | found.filter(
            case__number__startswith=search
        )
    page = page_of(request, found.order_by("-met", "case__number"))
    names = full_names([each.case.area_id for each in page])
    return {
        "page": page,
        "rows": [
            (
                each,
                names[each.case.area_id],
                [TITLE_OF[name] for name in each.blocking],
                [TITLE_OF[name] for name in each.to_settle],
            )
            for each in page
        ],
    }


def _under_way(request: HttpRequest, found: QuerySet[Elimination], search: str) -> dict[str, Any]:
    if search:
        found = found.filter(case__household__head_name__contains=search) | found.filter(number__startswith=search)
    page = page_of(request, found.order_by("due_on", "-eliminated_on", "number"))
    names, today = full_names([each.area_id for each in page]), localdate()
    return {
        "page": page,
        "rows": [(each, names[each.area_id], (each.due_on - today).days if each.due_on else None) for each in page],
    }


def visible_elimination(request: HttpRequest, number: str) -> Elimination:
    try:
        return elimination_visible_to(request.user, number)
    except Elimination.DoesNotExist:
        raise Http404 from None


@door(Permission.SEE_HOUSEHOLDS)
def elimination(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one elimination; each look is in the audit."""
    found, today = visible_elimination(request, number), localdate()
    record_alone(request.user, "elimination_viewed", found)
    left = (found.due_on - today).days if found.due_on else None
    actions = [str(each) for each in ELIMINATIONS.moves_open_to(scope_of(request.user, today), found)]
    notice = standing_notice(found)
    closed = {"post_up"} if notice else {"report", "object"}
    if left is None or left >= 0:
        closed.add("urge")
    if not online_waiting(found):
        closed.add("set_aside")
    proposal, move = (
        found.proposals.prefetch_related("photos").first(),
        ELIMINATIONS.move_of(found.stage, Action.SEND_BACK),
    )
    return render(
        request,
        "desk/elimination.html",
        {
            "elimination": found,
            "case": found.case,
            "place": full_name(found.area),
            "hand": {"actions": [each for each in actions if each not in closed], "seen": found.version},
            "days_left": left,
            "key": new_key(),
            "proposal": proposal,
            "income": _income(proposal.income) if proposal else [],
            "answers": [(TITLE_OF[name], said) for name, said in proposal.answers.items()] if proposal else [],
            "deliberation": found.deliberations.first(),
            "notices": notices_of(found).prefetch_related("proofs__photos"),
            "online": shown_online(online_waiting(found)),
            "set_aside": set_aside_against(publicity_of(found)),
            "move_to": reverse("elimination-move", args=[found.number]),
            "may_post": posts_up_in(request.user, found.area_id),
            "back_to": "elimination",
            "today": today,
            "standing": notice,
            "over": notice is not None and today > notice.stands_until,
            "objections": found.objections.all(),
            "follow_ups": found.follow_ups.all(),
            "relapse": _relapse(found),
            "steps": found.steps.select_related("actor").order_by("-number"),
            "minutes": MinutesForm(),
            "risk_types": RiskType.choices,
            "back": [(stage, Stage(stage).label) for stage in move.to] if move else [],
        },
    )


def _income(lines: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"title": title, **lines[name]} for name, title in TITLES.items() if name in lines]


def _relapse(found: Elimination) -> dict[str, Any] | None:
    latest = found.relapses.first()
    if latest is None:
        return None
    return {"of": latest, "risks": [RiskType(each).label for each in latest.risks]}


def order_of(request: HttpRequest) -> Order[Any]:
    return order_by(request, elimination_requirements)


Do = Callable[[Elimination, Order[Any], Mapping[str, str]], EliminationStep]
DO: Mapping[str, Do] = {
    Action.POST_UP: lambda found, order, form: deciding.post_up(found.number, order, form.get("place", "")),
    Action.OBJECT: lambda found, order, form: deciding.object_to(
        found.number, order, form.get("reason", ""), form.get("raised_by", ""), key_of(form.get("online", ""))
    ),
    Action.SET_ASIDE: lambda found, order, form: deciding.set_aside(
        found.number, order, key_of(form.get("online", "")) or 0, form.get("reason", "")
    ),
    Action.REPORT: lambda found, order, form: deciding.report(found.number, order),
    Action.AGREE: lambda found, order, form: deciding.agree(
        found.number, order, form.get("reason", ""), assessment_of(settings.HOME, found.case, order.on)
    ),
    Action.APPROVE: lambda found, order, form: deciding.approve(
        found.number, order, form.get("reason", ""), assessment_of(settings.HOME, found.case, order.on)
    ),
    Action.WITHDRAW: lambda found, order, form: deciding.withdraw(found.number, order, form.get("reason", "")),
    Action.REFUSE: lambda found, order, form: deciding.refuse(found.number, order, form.get("reason", "")),
    Action.SEND_BACK: lambda found, order, form: deciding.send_back(
        found.number, order, form.get("to", ""), form.get("reason", "")
    ),
    Action.ANNOUNCE: lambda found, order, form: deciding.announce(
        found.number, order, form.get("place", ""), assessment_of(settings.HOME, found.case, order.on)
    ),
    Action.CONFIRM: lambda found, order, form: watching.confirm(found.number, order, form.get("reason", "")),
    Action.DENY: lambda found, order, form: watching.deny(found.number, order, form.get("reason", "")),
    Action.ROLL_BACK: lambda found, order, form: watching.roll_back(found.number, order, form.get("reason", "")),
    Action.URGE: lambda found, order, form: deciding.urge(found.number, order, form.get("reason", "")),
}


@door(post=OFFICES)
def elimination_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step, from its form on the elimination's page."""
    found, action = visible_elimination(request, number), request.POST.get("action", "")
    if action == Action.DELIBERATE:
        return _deliberated(request, found)
    if action == Action.FOLLOW_UP:
        return carried_out(
            request, lambda: watching.follow_up(found.number, order_of(request), _followed(request)), found
        )
    if action == Action.RELAPSE:
        risks = [request.POST.get("main_risk", ""), *request.POST.getlist("risks")]
        said = request.POST.get("reason", "")
        return carried_out(request, lambda: watching.relapse(found.number, order_of(request), risks, said), found)
    if action not in DO:
        return told(request, found, gettext("没有选择要办的事项。"), wrong=True)
    form = {name: str(value) for name, value in request.POST.items()}
    return carried_out(request, lambda: DO[action](found, order_of(request), form), found)


def _deliberated(request: HttpRequest, found: Elimination) -> HttpResponse:
    minutes = MinutesForm(request.POST)
    if not minutes.is_valid():
        wrong = "；".join(f"{minutes[name].label}：{errors[0]}" for name, errors in minutes.errors.items())
        return told(request, found, wrong, wrong=True)
    decided = Minutes(**minutes.cleaned_data)
    return carried_out(request, lambda: deciding.deliberate(found.number, order_of(request), decided), found)


def _followed(request: HttpRequest) -> watching.Followed:
    form = request.POST
    return watching.Followed(
        day_of(form.get("visited_on", "")) or date.max,
        NAMES.split(form.get("visitors", "")),
        form.get("findings", ""),
        form.get("worrying") == "yes",
    )


def carried_out(request: HttpRequest, order: Callable[[], EliminationStep], found: Elimination) -> HttpResponse:
    """Carries an order out and says so on the elimination's page; a refusal is said there too."""
    try:
        step = order()
    except ShouwangError as refused:
        return told(request, found, in_words(refused), wrong=True)
    due = gettext("，办理期限 {due_on:%Y-%m-%d}").format(due_on=step.due_on) if step.due_on else ""
    said = gettext("{said}。{stage_to}{due}。").format(
        said=step.get_action_display(), stage_to=step.get_stage_to_display(), due=due
    )
    return told(request, found, said)


def told(request: HttpRequest, found: Elimination, words: str, *, wrong: bool = False) -> HttpResponse:
    say(request, words, wrong=wrong)
    return HttpResponseRedirect(reverse("elimination", args=[found.number]))
