"""按时率: of every step of every kind of matter, by who was to act and how long they had; villages sum up to the city."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from declaring import Office as DeclaringOffice
from declaring import anonymous
from desks import CITY, VILLAGE
from helping import HelpOffice, make_helpers
from register_office import Office as RegisterOffice
from register_office import split
from test_statistics import unsummed

from shouwang.areas.models import Area
from shouwang.assistance.models import DepartmentTask, Plan
from shouwang.jobs import statistics
from shouwang.proceedings.lifecycles import lifecycles
from shouwang.registration import deciding
from shouwang.statistics import reading
from shouwang.statistics.declared import STATISTICS
from shouwang.statistics.models import Cut, Figure
from shouwang.sweeps.models import Campaign

LATE = timedelta(days=40)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def rate(code: str, area: str = VILLAGE, cut: Cut = Cut.WHOLE, of: str = "") -> tuple[int, int]:
    """Those in time and all of them, over all months."""
    months = sorted(set(Figure.objects.values_list("month", flat=True)))
    series = reading.series_of(Area.objects.get(pk=area), reading.Asked(tuple(months), cut, of))
    return series.parts(STATISTICS[f"{code}.timely"])  # type: ignore[arg-type]


def helped(people: dict[str, Any]) -> tuple[Plan, HelpOffice]:
    """A plan that the village drafted in time and the township kept for too long; a task and a need of it."""
    office = HelpOffice(people)
    plan = office.plan()
    office.act(plan, "submit_plan", "village")
    office.on += LATE
    office.act(plan, "agree", "township")
    office.act(plan, "approve", "county")
    return plan, office


def test_plans_tasks_and_needs_are_judged_by_the_clock_with_which_they_came(areas: None, households: Any) -> None:
    plan, office = helped(make_helpers())
    task = DepartmentTask.objects.get()
    office.on += LATE
    office.act(task, "urge", "county")  # a new last day, but what is late stays late
    office.act(task, "accept_task", "department")
    office.act(task, "report_task", "department")
    office.act(task, "dispute", "village")
    need = office.need(plan)
    office.act(need, "publish", "county")
    office.act(need, "pledge", "organisation")
    office.on += LATE
    office.act(need, "match", "county")
    statistics.fill(office.on)
    assert rate("assistance.drafting") == (1, 1)
    assert rate("assistance.plan_audit") == (0, 1)
    assert rate("assistance.plan_approval") == (1, 1)
    assert rate("tasks.task_assigned") == (0, 1)
    assert rate("tasks.task_in_hand") == (1, 1)
    assert rate("tasks.task_reported") == (1, 1)
    assert rate("tasks.task_assigned", CITY, Cut.DEPARTMENT, "医保") == (0, 1)
    assert rate("tasks.task_assigned", CITY, Cut.DEPARTMENT, "民政") == (0, 0)
    assert rate("needs.need_raised") == (1, 1)
    assert rate("needs.need_pledged") == (0, 1)
    assert rate("assistance.plan_audit", CITY) == (0, 1)
    assert unsummed(office.on) == []


def test_a_plan_whose_ground_is_gone_was_kept_by_nobody(areas: None, households: Any) -> None:
    from shouwang.assistance.opening import close_plans

    office = HelpOffice(make_helpers())
    plan = office.plan()
    plan.case.stage = "refused"
    plan.case.save()
    close_plans(office.requirements, office.on)
    assert Plan.objects.get().stage == "plan_closed"
    statistics.fill(office.on)
    assert not Figure.objects.filter(statistic__startswith="assistance.drafting").exists()


def test_reports_of_households_are_judged_too(areas: None, households: Any) -> None:
    office = DeclaringOffice(make_helpers())
    number = anonymous().number
    office.act(number, "pass_down", "township")
    office.on += LATE
    office.act(number, "give_back", "village")
    office.act(number, "reassign", "county")  # stays at its stage: nobody is done with it
    statistics.fill(office.on)
    assert rate("declarations.township") == (1, 1)
    assert rate("declarations.village") == (0, 1)
    assert unsummed(office.on) == []


def test_changes_of_the_register_are_judged_too(office: RegisterOffice) -> None:
    request = split(office)
    office.on += LATE
    deciding.send_back(request.number, office.order("township"), "补户口簿")
    deciding.resubmit(request.number, office.order("village"), "已补")
    deciding.agree(request.number, office.order("township"), "同意")
    statistics.fill(office.on)
    assert rate("registration.register_township") == (1, 2)
    assert rate("registration.register_returned") == (1, 1)
    assert unsummed(office.on) == []


def without_a_rate(known: Callable[[str], bool]) -> set[tuple[str, str]]:
    """The stages that have a clock of which no statistic says how often it was kept."""
    judged = {code.split(".", 1)[1].removesuffix(".timely") for code in STATISTICS if known(code)}
    return {
        (kind.matter._meta.label, str(stage))
        for kind in lifecycles()
        if kind.matter is not Campaign  # its last day is its own and lies with no village
        for stage in kind.lifecycle.level_of
        if str(stage) not in judged
    }


def test_no_stage_with_a_clock_is_left_out() -> None:
    assert without_a_rate(lambda code: code.endswith(".timely")) == set()
    assert ("assistance.Plan", "plan_audit") in without_a_rate(lambda code: not code.startswith("assistance."))
