"""农户: who belongs to a household, what it lives on, and every row that speaks of it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, Seen, scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import full_name, full_names
from shouwang.audit.record import record_alone
from shouwang.cases.models import Case
from shouwang.cases.reading import cases_visible_to
from shouwang.clues.models import Clue
from shouwang.clues.reading import clues_of, clues_visible_to, latest_as_of, visits_to
from shouwang.exchange.reading import numbers_visible_to
from shouwang.households.by_number import household_by_number
from shouwang.households.models import Household
from shouwang.households.reading import household_visible_to, households_visible_to
from shouwang.jobs.history import Statement, monitoring_line
from shouwang.jobs.household_record import BLOCKS, HouseholdRecord
from shouwang.kernel.errors import InputError
from shouwang.questions import Blank
from shouwang.registration.fields import BY_NAME
from shouwang.registration.proposing import may_propose
from shouwang.registration.reading import facts_about, requests_of
from shouwang.registration.recording import latest
from shouwang.sweeps.hearing import may_tell
from shouwang.web.charts.incomes import Incomes, incomes
from shouwang.web.defects import of_household
from shouwang.web.doors import door
from shouwang.web.household_days import Days, asked_days, asked_record, blocks_of, differences_since
from shouwang.web.household_life import (
    KIND_OF_SOURCE,
    STEPS_OF_CASES,
    line_of,
    of_clues,
    of_deliveries,
    of_monitoring,
    of_register,
    of_visits,
)
from shouwang.web.paging import Asked
from shouwang.web.places import all_there_is, area_for, rows_inside
from shouwang.web.worklist import area_choices

TYPES = ("脱贫户", "一般农户")


@door(Permission.SEE_HOUSEHOLDS, post=Permission.UNMASK)
def households(request: HttpRequest) -> HttpResponse:
    """The households within scope, found by number or by the name of the head.

    An identity number is sent, never part of an address: addresses stay in histories and logs.
    """
    if request.method == "POST":
        return _by_number(request)
    scope, area = area_for(request.user, request.GET.get("area"))
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    kind = request.GET.get("type", "")
    latest = latest_as_of()
    no_income = request.GET.get("income") == "none" and latest is not None and not is_department(scope)
    cut = (None if all_there_is(scope, area) else area, search, kind if kind in TYPES else "", no_income)
    page = Asked(request.user, ("households", cut), lambda: _listed(request.user, *cut)).page(request)
    shown = [each.pk for each in page]
    open_clues = clues_visible_to(request.user).filter(household_id__in=shown, state=Clue.State.OPEN).order_by()
    counted = dict(open_clues.values_list("household_id").annotate(number=Count("pk")))
    names = full_names([each.area_id for each in page])
    rows = [{"household": each, "place": names[each.area_id], "clues": counted.get(each.pk, 0)} for each in page]
    return render(
        request,
        "desk/households.html",
        {
            "page": page,
            "rows": rows,
            "search": search,
            "kind": kind,
            "no_income": no_income,
            "may_ask_number": scope.may(Permission.UNMASK),
            "may_ask_income": latest is not None and not is_department(scope),
            "types": TYPES,
            "area": area,
            "areas": area_choices(scope, area),
        },
    )


def _listed(user: User, area: Area | None, search: str, kind: str, no_income: bool) -> QuerySet[Household]:
    found = rows_inside(households_visible_to(user), area)
    if search:
        found = found.filter(Q(household_no__istartswith=search) | Q(head_name__contains=search))
    if kind:
        found = found.filter(household_type=kind)
    if no_income:
        found = found.filter(income_known=False)
    return found.order_by("area_id", "household_no")


def _by_number(request: HttpRequest) -> HttpResponse:
    try:
        found = household_by_number(request.user, request.POST.get("number", "")[:40])
    except InputError as problem:
        messages.error(request, f"{problem.message}。{problem.advice}。", "bad")
        return HttpResponseRedirect(reverse("households"))
    if found is None:
        messages.warning(request, _("您的岗位范围内没有登记这个号码的人。"), "warn")
        return HttpResponseRedirect(reverse("households"))
    return HttpResponseRedirect(reverse("household", args=[found.pk]))


def is_department(scope: Scope) -> bool:
    """Whether the user is here for one department's matters alone."""
    return all(reach.department for reach in scope.reaches)


