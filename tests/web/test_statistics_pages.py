"""The pages of the statistics: what they show, to whom, from how many queries, and what leaves them."""

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from openpyxl import load_workbook
from small_city import CITY, COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE, make_user
from whole_city import make_areas

from runtime_role import emptied
from shouwang.areas import tree
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, ClueStep
from shouwang.households.models import Household
from shouwang.jobs import statistics
from signed_in import sign_in

TODAY = date(2021, 8, 20)
RULE = "medical.high_out_of_pocket"
PERIOD = "since=2021-05&until=2021-08"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def _fill() -> None:
    """Forty decided clues of one rule, ten of them true; in two villages of two counties."""
    for number in range(40):
        place = VILLAGE if number % 4 else FOREIGN_VILLAGE
        household = Household.objects.create(
            household_no=f"S{number}", area_id=place, household_type="一般农户", head_name="冉", received_on=TODAY,
            delivery=1, line=2,
        )  # fmt: skip
        clue = Clue.objects.create(
            number=f"S{number}-01", household=household, area_id=place, risk_type="illness", level="yellow",
            state="confirmed" if number < 10 else "dismissed", opened_on=TODAY - timedelta(days=60), reasons="…",
            last_seen_on=TODAY, rules=[RULE], owners="|医保|" if number % 2 else "|民政|", stage="closed",
        )  # fmt: skip
        ClueStep.objects.create(
            clue=clue, number=1, action="agree", stage_from="township_review", stage_to="closed", at=now(), on=TODAY
        )
    statistics.fill(TODAY)


@pytest.fixture(scope="module")
def filled_for_the_file(rows_of_the_file: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        make_areas()
        _fill()


@pytest.fixture
def filled(filled_for_the_file: None, db: None) -> None: ...


def client_of(area: str, duty: str, department: str = "") -> Client:
    return sign_in(Client(), make_user(f"{duty}{area}", area, duty, department))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_city_sees_its_counties_and_a_village_itself(filled: None) -> None:
    city = page(client_of(CITY, "city"), f"/statistics/?{PERIOD}&show=clues.decided")
    assert ">40<" in city
    assert f"/statistics/areas/{COUNTY}/?" in city
    village = client_of(VILLAGE, "village")
    assert ">30<" in page(village, f"/statistics/?{PERIOD}&show=clues.decided")
    assert village.get(f"/statistics/areas/{COUNTY}/").status_code == 404


def test_filters_stand_in_the_address_and_nonsense_is_left_out(filled: None) -> None:
    client = client_of(COUNTY, "county")
    assert ">30<" in page(client, f"/statistics/?{PERIOD}&show=clues.decided&by=risk:illness")
    assert ">30<" not in page(client, f"/statistics/?{PERIOD}&show=clues.decided&by=risk:accident")
    table = page(client, f"/statistics/?{PERIOD}&view=table")
    assert "2021-08" in table
    assert "33.3%" not in table
    for strange in (
        "by=risk:none",
        "by=x",
        "show=x",
        "since=2021-13",
        "until=9999-99",
        "since=2021-08&until=2021-01",
        "by=rule:",
    ):
        page(client, f"/statistics/?{strange}")


def test_a_department_sees_figures_of_its_own_clues(filled: None) -> None:
    client = client_of(CITY, "department", "医保")
    own = page(client, f"/statistics/?{PERIOD}&show=clues.decided&by=risk:illness")
    assert ">20<" in own
    assert "只含以医保数据为依据的线索和交医保办理的任务" in own
    assert "在册监测对象" not in own
    assert "民政" not in page(client, "/statistics/precision/")


def test_precision_stands_on_its_page_and_beside_the_rule(filled: None) -> None:
    client = client_of(CITY, "city")
    assert "25%" in page(client, "/statistics/precision/")
    rule = page(client, f"/policy/rules/{RULE}/")
    assert "办结 40 条，属实 10 条（95% 区间 14%–40%）" in rule
    assert re.search(r"<b>25%</b> <span[^>]*>10 / 40</span>", page(client, "/policy/"))
    assert 'data-label="核实属实"' not in page(client_of(CITY, "department", "医保"), "/policy/")
    own = page(client_of(FOREIGN_COUNTY, "county"), f"/policy/rules/{RULE}/")
    assert "只办结了 10 条，还看不出准不准" in own


def test_the_number_of_queries_does_not_grow(filled: None) -> None:
    client = client_of(CITY, "city")
    for address in (
        f"/statistics/?{PERIOD}",
        "/statistics/precision/",
        f"/statistics/areas/{CITY}/sheet.xlsx?{PERIOD}",
    ):
        with CaptureQueriesContext(connection) as few:
            page_of_bytes = client.get(address)
        assert page_of_bytes.status_code == 200
        for number in range(30):
            Area.objects.create(
                code=f"5099{number:02d}000000", name="新", level=2, parent_id=CITY, scope=f"5099{number:02d}"
            )
        tree.tree()  # is there from the start, and read anew when areas change
        with CaptureQueriesContext(connection) as many:
            client.get(address)
        assert len(many) <= len(few)
        emptied(Area.objects.filter(code__startswith="5099"))


def test_a_spreadsheet_holds_what_the_page_shows_and_is_on_record(filled: None) -> None:
    client = client_of(COUNTY, "county")
    answer = client.get(f"/statistics/areas/{COUNTY}/sheet.xlsx?{PERIOD}")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:4] == ("区域", "指标", "单位", "合计")
    found = {(row[0], row[1]): row[3] for row in rows[1:]}
    township = Area.objects.get(pk=TOWNSHIP)
    assert found[township.name, "核实办结线索"] == "30"
    entry = Entry.objects.filter(action="list_exported").latest("sequence")
    assert (entry.subject[:3], entry.area) == ("DC-", COUNTY)


def test_a_sheet_by_risk_names_no_village(filled: None) -> None:
    client = client_of(COUNTY, "county")
    village = Area.objects.get(pk=VILLAGE)

    def cells(code: str, by: str) -> set[object]:
        answer = client.get(f"/statistics/areas/{code}/sheet.xlsx?{PERIOD}&by={by}")
        return {cell for row in load_workbook(io.BytesIO(answer.content)).active.values for cell in row}

    assert village.name in cells(TOWNSHIP, "")
    assert village.name not in cells(TOWNSHIP, "risk:illness")
    assert "30" not in cells(VILLAGE, "risk:illness")
    assert any("只导出到乡镇" in str(cell) for cell in cells(VILLAGE, "risk:illness"))
