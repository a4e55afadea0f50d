"""监测对象: the cases of an office, one case with all that it rests on, and what may be done about it now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.assistance.reading import plans_for
from shouwang.audit.record import record_alone
from shouwang.cases import collecting, identification, publicity
from shouwang.cases.board import contact_of
from shouwang.cases.flow import CASES
from shouwang.cases.income import TITLES
from shouwang.cases.models import Action, Case, CaseStep, OnlineObjection, RefusalTold, Stage
from shouwang.cases.reading import case_visible_to, record_of
from shouwang.cases.steps import Order
from shouwang.clues.models import Clue, RiskType
from shouwang.elimination.reading import eliminations_of
from shouwang.jobs.handling import identification_requirements
from shouwang.jobs.identification import delivered_about
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.deliberation import Minutes
from shouwang.web.case_groups import BEHIND_RATES, asked, listed
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import order_by, say

OFFICES = (Permission.SUBMIT, Permission.CONSENT, Permission.APPROVE_CASE, Permission.DISPATCH)


@dataclass(frozen=True)
class Row:
    """A line of the list; `consent` is the action with which the user would agree to it, empty where there is none."""

    case: Case
    place: str
    left: int | None
    consent: str


def consent_to(scope: Scope, found: Case) -> str:
    """With which action somebody with these posts agrees to a case where it stands."""
    return next((str(each) for each in (Action.AGREE, Action.APPROVE) if CASES.may(scope, found, each)), "")


@door(Permission.SEE_HOUSEHOLDS)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases within scope, those in hand first and soonest first."""
    today = localdate()
    wanted = asked(request)
    found = listed(request, wanted, today)
    page = found.page
    names, scope = full_names([each.area_id for each in page]), scope_of(request.user, today)
    rows = [
        Row(each, names[each.area_id], (each.due_on - today).days if each.due_on else None, consent_to(scope, each))
        for each in page
    ]
    context = {"page": page, "rows": rows, "tabs": found.tabs, "asked": wanted, "group": wanted.group}
    context |= {"behind_a_rate": wanted.group in BEHIND_RATES, "today": today}
    context |= {"may_decide": any(row.consent for row in rows), "key": new_key()}
    return render(request, "desk/cases.html", context)


