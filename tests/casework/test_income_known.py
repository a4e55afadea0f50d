"""收入不明: a screening notes with each household whether it had an income for it; lists, the overview and sweeps go by that."""

from datetime import date
from typing import Any

import pytest
from desks import TOWNSHIP, VILLAGE, make_user
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conftest_numbers import number
from shouwang.areas.models import Area
from shouwang.clues.models import ScreeningRun
from shouwang.households.models import Household
from shouwang.jobs.coverage import mark_income
from shouwang.jobs.register import load_register
from shouwang.jobs.screening import screen_and_record
from shouwang.jobs.sweeps import sweep_requirements
from shouwang.sweeps.groups import households_of
from signed_in import sign_in

ON = date(2021, 6, 17)
pytestmark = pytest.mark.usefixtures("areas")


@pytest.fixture
def delivered(send: Any, send_register: Any) -> None:
    """Three households: one with a statement that counts, one with an old one, one with none."""
    send_register(*(f"H{n},{VILLAGE},一般农户,冉{n},{number(n)},户主,健康,普通劳动力," for n in (1, 2, 3)))
    send(
        "income_statement",
        [
            "户编号,户主姓名,户主证件号码,统计期起,统计期止,工资性收入",
            f"H1,冉1,{number(1)},2020-06-01,2021-05-31,9000",
            f"H2,冉2,{number(2)},2015-06-01,2016-05-31,9000",
        ],
        on="2021-06-05",
    )


def flags() -> dict[str, bool | None]:
    return dict(Household.objects.values_list("pk", "income_known"))


def test_a_screening_notes_it_and_pages_and_sweeps_find_it(delivered: None) -> None:
    load_register(settings.HOME)
    assert flags() == {"H1": None, "H2": None, "H3": None}
    screen_and_record(settings.HOME, ON, ON)
    assert flags() == {"H1": True, "H2": False, "H3": False}
    unknown = households_of("income_unknown", [Area.objects.get(pk=TOWNSHIP)], sweep_requirements(ON).terms)
    assert set(unknown.values_list("pk", flat=True)) == {"H2", "H3"}
    client = sign_in(Client(), make_user("town", TOWNSHIP, "township"))
    page = client.get("/households/?income=none")
    assert [each["household"].pk for each in page.context["rows"]] == ["H2", "H3"]
    assert client.get("/overview/").context["no_income"] == 2


def test_many_households_are_marked_by_as_many_questions_as_few(delivered: None, send_register: Any) -> None:
    load_register(settings.HOME)
    with CaptureQueriesContext(connection) as few:
        mark_income(settings.HOME, ON, ON)
    send_register(*(f"J{n},{VILLAGE},一般农户,冉{n},{number(n)},户主,健康,普通劳动力," for n in range(10, 60)))
    load_register(settings.HOME)
    with CaptureQueriesContext(connection) as many:
        assert mark_income(settings.HOME, ON, ON) == 50
    assert len(many) == len(few)


def test_what_did_not_change_is_left_alone_and_an_earlier_day_does_not_overwrite(delivered: None) -> None:
    load_register(settings.HOME)
    assert [mark_income(settings.HOME, ON, ON), mark_income(settings.HOME, ON, ON)] == [3, 0]
    ScreeningRun.objects.create(as_of=ON, known_at=ON, pack_version="x", state=ScreeningRun.State.DONE)
    assert mark_income(settings.HOME, date(2016, 6, 30), ON) == 0
    assert flags()["H1"] is True


def test_it_is_noted_when_a_statement_no_longer_counts_and_when_one_comes(delivered: None, send: Any) -> None:
    load_register(settings.HOME)
    mark_income(settings.HOME, ON, ON)
    later = date(2022, 8, 1)
    assert mark_income(settings.HOME, later, later) == 1
    assert flags() == {"H1": False, "H2": False, "H3": False}
    header = "户编号,户主姓名,户主证件号码,统计期起,统计期止,工资性收入"
    send("income_statement", [header, f"H3,冉3,{number(3)},2021-08-01,2022-07-31,9000"], on="2022-08-02")
    assert mark_income(settings.HOME, later, later) == 0  # it was not known on that day
    assert mark_income(settings.HOME, date(2022, 8, 2), date(2022, 8, 2)) == 1
    assert flags() == {"H1": False, "H2": False, "H3": True}
