"""绿色通道 from clues: one from its page, or all that were picked in the worklist."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.duties import Permission
from shouwang.cases.steps import Order
from shouwang.clues.reading import clues_visible_to
from shouwang.jobs.green_channel import help_first
from shouwang.jobs.handling import identification_requirements
from shouwang.web.doors import door
from shouwang.web.handling import in_words
from shouwang.web.ordering import key_in, seen_in
from shouwang.web.picking import picked

AT_ONCE = 500  # households of one order; each is a transaction of its own


@door(post=Permission.CONSENT)
def clues_help_first(request: HttpRequest) -> HttpResponse:
    """The township's order: help first for one clue (`number`), or for whatever is picked; what was not is told one by one."""
    form, today, visible = request.POST, localdate(), clues_visible_to(request.user)
    one = form.get("number", "")[:72]
    chosen = visible.filter(number=one) if one else visible.filter(pk__in=picked(request))
    numbers = list(chosen.order_by("number").values_list("number", flat=True)[:AT_ONCE])
    order = Order(
        request.user,
        identification_requirements(today),
        today,
        seen_in(request) if one else None,
        key_in(request),
    )
    told = help_first(numbers, order, form.get("reason", ""))
    if one and numbers:
        return _back(request, one, [in_words(refused) for _number, refused in told.stayed])
    stayed = [(number, in_words(refused)) for number, refused in told.stayed]
    context = {"done": told.done, "stayed": stayed}
    return render(request, "desk/helped_first.html", context, status=200 if numbers else 422)


def _back(request: HttpRequest, number: str, wrong: list[str]) -> HttpResponse:
    if wrong:
        messages.error(request, wrong[0], "bad")
    else:
        messages.success(request, gettext("已列入先行帮扶，村里现在就可以落实措施；核实和识别程序同时办理。"), "good")
    return HttpResponseRedirect(reverse("clue", args=[number]))
