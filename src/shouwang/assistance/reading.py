"""What is known about assistance, set by set: whoever counts or lists asks here, and always within what they may see."""

from datetime import date

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localdate

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.assistance.models import Contact, ContactKind, Measure, MeasureState, Plan, PlanStage
from shouwang.cases.models import Case

UNDER_WAY = (MeasureState.RUNNING, MeasureState.DELIVERED, MeasureState.ENDED)


def active_on(on: date) -> Q:
    """The measures that help on a day: begun by then, and not ended by then. A delivery does not end a measure."""
    return Q(state__in=UNDER_WAY, started_on__lte=on) & (Q(ended_on__isnull=True) | Q(ended_on__gt=on))


def active_measures(cases: QuerySet[Case], on: date) -> QuerySet[Measure]:
    """The measures of these cases that are active on a day, one query; `plan__case` and `plan__case__household` lead back."""
    return Measure.objects.filter(active_on(on), plan__case__in=cases)


def with_help(cases: QuerySet[Case], on: date) -> QuerySet[Case]:
    """The cases with `helped` (whether a measure is active on the day) and `first_helped_on` (when the first one began)."""
    own = Measure.objects.filter(plan__case=OuterRef("pk"))
    first = own.filter(state__in=UNDER_WAY).order_by().values("plan__case").annotate(day=Min("started_on"))
    return cases.annotate(helped=Exists(own.filter(active_on(on))), first_helped_on=Subquery(first.values("day")))


def cases_without_help(cases: QuerySet[Case], on: date) -> QuerySet[Case]:
    """The included cases of these for which no measure is active on a day."""
    return with_help(cases.filter(stage="included"), on).filter(helped=False)


def cases_lacking_contact(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The included cases of these for which one of the two contacts is missing; `lacks_assistance`, `lacks_monitoring`."""
    standing = Contact.objects.filter(case=OuterRef("pk"), to__isnull=True)
    found = cases.filter(stage="included").annotate(
        lacks_assistance=~Exists(standing.filter(kind=ContactKind.ASSISTANCE)),
        lacks_monitoring=~Exists(standing.filter(kind=ContactKind.MONITORING)),
    )
    return found.filter(Q(lacks_assistance=True) | Q(lacks_monitoring=True))


def plans_visible_to(user: User) -> QuerySet[Plan]:
    """Plans within the user's area, or on a desk there; a department sees its tasks and no plan."""
    scope = scope_of(user, localdate())
    plans = Plan.objects.select_related("case__household", "area", "desk")
    return scope.filter(plans) | scope.filter(plans, "desk")


def plan_visible_to(user: User, number: str) -> Plan:
    """Raises Plan.DoesNotExist outside the user's scope, as if there were none."""
    return plans_visible_to(user).get(number=number)


def visits_overdue(user: User, on: date) -> QuerySet[Plan]:
    """The visible plans whose household should have been visited before a day, the longest overdue first."""
    standing = plans_visible_to(user).exclude(stage=PlanStage.CLOSED)
    return standing.filter(visit_due_on__lt=on).order_by("visit_due_on", "number")
