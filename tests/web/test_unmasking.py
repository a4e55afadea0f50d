"""One masked value, for one reason, to one person, on record."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from small_city import FOREIGN_VILLAGE, make_household

from shouwang.audit.models import Entry
from shouwang.households.models import Person
from shouwang.kernel.home import Home

NUMBER = "11010519491231002X"


@pytest.fixture
def person(city: SimpleNamespace, home: Home) -> Person:
    found: Person = city.household.persons.get()
    text = json.dumps({"id": NUMBER, "phone": "19900000001", "address": ""})
    found.sealed = home.sealer().seal(text, f"person:{found.key}")
    found.save()
    return found


def test_the_value_comes_once_and_the_audit_has_the_reason(person: Person, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("village")
    assert NUMBER not in client.get(f"/households/{person.household_id}/").content.decode()
    answer = client.post(f"/persons/{person.pk}/unmask/", {"what": "id", "reason": "入户核实前核对证件"})
    assert NUMBER in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Entry.objects.filter(action="value_unmasked").get()
    told = json.loads(entry.detail)
    assert (told["field"], told["reason"]) == ("证件号码", "入户核实前核对证件")
    assert NUMBER not in entry.detail
    assert "19900000001" not in answer.content.decode()
    assert NUMBER not in client.get(f"/persons/{person.pk}/unmask/").content.decode()


@pytest.mark.parametrize("reason", ["", "  ", "看看"])
def test_without_a_reason_nothing_is_shown_or_recorded(
    person: Person, at_desk: Callable[[str], Client], reason: str
) -> None:
    answer = at_desk("county").post(f"/persons/{person.pk}/unmask/", {"what": "id", "reason": reason})
    assert NUMBER not in answer.content.decode()
    assert not Entry.objects.filter(action="value_unmasked").exists()


def test_what_the_register_lacks_is_said(person: Person, at_desk: Callable[[str], Client]) -> None:
    answer = at_desk("county").post(f"/persons/{person.pk}/unmask/", {"what": "address", "reason": "邮寄政策告知书"})
    assert "没有登记这一项" in answer.content.decode()


def test_a_department_and_a_stranger_find_nothing(person: Person, at_desk: Callable[[str], Client]) -> None:
    stranger = make_household("H-FOREIGN", FOREIGN_VILLAGE, "某人", 991).persons.get()
    asked = {"what": "id", "reason": "入户核实前核对证件"}
    assert at_desk("county").post(f"/persons/{stranger.pk}/unmask/", asked).status_code == 404
    assert at_desk("department").post(f"/persons/{person.pk}/unmask/", asked).status_code == 404
    assert at_desk("county").post("/persons/99999/unmask/", asked).status_code == 404
    assert not Entry.objects.filter(action="value_unmasked").exists()
