"""Every action by everybody at every stage of a declaration: only what the table says happens, and no report vanishes.

The machine and its checks are first shown a planted fault.
"""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from declaring import WAYS, Office, anonymous, check_declarations, taken
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from offices import ON, PEOPLE, make_people

from databases import drawn
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.clues.models import Clue
from shouwang.declarations import handling as doing
from shouwang.declarations.flow import DECLARATIONS, LEVEL_OF
from shouwang.declarations.models import Action, Declaration, Stage
from shouwang.declarations.rising import bring_unverified
from shouwang.jobs.handling import declaration_requirements
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.rising import raise_all

pytestmark = pytest.mark.usefixtures("households", "home")
ACTIONS = sorted(WAYS)
which = st.integers(0, 20)
TOWNSHIP = {"township", "township_too"}
# Who may do what at which stage, written down once more, independently of the table in the code.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("township", "link"): TOWNSHIP,
    ("township", "pass_down"): TOWNSHIP,
    ("township", "propose"): TOWNSHIP,
    ("township", "reassign"): {"city", "county", "county_too"},
    ("village", "link"): {"village", "team"},
    ("village", "give_back"): {"village", "team"},
    ("closing", "agree"): TOWNSHIP,
    ("closing", "keep"): TOWNSHIP,
    ("appealed", "reopen"): TOWNSHIP,
    ("appealed", "uphold"): TOWNSHIP,
    **{(stage, "urge"): {"city", "county", "county_too"} for stage in ("township", "closing", "appealed")},
    ("village", "urge"): {"city", "county", "county_too"} | TOWNSHIP,
}


def everybody() -> dict[str, User]:
    """Those at the desks, and a second person in the township."""
    people = make_people()
    people["township_too"] = User.objects.create(username="township_too", password="!")
    Post.objects.create(user=people["township_too"], area_id="500101001000", duty="township", starts_on=ON)
    return people


@pytest.mark.parametrize("who", sorted([*PEOPLE, "township_too"]))
def test_the_table_says_what_is_written_down(who: str) -> None:
    people, found = everybody(), anonymous()
    scope, line = scope_of(people[who], ON), {3: found.area.parent, 4: found.area}
    for stage in Stage:
        found.stage, found.desk = stage, line[LEVEL_OF.get(stage, Area.TOWNSHIP)]
        for action in ACTIONS:
            expected = who in ALLOWED.get((stage, action), set())
            assert DECLARATIONS.may(scope, found, Action(action)) == expected, (stage, action)


class Declaring(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.office, self.known, self.forms = Office(self.people), set[str](), 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def one(self, place: int) -> Declaration:
        found = list(Declaration.objects.order_by("pk"))
        return found[place % len(found)]

    @rule(named=st.booleans(), risk=st.sampled_from(["illness", "unsafe_water"]))
    def somebody_reports(self, named: bool, risk: str) -> None:
        self.forms += 1
        report = taken if named else anonymous
        with contextlib.suppress(ShouwangError):  # too many without a code
            self.known.add(report(f"form-{self.forms}", self.office.on, risks=[risk]).number)

    @precondition(lambda self: self.known)
    @rule(action=st.sampled_from(ACTIONS), who=st.sampled_from(sorted([*PEOPLE, "township_too"])), one=which)
    def anybody_tries(self, action: str, who: str, one: int) -> None:
        self.attempt(self.one(one), action, who)

    @precondition(lambda self: self.known)
    @rule(one=which, choice=st.integers(0, 40))
    def somebody_does_what_they_may(self, one: int, choice: int) -> None:
        found = self.one(one)
        ways = sorted(
            (action, who) for (stage, action), names in ALLOWED.items() if stage == found.stage for who in names
        )
        if ways:
            self.attempt(found, *ways[choice % len(ways)])

    @precondition(lambda self: self.known)
    @rule(
        one=which, first=st.sampled_from(sorted(TOWNSHIP)), second=st.sampled_from(sorted(TOWNSHIP)), link=st.booleans()
    )
    def taken_to_an_end(self, one: int, first: str, second: str, link: bool) -> None:
        """Linked by one, or closed by two of the township, be they the same."""
        for action, who in [("link", first)] if link else [("propose", first), ("agree", second)]:
            self.attempt(self.one(one), action, who)

    @precondition(lambda self: self.known)
    @rule(one=which)
    def appealed(self, one: int) -> None:
        with contextlib.suppress(ShouwangError), transaction.atomic():
            self.office.appeal(self.one(one).number)

    @rule(closes=st.booleans())
    def clues_end(self, closes: bool) -> None:
        """As the village and the township end them, without their own steps."""
        state = "dismissed" if closes else "confirmed"
        Clue.objects.filter(state="open").update(
            state=state, stage="closed", dismissed_on=self.office.on if closes else None, due_on=None
        )

    @rule(days=st.integers(1, 7))
    def days_pass(self, days: int) -> None:
        self.office.on += timedelta(days=days)
        asked = declaration_requirements(self.office.on)
        Declaration.objects.filter(stage="unverified").update(received_at="2021-01-01T00:00Z")
        bring_unverified(asked, self.office.on)
        raise_all(asked, self.office.on)
        assert not Declaration.objects.filter(stage="unverified").exists()

    def attempt(self, found: Declaration, action: str, who: str) -> None:
        before, may = found.version, ALLOWED.get((found.stage, action), set())
        if found.desk_id not in ("500101001000", "500101001001"):
            may = {"city", "county", "county_too", "other_township"}  # it was given to another township
        with contextlib.suppress(ShouwangError), transaction.atomic():
            self.office.act(found.number, action, who)
            assert who in may
            assert Declaration.objects.get(pk=found.pk).version == before + 1

    @invariant()
    def nothing_vanished(self) -> None:
        check_declarations(self.known)


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Declaring,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=20,
        deadline=None,
        phases=phases,
        database=None,
        derandomize=planted,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_anybody_tries_no_report_vanishes() -> None:
    run(everybody(), drawn(8))


def _closes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "_require_another", lambda found, user: None)


def _links_without_a_clue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "take_report", lambda *args, **named: None)


@pytest.mark.long
@pytest.mark.once(because="the check is on trial here, not the database")
@pytest.mark.parametrize("plant", [_closes_alone, _links_without_a_clue], ids=lambda plant: plant.__name__)
def test_the_machine_finds_a_planted_way_round(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        run(everybody(), 400, planted=True)
