"""联系人: which monitored households lack one, and naming somebody for one or many of them at once."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.reading import full_names
from shouwang.assistance.contacts import (
    NAMING,
    Named,
    confirm_contacts,
    from_elsewhere,
    name_contact,
    standing_contacts,
    telephone_of,
)
from shouwang.assistance.models import Contact, ContactKind
from shouwang.assistance.reading import cases_lacking_contact, contact_unmaskable_by
from shouwang.cases.models import Stage
from shouwang.cases.reading import cases_visible_to
from shouwang.kernel.errors import ShouwangError
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.paging import page_of
from shouwang.web.plans import LOOKING

PER_PAGE = 50


class ContactForm(forms.Form):
    """Somebody who is to look after the ticked households."""

    kind = forms.ChoiceField(label=_("类别"), choices=ContactKind.choices)
    name = forms.CharField(label=_("姓名"), max_length=50)
    unit = forms.CharField(label=_("单位和职务"), max_length=100)
    phone = forms.CharField(
        label=_("联系电话"), max_length=20, help_text=_("加密保存，页面上只显示首尾几位；手机号会收到一条短信。")
    )


@door(*LOOKING, post=NAMING)
def contacts(request: HttpRequest) -> HttpResponse:
    """Those without a contact first; `all=1` lists every monitored household with its contacts."""
    everybody = request.GET.get("all") == "1"
    keeps = "confirm" in request.POST
    form, wrong = ContactForm(None if keeps else request.POST or None), ""
    chosen = [int(pk) for pk in request.POST.getlist("case") if pk.isascii() and pk.isdigit() and len(pk) < 15]
    if keeps:
        try:
            count = confirm_contacts(chosen, acting_user=request.user, on=localdate())
        except ShouwangError as refused:
            wrong = in_words(refused)
        else:
            messages.success(request, gettext("已确认 {count} 位联系人继续联系。").format(count=count), "good")
            return HttpResponseRedirect(reverse("contacts"))
    if request.method == "POST" and form.is_valid():
        named, key = Named(**form.cleaned_data), request.POST.get("key", "")[:32]
        try:
            made = name_contact(chosen, named, acting_user=request.user, on=localdate(), key=key)
        except ShouwangError as refused:
            wrong = in_words(refused)
        else:
            done = gettext("{name}已成为 {count} 户的{kind}。").format(
                name=made[0].name, count=len(made), kind=made[0].get_kind_display()
            )
            messages.success(request, done, "good")
            return HttpResponseRedirect(reverse("contacts"))
    monitored = cases_visible_to(request.user).filter(stage=Stage.INCLUDED)
    lacking = cases_lacking_contact(monitored)
    listed = monitored if everybody else lacking
    page = page_of(request, listed.order_by("area_id", "number"), PER_PAGE)
    names = full_names([case.area_id for case in page])
    by_case = standing_contacts(page)
    former = set(from_elsewhere().filter(case__in=[case.pk for case in page]).values_list("pk", flat=True))
    rows = [(case, names[case.area_id], by_case.get(case.pk, {})) for case in page]
    scope = scope_of(request.user, localdate())
    context = {
        "page": page,
        "rows": rows,
        "former": former,
        "everybody": everybody,
        "lacking": lacking.count(),
        "monitored": monitored.count(),
        "form": form,
        "wrong": wrong,
        "chosen": request.POST.getlist("case"),
        "names": any(scope.may(permission) for permission in NAMING),
        "unmasks": scope.may(Permission.UNMASK),
        "key": request.POST.get("key") or new_key(),
    }
    return render(request, "desk/contacts.html", context, status=422 if wrong or form.errors else 200)


@door(post=Permission.UNMASK)
def contact_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The telephone of a contact in clear, for a stated reason that the audit keeps."""
    try:
        contact = contact_unmaskable_by(request.user, pk)
    except Contact.DoesNotExist:
        raise Http404 from None
    try:
        phone = telephone_of(contact, request.POST.get("reason", ""), acting_user=request.user)
    except ShouwangError as refused:
        messages.error(request, in_words(refused), "bad")
        return HttpResponseRedirect(reverse("contacts"))
    return render(request, "desk/contact_phone.html", {"contact": contact, "phone": phone})
