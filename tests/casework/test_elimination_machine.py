"""Every action by everybody in every state: only what the table says happens, and what must hold of eliminations holds.

The machine and its checks are first shown a planted fault.
"""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from eliminating import STRAIGHT, WAYS, Office, asked, check_eliminations, included, minutes, objection
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
from identifying import confirmed
from offices import ON, PEOPLE, make_people
from test_case_machine import AT_DESK
from test_elimination_table import ALLOWED, VILLAGE

from databases import drawn
from shouwang.accounts.models import Post, User
from shouwang.cases.models import Case
from shouwang.cases.opening import open_cases
from shouwang.elimination import deciding, proposing, watching
from shouwang.elimination.models import Elimination
from shouwang.elimination.notices import publicity_of
from shouwang.elimination.steps import Stepping
from shouwang.elimination.watching import propose_roll_backs
from shouwang.households.models import Household
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.rising import raise_all

pytestmark = pytest.mark.usefixtures("households", "home")
HOUSEHOLDS = ["H1", "H3"]
ACTIONS = sorted(set(WAYS) - {"propose"})
WRONG: dict[str, dict[str, Any]] = {
    "in order": {},
    "nobody able to work": {"members_with_some_labour": 0},
    "poor": {"net_income": "100.00"},
    "no measure": {"measures": 0},
}
which = st.integers(0, 20)


def at_desk(household: str, who: str) -> str:
    return {"grid_worker": "village"}.get(who, who) if household == "H1" else AT_DESK[household].get(who, who)


def allowed(found: Elimination, action: str) -> set[str]:
    """ALLOWED is about the household of the first village; of the others the same people sit at their own desks."""
    who, household = ALLOWED.get((found.stage, action), set()), found.case.household_id
    if household == "H1":
        return who
    own = {AT_DESK[household].get(each, each) for each in who if each not in ("grid_worker", "enumerator")}
    return own | ({"enumerator"} if "enumerator" in who and household == "H2" else set())


