"""A household under assistance with one of everything that pages name: a plan, a task, a need, a contact, a visit's photo."""

from datetime import date
from types import SimpleNamespace

from django.conf import settings
from django.utils import timezone

from shouwang.assistance.contacts import context_of
from shouwang.assistance.models import (
    Contact,
    DepartmentTask,
    FollowUp,
    FollowUpPhoto,
    Measure,
    Need,
    Plan,
    PlanStep,
)
from shouwang.cases.models import Case
from shouwang.clues.photos import Drawn, seal_photo


def make_help(
    case: Case, on: date, department: str, mark: str, *, stage: str = "drafting", number: str = ""
) -> SimpleNamespace:
    """The plan lies with the village, the task with the department, the need is published."""
    household, village = case.household, case.area_id
    county, township = village[:6] + "000000", village[:9] + "000"
    plan = Plan.objects.create(
        number=f"{household.pk}-B01", case=case, area_id=village, desk_id=village, stage=stage, opened_on=on,
        due_on=on if stage == "drafting" else None, visit_due_on=on,
    )  # fmt: skip
    measures = [
        Measure.objects.create(
            plan=plan, number=place, category=category, title=f"{title}{mark}", owner_id=county, in_charge="某人",
            department=own, fund_source=fund, due_on=on, state="planned",
        )
        for place, category, title, own, fund in (
            (1, "health", "大病救治", department, "sector_policy"),
            (2, "social_help", "捐赠", "", "social_funds"),
            (3, "comprehensive_security", "救助", "", "sector_policy"),
        )
    ]  # fmt: skip
    task = DepartmentTask.objects.create(
        number=f"{plan.number}-01", measure=measures[0], area_id=village, desk_id=county, department=department,
        stage="task_assigned", assigned_on=on, due_on=on,
    )  # fmt: skip
    need = Need.objects.create(
        number=number or f"XQ{county[:6]}-{village[-5:]}", measure=measures[1], area_id=village, township_id=township, county_id=county,
        desk_id=county, category="social_help", text=f"轮椅{mark}", people=1, wanted_by=on, stage="need_published",
        raised_on=on,
    )  # fmt: skip
    key = f"contact-{household.pk}"
    contact = Contact.objects.create(
        case=case, kind="assistance_contact", name=f"张明{mark}", unit="镇政府", phone_masked="139****0000", since=on,
        key=key, sealed=settings.HOME.sealer().seal("13900000000", context_of(key)),
    )  # fmt: skip
    step = PlanStep.objects.create(
        plan=plan, number=1, action="follow_up", at=timezone.now(), on=on, stage_from=stage, stage_to=stage
    )
    Plan.objects.filter(pk=plan.pk).update(version=1)
    visit = FollowUp.objects.create(
        plan=plan, step=step, visited_on=on, visitors=["张三"], situation="unchanged", findings="按时服药"
    )
    photo = FollowUpPhoto.objects.create(
        follow_up=visit, name=seal_photo(Drawn(b"jpeg", 1, 1)), width=1, height=1, size=4
    )
    return SimpleNamespace(plan=plan, task=task, need=need, contact=contact, photo=photo, measures=measures)


def filled_in(answer: object) -> dict[str, str]:
    """What the form of a plan sends where nobody changes anything."""
    context = answer.context  # type: ignore[attr-defined]
    sent = {"seen": str(context["seen"]), "key": context["key"]}
    for row in (*context["proposed"], *context["own"]):
        if row.ticked:
            sent[row.name] = "1"
        sent |= {f"{row.name}-{name}": value for name, value in row.values.items()}
    return sent
