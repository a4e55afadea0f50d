"""名册变更: the register put right where it is wrong or late: proposed by the village, agreed, delivered by the county."""

from collections.abc import Callable, Mapping
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
from shouwang.areas.models import Area
from shouwang.areas.reading import full_name, full_names
from shouwang.areas.tree import tree
from shouwang.audit.record import record_alone
from shouwang.exchange.reading import deliveries_visible_to
from shouwang.households.models import Household
from shouwang.households.reading import household_visible_to, persons_of
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.register_sheet import codes, make_sheet
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.desks import line_of
from shouwang.registration import deciding as doing
from shouwang.registration.fields import FIELDS
from shouwang.registration.flow import IN_HAND, REQUESTS
from shouwang.registration.lines import CORRECTABLE, TITLES, lines_now, standing_of
from shouwang.registration.models import RegisterRequest, RegisterRequestStep, RequestAction, RequestKind, RequestStage
from shouwang.registration.proposing import Proposal, may_propose, propose
from shouwang.registration.reading import (
    ENDED_WITHOUT,
    request_visible_to,
    requests_to_hand_over,
    requests_visible_to,
)
from shouwang.registration.recording import latest, record_facts
from shouwang.registration.sheets import sheets_visible_to
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in, key_in, order_by
from shouwang.web.paging import page_of
from shouwang.web.places import Choosing, choosing

GROUPS: Mapping[str, tuple[Any, tuple[RequestStage, ...]]] = {
    "": (_("在办"), IN_HAND),
    "done": (_("已编入"), (RequestStage.HANDED_OVER,)),
    "ended": (_("未同意或撤回"), ENDED_WITHOUT),
}
OFFICES = (Permission.SUBMIT, Permission.CONSENT, Permission.DISPATCH)
SHEETS_SHOWN = 20
WITH_MEMBERS = (RequestKind.SPLIT, RequestKind.DEATH, RequestKind.MOVE_OUT)
WITH_RELATIONS = (*WITH_MEMBERS, RequestKind.MERGE)


@door(Permission.SEE_HOUSEHOLDS)
def register_requests(request: HttpRequest) -> HttpResponse:
    """The requests within scope, those in hand first and soonest first."""
    visible, asked = requests_visible_to(request.user), request.GET.get("group", "")
    group = asked if asked in GROUPS else ""
    order = ("due_on", "number") if not group else ("-proposed_on", "number")
    page = page_of(request, visible.filter(stage__in=GROUPS[group][1]).order_by(*order))
    names, today = full_names([each.area_id for each in page]), localdate()
    rows = [(each, names[each.area_id], (each.due_on - today).days if each.due_on else None) for each in page]
    tabs = [(name, title, visible.filter(stage__in=stages).count()) for name, (title, stages) in GROUPS.items()]
    ready = requests_to_hand_over(request.user, today)
    context = {"page": page, "rows": rows, "tabs": tabs, "group": group, "ready": ready.count(), "key": new_key()}
    if group == "done":
        context["sheets"] = sheets_visible_to(request.user).exclude(sealed=b"").order_by("-pk")[:SHEETS_SHOWN]
    return render(request, "desk/register_requests.html", context | {"today": today})


def visible_request(request: HttpRequest, number: str) -> RegisterRequest:
    try:
        return request_visible_to(request.user, number)
    except RegisterRequest.DoesNotExist:
        raise Http404 from None


@door(Permission.SEE_HOUSEHOLDS)
def register_request(request: HttpRequest, number: str) -> HttpResponse:
    """One request: what changes beside what the register says now, and what may be done; each look is in the audit."""
    found, today = visible_request(request, number), localdate()
    record_alone(request.user, "register_change_viewed", found)
    left = (found.due_on - today).days if found.due_on else None
    actions = [str(each) for each in REQUESTS.moves_open_to(scope_of(request.user, today), found)]
    closed = {"hand_over"} | ({"urge"} if left is None or left >= 0 else set())
    lines = lines_now(found)
    return render(
        request,
        "desk/register_request.html",
        {
            "found": found,
            "place": full_name(found.area),
            "to_place": full_name(found.to_area) if found.to_area else "",
            "lines": lines,
            "standing": str(standing_of(lines)),
            "hand": {"actions": [each for each in actions if each not in closed], "seen": found.version},
            "days_left": left,
            "key": new_key(),
            "steps": found.steps.select_related("actor").order_by("-number"),
            "open_deliveries": set(deliveries_visible_to(request.user).values_list("number", flat=True)),
        },
    )


