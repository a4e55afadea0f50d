"""The demonstration's plans, tasks and needs come to every state by the engine itself, and once."""

from functools import partial

import pytest
from desks import COUNTY
from helping import check_assistance
from offices import ON
from test_demo_handling import TODAY, clues, people

from shouwang.accounts.models import Post, User
from shouwang.assistance.models import DepartmentTask, FollowUp, Need, Plan, PlanStep
from shouwang.assistance.reading import cases_lacking_contact, cases_without_help
from shouwang.cases.models import Case
from shouwang.jobs.demo_handling import hand_out
from shouwang.jobs.demo_helping import help_households, include_some
from shouwang.kernel.home import Home

pytestmark = [
    pytest.mark.usefixtures("areas"),
    pytest.mark.once(because="the demonstration goes through steps whose own tests run on both"),
]


@pytest.mark.long
def test_every_state_is_there_and_a_second_time_nothing_happens(home: Home) -> None:
    people()
    for name, duty, department in (("bumen", "department", "医保"), ("shehui", "social_force", "")):
        user = User.objects.create(username=name, password="!", demonstration=True)
        Post.objects.create(user=user, area_id=COUNTY, duty=duty, department=department, starts_on=ON)
    clues(70, came=12)
    hand_out(TODAY, partial(include_some, home))
    assert help_households(home, TODAY) >= 7
    assert set(Plan.objects.values_list("stage", flat=True)) == {
        "drafting",
        "plan_audit",
        "plan_approval",
        "plan_running",
    }
    tasks = set(DepartmentTask.objects.values_list("stage", flat=True))
    assert {"task_assigned", "task_returned", "task_reported", "task_done"} <= tasks
    assert {"need_raised", "need_published", "need_pledged"} <= set(Need.objects.values_list("stage", flat=True))
    assert FollowUp.objects.filter(situation="worse").exists()
    included = Case.objects.filter(stage="included")
    assert 0 < cases_without_help(included, TODAY).count() < included.count()
    assert cases_lacking_contact(included).count() == 2
    check_assistance()
    steps = PlanStep.objects.count()
    help_households(home, TODAY)
    assert PlanStep.objects.count() == steps
    for plan in Plan.objects.all():
        days = list(plan.steps.values_list("on", flat=True))
        assert days == sorted(days)
