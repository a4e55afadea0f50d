"""The demonstration's cases come to every stage by the doors of everybody, and once."""

import pytest
from desks import VILLAGE
from django.utils.timezone import localdate
from identifying import check_cases
from test_demo_handling import clues, people

from shouwang.cases.board import standing_in
from shouwang.cases.models import Case
from shouwang.jobs.demo_handling import hand_out
from shouwang.jobs.demo_identifying import identify
from shouwang.kernel.home import Home

pytestmark = [
    pytest.mark.usefixtures("areas"),
    pytest.mark.once(because="the demonstration goes through steps whose own tests run on both"),
]
TODAY = localdate()


@pytest.mark.long
def test_cases_stand_at_every_stage_and_a_notice_hangs(home: Home) -> None:
    people()
    clues(70, came=12)
    hand_out(TODAY)
    for _ in range(2):
        identify(home, TODAY)
    stages = set(Case.objects.values_list("stage", flat=True))
    assert stages >= {"county_approval", "refused", "township_audit", "publicity", "deliberation", "refusal_notice"}
    assert standing_in(Case.objects.filter(area_id=VILLAGE)[0].area, TODAY).exists()
    check_cases()
