"""帮扶走访: a visit to a household under assistance, written down mostly on a phone; what is new there becomes a clue."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.assistance.flow import PLANS
from shouwang.assistance.models import FollowUpPhoto, PlanAction, Situation
from shouwang.assistance.reading import photo_visible_to
from shouwang.assistance.visiting import Found, New, record_follow_up
from shouwang.audit.record import record_alone
from shouwang.clues.models import RiskType
from shouwang.clues.photos import AT_MOST, LARGEST_FILE, content_of
from shouwang.jobs.handling import requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.plans import order_of, told, visible_plan
from shouwang.web.visiting import NAMES


class FollowUpForm(forms.Form):
    """What people saw, whether the household is better off, and whether something new has come up."""

    visited_on = forms.DateField(
        label=_("走访日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2024-03-05 这样的日期。"), "required": _("请填写走访日期。")},
    )
    visitors = forms.CharField(label=_("走访人员"), max_length=200, help_text=_("姓名之间用顿号隔开。"))
    situation = forms.ChoiceField(label=_("家庭状况"), choices=Situation.choices, widget=forms.RadioSelect)
    findings = forms.CharField(
        label=_("走访情况"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("措施落实得怎样，收入支出、住房饮水、上学就医有什么变化。"),
    )
    new_risk = forms.ChoiceField(
        label=_("发现新的风险"),
        required=False,
        choices=[("", _("没有")), *RiskType.choices],
        help_text=_("选择后会作为线索交乡镇处理。"),
    )


@door(Permission.VERIFY, post=Permission.VERIFY)
def follow_up(request: HttpRequest, number: str) -> HttpResponse:
    """The form of a visit."""
    found, today = visible_plan(request, number), localdate()
    if request.method == "GET" and not PLANS.may(scope_of(request.user, today), found, PlanAction.FOLLOW_UP):
        return told(request, "plan", found.number, gettext("这一户现在不用走访，或不由您走访。"), wrong=True)
    form = FollowUpForm(request.POST or None, initial={"visited_on": today, "visitors": str(request.user)})
    if request.method == "POST" and form.is_valid():
        try:
            step = record_follow_up(number, order_of(request), *_found(request, form.cleaned_data))
        except ShouwangError as refused:
            form.add_error(None, in_words(refused))
        else:
            visit = step.follow_up
            clue = gettext("新的线索 {number} 已交乡镇。").format(number=visit.clue_number) if visit.clue_number else ""
            return told(request, "plan", found.number, gettext("走访已记录。") + clue)
    return render(
        request,
        "desk/follow_up.html",
        {
            "plan": found,
            "case": found.case,
            "form": form,
            "key": request.POST.get("key") or new_key(),
            "measures": found.measures.exclude(state="withdrawn"),
            "most_photos": AT_MOST,
            "largest_mb": LARGEST_FILE >> 20,
        },
        status=422 if form.errors else 200,
    )


def _found(request: HttpRequest, said: Mapping[str, Any]) -> tuple[Found, New | None]:
    photos = [file.read(LARGEST_FILE + 1) for file in request.FILES.getlist("photos")[: AT_MOST + 1]]
    visit = Found(said["visited_on"], NAMES.split(said["visitors"]), said["situation"], said["findings"], photos)
    new = New(said["new_risk"], requirements(localdate())) if said["new_risk"] else None
    return visit, new


@door(Permission.SEE_HOUSEHOLDS)
def follow_up_photo(request: HttpRequest, name: str) -> HttpResponse:
    """A photo of such a visit; each look is in the audit."""
    try:
        found = photo_visible_to(request.user, name)
    except FollowUpPhoto.DoesNotExist:
        raise Http404 from None
    plan = found.follow_up.plan
    record_alone(request.user, "photo_viewed", plan, area=plan.area_id, file=found.name)
    response = HttpResponse(content_of(found), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{found.name}.jpg"'
    return response
