"""What is known about assistance, set by set: whoever counts or lists asks here, and always within what they may see."""

from datetime import date

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localdate

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, Seen, scope_of
from shouwang.assistance.contacts import from_elsewhere
from shouwang.assistance.flow import NEEDS, PLANS, TASKS
from shouwang.assistance.models import (
    Contact,
    ContactKind,
    DepartmentTask,
    FollowUpPhoto,
    Measure,
    MeasureState,
    Need,
    Organisation,
    Plan,
    PlanStage,
    TaskStage,
)
from shouwang.cases.models import Case
from shouwang.proceedings.to_do import to_do
from shouwang.questions import Blank

UNDER_WAY = (MeasureState.RUNNING, MeasureState.DELIVERED, MeasureState.ENDED)


def active_on(on: date) -> Q:
    """The measures that help on a day: begun by then, not ended by then, and their term not over. A delivery ends none."""
    running = Q(state__in=UNDER_WAY, started_on__lte=on) & (Q(until__isnull=True) | Q(until__gte=on))
    return running & (Q(ended_on__isnull=True) | Q(ended_on__gt=on))


def active_measures(cases: QuerySet[Case], on: date) -> QuerySet[Measure]:
    """The measures of these cases that are active on a day, one query; `plan__case` and `plan__case__household` lead back."""
    return Measure.objects.filter(active_on(on), plan__case__in=cases)


def with_help(cases: QuerySet[Case], on: date) -> QuerySet[Case]:
    """The cases with `helped` (whether a measure is active on the day), `first_helped_on` (when the first one began) and
    `help_due_on` (by when it had to)."""
    own = Measure.objects.filter(plan__case=OuterRef("pk"))
    first = own.filter(state__in=UNDER_WAY).order_by().values("plan__case").annotate(day=Min("started_on"))
    due = Plan.objects.filter(case=OuterRef("pk")).order_by().values("case").annotate(day=Min("help_due_on"))
    return cases.annotate(
        helped=Exists(own.filter(active_on(on))),
        first_helped_on=Subquery(first.values("day")),
        help_due_on=Subquery(due.values("day")),
    )


def cases_without_help(cases: QuerySet[Case], on: date) -> QuerySet[Case]:
    """The included cases of these for which no measure is active on a day."""
    return with_help(cases.filter(stage="included"), on).filter(helped=False)


def cases_helped_late(cases: QuerySet[Case], on: date) -> QuerySet[Case]:
    """Those of these that were included and not helped by the last day for it: too late, or not yet by a day."""
    late = Q(first_helped_on__gt=F("help_due_on")) | Q(first_helped_on=None, help_due_on__lt=on)
    return with_help(cases.filter(included_on__lte=on), on).filter(late)


