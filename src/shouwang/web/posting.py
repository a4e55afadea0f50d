"""What hangs in the villages: photos that prove it, and papers that come down."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record_alone
from shouwang.cases import board
from shouwang.cases.models import CasePhoto, Notice
from shouwang.cases.publicity import Hanging, prove, take_down
from shouwang.cases.reading import case_photo_visible_to, notice_visible_to
from shouwang.clues.photos import AT_MOST, LARGEST_FILE, content_of
from shouwang.elimination.reading import eliminations_to_post_up
from shouwang.kernel.errors import ShouwangError
from shouwang.web.cases import order_of
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.paging import page_of

MOST_ENDING = 50  # eliminations on the first page of what is to be posted up
GROUPS: Mapping[str, Any] = {
    "": _("正在公示"),
    "post": _("待张贴"),
    "proof": _("缺照片"),
    "down": _("待撤下"),
}


@door(Permission.SEE_HOUSEHOLDS, post=Permission.SUBMIT)
def publicity(request: HttpRequest) -> HttpResponse:
    """What hangs, what must be posted up or taken down, and what lacks a photo; the contact that a village's board names."""
    today, user, asked = localdate(), request.user, request.GET.get("group", "")
    if request.method == "POST":
        return _set_contact(request)
    found: Mapping[str, QuerySet[Any]] = {
        "": board.hanging_visible_to(user, today).order_by("stands_until", "pk"),
        "post": board.to_post_up(user).order_by("due_on", "number"),
        "proof": board.without_proof(user).order_by("posted_on", "pk"),
        "down": board.to_take_down(user, today).order_by("stands_until", "pk"),
    }
    group, ending = asked if asked in GROUPS else "", eliminations_to_post_up(user)
    page, further = page_of(request, found[group]), ending.count()
    villages = [reach.area for reach in scope_of(user, today).holding(Permission.SUBMIT)]
    context = {
        "page": page,
        "group": group,
        "tabs": [(name, title, found[name].count() + further * (name == "post")) for name, title in GROUPS.items()],
        "ending": ending[:MOST_ENDING] if group == "post" and page.number == 1 else [],
        "villages": [(village, board.contact_in(village)) for village in villages],
        "today": today,
        "key": new_key(),
        "back_to": "publicity",
        "may_post": bool(villages),
    }
    return render(request, "desk/publicity.html", context)


def _set_contact(request: HttpRequest) -> HttpResponse:
    posts = {reach.area.pk: reach.area for reach in scope_of(request.user, localdate()).holding(Permission.SUBMIT)}
    asked = request.POST.get("area", "")
    if not asked:
        messages.error(request, gettext("请选择区域。"), "bad")
        return HttpResponseRedirect(reverse("publicity"))
    village = posts.get(asked)
    if village is None:
        raise Http404
    try:
        board.set_contact(village, request.POST.get("phone", ""), request.POST.get("place", ""), order_of(request))
        messages.success(request, gettext("公示栏的联系方式已更新。"), "good")
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
    return HttpResponseRedirect(reverse("publicity"))


class ProofForm(forms.Form):
    """The day and the place of photos of a notice."""

    taken_on = forms.DateField(label=_("拍摄日期"))
    place = forms.CharField(label=_("拍摄地点"), max_length=200)


def _visible_notice(request: HttpRequest, pk: int) -> Notice:
    try:
        return notice_visible_to(request.user, pk)
    except Notice.DoesNotExist:
        raise Http404 from None


@door(post=Permission.SUBMIT)
def notice_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Photos of a notice that hangs."""
    notice, form = _visible_notice(request, pk), ProofForm(request.POST)
    if not form.is_valid():
        wrong = "；".join(f"{form[name].label}：{errors[0]}" for name, errors in form.errors.items())
        return _back(request, notice, wrong, wrong=True)
    photos = [file.read(LARGEST_FILE + 1) for file in request.FILES.getlist("photos")[: AT_MOST + 1]]
    hanging = Hanging(form.cleaned_data["taken_on"], form.cleaned_data["place"], photos)
    return _done(request, notice, lambda: prove(notice, order_of(request), hanging), gettext("公示照片已保存。"))


@door(post=Permission.SUBMIT)
def notice_down(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper whose days are over was taken down."""
    notice = _visible_notice(request, pk)
    return _done(request, notice, lambda: take_down(notice, order_of(request)), gettext("已记下撤下日期。"))


def _done(request: HttpRequest, notice: Notice, order: Callable[[], Any], said: str) -> HttpResponse:
    try:
        order()
    except ShouwangError as refused:
        return _back(request, notice, in_words(refused), wrong=True)
    return _back(request, notice, said)


def _back(request: HttpRequest, notice: Notice, words: str, *, wrong: bool = False) -> HttpResponse:
    messages.add_message(request, messages.ERROR if wrong else messages.SUCCESS, words, "bad" if wrong else "good")
    if request.POST.get("back") == "publicity":
        return HttpResponseRedirect(reverse("publicity"))
    if request.POST.get("back") == "elimination" and hasattr(notice, "posting"):
        return HttpResponseRedirect(reverse("elimination", args=[notice.posting.elimination.number]))
    return HttpResponseRedirect(reverse("case", args=[notice.case.number]))


@door(Permission.SEE_HOUSEHOLDS)
def case_photo(request: HttpRequest, name: str) -> HttpResponse:
    """A photo of a consent or of a notice, for whoever sees the case; each look is in the audit."""
    try:
        found = case_photo_visible_to(request.user, name)
    except CasePhoto.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "case_photo_viewed", found, area=found.case.area_id, case=found.case.number)
    response = HttpResponse(content_of(found), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{found.name}.jpg"'
    return response
