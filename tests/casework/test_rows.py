"""Many rows at once, on whichever database the suite runs: what is written is what was given, whole or not at all."""

import json
from datetime import date
from typing import Any

import pytest
from desks import SIBLING, VILLAGE, make_areas
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from shouwang.households.models import Household, Person, RegisterChange
from shouwang.jobs.rows import insert_or_replace_rows, insert_rows, update_rows

HOUSEHOLD = ("household_no", "area", "household_type", "head_name", "member_count", "received_on", "delivery", "line")
BLANK = ("sex", "ethnicity", "education", "school_status", "dropout_reason", "health", "labour", "left_kind",
         "resettlement_site")  # fmt: skip
DAY = date(2021, 1, 5)
# Whatever a stream of rows could take for its own signs.
STRANGE = ["冉\t大田", "两\n行", "反\\斜", "\\N", "'引号\"", "，,；;", "𠮷", ""]


def household(number: str, head: str, place: str = VILLAGE) -> list[Any]:
    return [number, place, "一般农户", head, 3, DAY, 1, 2]


@pytest.fixture(autouse=True)
def areas(db: None) -> None:
    make_areas()


def test_every_sign_arrives_as_it_was_sent() -> None:
    insert_rows(Household, HOUSEHOLD, [household(f"H{place}", text) for place, text in enumerate(STRANGE)])
    assert list(Household.objects.order_by("household_no").values_list("head_name", flat=True)) == STRANGE
    sealed = bytes(range(256))
    known = {"key": -(2**62), "household": "H1", "name": "冉", "id_masked": "5…", "sealed": sealed, "relation": "户主"}
    known |= {"delivery": 1, "line": 2, "received_on": DAY, "left_on": None}
    known |= dict.fromkeys(BLANK, "")
    insert_rows(Person, list(known), [list(known.values())])
    person = Person.objects.get()
    assert (bytes(person.sealed), person.key, person.left_on, person.received_on) == (sealed, -(2**62), None, DAY)
    changes = {"户主": ["冉\\大田", "\t"], "人数": [1, None]}
    insert_rows(
        RegisterChange,
        ("person_key", "household_no", "received_on", "delivery", "line", "kind", "changes"),
        [[1, "H1", DAY, 1, 2, "joined", changes]],
    )
    assert RegisterChange.objects.get().changes == json.loads(json.dumps(changes))


def test_a_known_key_is_replaced_and_an_unknown_one_added() -> None:
    insert_or_replace_rows(Household, HOUSEHOLD, [household("H1", "冉"), household("H2", "田")], "household_no")
    insert_or_replace_rows(
        Household, HOUSEHOLD, [household("H2", "向", SIBLING), household("H3", "彭")], "household_no"
    )
    found = Household.objects.order_by("pk").values_list("household_no", "head_name", "area_id")
    assert list(found) == [("H1", "冉", VILLAGE), ("H2", "向", SIBLING), ("H3", "彭", VILLAGE)]


def test_named_fields_of_named_rows_change_and_no_others() -> None:
    insert_rows(Household, HOUSEHOLD, [household("H1", "冉"), household("H2", "田"), household("H3", "向")])
    update_rows(Household, ("head_name", "received_on"), [["彭", date(2021, 2, 1), "H1"], ["谭", DAY, "H3"]])
    found = Household.objects.order_by("pk").values_list("head_name", "received_on", "member_count")
    assert list(found) == [("彭", date(2021, 2, 1), 3), ("田", DAY, 3), ("谭", DAY, 3)]


def test_nothing_is_nothing() -> None:
    insert_rows(Household, HOUSEHOLD, [])
    insert_or_replace_rows(Household, HOUSEHOLD, [], "household_no")
    update_rows(Household, ("head_name",), [])
    assert not Household.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rows_outside_of_a_transaction_are_written_in_one() -> None:
    insert_rows(Household, HOUSEHOLD, [household("H1", "冉"), household("H2", "田")])
    with CaptureQueriesContext(connection) as asked:
        update_rows(Household, ("head_name",), [["彭", "H1"], ["谭", "H2"]])
    assert [each["sql"] for each in asked].count("COMMIT") == 1
    assert set(Household.objects.values_list("head_name", flat=True)) == {"彭", "谭"}


def test_one_row_that_cannot_stand_keeps_the_others_out() -> None:
    insert_rows(Household, HOUSEHOLD, [household("H2", "田")])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Household, HOUSEHOLD, [household("H1", "冉"), household("H2", "向")])
    assert list(Household.objects.values_list("household_no", "head_name")) == [("H2", "田")]
