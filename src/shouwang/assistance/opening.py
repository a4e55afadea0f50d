"""A plan opens by itself for every household that is included, or helped first, and closes when it is monitored no longer.

Done again it does nothing.
"""

from collections import Counter
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from shouwang.areas.models import Area
from shouwang.assistance.models import MeasureState, Plan, PlanAction, PlanStage
from shouwang.assistance.plan_rules import months_after
from shouwang.assistance.requirements import FIRST_HELP, Requirements
from shouwang.assistance.steps import PlanStepping
from shouwang.cases.models import Case, Stage
from shouwang.cases.reading import FIRST_CLUE
from shouwang.proceedings.desks import lines_of

BATCH = 500


def open_plans(requirements: Requirements, on: date) -> int:
    """Returns how many plans were opened."""
    standing = Plan.objects.filter(case=OuterRef("pk")).exclude(stage=PlanStage.CLOSED)
    waiting = Case.objects.filter(Q(stage=Stage.INCLUDED) | ~Q(help_first="") & ~Q(stage=Stage.REFUSED))
    waiting = waiting.filter(~Q(stage=Stage.ELIMINATED), ~Exists(standing)).order_by("pk")
    opened = 0
    while some := list(waiting[:BATCH]):
        opened += _open_some([case.pk for case in some], requirements, on)
    return opened


@transaction.atomic
def _open_some(keys: list[int], requirements: Requirements, on: date) -> int:
    """The cases are locked, so that each gets one plan and plans of a household are numbered without gaps."""
    cases = list(Case.objects.select_for_update().prefetch_related("area").filter(pk__in=keys).order_by("pk"))
    households = [case.household_id for case in cases]
    before = Counter(Plan.objects.filter(case__household__in=households).values_list("case__household", flat=True))
    standing = set(Plan.objects.filter(case__in=keys).exclude(stage=PlanStage.CLOSED).values_list("case", flat=True))
    lines = lines_of({case.area_id for case in cases}, on)
    found = dict(Case.objects.filter(pk__in=keys).annotate(day=FIRST_CLUE).values_list("pk", "day"))
    stepping = PlanStepping(None, requirements, on)
    opened = 0
    for case in cases:
        if case.pk in standing:
            continue
        plan = Plan.objects.create(
            number=f"{case.household_id}-B{before[case.household_id] + 1:02}",
            case=case,
            area=case.area,
            stage=PlanStage.DRAFTING,
            opened_on=on,
            visit_due_on=next_visit(case, requirements, on),
            help_due_on=help_due(case, found[case.pk], requirements),
        )
        stepping.take(plan, PlanAction.OPEN, stage=PlanStage.DRAFTING, desk=lines[case.area_id][Area.VILLAGE])
        opened += 1
    stepping.finish()
    return opened


def close_plans(requirements: Requirements, on: date) -> int:
    """Closes the plans of households whose risk has ended, or who were not included; returns how many.

    Measures that run on (loans and posts to the end of their contract, schooling to the end of its stage: DOMAIN B7) go on
    until the village ends them.
    """
    over = Plan.objects.exclude(stage=PlanStage.CLOSED).filter(case__stage__in=[Stage.ELIMINATED, Stage.REFUSED])
    closed = 0
    while some := list(over.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        closed += _close_some(some, requirements, on)
    return closed


@transaction.atomic
def _close_some(keys: list[int], requirements: Requirements, on: date) -> int:
    held = Plan.objects.select_for_update().prefetch_related("area", "case", "desk").filter(pk__in=keys)
    plans = list(held.exclude(stage=PlanStage.CLOSED).order_by("pk"))
    stepping = PlanStepping(None, requirements, on)
    for plan in plans:
        changes = {"closed_on": on, "visit_due_on": None}
        why = plan.case.get_stage_display()
        stepping.take(plan, PlanAction.CLOSE, stage=PlanStage.CLOSED, desk=plan.area, reason=why, changes=changes)
        plan.measures.filter(state=MeasureState.PROPOSED).update(state=MeasureState.WITHDRAWN)
    stepping.finish()
    return len(plans)


def help_due(case: Case, found_on: date | None, requirements: Requirements) -> date:
    """The last day for the first help: from the household's first clue, or from the day on which it was rolled back."""
    return requirements.due(FIRST_HELP, case.rolled_back_on or found_on or case.opened_on)


def next_visit(case: Case, requirements: Requirements, visited: date, *, worse: bool = False) -> date:
    """The last day for the next visit: sooner for key households, and where the last visit found it worse."""
    key = worse or case.monitor_type in requirements.key_types
    return months_after(visited, requirements.visit_months_key if key else requirements.visit_months)
