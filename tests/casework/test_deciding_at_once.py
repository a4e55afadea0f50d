"""Fifty people decide on one clue in the same moment: one wins, the others are told who was first."""

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE, make_areas
from django.db import OperationalError, connection
from offices import ON, area, asked, open_clue

from shouwang.accounts.models import Post, User
from shouwang.audit.models import Entry
from shouwang.clues import handling
from shouwang.clues.models import Clue, ClueStep
from shouwang.clues.steps import Overtaken
from shouwang.households.models import Household

FIFTY = 50
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]


@pytest.fixture
def clue() -> Clue:
    """A clue on the county's desk, which fifty people share."""
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
    for place in range(FIFTY):
        _somebody(f"county{place}", COUNTY, "county")
    found = open_clue()
    city = _somebody("city", "500000000000", "city")
    handling.dispatch(found.number, to=area(COUNTY), acting_user=city, requirements=asked(), on=ON)
    found.refresh_from_db()
    return found


def _somebody(name: str, code: str, duty: str) -> User:
    user = User.objects.create(username=name, display_name=name, password="!")
    Post.objects.create(user=user, area_id=code, duty=duty, starts_on=date(2020, 1, 1))
    return user


def all_at_once(tasks: list[Callable[[], None]]) -> list[str]:
    """What each was told; empty for who won."""
    told: list[str] = []
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], None]) -> None:
        start.wait()
        while True:
            try:
                task()
                told.append("")
                break
            except Overtaken as second:
                told.append(second.message)
                break
            except OperationalError:  # the tests' database in memory does not wait for its lock
                time.sleep(0.01)
        connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def decide(clue: Clue, who: str, place: int) -> Callable[[], None]:
    """Half of them send it on, half send it back."""

    def act() -> None:
        by = {"acting_user": User.objects.get(username=who), "requirements": asked(), "on": ON, "seen": clue.version}
        if place % 2:
            handling.give_back(clue.number, reason="不属本区县", **by)  # type: ignore[arg-type]
        else:
            handling.dispatch(clue.number, to=area(TOWNSHIP), **by)  # type: ignore[arg-type]

    return act


def test_of_fifty_decisions_one_wins_and_the_others_hear_whose(clue: Clue) -> None:
    told = all_at_once([decide(clue, f"county{place}", place) for place in range(FIFTY)])
    assert len(told) == FIFTY
    assert told.count("") == 1
    last = ClueStep.objects.filter(clue=clue).last()
    assert ClueStep.objects.filter(clue=clue).count() == clue.version + 1
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    assert Entry.objects.filter(subject=clue.number, action__in=["clue_dispatched", "clue_returned"]).count() == 2


def test_one_form_sent_ten_times_at_once_is_one_step(clue: Clue) -> None:
    def send() -> None:
        user = User.objects.get(username="county0")
        handling.dispatch(
            clue.number,
            to=area(TOWNSHIP),
            acting_user=user,
            requirements=asked(),
            on=ON,
            seen=clue.version,
            key="one form",
        )

    assert all_at_once([send] * 10) == [""] * 10
    assert ClueStep.objects.filter(clue=clue, key="one form").count() == 1
