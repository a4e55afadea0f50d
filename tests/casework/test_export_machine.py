"""Every step with every export by everybody in every state: only what the table says happens, and what holds of exports holds.

The machine is first shown a planted fault: somebody who takes what another asked for.
"""

import contextlib
import io
from datetime import timedelta
from typing import Any

import pytest
from assisting import included_case
from desks import CITY, COUNTY, FOREIGN_COUNTY, TOWNSHIP, VILLAGE
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate, now
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from offices import PEOPLE, make_people

from databases import drawn
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.households.models import Household
from shouwang.jobs.outputs import limits
from shouwang.kernel.errors import ShouwangError
from shouwang.outputs import files, requesting
from shouwang.outputs.flow import Step
from shouwang.outputs.models import Content, Export, State
from shouwang.outputs.requesting import Wish, ask_for, decide

pytestmark = pytest.mark.usefixtures("households", "home")
TODAY = localdate()
AREAS = [CITY, COUNTY, FOREIGN_COUNTY, TOWNSHIP, VILLAGE]
# Written down once more, independently of the code. Who may ask for what: the office of an area for it and what lies below.
OFFICES = {
    "city": [CITY, COUNTY, FOREIGN_COUNTY, TOWNSHIP, VILLAGE],
    "county": [COUNTY, TOWNSHIP, VILLAGE],
    "county_too": [COUNTY, TOWNSHIP, VILLAGE],
    "township": [TOWNSHIP, VILLAGE],
    "village": [VILLAGE],
    "team": [VILLAGE],
    "foreign_county": [FOREIGN_COUNTY],
}
WITH_NUMBERS = {"city", "county", "county_too", "foreign_county"}
# state, step: who, where it then stands. other: somebody of WITH_NUMBERS over the area who did not ask; own: who asked.
TABLE = {
    ("requested", "approve"): ("other", "approved"),
    ("requested", "decline"): ("other", "declined"),
    ("requested", "withdraw"): ("own", "withdrawn"),
    ("ready", "take"): ("own", "taken"),
}


def who_may(export: Export, step: str) -> set[str]:
    whose, _to = TABLE.get((export.state, step), ("", ""))
    asker = export.requested_by.username
    if whose == "own":
        return {asker}
    over = {name for name in WITH_NUMBERS if export.area_id in OFFICES[name]}
    return over - {asker} if whose == "other" else set()


