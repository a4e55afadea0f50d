"""Plans and measures written straight into the tables, for what only reads them."""

from datetime import date
from typing import Any

from shouwang.assistance.models import Contact, Measure, Plan
from shouwang.cases.models import Case
from shouwang.households.models import Household


def included_case(household: Household, on: date, **more: Any) -> Case:
    """A case of an included household, as if it had gone all the way."""
    told: dict[str, Any] = {
        "stage": "included",
        "monitor_type": "marginal",
        "risks": ["illness"],
        "opened_on": on,
        "included_on": on,
    }
    number = f"{household.pk}-J{household.cases.count() + 1:02}"
    return Case.objects.create(number=number, household=household, area_id=household.area_id, **(told | more))


def bare_plan(case: Case, on: date, stage: str = "plan_running") -> Plan:
    return Plan.objects.create(
        number=f"{case.household_id}-B{case.plans.count() + 1:02}",
        case=case,
        area_id=case.area_id,
        desk_id=case.area_id,
        stage=stage,
        opened_on=on,
    )


def bare_measure(plan: Plan, state: str, begun: date | None = None, ended: date | None = None) -> Measure:
    return Measure.objects.create(
        plan=plan,
        number=plan.measures.count() + 1,
        category="health",
        title="大病专项救治",
        owner_id=plan.area_id,
        in_charge="村支书",
        fund_source="sector_policy",
        due_on=plan.opened_on,
        state=state,
        started_on=begun,
        ended_on=ended,
    )


def bare_contact(case: Case, kind: str, since: date, to: date | None = None) -> Contact:
    key = f"{case.pk}{kind}{since}"
    return Contact.objects.create(
        case=case, kind=kind, name="张明", unit="村委会", phone_masked="138****0000", since=since, to=to, key=key
    )
