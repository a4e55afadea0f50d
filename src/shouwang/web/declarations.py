"""农户自主申报 at the desk: what came in, whose household it is, and what was answered; posters for villages."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import children, full_name, full_names, inside
from shouwang.audit.record import record_alone
from shouwang.clues.handling import desks_beside
from shouwang.clues.models import RiskType
from shouwang.clues.photos import content_of
from shouwang.declarations import handling as doing
from shouwang.declarations import receipt
from shouwang.declarations.flow import DECLARATIONS, IN_HAND
from shouwang.declarations.models import Action, Declaration, DeclarationPhoto, DeclarationStep, Stage
from shouwang.declarations.reading import (
    WORKING,
    declaration_photo_visible_to,
    declaration_visible_to,
    declarations_visible_to,
    households_found,
    masked_phone,
    matches_of,
    phone_of,
    villages_within,
)
from shouwang.declarations.telling import clues_of, told_of
from shouwang.jobs.handling import declaration_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.printing import pdf
from shouwang.web.doors import door
from shouwang.web.handling import in_words, new_key
from shouwang.web.ordering import order_by, say
from shouwang.web.paging import page_of
from shouwang.web.places import area_for
from shouwang.web.qr_codes import leading_to
from shouwang.web.worklist import area_choices

GROUPS: Mapping[str, tuple[Any, tuple[Stage, ...]]] = {
    "": (_("在办"), IN_HAND),
    "linked": (_("已转为线索"), (Stage.LINKED,)),
    "closed": (_("不予受理"), (Stage.CLOSED,)),
}
MOST_POSTERS = 1000
"""The largest county has some six hundred villages; a thousand posters take about ten seconds."""


@door(*WORKING)
def declarations(request: HttpRequest) -> HttpResponse:
    """The declarations of one's own area, those in hand first and soonest first."""
    visible, asked = declarations_visible_to(request.user), request.GET.get("group", "")
    group = asked if asked in GROUPS else ""
    search = request.GET.get("q", "").replace("\0", "").strip()[:60]
    if search:
        number = receipt.read(search) or search
        visible = visible.filter(about__contains=search) | visible.filter(number=number)
    order = ("due_on", "pk") if not group else ("-received_at",)
    page = page_of(request, visible.filter(stage__in=GROUPS[group][1]).order_by(*order))
    names, today = full_names([each.area_id for each in page]), localdate()
    rows = [
        {
            "declaration": each,
            "place": names[each.area_id],
            "risks": [RiskType(risk).label for risk in each.risks],
            "left": (each.due_on - today).days if each.due_on else None,
        }
        for each in page
    ]
    tabs = [(name, title, visible.filter(stage__in=stages).count()) for name, (title, stages) in GROUPS.items()]
    scope, area = area_for(request.user, None)
    context = {"page": page, "rows": rows, "tabs": tabs, "group": group, "search": search}
    context |= {"areas": area_choices(scope, area)}
    return render(request, "desk/declarations.html", context)


def visible_declaration(request: HttpRequest, number: str) -> Declaration:
    try:
        return declaration_visible_to(request.user, number)
    except Declaration.DoesNotExist:
        raise Http404 from None


@door(*WORKING, post=WORKING)
def declaration(request: HttpRequest, number: str) -> HttpResponse:
    """One declaration with what may be done now; sent to, it shows the telephone for a stated reason."""
    found, today = visible_declaration(request, number), localdate()
    phone, wrong = "", ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:100]
        if reason:
            phone = phone_of(found, acting_user=request.user, reason=reason)
        else:
            wrong = gettext("请写明为什么要看。")
    else:
        record_alone(request.user, "declaration_viewed", found)
    scope = scope_of(request.user, today)
    actions = [str(each) for each in DECLARATIONS.moves_open_to(scope, found)]
    left = (found.due_on - today).days if found.due_on else None
    if left is None or left >= 0:
        actions = [each for each in actions if each != Action.URGE]
    search = request.GET.get("find", "")
    linking = Action.LINK in actions
    return render(
        request,
        "desk/declaration.html",
        {
            "declaration": found,
            "receipt": receipt.in_groups(found.number),
            "place": full_name(found.area),
            "risks": [RiskType(each).label for each in found.risks],
            "all_risks": RiskType.choices,
            "actions": actions,
            "days_left": left,
            "seen": found.version,
            "key": new_key(),
            "masked": masked_phone(found),
            "phone": phone,
            "wrong": wrong,
            "matches": matches_of(found, request.user) if linking else [],
            "search": search,
            "searched": households_found(request.user, search) if linking and search else [],
            "villages": _villages_of(found) if Action.PASS_DOWN in actions else [],
            "townships": _townships_beside(found, scope) if Action.REASSIGN in actions else [],
            "clues": clues_of(found),
            "told": told_of(found),
            "appeal": getattr(found, "appeal", None),
            "photos": found.photos.all(),
            "steps": found.steps.select_related("actor", "desk_to").order_by("-number"),
        },
        status=422 if wrong else 200,
    )


