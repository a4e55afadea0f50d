"""Every action by everybody in every stage, and whatever people do in whatever order: no clue is lost on the way."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from desks import COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from offices import FLAG, ON, PLACE, Desk, area, asked, make_people, open_clue, seen

from shouwang.accounts.models import User
from shouwang.clues import handling, verification
from shouwang.clues.flow import IN_HAND, LEVEL_OF
from shouwang.clues.models import Action, Clue, ClueStep
from shouwang.clues.rising import raise_overdue
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
    ("county", "urge"): {"city"},
    ("township", "urge"): {"city", "county", "county_too"},
    ("village", "urge"): {"city", "county", "county_too", "township"},
    ("township_review", "urge"): {"city", "county", "county_too"},
    ("county_review", "urge"): {"city"},
}
ACTIONS = [each.value for each in Action if each not in (Action.ARRIVE, Action.RISE, Action.SEPARATE)]


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
    }
    return ways[action]()


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
        for name in people:
            with transaction.atomic():
                try:
                    act(action, clue, Desk(people, on).by(name), other.number)
                    done.setdefault((stage, action), set()).add(name)
                except ShouwangError:
                    assert Clue.objects.get(pk=clue.pk).stage == stage
                transaction.set_rollback(True)
    assert done == {key: names for key, names in ALLOWED.items() if key[0] == stage}


def check_nothing_is_lost(numbers: set[str]) -> None:
    """Each clue is on one desk of the right level with a clock, or handled with one that is, or closed with an outcome."""
    clues = {clue.number: clue for clue in Clue.objects.select_related("desk", "merged_into")}
    assert set(clues) == numbers
    for clue in clues.values():
        steps = list(ClueStep.objects.filter(clue=clue).order_by("number"))
        assert [step.number for step in steps] == list(range(1, clue.version + 1))
        assert steps[-1].stage_to == clue.stage
        assert all(before.stage_to == after.stage_from for before, after in zip(steps, steps[1:], strict=False))
        if clue.stage == "closed":
            assert clue.state in ("confirmed", "dismissed")
            assert (clue.dismissed_on is not None) == (clue.state == "dismissed")
            assert clue.due_on is None
        elif clue.stage == "merged":
            assert clue.state == "open"
            assert clue.merged_into is not None
            assert clue.merged_into.stage not in ("closed", "merged")
        else:
            assert clue.state == "open"
            assert clue.desk is not None
            assert clue.desk.level == LEVEL_OF[clue.stage]
            assert clue.due_on is not None


NAMES = ["city", "county", "county_too", "township", "village", "team", "grid_worker", "sibling_village"]
MOVES = st.tuples(st.sampled_from([*ACTIONS, "separate", "rise"]), st.sampled_from(NAMES), st.booleans())
LIKELY = {
    "city": ("dispatch", "city"),
    "county": ("dispatch", "county"),
    "township": ("dispatch", "township"),
    "village": ("confirm", "village"),
    "township_review": ("agree", "township"),
    "county_review": ("agree", "county"),
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(MOVES, st.booleans()), max_size=25), level=st.sampled_from(["red", "yellow"]))
def test_whatever_people_do_no_clue_is_lost(moves: list[Any], level: str, everybody: dict[str, User]) -> None:
    with transaction.atomic():
        first, second = open_clue(level=level), open_clue(risk="disability", level=level)
        numbers = {first.number, second.number}
        Clue.objects.filter(pk=first.pk).update(flags=[FLAG])
        for (action, name, which), likely in moves:
            clue = Clue.objects.get(pk=(first if which else second).pk)
            other = (second if which else first).number
            if likely and clue.stage in LIKELY:
                action, name = LIKELY[clue.stage]
                if clue.stage == "village":
                    _try("visit", clue, Desk(everybody).by("team"), other)
            if action == "rise":
                raise_overdue(asked(OVERDUE), OVERDUE)
            else:
                on = OVERDUE if action == "urge" else ON
                _try(action, clue, Desk(everybody, on).by(name), other)
            check_nothing_is_lost(numbers)
        transaction.set_rollback(True)


def _try(action: str, clue: Clue, by: dict[str, Any], other: str) -> None:
    with contextlib.suppress(ShouwangError), transaction.atomic():
        act(action, clue, by, other)


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
