"""How many rows a long list has is counted once a minute where that takes long, and never for another question."""

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from small_city import COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_household, make_user

from shouwang.accounts.models import User
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


def test_a_list_is_composed_once_for_all_with_the_same_posts() -> None:
    composed = []

    def rows() -> QuerySet[Household]:
        composed.append(1)
        return Household.objects.filter(area_id=VILLAGE).select_related("area").order_by("-household_no")

    def page_of(user: User, address: str = "/") -> list[str]:
        page = paging.Asked(user, "households in a test", rows).page(RequestFactory().get(address))
        return [f"{each.pk} {each.area.pk}" for each in page]

    first, second = (make_user(name, COUNTY, "county") for name in ("first", "second"))
    assert page_of(first) == []
    words = len(composed)
    made = [make_household(f"H-{number:02}", VILLAGE, "冉光荣", number) for number in range(1, 33)]
    shown = [f"{each.pk} {VILLAGE}" for each in made[::-1]]
    with CaptureQueriesContext(connection) as asked:
        assert page_of(second) == shown[:30]
    assert sum('"areas_area"' in each["sql"] for each in asked) == 1
    assert page_of(second, "/?page=2") == shown[30:]
    again = len(composed)
    assert page_of(first) == shown[:30]
    assert page_of(first, "/?page=2") == shown[30:]
    assert len(composed) == again == words + 2
    other = make_user("elsewhere", FOREIGN_COUNTY, "county")
    page_of(other)
    assert len(composed) > again