class Exporting(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.asked = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def one(self, place: int) -> Export:
        own = list(Export.objects.select_related("requested_by", "area").order_by("pk"))
        return own[place % len(own)]

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        area=st.sampled_from(AREAS),
        content=st.sampled_from(sorted(Content.values)),
        identities=st.booleans(),
    )
    def somebody_asks(self, who: str, area: str, content: str, identities: bool) -> None:
        self.asked += 1
        wish = Wish(content, Area.objects.get(pk=area), TODAY, identities, "报送国家系统", f"form-{self.asked}")
        with contextlib.suppress(ShouwangError, PermissionDenied), transaction.atomic():
            made = ask_for(wish, limits(TODAY), acting_user=self.people[who])
            assert area in OFFICES.get(who, [])
            assert content != "household_form" or who in WITH_NUMBERS
            assert content in ("household_form", "case_register", "clue_register")
            assert ask_for(wish, limits(TODAY), acting_user=self.people[who]) == made
            assert made.state == ("requested" if made.identities else "approved")

    @rule(who=st.sampled_from(sorted(WITH_NUMBERS)), area=st.sampled_from([COUNTY, VILLAGE]), goes_on=st.booleans())
    def an_office_asks_for_numbers(self, who: str, area: str, goes_on: bool) -> None:
        """And perhaps somebody else agrees and it is made."""
        self.somebody_asks(who, area, "household_form", True)
        asked = Export.objects.filter(state="requested", identities=True).order_by("-pk").first()
        if asked is not None and goes_on:
            self.attempt(asked, "approve", sorted(who_may(asked, "approve"))[0])
            asked.refresh_from_db()
            files.keep(asked, io.BytesIO(b"sheet"), limits(TODAY))

    @precondition(lambda self: Export.objects.filter(state="ready").exists())
    @rule(who=st.sampled_from(sorted(WITH_NUMBERS)), place=st.integers(0, 20))
    def an_office_tries_to_take(self, who: str, place: int) -> None:
        waiting = list(Export.objects.filter(state="ready").order_by("pk"))
        self.attempt(waiting[place % len(waiting)], "take", who)

    @precondition(lambda self: Export.objects.exists())
    @rule(step=st.sampled_from(sorted(Step.values)), who=st.sampled_from(sorted(PEOPLE)), place=st.integers(0, 20))
    def anybody_tries(self, step: str, who: str, place: int) -> None:
        self.attempt(self.one(place), step, who)

    @precondition(lambda self: Export.objects.exists())
    @rule(place=st.integers(0, 20), choice=st.integers(0, 20))
    def somebody_does_what_they_may(self, place: int, choice: int) -> None:
        export = self.one(place)
        if ways := sorted((step, who) for step in Step.values for who in who_may(export, step)):
            step, who = ways[choice % len(ways)]
            before = self.attempt(export, step, who)
            export.refresh_from_db()
            assert export.state == TABLE[before, step][1]

    @precondition(lambda self: Export.objects.filter(state="approved").exists())
    @rule(place=st.integers(0, 20))
    def is_made(self, place: int) -> None:
        waiting = list(Export.objects.filter(state="approved").order_by("pk"))
        files.keep(waiting[place % len(waiting)], io.BytesIO(b"sheet"), limits(TODAY))

    @rule(minutes=st.sampled_from([0, 100_000]))
    def time_passes(self, minutes: int) -> None:
        files.tidy(now() + timedelta(minutes=minutes))

    def attempt(self, export: Export, step: str, who: str) -> str:
        before, may = export.state, who_may(export, step)
        with contextlib.suppress(ShouwangError, Export.DoesNotExist), transaction.atomic():
            if step == Step.TAKE:
                files.take(export.pk, acting_user=self.people[who])[1].close()
            else:
                decide(export.pk, Step(step), acting_user=self.people[who], opinion="用途清楚")
            assert who in may
            assert Export.objects.get(pk=export.pk).state == TABLE[before, step][1]
        return before

    @invariant()
    def all_is_in_order(self) -> None:
        """Numbers leave only with the consent of another; what leaves is on record; a file waits only where it may be taken."""
        for export in Export.objects.all():
            assert export.decided_by_id != export.requested_by_id
            if export.identities and export.state not in ("requested", "withdrawn"):
                assert export.decided_by_id is not None
            if export.state == State.TAKEN:
                assert Entry.objects.filter(action="export_taken", subject=str(export)).count() == 1
        waiting = set(Export.objects.filter(state=State.READY).values_list("file", flat=True))
        assert waiting <= {path.name for path in files.export_files()}


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Exporting,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, phases=phases, database=None, derandomize=planted
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.fixture
def people() -> dict[str, User]:
    """Everybody, and a monitored household in each county, so that there is something to take out."""
    made = make_people()
    for number in ("H1", "H3"):
        included_case(Household.objects.get(pk=number), TODAY)
    return made


def test_whatever_anybody_tries_an_export_goes_its_way(people: dict[str, User]) -> None:
    run(people, drawn(15))


def test_the_machine_finds_somebody_who_takes_what_another_asked_for(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "may", lambda *told: True)
    with pytest.raises(AssertionError):
        run(people, 400, planted=True)


def test_nobody_agrees_to_their_own_even_where_the_table_would_let_them(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database stands behind the table."""
    monkeypatch.setattr(requesting, "may", lambda *told: True)
    wish = Wish("household_form", Area.objects.get(pk=COUNTY), TODAY, True, "报送国家系统")
    export = ask_for(wish, limits(TODAY), acting_user=people["county"])
    with pytest.raises(IntegrityError), transaction.atomic():
        decide(export.pk, Step.APPROVE, acting_user=people["county"])
