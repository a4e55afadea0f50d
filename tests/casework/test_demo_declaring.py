"""The demonstration's reports stand in every state, and are made once."""

from collections import Counter

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE, make_user
from offices import ON

from shouwang.accounts.models import User
from shouwang.declarations.models import Declaration
from shouwang.households.models import Household, Person
from shouwang.jobs.demo_declaring import SAID, declare
from shouwang.jobs.demo_sweeping import sweep
from shouwang.sweeps.models import Campaign, SweepTask

pytestmark = [
    pytest.mark.usefixtures("households", "home"),
    pytest.mark.once(because="the demonstration goes through steps whose own tests run on both"),
]


def test_the_townships_desk_has_reports_in_every_state() -> None:
    assert declare(ON) == 0  # nobody there to take them up
    make_user("xiang", TOWNSHIP, "township")
    make_user("xiang2", TOWNSHIP, "township")
    make_user("cun", VILLAGE, "village")
    User.objects.update(demonstration=True)
    for place in range(len(SAID)):
        household = Household.objects.create(
            household_no=f"D{place}", area_id=VILLAGE, household_type="一般农户", received_on=ON, delivery=1, line=2
        )
        Person.objects.create(
            key=place, household=household, name=f"冉{place}", id_masked="5", sealed=b"", relation="户主", delivery=1,
            line=place, received_on=ON,
        )  # fmt: skip
    for _ in range(2):
        assert declare(ON) == len(SAID)
    states = Counter(Declaration.objects.values_list("stage", flat=True))
    assert states == {
        "unverified": 1,
        "township": 2,
        "village": 1,
        "closing": 1,
        "linked": 2,
        "closed": 1,
        "appealed": 1,
    }
    assert Declaration.objects.get(anonymous=True).stage == "township"
    closed = Declaration.objects.get(stage="closed")
    assert closed.steps.get(action="propose").actor != closed.steps.get(action="agree").actor


def test_the_county_sweeps_and_the_village_has_been_to_some_homes() -> None:
    assert sweep(ON) == 0
    make_user("xian", COUNTY, "county")
    make_user("cun", VILLAGE, "village")
    User.objects.update(demonstration=True)
    for _ in range(2):
        assert sweep(ON) == 3
    assert set(Campaign.objects.values_list("stage", flat=True)) == {"planned", "running", "closed"}
    assert SweepTask.objects.filter(outcome="").exists()
    assert SweepTask.objects.exclude(outcome="").count() == 1
