"""集中排查: campaigns with their progress, and the checklist of one home, on a desk or on a telephone."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import children, full_name, full_names
from shouwang.audit.record import record_alone
from shouwang.clues.models import RiskType
from shouwang.jobs.sweeps import known_of, sweep_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.sweeps import organising
from shouwang.sweeps.flow import CAMPAIGNS
from shouwang.sweeps.groups import GROUPS, how_many
from shouwang.sweeps.models import Action, Campaign, Stage, SweepTask
from shouwang.sweeps.reading import (
    Progress,
    campaign_visible_to,
    campaigns_visible_to,
    progress_by_campaign,
    progress_of,
    task_visible_to,
    tasks_visible_to,
)
from shouwang.sweeps.visiting import Found, clues_of, record_sweep
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in, key_in, order_by
from shouwang.web.paging import page_of
from shouwang.web.places import area_for, rows_inside

SWEEPING = (Permission.DISPATCH, Permission.VERIFY)
STATES = {"": _("还没有排查"), "trouble": _("发现困难"), "well": _("没有困难"), "any": _("全部")}


@door(*SWEEPING)
def sweeps(request: HttpRequest) -> HttpResponse:
    """The campaigns that one's own office organises or that go to one's own area."""
    page = page_of(request, campaigns_visible_to(request.user).order_by("-starts_on", "-pk"))
    progress = progress_by_campaign(tasks_visible_to(request.user), page)
    rows = [(each, progress.get(each.pk, Progress(None, 0, 0, 0))) for each in page]
    may_plan = scope_of(request.user, localdate()).may(Permission.DISPATCH)
    return render(request, "desk/sweeps.html", {"page": page, "rows": rows, "may_plan": may_plan})


class PlanForm(forms.Form):
    """What a campaign is to be."""

    title = forms.CharField(label=_("名称"), max_length=100)
    starts_on = forms.DateField(label=_("开始日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("截止日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


@door(Permission.DISPATCH, post=Permission.DISPATCH)
def sweep_new(request: HttpRequest) -> HttpResponse:
    """Plans a campaign of one's own office."""
    today = localdate()
    office = scope_of(request.user, today).holding(Permission.DISPATCH)[0].area
    form, wrong = PlanForm(request.POST or None, initial={"starts_on": today}), ""
    if request.method == "POST" and form.is_valid():
        told = organising.Plan(
            form.cleaned_data["title"],
            request.POST.getlist("group"),
            request.POST.getlist("place"),
            form.cleaned_data["starts_on"],
            form.cleaned_data["ends_on"],
        )
        try:
            made = organising.plan(office, told, order_of(request))
            return HttpResponseRedirect(reverse("sweep", args=[made.number]))
        except ShouwangError as refused:
            wrong = in_words(refused)
    context = {
        "form": form,
        "wrong": wrong,
        "office": office,
        "groups": [(name, group.title) for name, group in GROUPS.items()],
        "chosen": request.POST.getlist("group"),
        "places": children(office, today),
        "chosen_places": request.POST.getlist("place"),
        "key": key_in(request) or new_key(),
    }
    return render(request, "desk/sweep_new.html", context, status=422 if request.method == "POST" else 200)


def order_of(request: HttpRequest) -> organising.Order:
    return order_by(request, sweep_requirements)


def visible_campaign(request: HttpRequest, number: str) -> Campaign:
    try:
        return campaign_visible_to(request.user, number)
    except Campaign.DoesNotExist:
        raise Http404 from None


@door(*SWEEPING)
def sweep(request: HttpRequest, number: str) -> HttpResponse:
    """One campaign: how far each place is, and the households of one's own area."""
    found, today = visible_campaign(request, number), localdate()
    scope, area = area_for(request.user, request.GET.get("area"))
    tasks = rows_inside(tasks_visible_to(request.user).filter(campaign=found), area)
    whole, places = progress_of(tasks, area)
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    listed = tasks if state == "any" else tasks.filter(outcome=state)
    page = page_of(request, listed.order_by("area_id", "household_id"))
    names = full_names([each.area_id for each in page])
    rows = [(each, names[each.area_id], _reasons(each)) for each in page]
    actions = [str(each) for each in CAMPAIGNS.moves_open_to(scope, found)]
    planned = (
        how_many(found.groups, organising.places_of(found), sweep_requirements(today).terms)
        if found.stage == Stage.PLANNED
        else None
    )
    context = {
        "campaign": found,
        "groups": [GROUPS[each].title for each in found.groups if each in GROUPS],
        "where": "、".join(each.name for each in organising.places_of(found)),
        "whole": whole,
        "places": [each for each in places if each.area is not None and each.area != area],
        "area": area,
        "top": scope.top_area,
        "state": state,
        "states": STATES.items(),
        "page": page,
        "rows": rows,
        "actions": actions,
        "planned": planned,
        "left": organising.unfinished(found).count() if "close" in actions else 0,
        "seen": found.version,
        "key": new_key(),
        "today": today,
        "late": found.stage == Stage.RUNNING and found.ends_on < today,
    }
    return render(request, "desk/sweep.html", context)


