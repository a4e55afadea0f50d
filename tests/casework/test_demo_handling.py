"""The demonstration's clues come to every stage by the engine itself, and once."""

from datetime import timedelta

import pytest
from completeness import check_nothing_is_lost
from desks import COUNTY, TOWNSHIP, VILLAGE, batch, batch_clue
from django.utils.timezone import localdate
from offices import FLAG, ON

from shouwang.accounts.models import Post, User
from shouwang.clues.models import Clue, ClueStep, Photo
from shouwang.clues.today import CluesToDo
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.demo_handling import hand_out

pytestmark = [
    pytest.mark.usefixtures("areas", "home"),
    pytest.mark.once(because="the demonstration goes through steps whose own tests run on both"),
]
TODAY = localdate()


def people() -> dict[str, User]:
    made = {}
    for duty, area in (("city", "500000000000"), ("county", COUNTY), ("township", TOWNSHIP), ("village", VILLAGE)):
        made[duty] = User.objects.create(username=duty, password="!", demonstration=True)
        Post.objects.create(user=made[duty], area_id=area, duty=duty, starts_on=ON)
    return made


def clues(count: int, came: int) -> None:
    numbers = [f"H{n:03d}" for n in range(count)]
    for number in numbers:
        Household.objects.create(
            household_no=number,
            area_id=VILLAGE,
            household_type="一般农户",
            head_name="冉大田",
            member_count=1,
            received_on=ON,
            delivery=1,
            line=2,
        )
    found = [batch_clue(number, level="red" if place % 5 < 3 else "yellow") for place, number in enumerate(numbers)]
    found.insert(1, batch_clue(numbers[0], "disability"))
    record_clues(batch(ON, *found), on=TODAY - timedelta(days=came))
    Clue.objects.filter(household_id="H001").update(flags=[FLAG])


@pytest.mark.long
def test_every_stage_is_there_and_nothing_is_lost() -> None:
    made = people()
    clues(70, came=12)
    stages = hand_out(TODAY)
    assert all(stages[stage] for stage in ("city", "county", "township", "village", "township_review", "county_review"))
    assert stages["closed"] > 5
    assert set(Clue.objects.values_list("state", flat=True)) == {"open", "confirmed", "dismissed"}
    assert Clue.objects.filter(raised_to__isnull=False).exists()
    assert Photo.objects.count() > 10
    assert {"merge", "urge", "return", "send_back"} <= set(ClueStep.objects.values_list("action", flat=True))
    check_nothing_is_lost(set(Clue.objects.values_list("number", flat=True)))
    assert all(CluesToDo(user, TODAY)[:1].exists() for user in made.values())
    steps = ClueStep.objects.count()
    assert hand_out(TODAY) == stages
    assert ClueStep.objects.count() == steps
    for clue in Clue.objects.all():
        days = list(clue.steps.values_list("on", flat=True))
        assert days == sorted(days)


def test_clues_that_came_today_are_handed_out_today() -> None:
    people()
    clues(40, came=0)
    hand_out(TODAY)
    assert set(ClueStep.objects.values_list("on", flat=True)) == {TODAY}


def test_without_users_for_the_line_nothing_happens() -> None:
    clues(3, came=0)
    assert hand_out(TODAY)["city"] == 4
