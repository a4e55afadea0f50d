"""Fifty of one township take up reports in the same moment: of one report one wins, and reports about one household meet in
one clue a risk, numbered without gaps."""

from collections.abc import Callable

import pytest
from declaring import anonymous
from desks import TOWNSHIP, VILLAGE, make_areas
from offices import ON
from test_deciding_at_once import FIFTY, _somebody, all_at_once

from shouwang.clues.models import Clue, ClueSource
from shouwang.declarations import allowances
from shouwang.declarations import handling as doing
from shouwang.declarations.models import Allowance, Declaration
from shouwang.households.models import Household
from shouwang.jobs.handling import declaration_requirements

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


@pytest.fixture
def township() -> list[doing.Order]:
    make_areas()
    Household.objects.create(
        household_no="H1",
        area_id=VILLAGE,
        household_type="一般农户",
        head_name="冉大田",
        member_count=1,
        received_on=ON,
        delivery=1,
        line=2,
    )
    asked = declaration_requirements(ON)
    return [doing.Order(_somebody(f"zhen{place}", TOWNSHIP, "township"), asked, ON) for place in range(FIFTY)]


def test_of_fifty_who_take_up_one_report_one_wins(township: list[doing.Order]) -> None:
    found = anonymous()

    def decide(place: int) -> Callable[[], None]:
        if place % 2:
            return lambda: doing.propose(found.number, township[place], "不是农户的困难") and None
        return lambda: doing.link(found.number, township[place], "H1", ["illness"], False) and None

    told = all_at_once([decide(place) for place in range(FIFTY)])
    assert told.count("") == 1
    found = Declaration.objects.get()
    last = found.steps.order_by("-number").first()
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    assert Clue.objects.count() == (found.stage == "linked")


def test_reports_about_one_household_meet_in_one_clue_a_risk(
    township: list[doing.Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        allowances.LIMITS, Allowance.What.UNVERIFIED_FROM_ADDRESS, allowances.Limit(99, allowances.HOUR)
    )
    some = [anonymous(f"form-{place}") for place in range(20)]
    risks = ["illness", "unsafe_water"]

    def link(place: int) -> Callable[[], None]:
        return lambda: doing.link(some[place].number, township[place], "H1", [risks[place % 2]], False) and None

    assert all_at_once([link(place) for place in range(len(some))]) == [""] * len(some)
    assert sorted(Clue.objects.values_list("number", flat=True)) == ["H1-01", "H1-02"]
    assert ClueSource.objects.count() == len(some)
