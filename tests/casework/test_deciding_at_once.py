"""Fifty people decide on one clue in the same moment: one wins, the others are told who was first."""

import threading
import time
from collections.abc import Callable
from datetime import date

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE, make_areas
from django.db import OperationalError, connection
from offices import ON, area, asked, open_clue, seen

from shouwang.accounts.models import Post, User
from shouwang.audit.models import Entry
from shouwang.clues import handling, verification
from shouwang.clues.flow import AUDIT
from shouwang.clues.models import Action, Clue, ClueStep
from shouwang.clues.steps import Overtaken, Stepping
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
                time.sleep(0.2)
        connection.close()

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def decide(clue: Clue, who: str, place: int) -> Callable[[], None]:
    """Half of them agree or send it on, half send it back."""

    def act() -> None:
        by = {"acting_user": User.objects.get(username=who), "requirements": asked(), "on": ON, "seen": clue.version}
        if clue.stage == "township_review":
            if place % 2:
                verification.send_back(clue.number, reason="依据不足", **by)  # type: ignore[arg-type]
            else:
                verification.agree(clue.number, **by)  # type: ignore[arg-type]
        elif place % 2:
            handling.give_back(clue.number, reason="不属本区县", **by)  # type: ignore[arg-type]
        else:
            handling.dispatch(clue.number, to=area(TOWNSHIP), **by)  # type: ignore[arg-type]

    return act


def check_one_won(clue: Clue, told: list[str]) -> None:
    """One decided, once in the steps and once in the audit; all others were told who, when and what."""
    assert len(told) == FIFTY
    assert told.count("") == 1
    steps = list(ClueStep.objects.filter(clue=clue, number__gt=clue.version).select_related("actor"))
    assert len(steps) == 1
    last = steps[0]
    assert {words.split("已于")[0] for words in told if words} == {str(last.actor)}
    assert all(f"先行办理：{last.get_action_display()}" in words for words in told if words)
    entries = Entry.objects.filter(subject=clue.number, action=AUDIT[Action(last.action)], actor=last.actor.username)
    assert entries.count() == 1


def test_of_fifty_decisions_one_wins_and_the_others_hear_whose(clue: Clue) -> None:
    check_one_won(clue, all_at_once([decide(clue, f"county{place}", place) for place in range(FIFTY)]))


def test_of_fifty_reviews_one_wins_and_the_others_hear_whose(clue: Clue) -> None:
    Clue.objects.filter(pk=clue.pk).update(stage="village", desk_id=VILLAGE)
    hamlet = {"acting_user": _somebody("village", VILLAGE, "village"), "requirements": asked(), "on": ON}
    verification.record_visit(clue.number, seen(), **hamlet)  # type: ignore[arg-type]
    verification.submit_finding(clue.number, "confirm", reason="属实", answers={}, **hamlet)  # type: ignore[arg-type]
    clue.refresh_from_db()
    for place in range(FIFTY):
        _somebody(f"township{place}", TOWNSHIP, "township")
    check_one_won(clue, all_at_once([decide(clue, f"township{place}", place) for place in range(FIFTY)]))


def test_decisions_that_do_not_look_at_each_other_are_found(clue: Clue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check on a planted fault: everybody's decision is taken for the first."""
    monkeypatch.setattr(Stepping, "check", lambda self, clue, action, seen=None: None)
    monkeypatch.setattr(Stepping, "take", lambda self, clue, action, **more: None)
    with pytest.raises(AssertionError):
        check_one_won(clue, all_at_once([decide(clue, f"county{place}", place) for place in range(FIFTY)]))


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
