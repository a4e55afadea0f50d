"""账号名册: accounts in bulk by spreadsheet."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from shouwang.jobs import account_sheet
from shouwang.kernel.errors import InputError
from shouwang.web.deliveries import XLSX
from shouwang.web.doors import door
from shouwang.web.users import MANAGING, words


class SheetForm(forms.Form):
    """The sheet that was filled in."""

    file = forms.FileField(
        label=_("账号名册"),
        help_text=_("填好的模板，.xlsx 或 .csv，不超过 2 MB。"),
        error_messages={
            "required": _("还没有选择文件。"),
            "empty": _("这个文件是空的。"),
            "missing": _("文件没有传完，请重选。"),
        },
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@door(*MANAGING)
def sheet_template(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(account_sheet.template(request.user), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="accounts.xlsx"'
    return response


@door(*MANAGING, post=MANAGING)
def sheet(request: HttpRequest) -> HttpResponse:
    """The form; a sheet that was sent is answered by a report of its lines with the initial passwords, this once."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            lines = account_sheet.carry_out(file, file.name, acting_user=request.user)
        except InputError as problem:
            form.add_error("file", words(problem))
        else:
            return render(request, "desk/users_sheet_report.html", {"lines": lines, "opened": opened(lines)})
    return render(request, "desk/users_sheet.html", {"form": form}, status=422 if form.errors else 200)


def opened(lines: list[account_sheet.LineReport]) -> list[account_sheet.LineReport]:
    return [line for line in lines if line.password]
