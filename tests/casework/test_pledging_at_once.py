"""Fifty organisations pledge one need in the same moment: one has it, the others are told who was first."""

from collections.abc import Callable

import pytest
from desks import COUNTY, VILLAGE, make_areas
from helping import HelpOffice, make_helpers
from offices import ON
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from shouwang.assistance import giving
from shouwang.assistance.models import Need, Organisation
from shouwang.audit.models import Entry
from shouwang.households.models import Household
from shouwang.proceedings.orders import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


def test_of_fifty_pledges_one_wins_and_the_others_hear_whose() -> None:
    make_areas()
    Household.objects.create(
        household_no="H1", area_id=VILLAGE, household_type="一般农户", head_name="冉大田", member_count=2, received_on=ON,
        delivery=1, line=2,
    )  # fmt: skip
    office = HelpOffice(make_helpers())
    need = office.need(office.running())
    office.act(need, "publish", "county")
    need.refresh_from_db()
    orders = []
    for place in range(FIFTY):
        user = _somebody(f"giver{place}", COUNTY, "social_force")
        Organisation.objects.create(
            name=f"协会{place}", credit_code=f"515001019999999{place:03}", area_id=COUNTY, contact="会长", account=user,
            registered_by=user, registered_on=ON,
        )  # fmt: skip
        orders.append(Order(user, office.requirements, ON, seen=need.version))

    def pledge(place: int) -> Callable[[], None]:
        return lambda: giving.pledge(need.number, orders[place], "捐一辆轮椅") and None

    told = all_at_once([pledge(place) for place in range(FIFTY)])
    assert told.count("") == 1
    found = Need.objects.select_related("organisation__account").get()
    winner = found.steps.order_by("-number")[0].actor
    assert found.organisation is not None
    assert found.organisation.account == winner
    assert {words.split("已于")[0] for words in told if words} == {str(winner)}
    assert Entry.objects.filter(action="need_pledged").count() == 1
