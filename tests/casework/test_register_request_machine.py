"""Every action by everybody in every state: only what the table says happens, and what must hold of requests holds.

The check is itself shown a planted fault.
"""

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest
from desks import OTHER_TOWNSHIP, TOWNSHIP, VILLAGE
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from offices import PEOPLE
from register_office import TODAY, Kind, Office, key_of, proposals, split

from databases import drawn
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.households.models import Household
from shouwang.jobs.handling import clocks_of
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.rising import raise_all
from shouwang.registration import deciding as doing
from shouwang.registration.flow import IN_HAND, REQUESTS
from shouwang.registration.models import (
    AmendmentSheet,
    RegisterRequest,
    RegisterRequestStep,
    RequestAction,
    RequestStage,
)

VILLAGERS, TOWNSHIP_PEOPLE, COUNTY_PEOPLE = {"village", "team"}, {"township"}, {"county", "county_too"}
# Who may do what at which stage with a request of the first village, written down once more, independently of the table.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("register_township", "agree"): TOWNSHIP_PEOPLE,
    ("register_township", "refuse"): TOWNSHIP_PEOPLE,
    ("register_township", "send_back"): TOWNSHIP_PEOPLE,
    ("register_receiving", "receive"): {"other_township"},
    ("register_receiving", "refuse"): {"other_township"},
    ("register_returned", "resubmit"): VILLAGERS,
    ("register_returned", "withdraw"): VILLAGERS,
    ("register_agreed", "hand_over"): COUNTY_PEOPLE,
    ("register_agreed", "send_back"): COUNTY_PEOPLE,
    ("register_township", "urge"): COUNTY_PEOPLE | {"city"},
    ("register_receiving", "urge"): COUNTY_PEOPLE | {"city"},
    ("register_returned", "urge"): TOWNSHIP_PEOPLE | COUNTY_PEOPLE | {"city"},
    ("register_agreed", "urge"): {"city"},
}
DESK = {
    "register_township": TOWNSHIP,
    "register_receiving": OTHER_TOWNSHIP,
    "register_returned": VILLAGE,
    "register_agreed": "500101000000",
}


@pytest.fixture
def office(office_as_made: Office) -> Office:
    return office_as_made


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_the_table_says_what_is_written_down(who: str, office: Office) -> None:
    request, scope = split(office), scope_of(office.people[who], TODAY)
    for stage in RequestStage:
        request.stage, request.desk = stage, Area.objects.get(pk=DESK.get(stage, TOWNSHIP))
        for action in RequestAction:
            expected = who in ALLOWED.get((stage, action), set())
            assert REQUESTS.may(scope, request, action) == expected, (stage, action)


def check_requests() -> None:
    """What must hold of all requests, whatever was tried."""
    for household in Household.objects.all():
        numbers = [each.number for each in household.requests.order_by("pk")]
        assert numbers == [f"{household.pk}-G{place:02}" for place in range(1, len(numbers) + 1)]
    people_in_hand: list[int] = []
    for request in RegisterRequest.objects.all():
        steps = list(request.steps.order_by("number"))
        assert [step.number for step in steps] == list(range(1, request.version + 1))
        assert steps[-1].stage_to == request.stage
        assert (request.due_on is not None) == (request.stage in IN_HAND)
        assert (request.sheet_id is not None) == (request.stage == RequestStage.HANDED_OVER)
        submitted = {step.actor_id for step in steps if step.action in ("propose", "resubmit")}
        decided = [step for step in steps if step.action in ("agree", "refuse", "receive")]
        assert not submitted & {step.actor_id for step in decided if step.number > 1}
        if request.stage in (RequestStage.AGREED, RequestStage.HANDED_OVER):
            assert any(step.action == "agree" for step in steps)
        if request.stage in IN_HAND:
            people_in_hand += [line["key"] for line in request.lines]
    assert len(people_in_hand) == len(set(people_in_hand))
    entries = Entry.objects.filter(subject_type="registerrequest").count()
    assert entries == RegisterRequestStep.objects.count()


class Changing(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.office = Office(self.people)
        split(self.office)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(kind=st.sampled_from(sorted(Kind)), who=st.sampled_from(["village", "village", "team", "sibling_village"]))
    def somebody_proposes(self, kind: str, who: str) -> None:
        before = RegisterRequest.objects.count()
        ways = proposals(self.office)
        real = self.office.propose
        self.office.propose = lambda kind, **told: real(kind, who, **told)  # type: ignore[method-assign]
        with contextlib.suppress(ShouwangError), transaction.atomic():
            ways[Kind(kind)]()
            assert who in VILLAGERS
            assert RegisterRequest.objects.count() == before + 1
        self.office.propose = real  # type: ignore[method-assign]

    @rule(action=st.sampled_from(sorted(RequestAction)), who=st.sampled_from(sorted(PEOPLE)), one=st.integers(0, 20))
    def anybody_tries(self, action: str, who: str, one: int) -> None:
        requests = list(RegisterRequest.objects.order_by("pk"))
        if requests:
            self.attempt(requests[one % len(requests)], action, who)

    @rule(one=st.integers(0, 20), choice=st.integers(0, 40))
    def somebody_does_what_they_may(self, one: int, choice: int) -> None:
        requests = list(RegisterRequest.objects.order_by("pk"))
        if requests:
            request = requests[one % len(requests)]
            ways = sorted((a, who) for a in RequestAction for who in ALLOWED.get((request.stage, a), set()))
            if ways:
                self.attempt(request, *ways[choice % len(ways)])

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.office.on += timedelta(days=days)
        raise_all(clocks_of(self.office.on), self.office.on)

    def attempt(self, request: RegisterRequest, action: str, who: str) -> None:
        may, order = ALLOWED.get((request.stage, action), set()), self.office.order(who)
        with contextlib.suppress(ShouwangError), transaction.atomic():
            if action in ("propose", "rise", "take_over"):
                return
            if action == "hand_over":
                self.hand_over(request, order)
            else:
                getattr(doing, action)(request.number, order, "理由")
            assert who in may, (request.stage, action, who)

    def hand_over(self, request: RegisterRequest, order: doing.Order) -> None:
        """As `make_sheet` does, without the file."""
        number = AmendmentSheet.objects.count() + 1
        sheet = AmendmentSheet.objects.create(number=number, area_id="500101000000", made_by=order.acting_user, rows=1)
        doing.hand_over([request], sheet, order)

    @invariant()
    def all_is_in_order(self) -> None:
        check_requests()


def test_whatever_anybody_tries_the_register_changes_by_the_table(office: Office) -> None:
    machine: Any = type("Machine", (Changing,), {"people": office.people})
    phases = [Phase.generate, Phase.shrink]
    chosen = settings(max_examples=drawn(10), stateful_step_count=20, deadline=None, phases=phases, database=None)
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.once(because="the check is on trial here, not the database")
@pytest.mark.parametrize("hole", ["_require_another", "_require_free"])
def test_the_check_finds_a_planted_way_round(hole: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of two posts who agrees to their own; a member who is in two requests."""
    from shouwang.registration import proposing

    request = split(office)
    check_requests()
    if hole == "_require_another":
        Post.objects.create(
            user=office.people["village"], area_id=TOWNSHIP, duty="township", starts_on=date(2020, 1, 1)
        )
        monkeypatch.setattr(doing, hole, lambda *args: None)
        doing.agree(request.number, office.order("village"), "")
    else:
        monkeypatch.setattr(proposing, hole, lambda *args: None)
        office.propose(Kind.DEATH, members=(key_of("冉二田"),))
    with pytest.raises(AssertionError):
        check_requests()