class Eliminating(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.office = Office(self.people)
        self.cases = {number: included(Household.objects.get(pk=number)) for number in HOUSEHOLDS}
        self.confirmed: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def found(self, place: int) -> Elimination:
        own = list(Elimination.objects.select_related("case").order_by("pk"))
        return own[place % len(own)]

    @rule(household=st.sampled_from(HOUSEHOLDS), what=st.sampled_from(sorted(WRONG)))
    def becomes(self, household: str, what: str) -> None:
        self.office.found[household] = WRONG[what]

    @rule(household=st.sampled_from(HOUSEHOLDS), who=st.sampled_from(sorted(PEOPLE)), own=st.booleans())
    def somebody_proposes(self, household: str, who: str, own: bool) -> None:
        who = at_desk(household, "village") if own else who
        case = Case.objects.get(household_id=household)
        before = {each.pk: (each.stage, each.version) for each in case.eliminations.all()}
        with contextlib.suppress(ShouwangError), transaction.atomic():
            proposed = self.office.propose(case, who)
            assert who in {at_desk(household, each) for each in VILLAGE}
            assert not self.office.found.get(household)
            assert case.stage == "included"
            assert before.get(proposed.pk, ("inspection", 0))[0] == "inspection"

    @precondition(lambda self: Elimination.objects.exists())
    @rule(action=st.sampled_from(ACTIONS), who=st.sampled_from(sorted(PEOPLE)), one=which)
    def anybody_tries(self, action: str, who: str, one: int) -> None:
        self.attempt(self.found(one), action, who)

    @precondition(lambda self: Elimination.objects.exists())
    @rule(one=which, choice=st.integers(0, 40))
    def somebody_does_what_they_may(self, one: int, choice: int) -> None:
        found = self.found(one)
        ways = sorted((action, who) for action in ACTIONS for who in allowed(found, action))
        if ways:
            self.attempt(found, *ways[choice % len(ways)])

    @rule(
        household=st.sampled_from(HOUSEHOLDS),
        steps=st.integers(3, 9),
        waits=st.booleans(),
        by=st.sampled_from(["", "", "village"]),
        photographed=st.sampled_from([True, True, False]),
    )
    def taken_on(self, household: str, steps: int, waits: bool, by: str, photographed: bool) -> None:
        """Along the straight way, with or without waiting for the notice, or photographing it, by those it is for or all by one
        person."""
        self.somebody_proposes(household, "village", own=True)
        for action, who, stage in STRAIGHT[:steps]:
            found = (
                Elimination.objects.filter(case__household_id=household).order_by("-pk").select_related("case").first()
            )
            if found is not None and found.stage == stage:
                self.attempt(found, action, at_desk(found.case.household_id, by or who))
                if action == "post_up":
                    self.proved(found, photographed)
                if action == "post_up" and waits:
                    self.office.on += timedelta(days=6)

    @precondition(lambda self: Elimination.objects.filter(stage="publicity").exists())
    @rule(one=which)
    def somebody_objects_on_the_board(self, one: int) -> None:
        hanging = [each for each in Elimination.objects.filter(stage="publicity") if publicity_of(each).exists()]
        if hanging:
            objection(hanging[one % len(hanging)])

    def proved(self, found: Elimination, photographed: bool) -> None:
        with contextlib.suppress(ShouwangError), transaction.atomic():
            if photographed and publicity_of(found).exists():
                self.office.hang(found, at_desk(found.case.household_id, "village"))

    @rule(household=st.sampled_from(HOUSEHOLDS), risk=st.sampled_from(["unsafe_water", "accident"]))
    def clue_is_confirmed(self, household: str, risk: str) -> None:
        if (household, risk) not in self.confirmed:
            self.confirmed.add((household, risk))
            confirmed(self.people, household, risk)
            standing = Case.objects.get(household_id=household).stage == "eliminated"
            self.nightly()
            own = Elimination.objects.filter(
                case__household_id=household, stage__in=["relapse_audit", "relapse_approval"]
            )
            assert own.exists() or not standing

    @rule(days=st.sampled_from([1, 2, 7, 100]))
    def days_pass(self, days: int) -> None:
        self.office.on += timedelta(days=days)
        self.nightly()

    def nightly(self) -> None:
        needed = asked(self.office.on)
        open_cases(identification_requirements(self.office.on), self.office.on)
        propose_roll_backs(needed, self.office.on)
        raise_all(needed, self.office.on)
        assert propose_roll_backs(needed, self.office.on) == 0
        assert raise_all(needed, self.office.on) == 0

    def attempt(self, found: Elimination, action: str, who: str) -> None:
        before, may = found.version, allowed(found, action)
        with contextlib.suppress(ShouwangError), transaction.atomic():
            self.office.act(found, action, who)
            assert who in may
            assert Elimination.objects.get(pk=found.pk).version == before + 1
            if action in ("agree", "approve", "announce"):
                assert not self.office.found.get(found.case.household_id)

    @invariant()
    def all_is_in_order(self) -> None:
        check_eliminations()


class Hurried(Eliminating):
    """For planted faults: the same machine, begun along the straight way in the first village, whatever is wrong there."""

    @initialize(
        what=st.sampled_from(["", "", "poor"]),
        steps=st.sampled_from([6, len(STRAIGHT)]),
        waits=st.booleans(),
        by=st.sampled_from(["", "village"]),
        objected=st.booleans(),
    )
    def begins(self, what: str, steps: int, waits: bool, by: str, objected: bool) -> None:
        if what:
            self.becomes(household="H1", what=what)
        if objected:
            self.taken_on(household="H1", steps=2, waits=waits, by=by, photographed=True)
            self.somebody_objects_on_the_board(one=0)
        self.taken_on(household="H1", steps=steps, waits=waits, by=by, photographed=True)


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Hurried if planted else Eliminating,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=8 if planted else 25,
        deadline=None,
        phases=phases,
        database=None,
        derandomize=planted,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_anybody_tries_the_procedure_holds() -> None:
    run(make_people(), drawn(12))


@pytest.mark.long
@pytest.mark.once(because="the check is on trial here, not the database")
@pytest.mark.parametrize("hole", ["require_another", "standing_notice", "online_waiting", "require_met", "ending"])
def test_the_machine_finds_a_planted_way_round(hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of two posts who agrees to their own; a notice that did not stand its days; an objection that is passed over;
    conditions that nobody checks; an end of which the case hears nothing."""
    people = make_people()
    if hole == "require_another":
        Post.objects.create(user=people["village"], area_id="500101001000", duty="township", starts_on=ON)
        monkeypatch.setattr(Stepping, "require_another", lambda *args: None)
    elif hole == "standing_notice":
        real = deciding.standing_notice

        def early(found: Elimination) -> Any:
            notice = real(found)
            if notice is not None:
                notice.stands_until = notice.posted_on - timedelta(days=1)
            return notice

        monkeypatch.setattr(deciding, "standing_notice", early)
    elif hole == "online_waiting":
        monkeypatch.setattr(deciding, hole, lambda found: [])
    elif hole == "require_met":
        monkeypatch.setattr(proposing, "require_met", lambda *args: None)
        monkeypatch.setattr(deciding, "require_met", lambda *args: None)
    else:
        monkeypatch.setattr(watching, "roll_back_case", lambda *args: None)
    with pytest.raises(AssertionError):
        run(people, 400, planted=True)


def test_a_proposal_that_came_back_and_does_not_hold_any_more_is_taken_back() -> None:
    """The household stays monitored and may be proposed anew."""
    office = Office(make_people())
    case = included(Household.objects.get(pk="H1"))
    found = office.bring(case, "township_audit")
    deciding.send_back(found.number, office.order("township"), "inspection", "收入又下降")
    office.found["H1"] = WRONG["poor"]
    with pytest.raises(ShouwangError):
        office.propose(case)
    office.act(found, "withdraw", "village")
    found.refresh_from_db()
    assert (found.stage, found.refusal, found.due_on) == ("refused", "收入又下降", None)
    assert Case.objects.get().stage == "included"
    office.found["H1"] = {}
    assert office.propose(case).pk != found.pk
    check_eliminations()


def test_what_did_not_pass_is_not_posted_up() -> None:
    office = Office(make_people())
    found = office.propose(included(Household.objects.get(pk="H1")))
    deciding.deliberate(found.number, office.order("village"), minutes(office.on, (10, 20)))
    with pytest.raises(ShouwangError, match="评议没有通过"):
        deciding.send_back(found.number, office.order("township"), "publicity", "再公示")
