"""帮扶: the plans of an office, one plan with its measures, and what may be done about it now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.assistance import giving, measures, planning
from shouwang.assistance.contacts import contacts_of, from_elsewhere
from shouwang.assistance.dues import late_below, plans_risen_to, with_measure_due, with_measure_overdue
from shouwang.assistance.flow import PLAN_LEVELS, PLANS
from shouwang.assistance.models import FundSource, MeasureState, NeedStage, Plan, PlanAction, PlanStage
from shouwang.assistance.reading import plan_visible_to, plans_visible_to, visits_overdue, without_first_help
from shouwang.audit.record import record_alone
from shouwang.clues.models import RiskType
from shouwang.jobs.assistance import assistance_requirements
from shouwang.jobs.handling import clocks_of
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.orders import Order
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in, order_by, say
from shouwang.web.paging import page_of

OFFICES = (Permission.SUBMIT, Permission.CONSENT, Permission.APPROVE_CASE, Permission.DISPATCH)
LOOKING = (*OFFICES, Permission.VERIFY)
GROUPS: Mapping[str, Any] = {
    "": _("待办理"),
    "running": _("正在帮扶"),
    "unhelped": _("还没有帮扶"),
    "delayed": _("措施逾期"),
    "unvisited": _("逾期未走访"),
    "risen": _("逾期上报到本单位"),
    "closed": _("已结束"),
}
ARRANGED = (MeasureState.PROPOSED, MeasureState.PLANNED, MeasureState.RUNNING)
IN_ACTION = (PlanAction.BEGIN, PlanAction.DELIVER, PlanAction.END)


@door(*LOOKING)
def plans(request: HttpRequest) -> HttpResponse:
    """The plans within scope: what waits, what runs, whom nobody has visited in time."""
    today, asked = localdate(), request.GET.get("group", "")
    group = asked if asked in GROUPS else ""
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    visible = plans_visible_to(request.user)
    if search:
        visible = visible.filter(case__household__head_name__contains=search) | visible.filter(
            number__startswith=search
        )
    scope = scope_of(request.user, today)
    groups = _groups(visible, scope, visits_overdue(request.user, today), today)
    if group not in groups:
        group = ""
    page = page_of(request, with_measure_due(groups[group]))
    names = full_names([plan.area_id for plan in page])
    rows = [
        Row(
            plan,
            names[plan.area_id],
            (plan.due_on - today).days if plan.due_on else None,
            _late(plan.visit_due_on, today),
            (plan.help_due_on - today).days if plan.help_due_on else None,
            (plan.measure_due_on - today).days if plan.measure_due_on else None,
            consent_to(scope, plan),
        )
        for plan in page
    ]
    tabs = [(name, title, groups[name].count()) for name, title in GROUPS.items() if name in groups]
    context = {"page": page, "rows": rows, "tabs": tabs, "group": group, "search": search}
    context |= {"may_decide": any(row.consent for row in rows), "key": new_key()}
    return render(request, "desk/plans.html", context)


@dataclass(frozen=True)
class Row:
    """A line of the list: days left for the step in hand, for the first help and for the measure that is due first, days past
    the visit; `consent` is the action with which the user would agree to it, empty where there is none."""

    plan: Plan
    place: str
    left: int | None
    late: int
    help_left: int | None
    measure_left: int | None
    consent: str


def consent_to(scope: Scope, found: Plan) -> str:
    """With which action somebody with these posts agrees to a plan where it stands."""
    return next((str(each) for each in (PlanAction.AGREE, PlanAction.APPROVE) if PLANS.may(scope, found, each)), "")


def _late(due: date | None, today: date) -> int:
    return (today - due).days if due and due < today else 0


def _groups(visible: QuerySet[Plan], scope: Scope, unvisited: QuerySet[Plan], today: date) -> dict[str, QuerySet[Plan]]:
    risen = plans_risen_to(visible, scope, clocks_of(today), today)
    above = {"risen": risen} if scope.holding(Permission.DISPATCH) else {}
    return above | {
        "": visible.filter(stage__in=list(PLAN_LEVELS)).order_by("due_on", "number"),
        "running": visible.filter(stage=PlanStage.RUNNING).order_by("number"),
        "unhelped": without_first_help(visible),
        "delayed": with_measure_overdue(visible, today),
        "unvisited": unvisited.filter(pk__in=visible.values("pk")),
        "closed": visible.filter(stage=PlanStage.CLOSED).order_by("-closed_on", "number"),
    }


def visible_plan(request: HttpRequest, number: str) -> Plan:
    """Raises Http404 outside the user's scope."""
    try:
        return plan_visible_to(request.user, number)
    except Plan.DoesNotExist:
        raise Http404 from None