@door(Permission.SEE_HOUSEHOLDS)
def household(request: HttpRequest, household_no: str) -> HttpResponse:
    """One household; every figure says from which delivery and line it comes.

    A department sees the members and its own rows, not the income nor what other departments delivered. `on` in the
    address asks for the record as it was known at the end of a day, `since` for what became known since another.
    """
    try:
        found = household_visible_to(request.user, household_no)
    except Household.DoesNotExist:
        raise Http404 from None
    today = localdate()
    days = asked_days(request.GET, today)
    record_alone(request.user, "household_viewed", found, **({"day": days.on.isoformat()} if days.on else {}))
    if days.wrong:
        messages.warning(request, f"{days.wrong}。", "warn")
    scope = scope_of(request.user, today)
    fully = scope.covers_fully(found.area_id)
    record = asked_record(found, days, today)
    shown = {"household": found, "place": full_name(found.area), "days": days, "today": today, "fully": fully}
    if record is None:
        return render(request, "desk/household_before.html", shown)
    shown |= _of_record(request, record, scope, days, fully) | _of_desk(request, found, days, fully)
    shown |= {
        "may_tell": fully and not days.on and may_tell(scope, found),
        "may_unmask": fully and not days.on and scope.may(Permission.UNMASK, found.area_id),
        "differences": differences_since(found, record, days.since) if days.since and fully else None,
    }
    return render(request, "desk/household.html", shown)


def _of_record(request: HttpRequest, record: HouseholdRecord, scope: Scope, days: Days, fully: bool) -> dict[str, Any]:
    """What was delivered about the household, and its life on one line of time."""
    events = record.events if fully else [event for event in record.events if scope.may_upload(event.owner)]
    names = {person.key: person.name for person in record.persons}
    gone = {person.key: person for person in record.gone}
    statements = record.statements if fully else []
    clues = _clues_of(request, record.household, days)
    cases = _monitoring(request, record.household) if fully else []
    visits = [visit for visit in visits_to(clues) if visit.visited_on <= record.on] if fully and clues else []
    moments = [
        *of_deliveries(events),
        *of_register(record.changes, names, fully),
        *of_clues(clues, fully, record.on),
        *of_visits(visits),
        *of_monitoring(cases, record.on),
    ]
    open_blocks = [each for each in BLOCKS if fully or scope.may_upload(each.owner)]
    return {
        "household": record.household,
        "place": full_name(record.household.area),
        "record": record,
        "present": record.present,
        "gone": record.gone,
        "statements": statements,
        "picture": _picture(statements),
        "blocks": blocks_of(replace(record, events=events), open_blocks),
        "help": [
            (event, row, gone.get(row.key))
            for event in events
            if KIND_OF_SOURCE.get(event.source) == "help"
            for row in event.rows
            if row.stands and not row.superseded and row.key in names
        ],
        "monitoring": [] if days.on else cases,
        "clues": [] if days.on else [each for each in clues if each.state == Clue.State.OPEN],
        "line": line_of(moments, request.GET.get("kind", ""), request.GET.get("year", "")),
    }


def _of_desk(request: HttpRequest, found: Household, days: Days, fully: bool) -> dict[str, Any]:
    """What people do about the household's record, of today; and what they had recorded of it by the day."""
    now = fully and not days.on
    facts = [each for each in facts_about(found) if not days.on or each.on <= days.on] if fully else []
    return {
        "recorded": [(BY_NAME[each.field].title, BY_NAME[each.field].unit, each) for each in latest(facts)],
        "defects": of_household(request, found.pk) if now else [],
        "requests": requests_of(request.user, found) if now else [],
        "may_propose": now and may_propose(request.user, found, localdate()),
        "open_deliveries": numbers_visible_to(request.user),
    }


def _monitoring(request: HttpRequest, found: Household) -> list[Case]:
    """The household's cases with their plans and eliminations and all that was done about them, the latest first."""
    return _cases.ask(request.user, household=found.pk)


_cases = Seen(
    lambda user: (
        cases_visible_to(user).filter(household=Blank("household")).order_by("-pk").prefetch_related(*STEPS_OF_CASES)
    )
)


def _clues_of(request: HttpRequest, found: Household, days: Days) -> list[Clue]:
    """The household's clues that the user may see, opened by the day that is shown; with what `of_clues` tells of them."""
    return [each for each in clues_of(request.user, found.pk) if not days.on or each.opened_on <= days.on]


def _picture(statements: list[Statement]) -> Incomes | None:
    """Income a head beside the monitoring line, for the statements of days that had one."""
    lines = [(each.period_end, each.per_capita, monitoring_line(each.period_end)) for each in statements]
    return incomes([(end, amount, line) for end, amount, line in lines if amount is not None and line is not None])
