"""部门任务: a department's part of plans, on its desk; confirmed by the village, settled by the county where returned.

A department reads whose household it is, where, and the measure; not the income, nor what others do.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.assistance import tasks as doing
from shouwang.assistance.flow import TASK_LEVELS, TASKS
from shouwang.assistance.models import DepartmentTask, TaskAction, TaskStage
from shouwang.assistance.reading import task_visible_to, tasks_visible_to
from shouwang.audit.record import record_alone
from shouwang.jobs.account_sheet import departments
from shouwang.kernel.errors import InputError
from shouwang.proceedings.orders import Order
from shouwang.web.doors import door
from shouwang.web.handling import new_key
from shouwang.web.ordering import day_in
from shouwang.web.paging import page_of
from shouwang.web.plans import LOOKING, carried_out, order_of, told

GROUPS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "": (_("在办"), tuple(TASK_LEVELS)),
    "done": (_("已办结"), (TaskStage.DONE,)),
    "withdrawn": (_("已撤销"), (TaskStage.WITHDRAWN,)),
}
SEEING = (Permission.HANDLE_TASKS, *LOOKING)


@door(*SEEING)
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks within scope, those in hand first and soonest first."""
    visible, asked = tasks_visible_to(request.user), request.GET.get("group", "")
    group = asked if asked in GROUPS else ""
    order = ("due_on", "number") if not group else ("-assigned_on", "number")
    page = page_of(request, visible.filter(stage__in=GROUPS[group][1]).order_by(*order))
    names, today = full_names([each.area_id for each in page]), localdate()
    rows = [(each, names[each.area_id], (each.due_on - today).days if each.due_on else None) for each in page]
    tabs = [(name, title, visible.filter(stage__in=stages).count()) for name, (title, stages) in GROUPS.items()]
    office = any(scope_of(request.user, today).may(permission) for permission in LOOKING)
    context = {"page": page, "rows": rows, "tabs": tabs, "group": group, "office": office}
    return render(request, "desk/tasks.html", context)


def visible_task(request: HttpRequest, number: str) -> DepartmentTask:
    """Raises Http404 outside the user's scope."""
    try:
        return task_visible_to(request.user, number)
    except DepartmentTask.DoesNotExist:
        raise Http404 from None


@door(*SEEING)
def task(request: HttpRequest, number: str) -> HttpResponse:
    """One task; each look is in the audit."""
    found, today = visible_task(request, number), localdate()
    record_alone(request.user, "task_viewed", found)
    scope = scope_of(request.user, today)
    actions = [str(each) for each in TASKS.moves_open_to(scope, found)]
    left = (found.due_on - today).days if found.due_on else None
    if left is None or left >= 0:
        actions = [each for each in actions if each != TaskAction.URGE]
    return render(
        request,
        "desk/task.html",
        {
            "task": found,
            "measure": found.measure,
            "household": found.measure.plan.case.household,
            "place": full_name(found.area),
            "actions": actions,
            "days_left": left,
            "key": new_key(),
            "whole": scope.covers_fully(found.area_id),
            "departments": [each for each in departments() if each != found.department],
            "steps": found.steps.select_related("actor").order_by("-number"),
            "today": today,
        },
    )


def _reported(number: str, order: Order, form: Mapping[str, str]) -> Any:
    text = form.get("paid", "").replace(",", "").replace("，", "").strip()
    try:
        paid = Decimal(text) if text else None
    except InvalidOperation:
        paid = Decimal("NaN")
    if paid is not None and not paid.is_finite():
        raise InputError(gettext("实际金额不对"), gettext("填写元，最多两位小数；不涉及资金的留空"))
    return doing.report(number, order, day_in(form), paid, form.get("reason", ""))


Do = Callable[[str, Order, Mapping[str, str]], Any]
DO: Mapping[str, Do] = {
    TaskAction.ACCEPT: lambda number, order, form: doing.accept(number, order),
    TaskAction.RETURN: lambda number, order, form: doing.give_back(number, order, form.get("reason", "")),
    TaskAction.REPORT: _reported,
    TaskAction.CONFIRM: lambda number, order, form: doing.confirm(number, order, form.get("reason", "")),
    TaskAction.DISPUTE: lambda number, order, form: doing.dispute(number, order, form.get("reason", "")),
    TaskAction.REASSIGN: lambda number, order, form: doing.reassign(
        number, order, form.get("department", ""), form.get("reason", "")
    ),
    TaskAction.WITHDRAW: lambda number, order, form: doing.withdraw(number, order, form.get("reason", "")),
    TaskAction.URGE: lambda number, order, form: doing.urge(number, order, form.get("reason", "")),
}


@door(post=(Permission.HANDLE_TASKS, Permission.SUBMIT, Permission.DISPATCH))
def task_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step with a task, from its page."""
    found, action = visible_task(request, number), request.POST.get("action", "")
    form = {name: str(value) for name, value in request.POST.items()}
    if action not in DO:
        return told(request, "task", found.number, gettext("没有选择要办的事项。"), wrong=True)
    if action == TaskAction.REASSIGN and form.get("department") not in departments():
        return told(request, "task", found.number, gettext("请选择部门。"), wrong=True)
    return carried_out(request, "task", found.number, lambda: DO[action](number, order_of(request), form))
