"""社会帮扶: needs as offices see them, the board of a registered organisation, and the register of organisations."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_names
from shouwang.assistance import giving
from shouwang.assistance.board import as_told, need_told_to, needs_open_to, needs_pledged_by, organisation_of
from shouwang.assistance.flow import NEED_LEVELS, NEEDS
from shouwang.assistance.models import Need, NeedAction, NeedStage
from shouwang.assistance.reading import need_visible_to, needs_visible_to, organisations_visible_to
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.orders import Order
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in
from shouwang.web.paging import page_of
from shouwang.web.plans import LOOKING, carried_out, order_of, told

GROUPS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "": (_("在办"), (*NEED_LEVELS, NeedStage.PUBLISHED)),
    "confirmed": (_("已收到"), (NeedStage.CONFIRMED,)),
    "withdrawn": (_("已撤回"), (NeedStage.WITHDRAWN,)),
}
BOARD: Mapping[str, Any] = {"": _("等待认领的"), "own": _("我单位认领的")}
OFFICES = (*LOOKING, Permission.PLEDGE)


@door(*OFFICES)
def needs(request: HttpRequest) -> HttpResponse:
    """The needs within scope; for an organisation its board."""
    scope = scope_of(request.user, localdate())
    if not any(scope.may(permission) for permission in LOOKING):
        return _board(request)
    visible, asked = needs_visible_to(request.user), request.GET.get("group", "")
    group = asked if asked in GROUPS else ""
    page = page_of(request, visible.filter(stage__in=GROUPS[group][1]).order_by("due_on", "number"))
    names, today = full_names([each.area_id for each in page]), localdate()
    rows = [(each, names[each.area_id], (each.due_on - today).days if each.due_on else None) for each in page]
    tabs = [(name, title, visible.filter(stage__in=stages).count()) for name, (title, stages) in GROUPS.items()]
    context = {"page": page, "rows": rows, "tabs": tabs, "group": group}
    return render(request, "desk/needs.html", context | {"registers": scope.may(Permission.APPROVE_CASE)})


def _board(request: HttpRequest) -> HttpResponse:
    """What waits for whoever will take it, or (`group=own`) what the organisation has pledged; page by page."""
    own = organisation_of(request.user)
    if own is None:
        return render(request, "desk/needs_board.html", {"organisation": None})
    group = "own" if request.GET.get("group") == "own" else ""
    lists = {"": needs_open_to(own), "own": needs_pledged_by(own)}
    page = page_of(request, lists[group])
    context = {
        "organisation": own,
        "group": group,
        "page": page,
        "needs": as_told(page, own),
        "tabs": [(name, title, lists[name].count()) for name, title in BOARD.items()],
    }
    return render(request, "desk/needs_board.html", context)


@door(*OFFICES)
def need(request: HttpRequest, number: str) -> HttpResponse:
    """One need; an organisation reads what it is told and nothing else."""
    today = localdate()
    scope = scope_of(request.user, today)
    if not any(scope.may(permission) for permission in LOOKING):
        return _told_need(request, number)
    found = _visible(request, number)
    actions = [str(each) for each in NEEDS.moves_open_to(scope, found)]
    left = (found.due_on - today).days if found.due_on else None
    if left is None or left >= 0:
        actions = [each for each in actions if each != NeedAction.URGE]
    return render(
        request,
        "desk/need.html",
        {
            "need": found,
            "plan": found.measure.plan,
            "household": found.measure.plan.case.household,
            "actions": actions,
            "days_left": left,
            "key": new_key(),
            "steps": found.steps.select_related("actor").order_by("-number"),
            "today": today,
        },
    )


def _told_need(request: HttpRequest, number: str) -> HttpResponse:
    own = organisation_of(request.user)
    try:
        found = need_told_to(own, number) if own else None
    except Need.DoesNotExist:
        found = None
    if found is None:
        raise Http404
    actions = {
        NeedStage.PUBLISHED: (NeedAction.PLEDGE,),
        NeedStage.PLEDGED: (NeedAction.GIVE_UP,),
        NeedStage.MATCHED: (NeedAction.HAND_OVER, NeedAction.GIVE_UP),
    }.get(NeedStage(found.stage), ())
    context = {"need": found, "actions": [str(each) for each in actions], "key": new_key(), "today": localdate()}
    return render(request, "desk/need_told.html", context)


def _visible(request: HttpRequest, number: str) -> Need:
    try:
        return need_visible_to(request.user, number)
    except Need.DoesNotExist:
        raise Http404 from None


Do = Callable[[str, Order, Mapping[str, str]], Any]
DO: Mapping[str, Do] = {
    NeedAction.PUBLISH: lambda number, order, form: giving.publish(number, order, form.get("text", "")),
    NeedAction.WITHDRAW: lambda number, order, form: giving.withdraw(number, order, form.get("reason", "")),
    NeedAction.MATCH: lambda number, order, form: giving.match(number, order, form.get("reason", "")),
    NeedAction.DECLINE: lambda number, order, form: giving.decline(number, order, form.get("reason", "")),
    NeedAction.CONFIRM: lambda number, order, form: giving.confirm(number, order, form.get("reason", "")),
    NeedAction.DISPUTE: lambda number, order, form: giving.dispute(number, order, form.get("reason", "")),
    NeedAction.URGE: lambda number, order, form: giving.urge(number, order, form.get("reason", "")),
    NeedAction.PLEDGE: lambda number, order, form: giving.pledge(number, order, form.get("reason", "")),
    NeedAction.GIVE_UP: lambda number, order, form: giving.give_up(number, order, form.get("reason", "")),
    NeedAction.HAND_OVER: lambda number, order, form: giving.hand_over(
        number, order, day_in(form), form.get("reason", "")
    ),
}


@door(post=(Permission.SUBMIT, Permission.APPROVE_CASE, Permission.DISPATCH, Permission.PLEDGE))
def need_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step with a need, by an office or by an organisation, each of which may see it."""
    scope, action = scope_of(request.user, localdate()), request.POST.get("action", "")
    if any(scope.may(permission) for permission in LOOKING):
        _visible(request, number)
    else:
        own = organisation_of(request.user)
        try:
            if own is None:
                raise Http404
            need_told_to(own, number)
        except Need.DoesNotExist:
            raise Http404 from None
    form = {name: str(value) for name, value in request.POST.items()}
    if action not in DO:
        return told(request, "need", number, gettext("没有选择要办的事项。"), wrong=True)
    return carried_out(request, "need", number, lambda: DO[action](number, order_of(request), form))