def cases_lacking_contact(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The included cases of these for which one of the two contacts is missing (`lacks_assistance`, `lacks_monitoring`), or was
    named by the village from which the household has moved."""
    standing = Contact.objects.filter(case=OuterRef("pk"), to__isnull=True)
    assistance = ~Exists(standing.filter(kind=ContactKind.ASSISTANCE))
    monitoring = ~Exists(standing.filter(kind=ContactKind.MONITORING))
    unconfirmed = Exists(from_elsewhere().filter(case=OuterRef("pk")))
    found = cases.filter(assistance | monitoring | unconfirmed, stage="included")
    return found.annotate(lacks_assistance=assistance, lacks_monitoring=monitoring)


def plans_visible_to(user: User) -> QuerySet[Plan]:
    """Plans within the user's area, or on a desk there; a department sees its tasks and no plan."""
    scope = scope_of(user, localdate())
    plans = Plan.objects.select_related("case__household", "area", "desk")
    return scope.filter(plans, "area", "desk")


def plan_visible_to(user: User, number: str) -> Plan:
    """Raises Plan.DoesNotExist outside the user's scope, as if there were none."""
    return plans_visible_to(user).get(number=number)


def plans_for(user: User, case: Case) -> list[Plan]:
    """The visible plans for a case."""
    return _for_case.ask(user, case=case.pk)


_for_case = Seen(lambda user: plans_visible_to(user).filter(case=Blank("case")))


def visits_overdue(user: User, on: date) -> QuerySet[Plan]:
    """The visible plans whose household should have been visited before a day, the longest overdue first."""
    standing = plans_visible_to(user).exclude(stage=PlanStage.CLOSED)
    return standing.filter(visit_due_on__lt=on).order_by("visit_due_on", "number")


def without_first_help(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Those of these plans that stand and by which the household has not been helped yet, the soonest to be helped first."""
    waiting = plans.exclude(stage=PlanStage.CLOSED).filter(first_helped_on=None, help_due_on__isnull=False)
    return waiting.order_by("help_due_on", "number")


def measures_owed() -> QuerySet[Measure]:
    """Measures of standing plans that are not in place yet; not those on another desk with a clock of its own: a department's
    task, a pledge."""
    tasks = DepartmentTask.objects.filter(measure=OuterRef("pk"), stage__in=list(TASKS.level_of))
    needs = Need.objects.filter(measure=OuterRef("pk"), stage__in=list(NEEDS.level_of))
    owed = Measure.objects.filter(state__in=[MeasureState.PLANNED, MeasureState.RUNNING], already=False)
    return owed.exclude(plan__stage=PlanStage.CLOSED).filter(~Exists(tasks), ~Exists(needs))


def _of_department(department: str) -> Q:
    return Q(department=department)


def tasks_visible_to(user: User) -> QuerySet[DepartmentTask]:
    """Tasks about households within the user's area, or on a desk there; a department sees its own."""
    scope = scope_of(user, localdate())
    tasks = DepartmentTask.objects.select_related("measure__plan__case__household", "area", "desk")
    return scope.filter(tasks, "area", "desk", own_matters=_of_department)


def task_visible_to(user: User, number: str) -> DepartmentTask:
    """Raises DepartmentTask.DoesNotExist outside the user's scope, as if there were none."""
    return tasks_visible_to(user).get(number=number)


def needs_visible_to(user: User) -> QuerySet[Need]:
    """Needs of households within the user's area; departments and organisations see none of them this way."""
    scope = scope_of(user, localdate())
    needs = Need.objects.select_related(
        "measure__plan__case__household", "area", "desk", "township", "county", "organisation"
    )
    return scope.filter(needs)


def need_visible_to(user: User, number: str) -> Need:
    """Raises Need.DoesNotExist outside the user's scope, as if there were none."""
    return needs_visible_to(user).get(number=number)


def plans_to_do(user: User, on: date) -> QuerySet[Plan]:
    """Plans that are for somebody to act on, soonest first."""
    found = Plan.objects.filter(to_do(PLANS, scope_of(user, on), on)).select_related("case__household", "desk")
    return found.order_by("due_on", "number")


def tasks_to_do(user: User, on: date) -> QuerySet[DepartmentTask]:
    """Tasks that are for somebody to act on, soonest first."""
    found = DepartmentTask.objects.filter(_tasks_to_do(user, on))
    return found.select_related("measure__plan__case__household", "desk").order_by("due_on", "number")


def _tasks_to_do(user: User, on: date) -> Q:
    """An office has its own departments' overdue tasks before it too, for they lie on desks of its own area."""
    scope = scope_of(user, on)
    late = Q(pk__in=[])
    for reach in scope.holding(Permission.DISPATCH):
        late |= Q(desk=reach.area, stage__in=[TaskStage.ASSIGNED, TaskStage.IN_HAND], due_on__lt=on)
    return to_do(TASKS, scope, on) | late


def needs_to_do(user: User, on: date) -> QuerySet[Need]:
    """Needs that are for an office to act on, soonest first; what an organisation has to do stands on its board."""
    scope = scope_of(user, on)
    offices = Scope(tuple(reach for reach in scope.reaches if not reach.may(Permission.PLEDGE)))
    found = Need.objects.filter(to_do(NEEDS, offices, on))
    return found.select_related("measure__plan__case__household", "desk", "township").order_by("due_on", "number")


def photo_visible_to(user: User, name: str) -> FollowUpPhoto:
    """Raises FollowUpPhoto.DoesNotExist for a photo of a household about which the user does not see everything."""
    photo = FollowUpPhoto.objects.select_related("follow_up__plan__case").get(name=name)
    if not scope_of(user, localdate()).covers_fully(photo.follow_up.plan.area_id):
        raise FollowUpPhoto.DoesNotExist
    return photo


def contact_unmaskable_by(user: User, pk: int) -> Contact:
    """Raises Contact.DoesNotExist where the user's posts do not unmask in the household's village."""
    contact = Contact.objects.select_related("case__household").get(pk=pk)
    scope, area = scope_of(user, localdate()), contact.case.area_id
    if not (scope.covers_fully(area) and scope.may(Permission.UNMASK, area)):
        raise Contact.DoesNotExist
    return contact


def organisations_visible_to(user: User) -> QuerySet[Organisation]:
    """The organisations that the user's county has registered."""
    holding = Scope(scope_of(user, localdate()).holding(Permission.APPROVE_CASE))
    return holding.filter(Organisation.objects.select_related("account", "area"))
