"""A state machine over every action by everybody in whatever order, with screenings, moves and days in between.

After each step no clue is lost, numbers have no gaps, no red clue went round the county and no dismissal round a flag.
The machine and each of its checks are first shown a planted fault.
"""

import contextlib
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from completeness import (
    check_every_flag_was_answered,
    check_everything,
    check_numbers_have_no_gaps,
    check_red_went_through_the_county,
)
from desks import COUNTY, FOREIGN_VILLAGE, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE, batch, batch_clue
from django.db import transaction
from django.db.models import ProtectedError
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from offices import FLAG, ON, PEOPLE, PLACE, Desk, asked, make_people, open_clue, seen
from test_flow import ACTIONS, ALLOWED, act

from databases import drawn
from shouwang.accounts.models import User
from shouwang.clues import handling, verification
from shouwang.clues.models import Clue, DispatchRule, Finding, Stage
from shouwang.clues.rising import follow_rules
from shouwang.clues.steps import Stepping
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import take_steps
from shouwang.kernel.errors import ShouwangError

pytestmark = pytest.mark.usefixtures("households", "home")
RISKS, HOUSEHOLDS = ("illness", "disability", "other"), ("H1", "H2")
VILLAGES = (VILLAGE, SIBLING, OTHER_VILLAGE, FOREIGN_VILLAGE)
# Who takes a clue on from a stage, so that the machine gets to the end of the way and not only to its first steps.
ONWARD = {
    "city": ("dispatch", "city"),
    "county": ("dispatch", "county"),
    "township": ("dispatch", "township"),
    "village": ("confirm", "village"),
    "township_review": ("agree", "township"),
    "county_review": ("agree", "county"),
}
which = st.integers(0, 7)


class Casework(RuleBasedStateMachine):
    """Two households with up to three kinds of trouble each, and everybody of every duty."""

    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.on, self.known = ON, set[str]()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def by(self, who: str) -> dict[str, Any]:
        return Desk(self.people, self.on).by(who)

    def clue(self, place: int) -> Clue:
        clues = list(Clue.objects.order_by("pk"))
        return clues[place % len(clues)]

    @rule(
        found=st.lists(
            st.tuples(st.sampled_from(HOUSEHOLDS), st.sampled_from(RISKS)), min_size=1, max_size=4, unique=True
        ),
        level=st.sampled_from(["red", "orange", "yellow"]),
        lines=st.sets(st.integers(2, 5), min_size=1),
        flagged=st.booleans(),
    )
    def screening(self, found: list[tuple[str, str]], level: str, lines: set[int], flagged: bool) -> None:
        clues = [batch_clue(household, risk, level, sorted(lines)) for household, risk in found]
        for clue in clues if flagged else []:
            clue.flags.append(FLAG)
        before = set(Clue.objects.values_list("number", flat=True))
        recorded = record_clues(batch(self.on, *clues), on=self.on)
        came = set(Clue.objects.values_list("number", flat=True)) - before
        assert len(came) == sum(recorded.new.values())
        self.known |= came

    @precondition(lambda self: self.known)
    @rule(action=st.sampled_from([*ACTIONS, "separate"]), who=st.sampled_from(sorted(PEOPLE)), one=which, other=which)
    def anybody_tries(self, action: str, who: str, one: int, other: int) -> None:
        self.attempt(action, self.clue(one), who, self.clue(other).number)

    @precondition(lambda self: self.known)
    @rule(one=which, other=which, choice=st.integers(0, 40))
    def somebody_does_what_they_may(self, one: int, other: int, choice: int) -> None:
        clue = self.clue(one)
        ways = sorted(
            (action, who) for (stage, action), names in ALLOWED.items() if stage == clue.stage for who in names
        )
        ways = ways or [("separate", "county")]
        action, who = ways[choice % len(ways)]
        self.attempt(action, clue, who, self.clue(other).number)

    @precondition(lambda self: self.known)
    @rule(one=which, steps=st.integers(1, 6), dismissed=st.booleans())
    def taken_on(self, one: int, steps: int, dismissed: bool) -> None:
        for _ in range(steps):
            clue = self.clue(one)
            if clue.stage not in ONWARD:
                return
            action, who = ONWARD[clue.stage]
            if clue.stage == "village":
                with contextlib.suppress(ShouwangError), transaction.atomic():
                    verification.record_visit(clue.number, seen(visited_on=self.on), **self.by("team"))
            self.attempt("dismiss" if dismissed and action == "confirm" else action, clue, who, clue.number)

    @precondition(lambda self: self.known)
    @rule(one=which, other=which)
    def merged(self, one: int, other: int) -> None:
        self.attempt("merge", self.clue(one), "county", self.clue(other).number)

    @precondition(lambda self: self.known)
    @rule(who=st.sampled_from(["city", "county", "township", "village"]), level=st.integers(1, 4))
    def all_in_one_order(self, who: str, level: int) -> None:
        handling.dispatch_many(sorted(self.known), to_level=level, **self.by(who))

    @rule(office=st.sampled_from([(COUNTY, 4), (COUNTY, 3), (TOWNSHIP, 4)]), level=st.sampled_from(["", "red"]))
    def standing_order(self, office: tuple[str, int], level: str) -> None:
        DispatchRule.objects.get_or_create(area_id=office[0], level=level, defaults={"to_level": office[1]})
        follow_rules(asked(self.on), self.on)

    @rule(household=st.sampled_from(HOUSEHOLDS), to=st.sampled_from(VILLAGES))
    def household_moves(self, household: str, to: str) -> None:
        """As the register writes it."""
        Household.objects.filter(pk=household).update(area_id=to)
        Clue.objects.filter(household_id=household).update(area_id=to)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.on += timedelta(days=days)
        take_steps(self.on)

    def attempt(self, action: str, clue: Clue, who: str, other: str) -> None:
        with contextlib.suppress(ShouwangError), transaction.atomic():
            act(action, clue, self.by(who), other)

    @invariant()
    def nothing_vanished(self) -> None:
        check_everything(self.known)


