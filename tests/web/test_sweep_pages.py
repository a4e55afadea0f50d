"""集中排查 on its pages: planned, started, visited on a telephone, closed."""

import re
from collections.abc import Callable
from types import SimpleNamespace

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import VILLAGE, make_campaign, make_household

from shouwang.clues.models import Clue
from shouwang.jobs.sweeps import sweep_requirements
from shouwang.sweeps.models import Campaign, SweepTask

AtDesk = Callable[[str], Client]


def test_from_the_plan_to_a_clue(city: SimpleNamespace, at_desk: AtDesk) -> None:
    today = localdate().isoformat()
    county, village = at_desk("county"), at_desk("village")
    assert county.post("/sweeps/new/", {"title": "冬季排查", "starts_on": today, "ends_on": today}).status_code == 422
    told = {"title": "冬季排查", "starts_on": today, "ends_on": today, "group": ["lifted", "single"], "key": "k"}
    never = county.post("/sweeps/new/", told | {"starts_on": "9999-12-31", "ends_on": "9999-12-31"})
    assert (never.status_code, "一年以内开始" in never.content.decode()) == (422, True)
    answer = county.post("/sweeps/new/", told)
    assert answer.status_code == 302
    url = answer["Location"]
    assert re.search("要去 [1-9] 户", county.get(url).content.decode())
    county.post(f"{url}move/", {"action": "start", "key": "s"})
    task = SweepTask.objects.get(campaign__title="冬季排查", household=city.household)
    page = village.get(f"/sweeps/households/{task.pk}/").content.decode()
    assert "冉光荣：患有大病" in page
    assert "系统已掌握" in page
    answers = {f"answer-{item.id}": "well" for item in sweep_requirements(localdate()).items}
    told = answers | {"answer-water": "trouble", "note-water": "", "visited_on": today, "key": "v"}
    assert village.post(f"/sweeps/households/{task.pk}/", told).status_code == 422
    assert village.post(f"/sweeps/households/{task.pk}/", told | {"note-water": "水管断了"}).status_code == 302
    clue = Clue.objects.get(risk_type="unsafe_water", household=city.household)
    assert "水管断了" in village.get(f"/clues/{clue.number}/").content.decode()
    shown = county.get(url).content.decode()
    assert re.search("已排查 1 / [1-9] 户，1 户发现困难", shown)
    assert county.post(f"{url}move/", {"action": "close", "key": "c", "reason": "外出"}).status_code == 302
    assert Campaign.objects.get(title="冬季排查").stage == "closed"


def test_who_does_not_visit_does_not_record(city: SimpleNamespace, at_desk: AtDesk) -> None:
    task = city.campaign.tasks.get()
    assert "记录这一户" not in at_desk("county").get(f"/sweeps/households/{task.pk}/").content.decode()
    assert at_desk("county").post(f"/sweeps/households/{task.pk}/", {}).status_code == 403
    assert at_desk("department").get("/sweeps/").status_code == 403
    assert at_desk("foreign").get(f"/sweeps/{city.campaign.number}/").status_code == 404
    assert at_desk("foreign").get(f"/sweeps/households/{task.pk}/").status_code == 404


def test_closing_with_unfinished_ones_is_refused_in_words(city: SimpleNamespace, at_desk: AtDesk) -> None:
    url = f"/sweeps/{city.campaign.number}/"
    page = at_desk("county").post(f"{url}move/", {"action": "close", "key": "c"}, follow=True).content.decode()
    assert "还有 1 户没有排查的理由" in page
    assert Campaign.objects.get(pk=city.campaign.pk).stage == "running"


def test_pages_ask_as_often_for_many(city: SimpleNamespace, at_desk: AtDesk) -> None:
    county = at_desk("county")

    def asked(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert county.get(url).status_code == 200
        return len(queries)

    one = f"/sweeps/{city.campaign.number}/?state=any"
    county.get("/sweeps/")
    before = asked("/sweeps/"), asked(one)
    for place in range(8):
        household = make_household(f"S-{place}", VILLAGE, "向明", 200 + place)
        made = make_campaign(household, "planned")
        Campaign.objects.filter(pk=made.pk).update(number=f"PC-{place}", stage="running")
        for campaign in (made, city.campaign):
            SweepTask.objects.create(campaign=campaign, household=household, area_id=VILLAGE, batch=1)
    assert (asked("/sweeps/"), asked(one)) == before
