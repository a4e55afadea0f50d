"""A household found by an identity number: sent, not in an address; a stranger's is answered as nobody's."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from small_city import FOREIGN_VILLAGE, make_household

from conftest_numbers import number
from shouwang.audit.models import Entry
from shouwang.households.models import Person
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym

HERE, ELSEWHERE, NOBODY = number(1), number(2), number(3)


@pytest.fixture
def known(city: SimpleNamespace, home: Home) -> SimpleNamespace:
    Person.objects.filter(household=city.household).update(key=pseudonym(home.keys(), HERE))
    make_household("H-FOREIGN", FOREIGN_VILLAGE, "某人", pseudonym(home.keys(), ELSEWHERE))
    return city


@pytest.mark.parametrize("written", [HERE, f" {HERE[:6]} {HERE[6:14]} {HERE[14:]} ", HERE.lower()])
def test_the_number_leads_to_the_household(
    known: SimpleNamespace, at_desk: Callable[[str], Client], written: str
) -> None:
    answer = at_desk("county").post("/households/", {"number": written})
    assert (answer.status_code, answer["Location"]) == (302, f"/households/{known.household.pk}/")
    entry = Entry.objects.get(action="number_searched")
    assert (entry.subject, HERE in entry.detail + entry.address + entry.subject) == (known.household.pk, False)


def test_a_number_elsewhere_is_answered_as_one_of_nobody(
    known: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client = at_desk("village")
    answers = []
    for each in (ELSEWHERE, NOBODY):
        sent = client.post("/households/", {"number": each})
        answers.append(
            (sent.status_code, sent["Location"], "没有登记这个号码" in client.get(sent["Location"]).content.decode())
        )
    assert answers == [(302, "/households/", True)] * 2
    first, second = Entry.objects.filter(action="number_searched").order_by("sequence")
    assert (first.subject, first.detail, first.area) == (second.subject, second.detail, second.area)


@pytest.mark.parametrize(
    "wrong", ["", "123", HERE[:17] + "A", "１" * 18, HERE[:17] + ("0" if HERE[17] != "0" else "1")]
)
def test_a_wrong_number_is_said_to_be_wrong(
    known: SimpleNamespace, at_desk: Callable[[str], Client], wrong: str
) -> None:
    client = at_desk("county")
    sent = client.post("/households/", {"number": wrong}, follow=True)
    assert "不是有效的 18 位号码" in sent.content.decode()
    assert not Entry.objects.filter(action="number_searched").exists()


def test_a_department_and_an_enumerator_do_not_look_up_numbers(
    known: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    assert at_desk("department").post("/households/", {"number": HERE}).status_code == 403
    assert "按证件号码查找" not in at_desk("department").get("/households/").content.decode()