class Hurried(Casework):
    """For planted faults: the same machine, with a clue from the first step that is mostly taken along the straight way."""

    @initialize(
        level=st.sampled_from(["red", "orange"]),
        flagged=st.booleans(),
        steps=st.sampled_from([0, 6]),
        dismissed=st.booleans(),
    )
    def begins(self, level: str, flagged: bool, steps: int, dismissed: bool) -> None:
        self.screening(found=[("H1", "illness")], level=level, lines={2}, flagged=flagged)
        self.taken_on(one=0, steps=steps, dismissed=dismissed)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        """Nothing is planted in what is done by night."""
        self.on += timedelta(days=days)

    @rule(steps=st.integers(4, 6), dismissed=st.booleans())
    def hurried_on(self, steps: int, dismissed: bool) -> None:
        self.taken_on(one=0, steps=steps, dismissed=dismissed)


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    """A planted fault is looked for along the same ways each time, and need not be made small."""
    machine = type("Machine", (Hurried if planted else Casework,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=8 if planted else 30,
        deadline=None,
        phases=phases,
        database=None,
        derandomize=planted,
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def everybody(households: object) -> dict[str, User]:
    return make_people()


def test_whatever_happens_no_clue_vanishes(everybody: dict[str, User]) -> None:
    run(everybody, drawn(10))


def _given_on_to_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clues that are given on lose their desk."""
    take = Stepping.take

    def planted(self: Stepping, clue: Clue, action: str, **more: Any) -> Any:
        step = take(self, clue, action, **more)
        if action == "dispatch":
            Clue.objects.filter(pk=clue.pk).update(desk=None)
        return step

    monkeypatch.setattr(Stepping, "take", planted)


def _township_closes_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "Level", SimpleNamespace(RED="none of them"))


def _closed_clues_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    close = verification._close

    def planted(stepping: Stepping, clue: Clue, *rest: Any) -> Any:
        step = close(stepping, clue, *rest)
        Clue.objects.filter(pk=clue.pk).update(number=f"{clue.number}x")
        return step

    monkeypatch.setattr(verification, "_close", planted)


def _flags_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_answered", lambda flags, answers: [])
    monkeypatch.setattr(verification, "_require_answered_flags", lambda group, finding: None)


@pytest.mark.once(because="the check is on trial here, not the database")
@pytest.mark.parametrize(
    "plant",
    [_given_on_to_nowhere, _township_closes_red, _closed_clues_are_deleted, _flags_are_forgotten],
    ids=lambda plant: plant.__name__,
)
@pytest.mark.long
def test_the_machine_finds_a_planted_way_out(
    plant: Any, everybody: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        run(everybody, 400, planted=True)


def test_a_gap_in_the_numbers_is_found(everybody: dict[str, User]) -> None:
    first, second = open_clue(), open_clue(risk="disability")
    check_numbers_have_no_gaps()
    for planted in ("H1-03", "H1-00", "H2-02", "H1-1x"):
        Clue.objects.filter(pk=second.pk).update(number=planted)
        with pytest.raises((AssertionError, ValueError)):
            check_numbers_have_no_gaps()
    Clue.objects.filter(pk=second.pk).update(number="H1-02")
    check_numbers_have_no_gaps()
    Clue.objects.filter(pk=first.pk).update(number="gone")
    with pytest.raises(AssertionError):
        check_numbers_have_no_gaps()


def test_a_way_round_the_county_is_found(everybody: dict[str, User]) -> None:
    clue = Desk(everybody).bring(open_clue(), "closed")
    check_red_went_through_the_county()
    Clue.objects.filter(pk=clue.pk).update(level="red")
    with pytest.raises(AssertionError):
        check_red_went_through_the_county()


def test_a_dismissal_with_an_open_flag_is_found(everybody: dict[str, User]) -> None:
    clue = Desk(everybody).bring(open_clue(), "closed", "dismiss")
    check_every_flag_was_answered()
    Clue.objects.filter(pk=clue.pk).update(flags=[FLAG])
    with pytest.raises(AssertionError):
        check_every_flag_was_answered()


def test_no_red_clue_ends_without_the_county_not_even_merged_into_a_yellow_one(everybody: dict[str, User]) -> None:
    desk = Desk(everybody)
    main, red = desk.bring(open_clue(), "village"), desk.bring(open_clue(risk="other", level="red"), "village")
    handling.merge(red.number, into=main.number, reason="一并核实", **desk.by("township"))
    desk.submit(main.number, "dismiss")
    verification.agree(main.number, **desk.by("township"))
    assert set(Clue.objects.values_list("stage", flat=True)) == {"county_review", "merged"}
    verification.agree(main.number, **desk.by("county"))
    assert set(Clue.objects.values_list("stage", flat=True)) == {"closed"}
    check_red_went_through_the_county()


def test_a_flag_raised_after_the_village_submitted_is_answered_too(everybody: dict[str, User]) -> None:
    desk = Desk(everybody)
    clue = desk.bring(open_clue(), "township_review", "dismiss")
    again = batch_clue()
    again.flags.append(FLAG)
    record_clues(batch(date(2021, 6, 18), again))
    with pytest.raises(ShouwangError, match="小型汽车一辆”，村里还没有说明"):
        verification.agree(clue.number, **desk.by("township"))
    verification.send_back(clue.number, reason="新查到车辆，请说明", **desk.by("township"))
    desk.submit(clue.number, "dismiss")
    verification.agree(clue.number, **desk.by("township"))
    assert Finding.objects.first().answers[0]["answer"] == "车辆系亲属借用登记"
    check_every_flag_was_answered()
    assert tuple(Finding.objects.first().answers[0][name] for name in ("source", "delivery", "line")) == PLACE


def test_a_clue_with_steps_cannot_be_deleted(everybody: dict[str, User]) -> None:
    open_clue()
    for everything in (Clue, Household):
        with pytest.raises(ProtectedError):
            everything.objects.all().delete()
    assert Clue.objects.get().stage == Stage.CITY
