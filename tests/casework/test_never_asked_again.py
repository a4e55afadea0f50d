"""What departments delivered, or the village has written before, stands in the form; what is of an earlier year is asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate
from offices import FLAG, ON, Desk, make_people, open_clue

from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.cases.income import months_before
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import look_after
from shouwang.jobs.policy import current_pack
from shouwang.jobs.sweeps import known_of
from signed_in import sign_in

TODAY = localdate()


@pytest.fixture
def people(households: object, home: object) -> dict[str, User]:
    return make_people()


def of_person(serial: int, **told: Any) -> None:
    """The head of H1, so that rows with the number are about the household."""
    from shouwang.kernel.keys import pseudonym

    Person.objects.create(
        key=pseudonym(settings.HOME.keys(), number(serial)), household=Household.objects.get(pk="H1"), name="冉大田",
        id_masked="5", sealed=b"", relation="户主", delivery=1, line=2, received_on=ON, **told,
    )  # fmt: skip


def page(people: Mapping[str, User], address: str) -> Mapping[str, Any]:
    response = sign_in(Client(), people["village"]).get(address)
    assert response.status_code == 200
    return response.context


def test_what_the_village_wrote_of_the_clue_stands_in_the_collection(people: Mapping[str, User]) -> None:
    clue = open_clue()
    Clue.objects.update(flags=[FLAG])
    Desk(people).bring(clue, "closed")
    look_after(ON)
    form = page(people, f"/cases/{Case.objects.get().number}/collect/")
    assert form["reason"] == "情况属实"
    assert [answer for _, _, answer in form["flags"]] == ["车辆系亲属借用登记"]
    assert form["chosen_type"] == ""  # nobody delivered its income


@pytest.mark.parametrize(
    ("kind", "wage", "type_of"),
    [("脱贫户", "2000", "unstable"), ("一般农户", "2000", "marginal"), ("一般农户", "900000", "sudden")],
)
def test_the_type_follows_from_a_delivered_statement(
    kind: str, wage: str, type_of: str, people: Mapping[str, User], send: Any
) -> None:
    Household.objects.filter(pk="H1").update(household_type=kind)
    start, end = months_before(TODAY)
    send(
        "income_statement",
        ["户编号,统计期起,统计期止,工资性收入", f"H1,{start},{end},{wage}"],
        on=TODAY.isoformat(),
    )
    Desk(people).bring(open_clue(), "closed")
    look_after(ON)
    assert page(people, f"/cases/{Case.objects.get().number}/collect/")["chosen_type"] == type_of


def test_a_second_visit_begins_where_the_household_was_found(people: Mapping[str, User]) -> None:
    clue = Desk(people).bring(open_clue(), "village")
    assert page(people, f"/clues/{clue.number}/visit/")["form"].initial["place"] == ""
    from offices import seen

    from shouwang.clues import verification

    verification.record_visit(clue.number, seen(), **Desk(people).by("grid_worker"))
    visit = clue.visits.get()
    assert page(people, f"/clues/{clue.number}/visit/")["form"].initial["place"] == visit.place != ""


def test_a_sweep_asks_what_is_known_of_earlier_years_alone(people: Mapping[str, User], send: Any) -> None:
    of_person(1)
    household, items = Household.objects.get(pk="H1"), current_pack().checklist.items
    old, new = ON - timedelta(days=400), ON - timedelta(days=40)
    disaster = "户主证件号码,户主姓名,灾害种类,发生日期,直接经济损失,房屋损坏"
    send("disaster_report", [disaster, f"{number(1)},冉大田,洪涝,{old},8000,无"], on=str(old))
    send("income_statement", ["户编号,统计期起,统计期止,工资性收入", "H1,2015-01-01,2015-12-31,2000"], on="2016-02-01")
    send(
        "housing_appraisal",
        ["户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期", f"{number(1)},冉大田,A,2018-01-01,"],
        on=str(old),
    )

    def known() -> dict[str, tuple[bool, int]]:
        return {
            each.item.id: (each.settled, len(each.before)) for each in known_of(settings.HOME, household, items, ON)
        }

    assert {name: known()[name] for name in ("disaster", "income", "housing")} == {
        "disaster": (False, 1),
        "income": (False, 1),
        "housing": (True, 0),
    }
    housing = next(each for each in known_of(settings.HOME, household, items, ON) if each.item.id == "housing")
    assert housing.words[0].startswith("农房鉴定：冉大田，鉴定等级")  # whose it is, where several live together
    send("disaster_report", [disaster, f"{number(1)},冉大田,洪涝,{new},8000,无"], on=str(new))
    start, end = months_before(ON)
    send("income_statement", ["户编号,统计期起,统计期止,工资性收入", f"H1,{start},{end},2000"], on=str(ON))
    assert known()["disaster"] == (True, 1)
    assert known()["income"] == (True, 1)
