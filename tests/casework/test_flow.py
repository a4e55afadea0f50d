"""Every action by everybody in every stage. In whatever order they come is `test_nothing_vanishes`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from completeness import check_nothing_is_lost
from desks import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE
from django.db import transaction
from offices import ON, PLACE, Desk, area, make_people, open_clue, seen

from databases import SQLITE, chosen
from shouwang.accounts.models import User
from shouwang.cases.green_channel import help_first_from
from shouwang.cases.steps import Order
from shouwang.clues import handling, verification
from shouwang.clues.flow import IN_HAND
from shouwang.clues.models import Action, Clue, RiskType
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import ShouwangError

pytestmark = pytest.mark.usefixtures("households", "home")
OVERDUE = ON.replace(month=12)
TO = {"city": COUNTY, "county": TOWNSHIP, "township": VILLAGE}
ANOTHER = {"township": OTHER_TOWNSHIP, "village": SIBLING}

# Written down once more, independently of the table in the code: who may do what where.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("city", "dispatch"): {"city"},
    ("county", "dispatch"): {"county", "county_too"},
    ("township", "dispatch"): {"township"},
    ("county", "return"): {"county", "county_too"},
    ("township", "return"): {"township"},
    ("village", "return"): {"village", "team"},
    ("township", "reassign"): {"city", "county", "county_too"},
    ("village", "reassign"): {"city", "county", "county_too", "township"},
    ("city", "merge"): {"city"},
    ("county", "merge"): {"city", "county", "county_too"},
    ("township", "merge"): {"city", "county", "county_too", "township"},
    ("village", "merge"): {"city", "county", "county_too", "township"},
    ("village", "visit"): {"village", "team", "grid_worker", "enumerator"},
    ("village", "confirm"): {"village", "team"},
    ("village", "dismiss"): {"village", "team"},
    ("township_review", "agree"): {"township"},
    ("township_review", "send_back"): {"township"},
    ("county_review", "agree"): {"county", "county_too"},
    ("county_review", "send_back"): {"county", "county_too"},
    ("city", "help_first"): {"township"},
    ("county", "help_first"): {"township"},
    ("township", "help_first"): {"township"},
    ("village", "help_first"): {"township"},
    ("township_review", "help_first"): {"township"},
    ("county_review", "help_first"): {"township"},
    ("county", "urge"): {"city"},
    ("township", "urge"): {"city", "county", "county_too"},
    ("village", "urge"): {"city", "county", "county_too", "township"},
    ("township_review", "urge"): {"city", "county", "county_too"},
    ("county_review", "urge"): {"city"},
}
OF_THE_PROGRAM = (Action.ARRIVE, Action.RISE, Action.TAKE_OVER)
ACTIONS = [each.value for each in Action if each not in (*OF_THE_PROGRAM, Action.SEPARATE)]


def first(by: dict[str, Any]) -> Order[Any]:
    """An order of help first, by a pack that has it for every risk."""
    asked = replace(identification_requirements(by["on"]), green_channel_risks=tuple(RiskType.values))
    return Order(by["acting_user"], asked, by["on"])


def act(action: str, clue: Clue, by: dict[str, Any], other: str) -> Any:
    """One action with all that it needs, so that only who and where can stand in its way."""
    number, stage = clue.number, clue.stage
    reason = {"reason": "写明理由"}
    finding = {"answers": {PLACE: "借用"}, **reason}
    ways: dict[str, Callable[[], Any]] = {
        "dispatch": lambda: handling.dispatch(number, to=area(TO.get(stage, VILLAGE)), **by),
        "return": lambda: handling.give_back(number, **reason, **by),
        "reassign": lambda: handling.reassign(number, to=area(ANOTHER.get(stage, OTHER_VILLAGE)), **reason, **by),
        "merge": lambda: handling.merge(number, into=other, **reason, **by),
        "separate": lambda: handling.separate(number, **reason, **by),
        "visit": lambda: verification.record_visit(number, seen(photos=[]), **by),
        "confirm": lambda: verification.submit_finding(number, "confirm", **finding, **by),
        "dismiss": lambda: verification.submit_finding(number, "dismiss", **finding, **by),
        "agree": lambda: verification.agree(number, **by),
        "send_back": lambda: verification.send_back(number, **reason, **by),
        "urge": lambda: handling.urge(number, **reason, **by),
        "help_first": lambda: help_first_from(number, first(by), "受灾"),
    }
    return ways[action]()


def who_tries(action: str, stage: str, people: list[str]) -> list[str]:
    """Everybody; on PostgreSQL, which is asked the same of each, those who may and one who may not."""
    may = ALLOWED.get((stage, action), set())
    others = [name for name in people if name not in may]
    return [name for name in people if name in may] + (others if chosen() == SQLITE else others[:1])


@pytest.mark.parametrize("stage", [*IN_HAND, "closed"])
def test_every_action_by_everybody_in_every_stage(stage: str) -> None:
    people = make_people()
    desk, level = Desk(people), "red" if stage == "county_review" else "yellow"
    clue, other = open_clue(level=level), open_clue(risk="disability", level=level)
    if stage in TO or stage == "village":
        desk.bring(other, stage)
    desk.bring(clue, stage)
    if stage == "village":
        verification.record_visit(clue.number, seen(), **desk.by("team"))
    done: dict[tuple[str, str], set[str]] = {}
    for action in ACTIONS:
        on = OVERDUE if action == "urge" else ON
        for name in who_tries(action, stage, list(people)):
            with transaction.atomic():
                try:
                    act(action, clue, Desk(people, on).by(name), other.number)
                    done.setdefault((stage, action), set()).add(name)
                except ShouwangError:
                    assert Clue.objects.get(pk=clue.pk).stage == stage
                transaction.set_rollback(True)
    assert done == {key: names for key, names in ALLOWED.items() if key[0] == stage}


@pytest.fixture
def everybody(households: object) -> dict[str, User]:
    return make_people()


@pytest.mark.parametrize(
    "planted",
    [
        {"stage": "closed"},
        {"stage": "closed", "state": "dismissed"},
        {"desk": None},
        {"desk_id": VILLAGE},
        {"due_on": None},
        {"stage": "merged"},
        {"version": 2},
        {"stage": "village"},
    ],
)
def test_a_planted_loss_is_noticed(planted: dict[str, Any], everybody: dict[str, User]) -> None:
    clue = open_clue()
    check_nothing_is_lost({clue.number})
    Clue.objects.filter(pk=clue.pk).update(**planted)
    with pytest.raises((AssertionError, IndexError)):
        check_nothing_is_lost({clue.number})