def _villages_of(found: Declaration) -> list[Area]:
    """The villages of the township at whose desk it lies, that of the poster first."""
    below = list(children(found.desk, localdate())) if found.desk else []
    return sorted(below, key=lambda each: each.pk != found.area_id)


def _townships_beside(found: Declaration, scope: Scope) -> list[Area]:
    return desks_beside(found.desk, scope, localdate()) if found.desk else []


def order_of(request: HttpRequest) -> doing.Order:
    return order_by(request, declaration_requirements)


def _area(request: HttpRequest) -> Area:
    found = Area.objects.filter(pk=request.POST.get("to", "")[:12]).first()
    if found is None:
        raise ShouwangError(gettext("没有选择单位"), gettext("重新选择"))
    return found


Do = Callable[[HttpRequest, str, doing.Order, str], DeclarationStep]
DO: Mapping[str, Do] = {
    Action.LINK: lambda request, number, order, reason: doing.link(
        number,
        order,
        request.POST.get("household", "")[:64],
        request.POST.getlist("risk"),
        request.POST.get("insider") == "yes",
    ),
    Action.PASS_DOWN: lambda request, number, order, reason: doing.pass_down(number, order, _area(request), reason),
    Action.GIVE_BACK: lambda request, number, order, reason: doing.give_back(number, order, reason),
    Action.REASSIGN: lambda request, number, order, reason: doing.reassign(number, order, _area(request), reason),
    Action.PROPOSE: lambda request, number, order, reason: doing.propose(number, order, reason),
    Action.AGREE: lambda request, number, order, reason: doing.agree(number, order),
    Action.KEEP: lambda request, number, order, reason: doing.keep(number, order, reason),
    Action.REOPEN: lambda request, number, order, reason: doing.reopen(number, order, reason),
    Action.UPHOLD: lambda request, number, order, reason: doing.uphold(number, order, reason),
    Action.URGE: lambda request, number, order, reason: doing.urge(number, order, reason),
}


@door(post=WORKING)
def declaration_move(request: HttpRequest, number: str) -> HttpResponse:
    """One step, from its form on the declaration's page."""
    found, action = visible_declaration(request, number), request.POST.get("action", "")
    if action not in DO:
        return _told(request, found, gettext("没有选择要办的事项。"), wrong=True)
    try:
        step = DO[action](request, number, order_of(request), request.POST.get("reason", ""))
    except ShouwangError as refused:
        return _told(request, found, in_words(refused), wrong=True)
    said = gettext("{said}。{stage_to}。")
    return _told(request, found, said.format(said=step.get_action_display(), stage_to=step.get_stage_to_display()))


def _told(request: HttpRequest, found: Declaration, words: str, *, wrong: bool = False) -> HttpResponse:
    say(request, words, wrong=wrong)
    still_there = declarations_visible_to(request.user).filter(pk=found.pk).exists()
    return HttpResponseRedirect(reverse("declaration", args=[found.number]) if still_there else reverse("declarations"))


@door(*WORKING)
def declaration_photo(request: HttpRequest, name: str) -> HttpResponse:
    """A photo that came with a declaration; each look is in the audit."""
    try:
        found = declaration_photo_visible_to(request.user, name)
    except DeclarationPhoto.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "photo_viewed", found.declaration)
    response = HttpResponse(content_of(found), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="{found.name}.jpg"'
    return response


@door(*WORKING)
def posters(request: HttpRequest) -> HttpResponse:
    """A poster for each village of one's own area, of an area below it, or for one village, in one PDF.

    It leads to the public page under the very host by which this page was opened.
    """
    _, area = area_for(request.user, request.GET.get("area") or request.GET.get("village"))
    villages = villages_within(request.user, localdate())
    if area is not None:
        villages = villages.filter(inside(area, "code"))
    found = list(villages[: MOST_POSTERS + 1])
    if not found:
        raise Http404
    if len(found) > MOST_POSTERS:
        messages.error(request, gettext("一次最多印 {most} 张，请选一个区县分别印。").format(most=MOST_POSTERS), "bad")
        return HttpResponseRedirect(reverse("declarations"))
    names = full_names([each.pk for each in found])
    data = {"posters": [_poster(request, each, names[each.pk]) for each in found]}
    response = HttpResponse(pdf("poster", data), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="posters.pdf"'
    return response


def _poster(request: HttpRequest, village: Area, name: str) -> dict[str, Any]:
    board = leading_to(request, "board", village.pk)["code"]
    return {"village": name, "board": board} | leading_to(request, "report", village.pk)
