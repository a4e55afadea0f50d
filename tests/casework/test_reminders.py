"""What is due is told to each desk once a day in one message, up the line where it rose, and never twice."""

from datetime import date, timedelta

import pytest
from desks import CITY, COUNTY, FOREIGN_COUNTY, TOWNSHIP, VILLAGE
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from offices import make_people

from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.households.models import Household
from shouwang.jobs.handling import look_after, requirements
from shouwang.notifications.models import Message
from shouwang.notifications.reading import messages_for
from shouwang.proceedings import reminders
from shouwang.proceedings.reminders import Desk, loads_of_desks, remind

ON = date(2021, 6, 17)  # a Thursday
pytestmark = pytest.mark.usefixtures("households", "home")


def households_of(numbers: range) -> list[Household]:
    return Household.objects.bulk_create(
        [
            Household(
                household_no=f"HX{n:05d}", area_id=VILLAGE, household_type="一般农户", head_name="冉大田", member_count=1,
                received_on=date(2021, 1, 5), delivery=1, line=2,
            )
            for n in numbers
        ]
    )  # fmt: skip


def clues(numbers: range, due: date, desk: str = VILLAGE, stage: str = "village", **more: object) -> None:
    """One clue in each of so many households, in hand at a desk."""
    told = {"risk_type": "other", "level": "red", "rules": [], "reasons": "因病", "evidence": {}, "version": 1}
    days = {"opened_on": ON, "last_seen_on": ON, "due_on": due, "rises_on": due + timedelta(days=1)}
    Clue.objects.bulk_create(
        [
            Clue(
                number=f"{each.pk}-01", household=each, area_id=VILLAGE, stage=stage, desk_id=desk, **told | days | more
            )
            for each in households_of(numbers)
        ],
        1000,
    )


def clue(number: int, due: date, desk: str = VILLAGE, stage: str = "village") -> None:
    clues(range(number, number + 1), due, desk, stage)


def told(area: str) -> list[str]:
    return [each.title for each in Message.objects.filter(area=area)]


def test_each_desk_hears_of_all_that_is_due_in_one_message() -> None:
    for number, days in enumerate((-3, 0, 0, 1, 2)):
        clue(number, ON + timedelta(days=days))
    clue(9, ON, TOWNSHIP, "township_review")
    Case.objects.create(
        number="H1-J01",
        household_id="H1",
        area_id=VILLAGE,
        stage="collection",
        opened_on=ON,
        desk_id=VILLAGE,
        due_on=ON,
    )
    assert remind(requirements(ON), ON) == 2
    message = Message.objects.get(area=VILLAGE)
    assert message.title == "已逾期 1 件，今天到期 3 件，即将到期 1 件"
    assert "线索“待入户核实” 2" in message.text
    assert "案件" in message.text
    assert message.link == "/today/"
    assert told(TOWNSHIP) == ["今天到期 1 件"]
    assert told(COUNTY) == []


def test_what_rises_is_told_to_every_office_that_it_rose_to() -> None:
    long_ago = ON - timedelta(days=20)
    clue(1, long_ago)
    clue(2, long_ago)
    done = look_after(ON)
    assert done.raised > 2
    for area in (CITY, COUNTY, TOWNSHIP):
        assert told(area) == ["下级逾期上报到本单位 2 件"]
    assert told(VILLAGE) == ["已逾期 2 件"]
    people = make_people()
    assert messages_for(people["county"], ON).exists()
    assert not Message.objects.filter(area=FOREIGN_COUNTY).exists()


def test_on_the_same_day_nothing_more_is_told_and_on_the_next_it_is() -> None:
    clue(1, ON)
    assert [look_after(ON).reminded for _ in range(3)] == [1, 0, 0]
    clue(2, ON)
    assert look_after(ON).reminded == 0
    assert look_after(ON + timedelta(days=1)).reminded > 0
    assert Message.objects.filter(area=VILLAGE).count() == 2


def test_killed_in_the_middle_it_tells_all_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clue(1, ON)
    clue(2, ON, TOWNSHIP, "township")
    whole = reminders.tell

    def killed(notes: list) -> None:
        whole(notes[:1])
        raise DatabaseError("killed")

    monkeypatch.setattr(reminders, "tell", killed)
    with pytest.raises(DatabaseError), transaction.atomic():
        remind(requirements(ON), ON)
    assert not Message.objects.exists()
    monkeypatch.setattr(reminders, "tell", whole)
    assert remind(requirements(ON), ON) == 2


def test_three_thousand_are_one_message_in_few_queries() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            loads_of_desks(requirements(ON), ON)
        return len(captured)

    late, risen = ON - timedelta(days=1), {"raised_to": 1}
    clues(range(1), late, COUNTY, "county", **risen)
    few = queries()
    clues(range(1, 3000), late, COUNTY, "county", **risen)
    assert queries() <= few
    assert remind(requirements(ON), ON) == 2
    assert told(COUNTY) == ["已逾期 3000 件"]
    assert told(CITY) == ["下级逾期上报到本单位 3000 件"]


def test_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    clue(1, ON)
    remind(requirements(ON), ON)
    message = Message.objects.get()
    for secret in ("冉大田", "HX", "因病"):
        assert secret not in message.title + message.text


def test_nothing_due_is_no_message() -> None:
    clue(1, ON + timedelta(days=2))
    assert remind(requirements(ON), ON) == 0
    assert Desk(VILLAGE, reminders.ACTING[4]) not in loads_of_desks(requirements(ON), ON)
