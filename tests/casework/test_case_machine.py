"""Every action by everybody in every state: only what the table says happens, and what must hold of cases holds.

The machine and its checks are first shown a planted fault.
"""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
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
from identifying import STRAIGHT, WAYS, Office, check_cases, confirmed, objection
from offices import ON, PEOPLE, make_people

from databases import drawn
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.cases import publicity
from shouwang.cases.flow import CASES
from shouwang.cases.models import Action, Case, Stage
from shouwang.cases.opening import open_cases
from shouwang.cases.rising import raise_overdue_cases
from shouwang.cases.steps import Stepping
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import ShouwangError

pytestmark = pytest.mark.usefixtures("households", "home")
HOUSEHOLDS, RISKS = ["H1", "H2", "H3"], ["illness", "unsafe_water", "natural_disaster"]
ACTIONS = sorted(WAYS)
which = st.integers(0, 20)
# With a photo of the notice, objected to, waiting for its days: as it should be, and with one of the three amiss.
HURRIED = [(True, False, True), (False, False, True), (True, True, True), (True, False, False)]
# Who may do what at which stage, written down once more, independently of the table in the code.
VILLAGE, TOWNSHIP, COUNTY = {"village", "team"}, {"township"}, {"county", "county_too"}
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("collection", "compare"): VILLAGE,
    ("collection", "collect"): VILLAGE,
    ("collection", "withdraw"): VILLAGE,
    ("deliberation", "deliberate"): VILLAGE,
    ("deliberation", "withdraw"): VILLAGE,
    ("publicity", "post_up"): VILLAGE,
    ("publicity", "object"): VILLAGE,
    ("publicity", "report"): VILLAGE,
    ("publicity", "set_aside"): TOWNSHIP,
    ("township_audit", "agree"): TOWNSHIP,
    ("township_audit", "refuse"): TOWNSHIP,
    ("township_audit", "send_back"): TOWNSHIP,
    ("township_audit", "help_first"): TOWNSHIP,
    ("county_approval", "approve"): COUNTY,
    ("county_approval", "refuse"): COUNTY,
    ("county_approval", "send_back"): COUNTY,
    ("announcement", "announce"): VILLAGE,
    ("refusal_notice", "notify"): VILLAGE,
    ("refused", "recheck"): TOWNSHIP,
    **{(stage, "help_first"): TOWNSHIP for stage in ("collection", "deliberation", "publicity")},
    **{
        (stage, "urge"): TOWNSHIP | COUNTY | {"city"}
        for stage in ("collection", "deliberation", "publicity", "announcement", "refusal_notice")
    },
    ("township_audit", "urge"): COUNTY | {"city"},
    ("county_approval", "urge"): {"city"},
}
# ALLOWED is about the household of the first village; the others have these people at their own desks.
AT_DESK: dict[str, dict[str, str]] = {
    "H1": {},
    "H2": {"village": "sibling_village", "team": "sibling_village"},
    "H3": {"village": "other_village", "team": "other_village", "township": "other_township"},
}


def at_desk(case: Case, who: str) -> str:
    return AT_DESK[case.household_id].get(who, who)


def allowed(case: Case, action: str) -> set[str]:
    return {at_desk(case, who) for who in ALLOWED.get((case.stage, action), set())}


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_the_table_says_what_is_written_down(who: str) -> None:
    """For the household of the first village; a refused case lies with its township, which may have it checked again."""
    office = Office(make_people())
    case, scope = office.open(), scope_of(office.people[who], ON)
    for stage in Stage:
        case.stage, level = stage, CASES.level_of.get(stage)
        case.desk = (
            case.area
            if level is None
            else {1: None, 2: case.area.parent.parent, 3: case.area.parent, 4: case.area}[level]
        )
        if stage == Stage.REFUSED:
            case.desk = case.area.parent
        for action in ACTIONS:
            expected = who in ALLOWED.get((stage, action), set())
            assert CASES.may(scope, case, Action(action)) == expected, (stage, action)


