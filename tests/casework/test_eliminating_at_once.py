"""Fifty county officers approve one elimination in the same moment: one wins, the others are told who was first."""

from collections.abc import Callable

import pytest
from desks import COUNTY, VILLAGE, make_areas
from eliminating import Office, asked, included
from offices import ON, make_people
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from shouwang.audit.models import Entry
from shouwang.elimination import deciding
from shouwang.elimination.models import Elimination
from shouwang.elimination.steps import Order
from shouwang.households.models import Household

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_of_fifty_approvals_one_wins_and_the_others_hear_whose() -> None:
    make_areas()
    household = Household.objects.create(
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
    found = office.bring(included(household), "county_approval")
    users = [_somebody(f"county{place}", COUNTY, "county") for place in range(FIFTY)]
    orders = [Order(user, asked(office.on), office.on, seen=found.version) for user in users]
    assessment = office.assessment(found.case)

    def decide(place: int) -> Callable[[], None]:
        if place % 2:
            return lambda: deciding.refuse(found.number, orders[place], "收入不稳") and None
        return lambda: deciding.approve(found.number, orders[place], "同意", assessment) and None

    told = all_at_once([decide(place) for place in range(FIFTY)])
    assert told.count("") == 1
    found = Elimination.objects.get()
    last = found.steps.order_by("-number").first()
    assert last.number == found.version
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    assert Entry.objects.filter(action__in=["elimination_approved", "elimination_refused"]).count() == 1


def test_of_fifty_proposals_one_becomes_an_elimination() -> None:
    make_areas()
    household = Household.objects.create(
        household_no="H1", area_id=VILLAGE, household_type="一般农户", received_on=ON, delivery=1, line=2
    )
    case = included(household)
    users = {f"v{place}": _somebody(f"v{place}", VILLAGE, "village") for place in range(FIFTY)}
    own = Office(users)
    told = all_at_once([lambda who=who: own.propose(case, who, seen=0) and None for who in users])
    assert told.count("") == 1
    assert Elimination.objects.count() == 1
    assert len({words.split("已于")[0] for words in told if words}) == 1
