"""农户: who belongs to a household, what it lives on, and every row that speaks of it."""

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope, scope_of
from shouwang.areas.reading import full_name, full_names
from shouwang.audit.record import record_alone
from shouwang.clues.models import Clue
from shouwang.clues.reading import clues_visible_to, screening_runs, visits_to
from shouwang.exchange.reading import deliveries_visible_to
from shouwang.households.by_number import household_by_number
from shouwang.households.models import Household
from shouwang.households.reading import history_of, household_visible_to, households_visible_to, persons_of
from shouwang.jobs.history import Statement, household_history, income_statements, monitoring_line
from shouwang.kernel.errors import InputError
from shouwang.web.charts.incomes import Incomes, incomes
from shouwang.web.doors import door
from shouwang.web.household_life import KIND_OF_SOURCE, line_of, of_clues, of_deliveries, of_register, of_visits
from shouwang.web.overview_figures import without_income
from shouwang.web.paging import page_of
from shouwang.web.places import area_for, rows_inside
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
    found = rows_inside(households_visible_to(request.user), area)
    if search:
        found = found.filter(Q(household_no__istartswith=search) | Q(head_name__contains=search))
    if kind in TYPES:
        found = found.filter(household_type=kind)
    run = screening_runs().first()
    no_income = request.GET.get("income") == "none" and run is not None and not is_department(scope)
    if no_income:
        page = page_of(request, without_income(found, run))
        page.object_list = found.filter(pk__in=list(page.object_list)).order_by("household_no")
    else:
        page = page_of(request, found.order_by("household_no"))
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
            "may_ask_income": run is not None and not is_department(scope),
            "types": TYPES,
            "area": area,
            "areas": area_choices(scope, area),
        },
    )


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

    A department sees the members and its own rows, not the income nor what other departments delivered.
    """
    try:
        found = household_visible_to(request.user, household_no)
    except Household.DoesNotExist:
        raise Http404 from None
    record_alone(request.user, "household_viewed", found)
    scope = scope_of(request.user, localdate())
    fully = scope.covers_fully(found.area_id)
    events = household_history(settings.HOME, found)
    if not fully:
        events = [event for event in events if scope.may_upload(event.owner)]
    persons = list(persons_of(found))
    names = {person.key: person.name for person in persons}
    gone = {person.key: person for person in persons if person.left_on}
    clues = list(
        clues_visible_to(request.user)
        .filter(household=found)
        .order_by("-last_seen_on", "number")
        .defer("evidence", "flags")
        .prefetch_related("steps")
    )
    statements = income_statements(settings.HOME, found) if fully else []
    visits = visits_to(clues) if fully else []
    moments = [
        *of_deliveries(events),
        *of_register(history_of(found), names),
        *of_clues(clues, fully),
        *of_visits(visits),
    ]
    return render(
        request,
        "desk/household.html",
        {
            "household": found,
            "place": full_name(found.area),
            "present": [person for person in persons if not person.left_on],
            "gone": list(gone.values()),
            "today": localdate(),
            "fully": fully,
            "may_unmask": fully and scope.may(Permission.UNMASK, found.area_id),
            "statements": statements,
            "picture": _picture(statements),
            "help": [
                (event, row, gone.get(row.key))
                for event in events
                if KIND_OF_SOURCE.get(event.source) == "help"
                for row in event.rows
                if row.stands and not row.superseded
            ],
            "clues": [each for each in clues if each.state == Clue.State.OPEN],
            "line": line_of(moments, request.GET.get("kind", ""), request.GET.get("year", "")),
            "open_deliveries": set(deliveries_visible_to(request.user).values_list("number", flat=True)),
        },
    )


def _picture(statements: list[Statement]) -> Incomes | None:
    """Income a head beside the monitoring line, for the statements of days that had one."""
    lines = [(each.period_end, each.per_capita, monitoring_line(each.period_end)) for each in statements]
    return incomes([(end, amount, line) for end, amount, line in lines if amount is not None and line is not None])
