"""入户核实: a visit is written down, mostly on a phone, and what follows from it is submitted."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record_alone
from shouwang.clues.flow import may
from shouwang.clues.models import Action, Clue, Finding, Photo
from shouwang.clues.photos import AT_MOST, LARGEST_FILE, content_of
from shouwang.clues.reading import handled_with, photo_visible_to, visits_to
from shouwang.clues.verification import Seen, flags_of, record_visit, submit_finding
from shouwang.jobs.handling import requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import carried_out, in_words, new_key, order_of, told, visible

NAMES = re.compile(r"[、，,;；\s]+")
GONE = _("这条线索现在不在村级核实环节，或者不归您核实。")


class VisitForm(forms.Form):
    """What people saw who went to the household."""

    visited_on = forms.DateField(
        label=_("走访日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2024-03-05 这样的日期。"), "required": _("请填写走访日期。")},
    )
    visitors = forms.CharField(
        label=_("走访人员"),
        max_length=200,
        help_text=_("姓名之间用顿号隔开。"),
        error_messages={"required": _("请填写走访人员。")},
    )
    place = forms.CharField(
        label=_("走访地点"),
        max_length=200,
        help_text=_("例如 二组冉家院子；不在家时写明在哪里见到。"),
        error_messages={"required": _("请填写走访地点。")},
    )
    findings = forms.CharField(
        label=_("走访情况"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("看到的、问到的：收入支出、住房饮水、上学就医、实际困难。"),
        error_messages={"required": _("请填写走访情况。")},
    )
    latitude = forms.DecimalField(required=False, max_digits=9, decimal_places=6, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, max_digits=9, decimal_places=6, widget=forms.HiddenInput)


@door(Permission.VERIFY, post=Permission.VERIFY)
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a visit; whoever may submit goes on to the conclusion."""
    clue, today = visible(request, number), localdate()
    scope = scope_of(request.user, today)
    if request.method == "GET" and not may(scope, clue, Action.VISIT):
        return told(request, clue, GONE, wrong=True)
    form = VisitForm(request.POST or None, initial=_known(request, clue, today))
    if request.method == "POST" and form.is_valid():
        order = order_of(request, request.user, today)
        try:
            record_visit(number, _seen(request, form.cleaned_data), **order)
        except ShouwangError as refused:
            form.add_error(None, in_words(refused))
        else:
            return _onward(request, clue, scope.may(Permission.SUBMIT, clue.desk_id))
    return render(
        request,
        "desk/visit.html",
        {
            "clue": clue,
            "form": form,
            "key": request.POST.get("key") or new_key(),
            "asked": requirements(today),
            "most_photos": AT_MOST,
            "largest_mb": LARGEST_FILE >> 20,
        },
        status=422 if form.errors else 200,
    )


def _known(request: HttpRequest, clue: Clue, today: date) -> dict[str, Any]:
    """What stands in the form: today, whoever is here, and where the household was found the last time."""
    group = handled_with(clue)
    last = visits_to(group).order_by("-visited_on", "-pk").values_list("place", flat=True).first()
    return {"visited_on": today, "visitors": str(request.user), "place": last or ""}


def _seen(request: HttpRequest, told: dict[str, Any]) -> Seen:
    photos = [file.read(LARGEST_FILE + 1) for file in request.FILES.getlist("photos")[: AT_MOST + 1]]
    latitude, longitude = told["latitude"], told["longitude"]
    return Seen(
        visited_on=told["visited_on"],
        visitors=NAMES.split(told["visitors"]),
        place=told["place"],
        findings=told["findings"],
        photos=photos,
        latitude=Decimal(latitude) if latitude is not None else None,
        longitude=Decimal(longitude) if longitude is not None else None,
    )


def _onward(request: HttpRequest, clue: Clue, may_submit: bool) -> HttpResponse:
    response = told(
        request,
        clue,
        gettext("走访已记录。") + (gettext("请接着报送核实结果。") if may_submit else gettext("由村里报送核实结果。")),
    )
    if may_submit:
        response["Location"] = reverse("clue-finding", args=[clue.number])
    return response


@door(Permission.SUBMIT, post=Permission.SUBMIT)
def finding(request: HttpRequest, number: str) -> HttpResponse:
    """The conclusion of the village, with an answer to every review flag."""
    clue, today = visible(request, number), localdate()
    if request.method == "GET" and not may(scope_of(request.user, today), clue, Action.CONFIRM):
        return told(request, clue, GONE, wrong=True)
    group = handled_with(clue)
    flags = flags_of(group)
    fields = {place: f"flag-{n}" for n, place in enumerate(flags)}
    wrong = ""
    if request.method == "POST":
        conclusion, reason = request.POST.get("conclusion", ""), request.POST.get("reason", "")
        answers = {place: request.POST.get(name, "") for place, name in fields.items()}
        order = order_of(request, request.user, today)
        try:
            step = submit_finding(number, conclusion, reason=reason, answers=answers, **order)
            return carried_out(request, clue, lambda: step, gettext("核实结果已报送"))
        except ShouwangError as refused:
            wrong = in_words(refused)
    return render(
        request,
        "desk/finding.html",
        {
            "clue": clue,
            "merged": group[1:],
            "visits": clue.visits.prefetch_related("photos"),
            "flags": [
                (fields[place], flag["text"], request.POST.get(fields[place], "")) for place, flag in flags.items()
            ],
            "conclusions": Finding.Conclusion.choices,
            "chosen": request.POST.get("conclusion", ""),
            "reason": request.POST.get("reason", ""),
            "seen": request.POST.get("seen") or clue.version,
            "key": request.POST.get("key") or new_key(),
            "wrong": wrong,
        },
        status=422 if wrong else 200,
    )


@door(Permission.SEE_HOUSEHOLDS)
def photo(request: HttpRequest, name: str) -> HttpResponse:
    """A photo of a visit, for whoever sees everything about the clue; each look is in the audit."""
    try:
        found = photo_visible_to(request.user, name)
    except Photo.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "photo_viewed", found, area=found.visit.clue.area_id, clue=found.visit.clue.number)
    response = HttpResponse(content_of(found), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{found.name}.jpg"'
    return response