def _reasons(task: SweepTask) -> list[Any]:
    return [GROUPS[each].title for each in dict.fromkeys(task.reasons.split("|")) if each in GROUPS]


@door(post=Permission.DISPATCH)
def sweep_move(request: HttpRequest, number: str) -> HttpResponse:
    """Starts, extends or closes a campaign."""
    found, action, order = visible_campaign(request, number), request.POST.get("action", ""), order_of(request)
    ways = {
        Action.START: lambda: organising.start(number, order),
        Action.ADD: lambda: organising.add(number, order, request.POST.get("household", "")[:64]),
        Action.CLOSE: lambda: organising.close(number, order, request.POST.get("reason", "")),
    }
    try:
        if action not in ways:
            raise ShouwangError(gettext("没有选择要办的事项"), gettext("重新选择"))
        step = ways[Action(action)]()
        said = gettext("{said}，现有 {count} 户。").format(said=step.get_action_display(), count=found.tasks.count())
        messages.success(request, said, "good")
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
    return HttpResponseRedirect(reverse("sweep", args=[found.number]))


@door(*SWEEPING, post=Permission.VERIFY)
def sweep_task(request: HttpRequest, pk: int) -> HttpResponse:
    """The checklist of one home: what is known stands there, the rest is asked."""
    try:
        task = task_visible_to(request.user, pk)
    except SweepTask.DoesNotExist:
        raise Http404 from None
    today, wrong = localdate(), ""
    scope = scope_of(request.user, today)
    asked = sweep_requirements(today)
    known = known_of(settings.HOME, task.household, asked.items, today)
    if request.method == "POST":
        if not scope.may(Permission.VERIFY, task.area_id):
            raise PermissionDenied
        try:
            record_sweep(
                pk,
                _found(request, today),
                acting_user=request.user,
                requirements=asked,
                on=today,
                known=frozenset(each.item.id for each in known if each.settled),
                key=key_in(request),
            )
            messages.success(request, gettext("已记录。发现的困难已转为线索。"), "good")
            return HttpResponseRedirect(reverse("sweep", args=[task.campaign.number]))
        except ShouwangError as refused:
            wrong = in_words(refused)
    else:
        record_alone(request.user, "sweep_viewed", task.household, reference=task.campaign.number)
    return render(request, "desk/sweep_task.html", _page(request, task, known, wrong), status=422 if wrong else 200)


def _page(request: HttpRequest, task: SweepTask, known: Any, wrong: str) -> dict[str, Any]:
    scope = scope_of(request.user, localdate())
    items = [
        {
            "known": each,
            "answer": request.POST.get(f"answer-{each.item.id}", ""),
            "note": request.POST.get(f"note-{each.item.id}", ""),
            "risk": RiskType(each.item.risk).label,
        }
        for each in known
    ]
    return {
        "task": task,
        "place": full_name(task.area),
        "reasons": _reasons(task),
        "items": items,
        "wrong": wrong,
        "said": request.POST.get("said", ""),
        "visited_on": request.POST.get("visited_on", localdate().isoformat()),
        "may_record": task.campaign.stage == Stage.RUNNING and scope.may(Permission.VERIFY, task.area_id),
        "records": task.records.select_related("actor"),
        "titles": {each.item.id: each.item.title for each in known},
        "clues": clues_of(task),
        "key": key_in(request) or new_key(),
    }


def _found(request: HttpRequest, today: date) -> Found:
    answers = {
        name.removeprefix("answer-"): (value, request.POST.get(f"note-{name.removeprefix('answer-')}", "")[:1200])
        for name, value in request.POST.items()
        if name.startswith("answer-")
    }
    day = day_in(request.POST, "visited_on", gettext("排查日期不对"))
    return Found(day, answers, request.POST.get("said", "")[:1200])