@door(Permission.SUBMIT, post=Permission.SUBMIT)
def register_request_new(request: HttpRequest, household_no: str) -> HttpResponse:
    """The form: which kind, whom, and why; what the register knows stands in it."""
    try:
        household = household_visible_to(request.user, household_no)
    except Household.DoesNotExist:
        raise Http404 from None
    today, asked = localdate(), request.POST if request.method == "POST" else request.GET
    kind = RequestKind(asked["kind"]) if asked.get("kind") in RequestKind.values else None
    if not may_propose(request.user, household, today):
        messages.error(request, gettext("由户所在的村提出变更。"), "bad")
        return HttpResponseRedirect(reverse("household", args=[household.pk]))
    wrong = ""
    if request.method == "POST" and kind is not None:
        try:
            step = propose(
                household.pk,
                _proposal(request, kind),
                acting_user=request.user,
                requirements=clocks_of(today),
                codes=codes(),
                on=today,
                key=key_in(request),
            )
            return _told_step(request, step)
        except ShouwangError as refused:
            wrong = in_words(refused)
    context = _form(request, household, kind, asked) | {"wrong": wrong}
    return render(request, "desk/register_request_new.html", context, status=422 if wrong else 200)


def _form(request: HttpRequest, household: Household, kind: RequestKind | None, asked: Any) -> dict[str, Any]:
    allowed, field = codes(), asked.get("field", "")
    chosen = {name[2:] for name in asked if name.startswith("m-")} | {asked.get("person", "")}
    members = [each for each in persons_of(household) if not each.left_on]
    return {
        "household": household,
        "place": full_name(household.area),
        "kind": kind,
        "kinds": RequestKind.choices,
        "members": [(each, str(each.key) in chosen, asked.get(f"r-{each.key}", each.relation)) for each in members],
        "with_members": kind in WITH_MEMBERS or (kind == RequestKind.CORRECTION and field != "household_type"),
        "with_relations": kind in WITH_RELATIONS,
        "relations": allowed.of["relation"],
        "field": field if field in (*CORRECTABLE, "household_type") else "",
        "field_title": TITLES.get(field, ""),
        "fields": [(name, TITLES[name]) for name in (*CORRECTABLE, "household_type")],
        "choices": allowed.household_types if field == "household_type" else allowed.of.get(field, ()),
        "to": _moved_to(household, asked) if kind == RequestKind.MOVE else None,
        "someone": [(name, TITLES[name], allowed.of.get(name, ()), asked.get(f"s-{name}", "")) for name in _OF_SOMEONE],
        "asked": asked,
        "today": localdate(),
        "key": new_key(),
    }


def _moved_to(household: Household, asked: Any) -> Choosing:
    """The village to which it moved, chosen by names; one begins in the household's own county, where most moves end."""
    tops = [each for each in tree().by_code.values() if each.parent_id is None]
    county = line_of(household.area, localdate())[Area.COUNTY]
    return choosing(tops, (asked.get("to_area") or asked.get("place") or county.pk)[:12])


_OF_SOMEONE = ("name", "relation", "sex", "ethnicity", "education", "school_status", "health", "labour")


def _proposal(request: HttpRequest, kind: RequestKind) -> Proposal:
    form = request.POST
    keys = [name[2:] for name in form if name.startswith("m-")]
    return Proposal(
        kind=kind,
        happened_on=day_in(form, "happened_on", gettext("发生日期不对")),
        reason=form.get("reason", ""),
        members=tuple(int(key) for key in keys if _is_key(key)),
        relations={int(name[2:]): str(form[name]) for name in form if name.startswith("r-") and _is_key(name[2:])},
        into=form.get("into", "")[:64],
        to_area=form.get("to_area", "")[:12],
        correct=(form.get("field", ""), form.get("value", "")),
        someone={name: form.get(f"s-{name}", "")[:200] for name in _OF_SOMEONE},
        number=form.get("number", "")[:40],
        phone=form.get("phone", "")[:20],
    )


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def order_of(request: HttpRequest) -> doing.Order:
    return order_by(request, clocks_of)


