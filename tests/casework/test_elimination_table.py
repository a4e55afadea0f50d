"""Risk elimination as a table against the same written down once more; what its end is for the case; what the database holds to."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from identifying import Office
from offices import ON, PEOPLE, make_people

from shouwang.accounts.scope import scope_of
from shouwang.cases.ending import eliminate, roll_back
from shouwang.cases.models import Case, EliminationMode
from shouwang.cases.steps import Stepping
from shouwang.elimination.flow import ELIMINATIONS, IN_HAND
from shouwang.elimination.models import Action, Elimination, Stage
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import InputError
from shouwang.policy.deadlines import CLOCKS
from shouwang.proceedings.steps import NotOpen

pytestmark = pytest.mark.usefixtures("households", "home")
VILLAGE, TOWNSHIP, COUNTY = {"village", "team"}, {"township"}, {"county", "county_too"}
VISITING = VILLAGE | {"grid_worker", "enumerator"}
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("inspection", "propose"): VILLAGE,
    ("inspection", "withdraw"): VILLAGE,
    ("deliberation", "deliberate"): VILLAGE,
    ("publicity", "post_up"): VILLAGE,
    ("publicity", "object"): VILLAGE,
    ("publicity", "set_aside"): TOWNSHIP,
    ("publicity", "report"): VILLAGE,
    ("township_audit", "agree"): TOWNSHIP,
    ("township_audit", "refuse"): TOWNSHIP,
    ("township_audit", "send_back"): TOWNSHIP,
    ("county_approval", "approve"): COUNTY,
    ("county_approval", "refuse"): COUNTY,
    ("county_approval", "send_back"): COUNTY,
    ("announcement", "announce"): VILLAGE,
    ("announcement", "refuse"): COUNTY,
    ("watch", "follow_up"): VISITING,
    ("watch", "relapse"): VILLAGE,
    ("eliminated", "relapse"): VILLAGE,
    ("relapse_audit", "confirm"): TOWNSHIP,
    ("relapse_audit", "deny"): TOWNSHIP,
    ("relapse_approval", "roll_back"): COUNTY,
    ("relapse_approval", "deny"): COUNTY,
    ("relapse_approval", "send_back"): COUNTY,
    **{
        (stage, "urge"): TOWNSHIP | COUNTY | {"city"}
        for stage in ("inspection", "deliberation", "publicity", "announcement", "watch")
    },
    **{(stage, "urge"): COUNTY | {"city"} for stage in ("township_audit", "relapse_audit")},
    **{(stage, "urge"): {"city"} for stage in ("county_approval", "relapse_approval")},
}


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_the_table_says_what_is_written_down(who: str) -> None:
    office = Office(make_people())
    case, scope = office.open(), scope_of(office.people[who], ON)
    found = Elimination(case=case, area=case.area)
    for stage in Stage:
        found.stage, level = stage, ELIMINATIONS.level_of.get(stage, 4)
        found.desk = {2: case.area.parent.parent, 3: case.area.parent, 4: case.area}[level]
        for action in Action:
            expected = who in ALLOWED.get((stage, action), set())
            assert ELIMINATIONS.may(scope, found, action) == expected, (stage, action)


def test_every_stage_in_hand_has_its_clock_and_every_action_its_word_in_the_audit() -> None:
    assert set(map(str, IN_HAND)) <= set(CLOCKS)
    assert set(ELIMINATIONS.audit) == set(Action)


def _included() -> tuple[Case, Stepping]:
    office = Office(make_people())
    case = office.bring(office.open(), "included")
    return case, Stepping(office.people["village"], identification_requirements(office.on), office.on)


def test_a_case_ends_and_begins_again() -> None:
    case, stepping = _included()
    with transaction.atomic():
        eliminate(case, stepping, EliminationMode.ASSISTED, "收入稳定")
        with pytest.raises(NotOpen):
            eliminate(case, stepping, EliminationMode.ASSISTED, "收入稳定")
        stepping.finish()
    case = Case.objects.get()
    assert (case.stage, case.eliminated_on, case.elimination_mode) == ("eliminated", stepping.on, "assisted")
    assert case.due_on is None
    with transaction.atomic():
        for wrong in ([], ["illness", "bad"], ["illness"] * 2 + ["other", "schooling", "accident", "disability", "no"]):
            with pytest.raises(InputError):
                roll_back(case, stepping, wrong, "住院")
        roll_back(case, stepping, ["unsafe_water", "illness"], "又停水")
        with pytest.raises(NotOpen):
            roll_back(case, stepping, ["illness"], "住院")
        stepping.finish()
    case = Case.objects.get()
    assert (case.stage, case.eliminated_on, case.elimination_mode) == ("included", None, "")
    assert (case.rolled_back_on, case.risks) == (stepping.on, ["unsafe_water", "illness"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"stage": "eliminated"},
        {"eliminated_on": ON},
        {"stage": "eliminated", "eliminated_on": ON},
    ],
)
def test_the_database_keeps_cases_whole(wrong: dict[str, Any]) -> None:
    _included()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(**wrong)


def test_of_a_case_one_elimination_stands() -> None:
    case, _ = _included()
    told: dict[str, Any] = {"case": case, "area": case.area, "desk": case.area, "proposed_on": ON}
    made = Elimination.objects.create(number="X1", stage="inspection", mode="assisted", **told)
    for wrong in (
        {"stage": "inspection", "mode": "assisted"},
        {"stage": "refused", "mode": "natural"},
        {"stage": "refused", "mode": "assisted", "ground": "death"},
        {"stage": "rolled_back", "mode": "assisted", "eliminated_on": ON},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Elimination.objects.create(number="X2", **told | wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Elimination.objects.filter(pk=made.pk).update(stage="watch")
    Elimination.objects.filter(pk=made.pk).update(stage="refused")
    Elimination.objects.create(number="X2", stage="inspection", mode="natural", ground="death", **told)
