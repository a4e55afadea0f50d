"""查看原文: one masked value of one person, for a stated reason."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.households.models import Person
from shouwang.households.unmasking import Masked, person_unmaskable_by, unmask
from shouwang.web.doors import door


class UnmaskForm(forms.Form):
    """Which value, and what for."""

    what = forms.ChoiceField(label=_("查看什么"), choices=Masked.choices)
    reason = forms.CharField(
        label=_("用途"),
        min_length=4,
        max_length=100,
        help_text=_("例如：入户核实前电话联系。用途、时间和您的姓名都会记入审计。"),
        error_messages={"required": _("请写明用途。"), "min_length": _("请把用途写得具体一些。")},
    )


@door(Permission.UNMASK, post=Permission.UNMASK)
def unmask_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for value and reason, and shows the value once."""
    try:
        person = person_unmaskable_by(request.user, pk)
    except Person.DoesNotExist:
        raise Http404 from None
    form = UnmaskForm(request.POST or None)
    value, what = None, None
    if request.method == "POST" and form.is_valid():
        what = Masked(form.cleaned_data["what"])
        value = unmask(person, what, form.cleaned_data["reason"], acting_user=request.user)
    return render(request, "desk/unmask.html", {"person": person, "form": form, "value": value, "what": what})