class OrganisationForm(forms.Form):
    """An organisation with the account that is opened for it."""

    name = forms.CharField(label=_("名称"), max_length=100)
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=18)
    contact = forms.CharField(label=_("联系人"), max_length=50)
    username = forms.CharField(label=_("用户名"), max_length=150, help_text=_("登录用；初始密码只显示一次。"))


@door(Permission.APPROVE_CASE, post=Permission.APPROVE_CASE)
def organisations(request: HttpRequest) -> HttpResponse:
    """The county's register of organisations, and the form that adds one."""
    today = localdate()
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        county = scope_of(request.user, today).holding(Permission.APPROVE_CASE)[0].area
        try:
            made, password = giving.register_organisation(
                giving.Registering(**form.cleaned_data), area=county, acting_user=request.user, on=today
            )
        except ShouwangError as refused:
            form.add_error(None, in_words(refused))
        else:
            if password:
                return render(
                    request, "desk/initial_password.html", {"opened": [(made.account, password)], "new": True}
                )
            messages.success(request, gettext("{name}已经登记过。").format(name=made.name), "good")
            return HttpResponseRedirect(reverse("organisations"))
    listed = organisations_visible_to(request.user)
    context = {"form": form, "organisations": listed}
    return render(request, "desk/organisations.html", context, status=422 if form.errors else 200)