Do = Callable[[str, doing.Order, str], RegisterRequestStep]
DO: Mapping[str, Do] = {
    RequestAction.AGREE: doing.agree,
    RequestAction.RECEIVE: doing.receive,
    RequestAction.REFUSE: doing.refuse,
    RequestAction.SEND_BACK: doing.send_back,
    RequestAction.RESUBMIT: doing.resubmit,
    RequestAction.WITHDRAW: doing.withdraw,
    RequestAction.URGE: doing.urge,
}


@door(post=OFFICES)
def register_request_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step, from its form on the request's page."""
    found, action = visible_request(request, number), request.POST.get("action", "")
    if action not in DO:
        messages.error(request, gettext("没有选择要办的事项。"), "bad")
        return HttpResponseRedirect(reverse("register-request", args=[found.number]))
    try:
        return _told_step(request, DO[action](number, order_of(request), request.POST.get("reason", "")))
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(reverse("register-request", args=[found.number]))


def _told_step(request: HttpRequest, step: RegisterRequestStep) -> HttpResponse:
    due = gettext("，办理期限 {due_on:%Y-%m-%d}").format(due_on=step.due_on) if step.due_on else ""
    said = gettext("{said}。{stage_to}{due}。")
    words = said.format(said=step.get_action_display(), stage_to=step.get_stage_to_display(), due=due)
    messages.success(request, words, "good")
    return HttpResponseRedirect(reverse("register-request", args=[step.request.number]))


@door(post=Permission.DISPATCH)
def register_sheet(request: HttpRequest) -> HttpResponse:
    """Delivers what is agreed on the user's county desks as one sheet each, through the ordinary ingest."""
    ready = requests_to_hand_over(request.user, localdate())
    areas = sorted(set(ready.order_by().values_list("desk_id", flat=True)))
    if not areas:
        messages.warning(request, gettext("没有待编入名册的变更。"), "warn")
    for area in areas:
        try:
            sheet = make_sheet(area, order_of(request))
        except ShouwangError as refused:
            messages.error(request, in_words(refused), "bad")
            continue
        said = gettext("名册修订单 {number} 已编成，共 {rows} 行，正作为交付读入。")
        messages.success(request, said.format(number=sheet.number, rows=sheet.rows), "good")
    return HttpResponseRedirect(reverse("register-requests") + "?group=done")


@door(Permission.SUBMIT, post=Permission.SUBMIT)
def household_facts(request: HttpRequest, household_no: str) -> HttpResponse:
    """What the village records beside what departments deliver; what is recorded stands in the form."""
    try:
        found = household_visible_to(request.user, household_no)
    except Household.DoesNotExist:
        raise Http404 from None
    today, wrong = localdate(), ""
    if not may_propose(request.user, found, today):
        messages.error(request, gettext("由户所在的村登记。"), "bad")
        return HttpResponseRedirect(reverse("household", args=[found.pk]))
    told = {each.name: request.POST.get(each.name, "") for each in FIELDS if each.name in request.POST}
    if request.method == "POST":
        try:
            key = key_in(request)
            source = request.POST.get("source", "")
            made = record_facts(found.pk, told, source, acting_user=request.user, on=today, key=key)
            messages.success(request, gettext("已登记 {count} 项。").format(count=len(made)), "good")
            return HttpResponseRedirect(reverse("household", args=[found.pk]) + "#recorded")
        except ShouwangError as refused:
            wrong = in_words(refused)
    known = {fact.field: fact.value for fact in latest(found.facts.all())}
    fields = [(each, told.get(each.name, "" if each.sensitive else known.get(each.name, ""))) for each in FIELDS]
    context = {"household": found, "fields": fields, "wrong": wrong, "key": new_key(), "asked": request.POST}
    return render(request, "desk/household_facts.html", context, status=422 if wrong else 200)
