"""How long steps took, read back from the steps; and what another length of the clock would have made of them."""

from datetime import date, timedelta
from typing import Any

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE
from django.utils.timezone import localdate
from offices import area, asked, make_people, open_clue

from shouwang.accounts.models import User
from shouwang.amendments.flow import Step
from shouwang.amendments.models import Amendment
from shouwang.clues import handling
from shouwang.clues.models import Clue
from shouwang.clues.passages import Passage, _Taken, passages_since, runs
from shouwang.clues.rising import raise_overdue
from shouwang.jobs import policy_amendments, policy_whatif
from shouwang.jobs.clock_whatif import compared, kept
from shouwang.jobs.handling import requirements
from shouwang.kernel.divisions import COUNTY as COUNTY_LEVEL
from shouwang.kernel.errors import InputError
from shouwang.kernel.working_days import Limit

MONDAY = date(2026, 3, 2)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def steps(*taken: tuple[str, str, int], clue: int = 1) -> list[_Taken]:
    """Steps as (action, stage after it, day); whoever rises or follows a merged area is the program."""
    return [
        _Taken(clue, VILLAGE, action.removesuffix("*"), action.endswith("*") or action == "rise", stage, day(on))
        for action, stage, on in taken
    ]


WAY = steps(
    ("arrive", "city", 0),
    ("dispatch", "county", 1),
    ("dispatch", "village", 2),
    ("reassign*", "village", 3),
    ("rise", "village", 6),
    ("urge", "village", 7),
    ("rise", "village", 9),
    ("confirm", "township_review", 10),
    ("send_back", "village", 11),
)


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        ("city", [(0, 1)]),
        ("county", [(1, 2)]),
        ("village", [(2, 10), (11, None)]),
        ("township_review", [(10, 11)]),
        ("urged", [(7, 10)]),
        ("rise", [(6, 10)]),
        ("county_review", []),
    ],
)
def test_a_clock_runs_from_its_step_to_the_next_that_moves_the_clue(
    clock: str, found: list[tuple[int, int | None]]
) -> None:
    assert [(each.began, each.ended) for each in runs(WAY, clock)] == [
        (day(began), None if ended is None else day(ended)) for began, ended in found
    ]


def test_a_clue_given_to_another_village_by_hand_starts_the_clock_again() -> None:
    way = steps(("dispatch", "village", 0), ("reassign", "village", 2), ("confirm", "township_review", 3))
    assert [(each.began, each.ended) for each in runs(way, "village")] == [(day(0), day(2)), (day(2), day(3))]


def test_what_runs_in_one_clue_does_not_run_on_in_the_next() -> None:
    way = [*steps(("dispatch", "village", 0)), *steps(("arrive", "city", 5), ("dispatch", "village", 6), clue=2)]
    assert list(runs(way, "village")) == [Passage(VILLAGE, day(0), None), Passage(VILLAGE, day(6), None)]


def test_the_last_day_is_in_time_and_the_next_is_late() -> None:
    took = [Passage(VILLAGE, day(0), day(3)), Passage(VILLAGE, day(0), day(4)), Passage(VILLAGE, day(0), None)]
    found = compared(took, lambda began: began + timedelta(days=3), lambda began: began + timedelta(days=4), day(4))
    assert list(found) == [TOWNSHIP]
    told = vars(found[TOWNSHIP])
    assert told == {
        "code": TOWNSHIP,
        "ended": 2,
        "ended_late": 1,
        "ended_late_then": 0,
        "running": 1,
        "running_late": 1,
        "running_late_then": 0,
    }
    total, places = kept(
        {"places": {TOWNSHIP: told, "500999000000": told}}, lambda code: code == TOWNSHIP, COUNTY_LEVEL
    )
    assert (total.runs, total.late, total.late_then, total.in_time_then) == (3, 2, 0, 3)
    assert [each.code for each in places] == [COUNTY]


@pytest.fixture
def late_clue(households: Any, home: Any) -> tuple[dict[str, User], Clue]:
    """Five natural days with the village, which had three."""
    clue, people, today = open_clue(), make_people(), localdate()
    began = today - timedelta(days=5)
    handling.dispatch(clue.number, to=area(VILLAGE), acting_user=people["city"], requirements=asked(began), on=began)
    raise_overdue(asked(today), today)
    return people, Clue.objects.get(pk=clue.pk)


def propose(user: User, value: str, clock: str = "deadline.village") -> Amendment:
    told = {"document": "通知", "document_number": "", "clause": "第二条", "reason": "山高路远"}
    return policy_amendments.propose(clock, value, localdate(), acting_user=user, **told)


@pytest.mark.django_db(transaction=True)
def test_a_clock_is_proposed_tried_decided_and_kept(late_clue: tuple[dict[str, User], Clue]) -> None:
    people, clue = late_clue
    assert clue.raised_to is not None
    proposal = propose(people["county"], "7天")
    waiting = proposal.whatifs.get()
    policy_whatif.run_whatif.call(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == "done", waiting.message
    assert waiting.result["set"] == {"deadline.village": ["3天", "7天"]}
    township = waiting.result["places"][clue.area_id[:9].ljust(12, "0")]
    assert (township["running"], township["running_late"], township["running_late_then"]) == (1, 1, 0)
    policy_amendments.decide(proposal.pk, Step.ACCEPT, acting_user=people["city"], reason="同意")
    assert requirements(localdate()).limits["village"] == Limit(7, "natural")
    assert requirements(localdate() - timedelta(days=1)).limits["village"] == Limit(3, "natural")
    clue.refresh_from_db()
    assert clue.due_on == localdate() - timedelta(days=2)  # what runs already keeps its day


@pytest.mark.django_db(transaction=True)
def test_what_rises_again_sooner_is_counted(late_clue: tuple[dict[str, User], Clue]) -> None:
    people, _ = late_clue
    assert [each.ended for each in passages_since("rise", localdate() - timedelta(days=9))] == [None]
    proposal = propose(people["county"], "0天", "deadline.rise")
    waiting = proposal.whatifs.get()
    policy_whatif.run_whatif.call(waiting.pk)
    waiting.refresh_from_db()
    assert [each["running_late_then"] for each in waiting.result["places"].values()] == [0]  # risen today


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("value", "said"), [("3天", "本来就是3天"), ("三天", "看不明白"), ("4", "看不明白")])
def test_what_is_no_new_limit_is_refused(late_clue: tuple[dict[str, User], Clue], value: str, said: str) -> None:
    people, _ = late_clue
    with pytest.raises(InputError, match=said):
        propose(people["county"], value)