@door(*LOOKING)
def plan(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one plan; each look is in the audit."""
    found, today = visible_plan(request, number), localdate()
    record_alone(request.user, "plan_viewed", found)
    scope = scope_of(request.user, today)
    actions = [str(each) for each in PLANS.moves_open_to(scope, found)]
    left = (found.due_on - today).days if found.due_on else None
    late = late_below(found, scope, today) if PlanAction.URGE in actions else []
    if not late and (left is None or left >= 0):
        actions = [each for each in actions if each != PlanAction.URGE]
    if not found.case.help_first:
        actions = [each for each in actions if each != PlanAction.BEGIN_FIRST]
    move = PLANS.move_of(found.stage, PlanAction.SEND_BACK)
    return render(
        request,
        "desk/plan.html",
        {
            "plan": found,
            "case": found.case,
            "place": full_name(found.area),
            "actions": actions,
            "days_left": left,
            "late": late,
            "urged": found.urged_until is not None and found.urged_until >= today,
            "visit_late": _late(found.visit_due_on, today) if found.stage != PlanStage.CLOSED else 0,
            "help_left": (found.help_due_on - today).days if found.help_due_on else None,
            "key": new_key(),
            "risks": [RiskType(each).label for each in found.case.risks],
            "measures": [_shown(each, actions) for each in found.measures.select_related("owner", "member")
                         .prefetch_related("tasks", "needs")],
            "withdrawn": MeasureState.WITHDRAWN,
            "submission": found.submissions.first(),
            "contacts": contacts_of(found.case),
            "former": set(from_elsewhere().filter(case=found.case).values_list("pk", flat=True)),
            "follow_ups": found.follow_ups.prefetch_related("photos"),
            "steps": found.steps.select_related("actor", "measure").order_by("-number"),
            "back": [(stage, PlanStage(stage).label) for stage in move.to] if move else [],
            "today": today,
            "unmasks": scope.may(Permission.UNMASK, found.area_id),
        },
    )  # fmt: skip


def _shown(measure: Any, actions: list[str]) -> dict[str, Any]:
    """One measure with whatever is at it now, and what the village may do itself."""
    task = next((each for each in measure.tasks.all() if each.stage != "task_withdrawn"), None)
    need = next((each for each in measure.needs.all() if each.stage != NeedStage.WITHDRAWN), None)
    others = (task is not None and task.stage != "task_done") or (
        need is not None and need.stage != NeedStage.CONFIRMED
    )
    fitting = {
        MeasureState.PLANNED: IN_ACTION,
        MeasureState.RUNNING: (PlanAction.DELIVER, PlanAction.END),
        MeasureState.DELIVERED: (PlanAction.END,),
    }.get(measure.state, ())
    social = measure.fund_source == FundSource.SOCIAL and measure.state == MeasureState.PLANNED and need is None
    owed = measure.state in (MeasureState.PLANNED, MeasureState.RUNNING) and not measure.already
    return {
        "measure": measure,
        "late": _late(measure.due_on, localdate()) if owed else 0,
        "task": task,
        "need": need,
        "risks": [RiskType(each).label for each in measure.risks],
        "actions": [str(each) for each in fitting if str(each) in actions and not others],
        "asks": social and PlanAction.BEGIN in actions,
        "naming": measure.state in ARRANGED and not measure.already and PlanAction.IN_CHARGE in actions,
    }


def order_of(request: HttpRequest) -> Order:
    return order_by(request, assistance_requirements)


def whole_in(form: Mapping[str, str], name: str) -> int:
    """A small whole number from a form; 0 where there is none."""
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _asked_for(number: str, order: Order, form: Mapping[str, str]) -> Any:
    wanted = giving.Wanted(form.get("text", ""), whole_in(form, "people"), day_in(form, "wanted_by"))
    return giving.raise_need(number, whole_in(form, "measure"), wanted, order)


Do = Callable[[str, Order, Mapping[str, str]], Any]
DO: Mapping[str, Do] = {
    PlanAction.AGREE: lambda number, order, form: planning.agree(number, order, form.get("reason", "")),
    PlanAction.APPROVE: lambda number, order, form: planning.approve(number, order, form.get("reason", "")),
    PlanAction.SEND_BACK: lambda number, order, form: planning.send_back(
        number, order, form.get("to", ""), form.get("reason", "")
    ),
    PlanAction.REVISE: lambda number, order, form: planning.revise(number, order, form.get("reason", "")),
    PlanAction.URGE: lambda number, order, form: planning.urge(number, order, form.get("reason", "")),
    PlanAction.BEGIN: lambda number, order, form: measures.begin(
        number, order, whole_in(form, "measure"), day_in(form)
    ),
    PlanAction.DELIVER: lambda number, order, form: measures.deliver(
        number, order, whole_in(form, "measure"), day_in(form), form.get("reason", "")
    ),
    PlanAction.END: lambda number, order, form: measures.end(
        number, order, whole_in(form, "measure"), form.get("reason", "")
    ),
    PlanAction.IN_CHARGE: lambda number, order, form: measures.put_in_charge(
        number, order, whole_in(form, "measure"), form.get("name", "")
    ),
    "raise_need": _asked_for,
}


@door(post=OFFICES)
def plan_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step with a plan or one of its measures, from its form on the plan's page."""
    found, action = visible_plan(request, number), request.POST.get("action", "")
    form = {name: str(value) for name, value in request.POST.items()}
    if action not in DO:
        return told(request, "plan", found.number, gettext("没有选择要办的事项。"), wrong=True)
    return carried_out(request, "plan", found.number, lambda: DO[action](number, order_of(request), form))


def carried_out(request: HttpRequest, page: str, number: str, order: Callable[[], Any]) -> HttpResponse:
    """Carries an order out and says so on the matter's page; a refusal is said there too."""
    try:
        done = order()
    except ShouwangError as refused:
        return told(request, page, number, in_words(refused), wrong=True)
    if not hasattr(done, "action"):
        return told(request, page, number, gettext("已办理：{number}。").format(number=done))
    due = gettext("，办理期限 {due_on:%Y-%m-%d}").format(due_on=done.due_on) if done.due_on else ""
    words = gettext("{said}。{stage_to}{due}。").format(
        said=done.get_action_display(), stage_to=done.get_stage_to_display(), due=due
    )
    return told(request, page, number, words)


def told(request: HttpRequest, page: str, number: str, words: str, *, wrong: bool = False) -> HttpResponse:
    """Back to the page of a matter, with words on it."""
    say(request, words, wrong=wrong)
    return HttpResponseRedirect(reverse(page, args=[number]))
