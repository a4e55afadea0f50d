"""A household in which nobody can work is never marked as eliminated, by whichever way somebody tries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from desks import batch, batch_clue
from eliminating import GONE, Office, included, inspected, known
from identifying import confirmed
from offices import ON, make_people

from shouwang.cases.models import Case
from shouwang.cases.opening import open_cases
from shouwang.cases.reading import has_ended
from shouwang.clues.models import Clue
from shouwang.elimination.conditions import assess
from shouwang.elimination.models import Elimination
from shouwang.elimination.proposing import propose
from shouwang.elimination.watching import Followed, follow_up
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen

pytestmark = pytest.mark.usefixtures("households", "home")
NOBODY_ABLE = {"members_with_some_labour": 0}


@pytest.fixture
def office() -> Office:
    return Office(make_people())


@pytest.fixture
def case(households: dict[str, Household]) -> Case:
    return included(households["H1"])


def test_it_is_not_proposed_however_good_everything_else_is(office: Office, case: Case) -> None:
    office.found["H1"] = NOBODY_ABLE
    with pytest.raises(NotOpen, match="整户无劳动能力"):
        office.propose(case)
    assert not Elimination.objects.exists()


@pytest.mark.parametrize(
    ("stage", "action", "who"),
    [
        ("township_audit", "agree", "township"),
        ("county_approval", "approve", "county"),
        ("announcement", "announce", "village"),
    ],
)
def test_it_goes_no_further_where_they_can_work_no_longer(
    office: Office, case: Case, stage: str, action: str, who: str
) -> None:
    found = office.bring(case, stage)
    office.found["H1"] = NOBODY_ABLE
    with pytest.raises(NotOpen, match="整户无劳动能力"):
        office.act(found, action, who)
    assert Case.objects.get().stage == "included"
    if stage == "announcement":
        office.act(found, "refuse", "county")
        assert Elimination.objects.get().stage == "refused"


def test_nor_as_a_natural_end_while_somebody_lives_there(office: Office, case: Case) -> None:
    office.found["H1"] = NOBODY_ABLE | {"gone": GONE}
    assert office.assessment(case).mode == "assisted"
    with pytest.raises(NotOpen, match="整户无劳动能力"):
        office.propose(case)


def test_nor_with_a_check_of_another_day_or_of_another_household(
    office: Office, case: Case, households: dict[str, Household]
) -> None:
    other = included(households["H2"])
    order, found = office.order("village"), inspected(ON)
    for wrong in (assess(known(case, ON - timedelta(days=1))), assess(known(other, ON))):
        with pytest.raises(NotOpen, match="不是今天核对的"):
            propose(case.number, order, found, wrong)


def test_a_natural_end_where_everybody_died(office: Office, case: Case) -> None:
    office.found["H1"] = {"members": 0, "gone": GONE}
    found = office.propose(case)
    assert (found.mode, found.ground) == ("natural", "death")
    found = office.act(found, "deliberate", "team").elimination
    office.act(found, "post_up", "village")
    office.hang(found)
    office.on += timedelta(days=6)
    for action, who in (("report", "village"), ("agree", "township"), ("approve", "county"), ("announce", "village")):
        office.act(found, action, who)
    found = Elimination.objects.get()
    assert (found.stage, found.watched_until, found.due_on) == ("eliminated", None, None)
    assert Case.objects.get().elimination_mode == "natural"
    assert "death" not in found.postings.all()[0].notice.text
    assert "死亡" not in found.postings.all()[0].notice.text


def test_the_last_visit_ends_the_watch_and_a_worrying_one_does_not(office: Office, case: Case) -> None:
    found = office.bring(case, "watch")
    due = found.due_on
    office.on += timedelta(days=30)
    office.act(found, "follow_up", "grid_worker")
    found.refresh_from_db()
    assert found.stage == "watch"
    assert found.due_on > due
    office.on = found.watched_until
    tomorrow = Followed(office.on + timedelta(days=1), ["张三"], "好", False)
    with pytest.raises(InputError):
        follow_up(found.number, office.order("village"), tomorrow)
    follow_up(found.number, office.order("village"), Followed(office.on, ["张三"], "住院", True))
    found.refresh_from_db()
    assert found.stage == "watch"
    office.act(found, "follow_up", "village")
    found.refresh_from_db()
    assert (found.stage, found.due_on) == ("eliminated", None)


def screened(risk: str = "illness") -> Callable[[], None]:
    return lambda: record_clues(batch(ON + timedelta(days=40), batch_clue("H1", risk, "yellow")))


def test_what_a_screening_finds_after_the_end_is_asked_anew(office: Office, case: Case) -> None:
    record_clues(batch(ON, batch_clue("H1", "illness", "yellow")))
    Clue.objects.update(state="confirmed", stage="closed")
    screened()()
    assert Clue.objects.count() == 1  # monitored: a note
    office.bring(case, "watch")
    screened()()
    again = Clue.objects.order_by("pk").last()
    assert (again.state, again.earlier.state) == ("open", "confirmed")


def test_what_is_reported_after_the_end_is_asked_anew(office: Office, case: Case) -> None:
    confirmed(office.people, "H1", "illness")
    open_cases(identification_requirements(ON), ON)
    assert not has_ended(case.household, "illness")
    Case.objects.update(stage="eliminated", eliminated_on=ON, elimination_mode="assisted")
    assert has_ended(case.household, "illness")
    assert not has_ended(case.household, "schooling")
