"""What a rate of assistance lacks is a list of households: as many as the two numbers of the rate differ by."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now
from small_city import COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_household

from shouwang.areas.models import Area
from shouwang.assistance.models import Measure, Plan
from shouwang.cases.models import Case, CaseClue, CaseStep
from shouwang.clues.models import Clue
from shouwang.jobs import statistics
from shouwang.statistics import reading
from shouwang.statistics.declared import ASSIST_RATE, HELP_RATE
from shouwang.web.charts.trend import months_back

AtDesk = Callable[[str], Client]
TODAY = localdate()
FOUND_ON = TODAY - timedelta(days=60)


def monitored(place: int, begun: int | None, ended: int | None, area: str = VILLAGE) -> Case:
    """A household found sixty days ago and included; its measure began so many days after that, and ended."""
    household = make_household(f"H-r{place}", area, f"向{place:02}", 700 + place)
    clue = Clue.objects.create(
        number=f"H-r{place}-01", household=household, area_id=area, risk_type="illness", level="yellow",
        state="monitored", stage="closed", opened_on=FOUND_ON, last_seen_on=FOUND_ON, reasons="…",
    )  # fmt: skip
    case = Case.objects.create(
        number=f"H-r{place}-J01", household=household, area_id=area, stage="included", monitor_type="marginal",
        risks=["illness"], opened_on=FOUND_ON, included_on=FOUND_ON + timedelta(days=14),
    )  # fmt: skip
    step = CaseStep.objects.create(
        case=case, number=1, action="open", at=now(), on=FOUND_ON, stage_from="collection", stage_to="collection"
    )
    CaseClue.objects.create(case=case, clue=clue, step=step)
    began = None if begun is None else FOUND_ON + timedelta(days=begun)
    plan = Plan.objects.create(
        number=f"H-r{place}-B01", case=case, area_id=area, desk_id=area, stage="plan_running", opened_on=FOUND_ON,
        help_due_on=FOUND_ON + timedelta(days=15), first_helped_on=began,
    )  # fmt: skip
    Measure.objects.create(
        plan=plan, number=1, category="health", title="大病救治", owner_id=area, in_charge="村支书",
        fund_source="sector_policy", due_on=TODAY, started_on=began,
        ended_on=None if ended is None else FOUND_ON + timedelta(days=ended),
        state="planned" if begun is None else "measure_running" if ended is None else "ended",
    )  # fmt: skip
    return case


@pytest.fixture(scope="module")
def rates_of_the_file(city_of_the_file: bytes, django_db_blocker: Any) -> None:
    """In time and still helped; never; too late; in time, but that help is over; another county's, never."""
    with django_db_blocker.unblock():
        monitored(1, 10, None)
        monitored(2, None, None)
        monitored(3, 30, None)
        monitored(4, 10, 40)
        monitored(5, None, None, FOREIGN_VILLAGE)
        statistics.fill(TODAY)


@pytest.fixture
def rates(rates_of_the_file: None, city: SimpleNamespace) -> None: ...


def listed(page: str) -> set[str]:
    return set(re.findall(r"H-r\d+-J01", page))


def link_of(client: Client, show: str, area: str) -> str:
    answer = client.get(f"/statistics/areas/{area}/?show={show}")
    found = re.search(r'href="(/cases/\?[^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return unescape(found[1])


@pytest.mark.parametrize(
    ("rate", "lacking", "everywhere"),
    [
        (ASSIST_RATE, {"H-r2-J01", "H-r4-J01"}, {"H-r2-J01", "H-r4-J01", "H-r5-J01"}),
        (HELP_RATE, {"H-r2-J01", "H-r3-J01"}, {"H-r2-J01", "H-r3-J01", "H-r5-J01"}),
    ],
)
def test_the_list_has_as_many_households_as_the_rate_lacks(
    rates: None, at_desk: AtDesk, rate: object, lacking: set[str], everywhere: set[str]
) -> None:
    code = rate.code  # type: ignore[attr-defined]
    for who, area, wanted in (
        ("county", COUNTY, lacking),
        ("city", COUNTY, lacking),
        ("city", "500000000000", everywhere),
    ):
        client = at_desk(who)
        page = client.get(link_of(client, code, area)).content.decode()
        assert listed(page) == wanted
        asked = reading.Asked(tuple(months_back(TODAY.replace(day=1), 4)))
        part, whole = reading.series_of(Area.objects.get(pk=area), asked).parts(rate)  # type: ignore[arg-type]
        assert whole - part == page.count('class="row-link"')


def test_the_list_keeps_to_its_months_its_area_and_its_scope(rates: None, at_desk: AtDesk) -> None:
    client = at_desk("city")
    before = f"{FOUND_ON - timedelta(days=90):%Y-%m}"
    assert listed(client.get(f"/cases/?group=helped_late&until={before}").content.decode()) == set()
    assert listed(client.get(f"/cases/?group=helped_late&since={before}").content.decode()) >= {"H-r3-J01"}
    assert listed(client.get("/cases/?group=helped_late&since=x&until=2021-99").content.decode()) >= {"H-r3-J01"}
    assert at_desk("county").get(f"/cases/?group=unhelped&area={FOREIGN_COUNTY}").status_code == 404
    assert "H-r5" not in at_desk("county").get("/cases/?group=unhelped").content.decode()
    village = at_desk("village").get("/cases/?group=unhelped").content.decode()
    assert listed(village) == {"H-r2-J01", "H-r4-J01"}
    assert "今天没有一项帮扶措施在实施" in village


def test_a_month_that_is_over_and_a_cut_have_no_list(rates: None, at_desk: AtDesk) -> None:
    client = at_desk("county")
    for query in (f"show={ASSIST_RATE.code}&until=2021-05", f"show={ASSIST_RATE.code}&by=type:marginal"):
        assert "/cases/?" not in client.get(f"/statistics/?{query}").content.decode()
    department = at_desk("department").get("/statistics/").content.decode()
    assert "/cases/?" not in department


@pytest.mark.parametrize("group", ["unhelped", "helped_late"])
def test_many_households_take_no_more_queries(rates: None, at_desk: AtDesk, group: str) -> None:
    client = at_desk("county")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/cases/?group={group}").status_code == 200
        return len(captured)

    for _once_for_what_is_kept_in_memory in range(2):
        few = queries()
    for place in range(10, 25):
        monitored(place, None, None)
    assert queries() == few
