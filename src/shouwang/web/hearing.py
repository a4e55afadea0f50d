"""What somebody of an office was told or saw, written down: of a household that is known, or a report whose household is to be found."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import full_name
from shouwang.clues.models import RiskType
from shouwang.declarations.hearing import TAKING, take_down
from shouwang.declarations.models import Behalf, Declaration, Way
from shouwang.declarations.receipt import in_groups
from shouwang.declarations.taking import Report
from shouwang.households.models import Household
from shouwang.households.reading import household_visible_to
from shouwang.jobs.handling import requirements
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.sweeps.hearing import TELLING, Heard, How, may_tell, tell_difficulty
from shouwang.web.declarations import order_of
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import day_in, key_in
from shouwang.web.places import choosing

LONGEST = 1200


@door(*TELLING, post=TELLING)
def household_report(request: HttpRequest, household_no: str) -> HttpResponse:
    """报告困难: the form on a household's page for whoever goes there; what is told becomes a clue, or joins the one that stands."""
    found, today, wrong = _visited(request, household_no), localdate(), ""
    if request.method == "POST":
        form = request.POST
        try:
            heard = Heard(
                form.get("how", ""),
                day_in(form, "heard_on"),
                form.getlist("risk"),
                form.get("said", "")[:LONGEST],
            )
            clues = tell_difficulty(
                found, heard, acting_user=request.user, requirements=requirements(today), on=today, key=key_in(request)
            )
        except ShouwangError as refused:
            wrong = in_words(refused)
        else:
            numbers = "、".join(each.number for each in clues)
            messages.success(request, gettext("已经记下，线索 {numbers}。").format(numbers=numbers), "good")
            return HttpResponseRedirect(reverse("household", args=[found.pk]))
    context = {"household": found, "place": full_name(found.area), "hows": How.choices, "wrong": wrong}
    return render(request, "desk/household_report.html", context | _asked(request, today), status=422 if wrong else 200)


def _visited(request: HttpRequest, household_no: str) -> Household:
    try:
        found = household_visible_to(request.user, household_no)
    except Household.DoesNotExist:
        raise Http404 from None
    if not may_tell(scope_of(request.user, localdate()), found):
        raise Http404
    return found


@door(*TAKING, post=TAKING)
def declaration_new(request: HttpRequest) -> HttpResponse:
    """登记申报: a report told in person, on paper, by telephone or through the hotline; first the village, then the form."""
    today, wrong, form = localdate(), "", request.POST
    reaches = scope_of(request.user, today).reaches
    tops = [each.area for each in reaches if any(each.may(one) for one in TAKING)]
    chosen = choosing(tops, (form.get("place") or request.GET.get("place", ""))[:12])
    if request.method == "POST":
        try:
            if chosen.village is None:
                raise InputError(gettext("没有选择村"), gettext("先选村，再填写"))
            made = _taken_down(request, chosen.village)
        except ShouwangError as refused:
            wrong = in_words(refused)
        else:
            said = gettext("已经收下，回执编号 {number}。请把编号告诉申报人。").format(number=in_groups(made.number))
            messages.success(request, said, "good")
            return HttpResponseRedirect(reverse("declaration", args=[made.number]))
    context = {
        "choosing": chosen,
        "place": full_name(chosen.village) if chosen.village else "",
        "ways": [each for each in Way.choices if each[0] != Way.ONLINE],
        "behalves": Behalf.choices,
        "wrong": wrong,
    }
    return render(request, "desk/declaration_new.html", context | _asked(request, today), status=422 if wrong else 200)


def _taken_down(request: HttpRequest, village: Area) -> Declaration:
    form = request.POST

    def written(name: str) -> str:
        return form.get(name, "")[:LONGEST]

    report = Report(
        behalf=written("behalf"),
        risks=form.getlist("risk"),
        said=written("said"),
        reporter=written("reporter"),
        phone="".join(each for each in written("phone") if each.isascii() and (each.isdigit() or each == "-")),
        id_number="".join(written("id_number").split()).upper(),
        about=written("about"),
        place=written("where"),
    )
    way, heard_on = written("way"), day_in(form, "heard_on")
    return take_down(village, report, way=way, heard_on=heard_on, order=order_of(request))


def _asked(request: HttpRequest, today: date) -> dict[str, Any]:
    """What was written, so that it stays where something is refused."""
    chosen = request.POST.getlist("risk")
    return {
        "asked": request.POST,
        "risks": [(value, title, value in chosen) for value, title in RiskType.choices],
        "today": today,
        "key": key_in(request) or new_key(),
    }
