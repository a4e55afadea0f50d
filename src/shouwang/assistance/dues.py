"""What is owed to a household under assistance, and by when: its first help, a measure in place, the next visit."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import Scope
from shouwang.areas.models import Area
from shouwang.assistance.flow import PLANS
from shouwang.assistance.models import Plan, PlanStage
from shouwang.assistance.reading import measures_owed, without_first_help
from shouwang.proceedings.clocks import Clocks
from shouwang.proceedings.desks import standing
from shouwang.proceedings.owed import Due
from shouwang.proceedings.to_do import risen_to

FIRST_HELP = Due(_("首次帮扶"), lambda: without_first_help(Plan.objects.all()), "help_due_on", "area", "urged_until")
MEASURE = Due(_("措施落实"), measures_owed, "due_on", "owner", "plan__urged_until")
VISIT = Due(_("帮扶走访"), lambda: Plan.objects.exclude(stage=PlanStage.CLOSED), "visit_due_on", "area", "urged_until")
DUES = (FIRST_HELP, MEASURE, VISIT)


@dataclass(frozen=True)
class Late:
    """Something that is late: what, who owes it, and since which last day."""

    words: str
    owner: Area
    due_on: date


def with_measure_overdue(plans: QuerySet[Plan], on: date) -> QuerySet[Plan]:
    """Those of these plans of which a measure is not in place by its last day, the longest first; `measure_due_on` is that day."""
    late = measures_owed().filter(due_on__lt=on).order_by().values("plan")
    return with_measure_due(plans.filter(pk__in=late)).order_by("measure_due_on", "number")


def with_measure_due(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """The plans with `measure_due_on`, the last day of the measure that is to be in place first; None where none is owed."""
    owed = measures_owed().filter(plan=OuterRef("pk")).order_by().values("plan").annotate(day=Min("due_on"))
    return plans.annotate(measure_due_on=Subquery(owed.values("day")))


def plans_risen_to(plans: QuerySet[Plan], scope: Scope, clocks: Clocks, on: date) -> QuerySet[Plan]:
    """Those of these plans that have risen to somebody's offices: overdue themselves, or with something overdue that is owed."""
    risen = risen_to(PLANS, scope, on)
    for due in DUES if scope.holding(Permission.DISPATCH) else ():
        rows = due.risen_to(scope, clocks, on)
        risen |= Q(pk__in=rows.order_by().values("plan" if due is MEASURE else "pk"))
    return plans.filter(risen).order_by("number")


def late_below(plan: Plan, scope: Scope, on: date) -> list[Late]:
    """What of a plan is late and owed by somebody below a user's offices: the first help, measures, the visit."""
    found = []
    for due in DUES:
        rows = due.late_below(scope, on).filter(**{"plan" if due is MEASURE else "pk": plan.pk})
        for row in rows:
            words = f"{due.title}：{row.title}" if due is MEASURE else str(due.title)
            found.append(Late(words, standing(getattr(row, f"{due.desk}_id"), on), getattr(row, due.day)))
    return found
