"""导出: asking for lists, registers and the household form, deciding about requests, taking the file once."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_name
from shouwang.jobs.outputs import begin, limits
from shouwang.kernel.errors import ShouwangError
from shouwang.outputs.files import take
from shouwang.outputs.flow import Step, open_to
from shouwang.outputs.models import Content, Export, State
from shouwang.outputs.reading import (
    ASKED_FOR,
    ONE_BY_ONE,
    export_visible_to,
    exports_visible_to,
    may_ask_for,
    waiting_for,
)
from shouwang.outputs.requesting import Wish, ask_for, decide
from shouwang.proceedings.steps import NotOpen
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import key_in, say
from shouwang.web.paging import page_of
from shouwang.web.places import area_for
from shouwang.web.worklist import area_choices

TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MEANINGS = {
    Content.HOUSEHOLD_FORM: _("按采集表的栏目导出，可填报上传"),
    Content.CASE_REGISTER: _("打印用 PDF，按村排列"),
    Content.CLUE_REGISTER: _("打印用 PDF，按村排列"),
}


class WishForm(forms.Form):
    """What somebody asks for."""

    content = forms.ChoiceField(label=_("内容"))
    area = forms.CharField(label=_("区域"), max_length=12)
    as_of = forms.DateField(label=_("截至日期"))
    identities = forms.BooleanField(label=_("含证件号码、电话和住址"), required=False)
    purpose = forms.CharField(label=_("用途"), max_length=300, required=False)
    subject = forms.CharField(max_length=64, required=False)
    key = forms.CharField(max_length=64, required=False)


@door(Permission.PRINT_REGISTERS, post=Permission.PRINT_REGISTERS)
def outputs(request: HttpRequest) -> HttpResponse:
    """What waits for this user's decision, what they asked for, and the form to ask for more."""
    if request.method == "POST":
        return _asked(request)
    scope, area = area_for(request.user, request.GET.get("area"))
    page = page_of(request, exports_visible_to(request.user).filter(requested_by=request.user))
    contents = [
        (each.value, each.label, MEANINGS[each])
        for each in Content
        if each in ASKED_FOR and any(not reach.department for reach in scope.holding(ASKED_FOR[each]))
    ]
    context = {
        "page": page,
        "waiting": list(waiting_for(request.user)[:50]),
        "contents": contents,
        "areas": area_choices(scope, area),
        "today": localdate(),
        "limits": limits(localdate()),
        "may_hold_identities": scope.may(Permission.EXPORT),
        "key": new_key(),
    }
    return render(request, "desk/outputs.html", context)


def _asked(request: HttpRequest) -> HttpResponse:
    form = WishForm(request.POST)
    form.fields["content"].choices = [
        (each.value, each.label) for each in Content if each in {**ASKED_FOR, **ONE_BY_ONE}
    ]  # type: ignore[attr-defined]
    if not form.is_valid():
        wrong = "；".join(f"{form[name].label}：{errors[0]}" for name, errors in form.errors.items())
        return _told(request, wrong, wrong=True)
    told = form.cleaned_data
    scope, area = area_for(request.user, told["area"])
    if area is None or not may_ask_for(scope, told["content"], area):
        raise PermissionDenied
    wish = Wish(told["content"], area, told["as_of"], told["identities"], told["purpose"], told["key"], told["subject"])
    try:
        export = ask_for(wish, limits(localdate()), acting_user=request.user)
    except ShouwangError as refused:
        return _told(request, in_words(refused), wrong=True)
    begin(export)
    return HttpResponseRedirect(reverse("output", args=[export.pk]))


def _told(request: HttpRequest, words: str, *, wrong: bool = False, to: str = "") -> HttpResponse:
    say(request, words, wrong=wrong)
    return HttpResponseRedirect(to or reverse("outputs"))


def visible_export(request: HttpRequest, pk: int) -> Export:
    try:
        return export_visible_to(request.user, pk)
    except Export.DoesNotExist:
        raise Http404 from None


@door(Permission.PRINT_REGISTERS)
def output(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: what it holds, who agreed, and what this user may do now."""
    found, scope = visible_export(request, pk), scope_of(request.user, localdate())
    steps = [str(each) for each in open_to(request.user, scope, found)]
    over = found.state == State.READY and found.ready_until is not None and found.ready_until <= now()
    return render(
        request,
        "desk/output.html",
        {
            "export": found,
            "place": full_name(found.area),
            "steps": [] if over else steps,
            "over": over,
            "moving": found.state == State.APPROVED,
            "key": new_key(),
        },
    )


@door(post=Permission.PRINT_REGISTERS)
def output_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Agreed, declined or withdrawn, from the export's page."""
    found, step = visible_export(request, pk), request.POST.get("step", "")
    here = reverse("output", args=[found.pk])
    if step not in (Step.APPROVE, Step.DECLINE, Step.WITHDRAW):
        return _told(request, gettext("没有选择要办的事项。"), wrong=True, to=here)
    opinion, key = request.POST.get("opinion", ""), key_in(request)
    try:
        decided = decide(found.pk, Step(step), acting_user=request.user, opinion=opinion, key=key)
    except ShouwangError as refused:
        return _told(request, in_words(refused), wrong=True, to=here)
    begin(decided)
    said = gettext("{number}：{state}。").format(number=decided.number, state=State(decided.state).label)
    return _told(request, said, to=here)


@door(post=Permission.PRINT_REGISTERS)
def output_take(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, this once. It leaves by POST: nothing that reads ahead, and no history, can take it."""
    found = visible_export(request, pk)
    try:
        export, stream = take(found.pk, acting_user=request.user)
    except NotOpen as refused:
        return _told(request, in_words(refused), wrong=True, to=reverse("output", args=[found.pk]))
    name = f"{export.number}.{export.extension}"
    return FileResponse(stream, as_attachment=True, filename=name, content_type=TYPES[export.extension])
