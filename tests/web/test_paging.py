"""How many rows a long list has is counted once a minute where that takes long, and never for another question."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from small_city import FOREIGN_VILLAGE, VILLAGE, make_household

from shouwang.households.models import Household
from shouwang.web import paging

pytestmark = pytest.mark.usefixtures("areas")


def counted(area: str) -> tuple[int, int]:
    """How many rows a page says there are, and how often the database was asked to count."""
    rows = Household.objects.filter(area_id=area).order_by("pk")
    with CaptureQueriesContext(connection) as asked:
        page = paging.page_of(RequestFactory().get("/"), rows)
    return page.paginator.count, sum("COUNT(" in each["sql"] for each in asked)


@pytest.mark.parametrize(("long", "again"), [(-1.0, 0), (60.0, 1)])
def test_a_count_that_took_long_is_kept(monkeypatch: pytest.MonkeyPatch, long: float, again: int) -> None:
    monkeypatch.setattr(paging, "LONG_SECONDS", long)
    make_household("H-1", VILLAGE, "冉光荣", 1)
    assert counted(VILLAGE) == (1, 1)
    assert counted(VILLAGE) == (1, again)
    assert counted(FOREIGN_VILLAGE) == (0, 1)


def test_what_can_hold_nothing_is_not_asked_for() -> None:
    page = paging.page_of(RequestFactory().get("/"), Household.objects.filter(pk__in=[]).order_by("pk"))
    assert page.paginator.count == 0
    assert paging.page_of(RequestFactory().get("/?page=9"), [1, 2, 3]).paginator.count == 3


def test_an_empty_list_is_one_question_and_any_other_two() -> None:
    rows = Household.objects.select_related("area").order_by("-household_no")
    with CaptureQueriesContext(connection) as asked:
        assert paging.first_of(rows, 2) == []
    assert len(asked) == 1
    made = [make_household(f"H-{number}", VILLAGE, "冉光荣", number) for number in range(1, 4)]
    with CaptureQueriesContext(connection) as asked:
        found = paging.first_of(rows, 2)
        assert [each.area.pk for each in found] == [VILLAGE, VILLAGE]
    assert found == [made[2], made[1]]
    assert len(asked) == 2
    assert paging.first_of(rows) == made[::-1]