class Identifying(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.office = Office(self.people)
        self.confirmed: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def case(self, place: int) -> Case:
        cases = list(Case.objects.order_by("pk"))
        return cases[place % len(cases)]

    @rule(household=st.sampled_from(HOUSEHOLDS), risk=st.sampled_from(RISKS))
    def clue_is_confirmed(self, household: str, risk: str) -> None:
        monitored = Case.objects.filter(household_id=household, stage=Stage.INCLUDED)
        if (household, risk) in self.confirmed or any(risk in case.risks for case in monitored):
            return  # found again it is a note
        self.confirmed.add((household, risk))
        confirmed(self.people, household, risk)
        self.nightly()

    @precondition(lambda self: self.confirmed)
    @rule(action=st.sampled_from(ACTIONS), who=st.sampled_from(sorted(PEOPLE)), one=which)
    def anybody_tries(self, action: str, who: str, one: int) -> None:
        self.attempt(self.case(one), action, who)

    @precondition(lambda self: self.confirmed)
    @rule(one=which, choice=st.integers(0, 40))
    def somebody_does_what_they_may(self, one: int, choice: int) -> None:
        case = self.case(one)
        ways = sorted((action, who) for action in ACTIONS for who in allowed(case, action))
        if ways:
            action, who = ways[choice % len(ways)]
            self.attempt(case, action, who)

    @precondition(lambda self: self.confirmed)
    @rule(
        one=which, steps=st.integers(1, 8), how=st.tuples(*[st.booleans()] * 3), by=st.sampled_from(["", "", "village"])
    )
    def taken_on(self, one: int, steps: int, how: tuple[bool, bool, bool], by: str) -> None:
        """Along the straight way by those it is for or all by one person; with a photo of the notice or without, objected
        to or not, waiting for its days or not."""
        shown, objected, waits = how
        for action, who, stage in STRAIGHT[:steps]:
            case = self.case(one)
            if case.stage == stage:
                self.attempt(case, action, at_desk(case, by or who))
                if action == "post_up" and shown:
                    self.photo_of_the_notice(one)
                if action == "post_up" and objected:
                    self.somebody_objects_on_the_public_page(one)
                if action == "post_up" and waits:
                    self.office.on += timedelta(days=6)

    @precondition(lambda self: self.confirmed)
    @rule(one=which)
    def photo_of_the_notice(self, one: int) -> None:
        case = self.case(one)
        if publicity.standing_notice(case) is not None:
            with contextlib.suppress(ShouwangError):
                self.office.hang(case, at_desk(case, "village"))

    @precondition(lambda self: self.confirmed)
    @rule(one=which)
    def somebody_objects_on_the_public_page(self, one: int) -> None:
        case = self.case(one)
        if case.stage == "publicity" and publicity.standing_notice(case) is not None:
            objection(case)

    @rule(days=st.integers(1, 7))
    def days_pass(self, days: int) -> None:
        self.office.on += timedelta(days=days)
        self.nightly()

    def nightly(self) -> None:
        asked = identification_requirements(self.office.on)
        open_cases(asked, self.office.on)
        raise_overdue_cases(asked, self.office.on)

    def attempt(self, case: Case, action: str, who: str) -> None:
        before, may = case.version, allowed(case, action)
        with contextlib.suppress(ShouwangError), transaction.atomic():
            self.office.act(case, action, who)
            assert who in may
            assert Case.objects.get(pk=case.pk).version == before + 1

    @invariant()
    def all_is_in_order(self) -> None:
        check_cases()


class Hurried(Identifying):
    """For planted faults: the same machine, with a case that is taken along the straight way first."""

    @initialize(how=st.sampled_from(HURRIED), by=st.sampled_from(["", "village"]))
    def begins(self, how: tuple[bool, bool, bool], by: str) -> None:
        self.clue_is_confirmed(household="H1", risk="illness")
        self.taken_on(one=0, steps=8, how=how, by=by)


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Hurried if planted else Identifying,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=3 if planted else 30,
        deadline=None,
        phases=phases,
        database=None,
        derandomize=planted,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_anybody_tries_the_procedure_holds() -> None:
    run(make_people(), drawn(20))


@pytest.mark.long
@pytest.mark.once(because="the check is on trial here, not the database")
@pytest.mark.parametrize("hole", ["require_another", "standing_notice", "photos_of", "online_waiting"])
def test_the_machine_finds_a_planted_way_round(hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of two posts who approves their own; a case reported before its notice has stood, without a photo of it, or
    over an objection that waits."""
    people = make_people()
    if hole == "require_another":
        from shouwang.accounts.models import Post

        Post.objects.create(user=people["village"], area_id="500101001000", duty="township", starts_on=ON)
        monkeypatch.setattr(Stepping, hole, lambda *args: None)
    elif hole == "standing_notice":
        real = publicity.standing_notice

        def early(case: Case) -> Any:
            found = real(case)
            if found is not None:
                found.stands_until = found.posted_on - timedelta(days=1)
            return found

        monkeypatch.setattr(publicity, hole, early)
    elif hole == "photos_of":
        monkeypatch.setattr(publicity, hole, lambda notice: 1)
    else:
        monkeypatch.setattr(publicity, hole, lambda case: [])
    with pytest.raises(AssertionError):
        run(people, 100, planted=True)
