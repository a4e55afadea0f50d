"""筛查: starting a screening for a day, watching it, and what it found."""

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.clues.models import Level, ScreeningRun
from shouwang.clues.reading import latest_as_of
from shouwang.jobs.screening import ask_for_screening
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.policy_reading import rule_titles

MOVING = (ScreeningRun.State.WAITING, ScreeningRun.State.RUNNING)
SHOWN = 24


class ScreeningForm(forms.Form):
    """The day for which the screening answers."""

    as_of = forms.DateField(
        label=_("截至日期"),
        help_text=_("按这一天的情况判断，只用这一天以前收到的数据。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2024-03-05 这样的日期。"), "required": _("请填写截至日期。")},
    )

    def clean_as_of(self) -> date:
        day = self.cleaned_data["as_of"]
        if day > localdate():
            raise forms.ValidationError(gettext("截至日期不能晚于今天。"))
        return day


@door(Permission.SCREEN, post=Permission.SCREEN)
def screenings(request: HttpRequest) -> HttpResponse:
    """Screenings so far, and a form to start one. The numbers are the whole city's: for city and county only."""
    form = ScreeningForm(request.POST or None, initial={"as_of": latest_as_of() or localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            run = ask_for_screening(form.cleaned_data["as_of"], acting_user=request.user)
            return HttpResponseRedirect(reverse("screening-state", args=[run.pk]))
        except ShouwangError as problem:
            form.add_error(None, str(problem))
    return render(
        request,
        "desk/screenings.html",
        {"runs": ScreeningRun.objects.order_by("-pk")[:SHOWN], "form": form},
        status=422 if form.errors else 200,
    )


@door(Permission.SCREEN)
def screening_state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a screening has come, and what it found. The numbers are the whole city's: for city and county only."""
    run = get_object_or_404(ScreeningRun.objects.select_related("asked_by"), pk=pk)
    titles = rule_titles()
    hits = [
        {"rule": rule, "title": titles.get(rule, rule), "known": rule in titles, "households": number}
        for rule, number in sorted(run.hits.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return render(
        request,
        "desk/screening_state.html",
        {
            "run": run,
            "moving": run.state in MOVING,
            "levels": Level.values,
            "hits": hits,
            "most": max((row["households"] for row in hits), default=0),
        },
    )
