"""上传: bringing a department file in over the desk."""

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope, scope_of
from shouwang.exchange.models import Upload
from shouwang.exchange.reading import uploads_visible_to
from shouwang.exchange.spool import too_large, too_large_message
from shouwang.jobs.uploads import take_in
from shouwang.sources.contract import contracts
from shouwang.web.doors import door

MOVING = (Upload.State.WAITING, Upload.State.READING)
RECENT = 6


class UploadForm(forms.Form):
    """Source, file, and the day on which the department handed it over."""

    source = forms.ChoiceField(label=_("来源"))
    file = forms.FileField(
        label=_("文件"),
        help_text=_(".xlsx、.csv 或 .parquet"),
        error_messages={
            "required": _("还没有选择文件。"),
            "empty": _("这个文件是空的，请核对后重新选择。"),
            "missing": _("文件没有传完，请重新选择后再传。"),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.parquet"}),
    )
    received_on = forms.DateField(
        label=_("收到日期"),
        help_text=_("部门交来文件的那天；行里的日期不应晚于这一天。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请写成 2024-03-05 这样的日期。"), "required": _("请填写收到日期。")},
    )

    def __init__(self, scope: Scope, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["source"].choices = [("", gettext("请选择"))] + [
            (each.source, gettext("{title}（{owner}）").format(title=gettext(each.title), owner=gettext(each.owner)))
            for each in contracts().values()
            if scope.may_upload(each.owner)
        ]
        self.fields["source"].error_messages = {
            "required": gettext("请选择文件的来源。"),
            "invalid_choice": gettext("您的岗位不能上传这个来源的文件。"),
        }

    def clean_received_on(self) -> date:
        day = self.cleaned_data["received_on"]
        if day > localdate():
            raise forms.ValidationError(gettext("收到日期不能晚于今天。"))
        return day


@door(Permission.UPLOAD, post=Permission.UPLOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """The form; a file that is taken leads to its progress."""
    scope = scope_of(request.user, localdate())
    form = UploadForm(scope, request.POST or None, request.FILES or None, initial={"received_on": localdate()})
    if request.method == "POST":
        if too_large(request):
            form.add_error("file", too_large_message())
        elif form.is_valid():
            taken = take_in(
                form.cleaned_data["file"],
                source=form.cleaned_data["source"],
                received_on=form.cleaned_data["received_on"],
                acting_user=request.user,
            )
            return HttpResponseRedirect(reverse("upload-state", args=[taken.pk]))
    recent = uploads_visible_to(request.user).order_by("-pk")[:RECENT]
    return render(request, "desk/upload.html", {"form": form, "recent": recent}, status=422 if form.errors else 200)


@door(Permission.UPLOAD)
def upload_state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the reading of one file has come, and how it ended."""
    found = uploads_visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    contract = contracts().get(found.source)
    return render(
        request,
        "desk/upload_state.html",
        {
            "upload": found,
            "source_title": contract.title if contract else found.source,
            "moving": found.state in MOVING,
        },
    )
