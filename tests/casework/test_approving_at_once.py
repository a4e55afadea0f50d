"""Fifty county officers approve one case in the same moment: one wins, the others are told who was first."""

from collections.abc import Callable

import pytest
from desks import COUNTY, VILLAGE, make_areas
from identifying import Office
from offices import ON, make_people
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from shouwang.audit.models import Entry
from shouwang.cases import identification as doing
from shouwang.cases.models import Case
from shouwang.cases.steps import Order
from shouwang.households.models import Household

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_of_fifty_approvals_one_wins_and_the_others_hear_whose() -> None:
    make_areas()
    Household.objects.create(
        household_no="H1",
        area_id=VILLAGE,
        household_type="一般农户",
        head_name="冉大田",
        member_count=2,
        received_on=ON,
        delivery=1,
        line=2,
    )
    office = Office(make_people())
    case = office.bring(office.open(), "county_approval")
    orders = []
    for place in range(FIFTY):
        user = _somebody(f"county{place}", COUNTY, "county")
        orders.append(Order(user, office.order("county").requirements, office.on, seen=case.version))

    def decide(place: int) -> Callable[[], None]:
        if place % 2:
            return lambda: doing.refuse(case.number, orders[place], "收入高于监测线") and None
        return lambda: doing.approve(case.number, orders[place], "同意") and None

    told = all_at_once([decide(place) for place in range(FIFTY)])
    assert told.count("") == 1
    case = Case.objects.get()
    last = case.steps.order_by("-number").first()
    assert last.number == case.version
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    assert Entry.objects.filter(action__in=["case_approved", "case_refused"]).count() == 1
