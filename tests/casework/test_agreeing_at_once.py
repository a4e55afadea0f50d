"""Fifty officers of a township decide on one change of the register in the same moment: one wins, the others hear whose."""

from collections.abc import Callable
from typing import Any

import pytest
from desks import TOWNSHIP, VILLAGE, make_areas
from offices import make_people
from register_office import ROWS, Office, split
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from conftest_numbers import number
from shouwang.audit.models import Entry
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home
from shouwang.registration import deciding as doing
from shouwang.registration.models import RegisterRequest, RequestStage

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_fifty_decisions_one_wins_and_the_others_hear_whose(home: Home, send_register: Callable[..., Any]) -> None:
    make_areas()
    numbers = [number(serial) for serial in range(1, 5)]
    send_register(*[row.format("", *numbers, village=VILLAGE) for row in ROWS])
    load_register(home)
    office = Office(make_people())
    request = split(office)
    orders = []
    for place in range(FIFTY):
        office.people[f"town{place}"] = _somebody(f"town{place}", TOWNSHIP, "township")
        orders.append(office.order(f"town{place}", seen=request.version))

    def decide(place: int) -> Callable[[], None]:
        if place % 2:
            return lambda: doing.refuse(request.number, orders[place], "户口簿对不上") and None
        return lambda: doing.agree(request.number, orders[place], "同意") and None

    told = all_at_once([decide(place) for place in range(FIFTY)])
    assert told.count("") == 1
    request = RegisterRequest.objects.get()
    last = request.steps.order_by("-number").first()
    assert last is not None
    assert last.number == request.version == 2
    assert request.stage in (RequestStage.AGREED, RequestStage.REFUSED)
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    decisions = ["register_change_agreed", "register_change_refused"]
    assert Entry.objects.filter(action__in=decisions).count() == 1