class MinutesForm(forms.Form):
    """What a democratic review decided."""

    held_on = forms.DateField(
        label=_("评议日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=localdate
    )
    chair = forms.CharField(label=_("主持人"), max_length=100)
    present = forms.IntegerField(label=_("到会人数"), min_value=1, max_value=10_000)
    votes_for = forms.IntegerField(label=_("同意票"), min_value=0, max_value=10_000)
    votes_against = forms.IntegerField(label=_("不同意票"), min_value=0, max_value=10_000)
    text = forms.CharField(label=_("评议记录"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


def visible_case(request: HttpRequest, number: str) -> Case:
    try:
        return case_visible_to(request.user, number)
    except Case.DoesNotExist:
        raise Http404 from None


class RefusalForm(forms.Form):
    """That the household was told why it is not included."""

    told_on = forms.DateField(
        label=_("告知日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=localdate
    )
    told_to = forms.CharField(label=_("被告知人"), max_length=100)
    way = forms.ChoiceField(label=_("告知方式"), choices=RefusalTold.Way.choices)


@door(Permission.SEE_HOUSEHOLDS)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one case; each look is in the audit."""
    found, today = visible_case(request, number), localdate()
    record_alone(request.user, "case_viewed", found)
    left = (found.due_on - today).days if found.due_on else None
    record = record_of(found)
    notice, online, clues, collection = record.standing, record.waiting, record.clues, record.collection
    move = CASES.move_of(found.stage, Action.SEND_BACK)
    return render(
        request,
        "desk/case.html",
        {
            "case": found,
            "place": full_name(found.area),
            "hand": {
                "actions": _open_actions(request, found, left, notice is not None, bool(online)),
                "seen": found.version,
            },
            "days_left": left,
            "key": new_key(),
            "clues": clues,
            "unverified": any(each.state == Clue.State.OPEN for each in clues),
            "unfounded": bool(clues) and all(each.state == Clue.State.DISMISSED for each in clues),
            "risks": [RiskType(each).label for each in found.risks],
            "comparison": record.comparison,
            "collection": collection,
            "income": income_of(collection.income) if collection else [],
            "deliberation": record.deliberation,
            "notices": record.notices,
            "standing": notice,
            "over": notice is not None and today > notice.stands_until,
            "online": shown_online(online),
            "objections": record.objections,
            "set_aside": record.set_aside,
            "move_to": reverse("case-move", args=[found.number]),
            "refusals": record.refusals,
            "plans": plans_for(request.user, found),
            "eliminations": eliminations_of(found),
            "steps": record.steps,
            "minutes": MinutesForm(),
            "refusal_form": RefusalForm(initial={"told_to": found.household.head_name}),
            "back": [(stage, Stage(stage).label) for stage in move.to] if move else [],
            "today": today,
            "may_post": posts_up_in(request.user, found.area_id),
            "back_to": "case",
            "compare_again": gettext("重新比对") if record.comparison else gettext("比对部门数据"),
        },
    )


def shown_online(waiting: Sequence[OnlineObjection]) -> list[dict[str, Any]]:
    """Objections from the public page with how their writers wish to be found."""
    return [{"found": each, "reach": contact_of(each)} for each in waiting]


def posts_up_in(user: User, village: str) -> bool:
    """Whether somebody posts notices up in a village."""
    return any(reach.covers(village) for reach in scope_of(user, localdate()).holding(Permission.SUBMIT))


def _open_actions(
    request: HttpRequest, found: Case, left: int | None, on_the_board: bool, told_online: bool
) -> list[str]:
    """What the user may do with a case now: of what the table allows, that which its records leave open."""
    actions = [str(each) for each in CASES.moves_open_to(scope_of(request.user, localdate()), found)]
    closed = {"help_first"} if found.help_first else set()
    if left is None or left >= 0:
        closed.add("urge")
    closed |= {"post_up"} if on_the_board else {"report", "object"}
    if not told_online:
        closed.add("set_aside")
    return [each for each in actions if each not in closed]


def income_of(lines: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a statement that was kept, in the order of the form, each with its title."""
    return [{"title": title, **lines[name]} for name, title in TITLES.items() if name in lines]


def order_of(request: HttpRequest) -> Order:
    return order_by(request, identification_requirements)


Do = Callable[[str, Order, Mapping[str, str]], CaseStep]
DO: Mapping[str, Do] = {
    Action.POST_UP: lambda number, order, form: publicity.post_up(number, order, form.get("place", "")),
    Action.OBJECT: lambda number, order, form: publicity.object_to(
        number, order, form.get("reason", ""), form.get("raised_by", ""), key_of(form.get("online", ""))
    ),
    Action.SET_ASIDE: lambda number, order, form: publicity.set_aside(
        number, order, key_of(form.get("online", "")) or 0, form.get("reason", "")
    ),
    Action.REPORT: lambda number, order, form: publicity.report(number, order),
    Action.AGREE: lambda number, order, form: identification.agree(number, order, form.get("reason", "")),
    Action.APPROVE: lambda number, order, form: identification.approve(number, order, form.get("reason", "")),
    Action.REFUSE: lambda number, order, form: identification.refuse(number, order, form.get("reason", "")),
    Action.SEND_BACK: lambda number, order, form: identification.send_back(
        number, order, form.get("to", ""), form.get("reason", "")
    ),
    Action.ANNOUNCE: lambda number, order, form: identification.announce(number, order, form.get("place", "")),
    Action.WITHDRAW: lambda number, order, form: identification.withdraw(number, order, form.get("reason", "")),
    Action.RECHECK: lambda number, order, form: identification.recheck(number, order, form.get("reason", "")),
    Action.HELP_FIRST: lambda number, order, form: identification.help_first(number, order, form.get("reason", "")),
    Action.URGE: lambda number, order, form: identification.urge(number, order, form.get("reason", "")),
}


def key_of(text: str) -> int | None:
    """The key that a form names; None where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


@door(post=OFFICES)
def case_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step, from its form on the case's page."""
    found, action = visible_case(request, number), request.POST.get("action", "")
    form = {name: str(value) for name, value in request.POST.items()}
    if action == Action.COMPARE:
        delivered = delivered_about(settings.HOME, found.household, localdate())
        return carried_out(request, found, lambda: collecting.compare(number, order_of(request), delivered))
    if action in (Action.DELIBERATE, Action.NOTIFY):
        return _from_form(request, found, action)
    if action not in DO:
        return told(request, found, gettext("没有选择要办的事项。"), wrong=True)
    return carried_out(request, found, lambda: DO[action](number, order_of(request), form))


def _from_form(request: HttpRequest, found: Case, action: str) -> HttpResponse:
    """A step whose words are checked field by field."""
    asked = MinutesForm(request.POST) if action == Action.DELIBERATE else RefusalForm(request.POST)
    if not asked.is_valid():
        wrong = "；".join(f"{asked[name].label}：{errors[0]}" for name, errors in asked.errors.items())
        return told(request, found, wrong, wrong=True)
    order, said = order_of(request), asked.cleaned_data
    if action == Action.DELIBERATE:
        return carried_out(request, found, lambda: identification.deliberate(found.number, order, Minutes(**said)))
    return carried_out(request, found, lambda: identification.notify(found.number, order, identification.Told(**said)))


def carried_out(request: HttpRequest, found: Case, order: Callable[[], CaseStep]) -> HttpResponse:
    """Carries an order out and says so on the case's page; a refusal is said there too."""
    try:
        step = order()
    except ShouwangError as refused:
        return told(request, found, in_words(refused), wrong=True)
    due = gettext("，办理期限 {due_on:%Y-%m-%d}").format(due_on=step.due_on) if step.due_on else ""
    said = gettext("{said}。{stage_to}{due}。")
    return told(
        request,
        found,
        said.format(said=step.get_action_display(), stage_to=step.get_stage_to_display(), due=due),
    )


def told(request: HttpRequest, found: Case, words: str, *, wrong: bool = False) -> HttpResponse:
    say(request, words, wrong=wrong)
    return HttpResponseRedirect(reverse("case", args=[found.number]))
