"""First help, measures and visits are no matters, and yet what is late of them is told to who owes it, and then up the line."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from assisting import bare_measure, bare_plan, included_case
from desks import CITY, COUNTY, FOREIGN_COUNTY, SIBLING, TOWNSHIP, VILLAGE
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from helping import HelpOffice, make_helpers
from offices import open_clue

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.assistance.dues import DUES, FIRST_HELP, MEASURE, VISIT, plans_risen_to
from shouwang.assistance.models import DepartmentTask, Measure, Plan
from shouwang.audit.models import Entry
from shouwang.cases.models import CaseClue, CaseStep
from shouwang.households.models import Household
from shouwang.jobs.handling import clocks_of, look_after
from shouwang.notifications.models import Message
from shouwang.proceedings.owed import Due, dues, latest_risen
from shouwang.proceedings.reminders import loads_of_desks
from shouwang.proceedings.steps import NotOpen

ON = date(2021, 6, 17)  # a Thursday; with rises every two working days
Told = dict[str, tuple[int, int, int, int]]
pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def plan() -> Plan:
    """A plan that runs, with nothing owed yet."""
    return bare_plan(included_case(Household.objects.get(pk="H1"), ON), ON)


def told(due: Due, on: date) -> Told:
    """By area what its desk is told of what is owed: today, soon, overdue, risen."""
    found: Told = {}
    for desk, load in loads_of_desks(clocks_of(on), on).items():
        counts = tuple(each[str(due.title)] for each in (load.today, load.soon, load.overdue, load.risen))
        if any(counts):
            found[desk.area] = counts  # type: ignore[assignment]
    return found


LATE, RISEN = (0, 0, 1, 0), (0, 0, 0, 1)
WAY_UP: list[tuple[int, Told]] = [
    (-2, {}),
    (-1, {VILLAGE: (0, 1, 0, 0)}),
    (0, {VILLAGE: (1, 0, 0, 0)}),
    (1, {VILLAGE: LATE, TOWNSHIP: RISEN}),
    (4, {VILLAGE: LATE, TOWNSHIP: RISEN}),  # a Monday: one working day later
    (5, {VILLAGE: LATE, TOWNSHIP: RISEN, COUNTY: RISEN}),
    (7, {VILLAGE: LATE, TOWNSHIP: RISEN, COUNTY: RISEN, CITY: RISEN}),
    (60, {VILLAGE: LATE, TOWNSHIP: RISEN, COUNTY: RISEN, CITY: RISEN}),
]


@pytest.mark.parametrize("due", [FIRST_HELP, MEASURE, VISIT], ids=lambda due: due.day)
def test_it_is_told_to_who_owes_it_and_then_rises_as_matters_do(due: Due, plan: Plan) -> None:
    if due is MEASURE:
        bare_measure(plan, "planned")
        Measure.objects.update(due_on=ON)
    else:
        Plan.objects.update(**{due.day: ON})
    for days, wanted in WAY_UP:
        assert told(due, ON + timedelta(days=days)) == wanted, days


def test_a_matter_of_that_day_rises_on_the_same_days() -> None:
    """The computed way up against the steps that the clocks of matters take."""
    clue = open_clue()
    type(clue).objects.update(
        stage="village", desk_id=VILLAGE, due_on=ON, rises_on=clocks_of(ON).rises_after(ON), raised_to=None
    )
    for days in range(1, 15):
        on = ON + timedelta(days=days)
        look_after(on)
        clue.refresh_from_db()
        levels = [level for level, day in enumerate(latest_risen(clocks_of(on), on), 1) if day >= ON]
        assert clue.raised_to == 4 - max(levels), days


def test_what_a_merged_village_owed_is_its_successors(plan: Plan) -> None:
    Plan.objects.update(visit_due_on=ON, area_id=SIBLING)
    Area.objects.filter(pk=SIBLING).update(valid_to=ON, successor_id=VILLAGE)
    people, later = make_helpers(), ON + timedelta(days=1)
    assert told(VISIT, later) == {VILLAGE: LATE, TOWNSHIP: RISEN}
    scope = scope_of(User.objects.get(pk=people["village"].pk), later)
    assert [each.pk for each in VISIT.of_desks(scope, later)] == [plan.pk]


def test_what_a_township_owes_rises_to_the_county(plan: Plan) -> None:
    bare_measure(plan, "measure_running", begun=ON)
    Measure.objects.update(due_on=ON, owner_id=TOWNSHIP)
    assert told(MEASURE, ON + timedelta(days=1)) == {TOWNSHIP: LATE, COUNTY: RISEN}


@pytest.mark.parametrize(
    "done",
    [{"state": "delivered", "delivered_on": ON, "started_on": ON}, {"state": "withdrawn"}, {"already": True}],
    ids=lambda done: next(iter(done.values())),
)
def test_a_measure_that_is_in_place_or_was_never_arranged_is_not_owed(done: Mapping[str, Any], plan: Plan) -> None:
    bare_measure(plan, "planned")
    Measure.objects.update(due_on=ON, **done)
    assert told(MEASURE, ON + timedelta(days=9)) == {}


def test_a_visit_and_first_help_are_owed_until_the_plan_closes(plan: Plan) -> None:
    bare_measure(plan, "planned")
    Measure.objects.update(due_on=ON)
    Plan.objects.update(visit_due_on=ON, help_due_on=ON, stage="plan_closed")
    later = ON + timedelta(days=9)
    assert [told(due, later) for due in DUES] == [{}, {}, {}]
    Plan.objects.update(stage="plan_running", first_helped_on=ON)
    assert told(FIRST_HELP, later) == {}
    assert told(VISIT, later)


def test_what_lies_with_a_department_is_that_departments(areas: None) -> None:
    """It has a clock of its own: it is counted there and not a second time for who owns the measure."""
    office = HelpOffice(make_helpers(), ON)
    plan = office.running()
    Measure.objects.update(due_on=ON)
    later = ON + timedelta(days=9)
    assert told(MEASURE, later) == {
        VILLAGE: (0, 0, 2, 0),
        TOWNSHIP: (0, 0, 0, 2),
        COUNTY: (0, 0, 0, 2),
        CITY: (0, 0, 0, 2),
    }
    task = DepartmentTask.objects.get()
    assert task.measure not in MEASURE.owed()
    need = office.need(plan)
    assert MEASURE.owed().count() == 1
    office.act(need, "publish", "county")  # waits for whoever will take it, without a clock
    assert MEASURE.owed().count() == 2


def test_what_has_risen_is_seen_where_it_has_risen_to_and_nowhere_else(plan: Plan) -> None:
    people = make_helpers()
    Plan.objects.update(visit_due_on=ON)

    def seen(who: str, days: int) -> int:
        on = ON + timedelta(days=days)
        scope = scope_of(User.objects.get(pk=people[who].pk), on)
        return plans_risen_to(Plan.objects.all(), scope, clocks_of(on), on).count()

    ways = {who: [days for days in (0, 1, 5, 7) if seen(who, days)] for who in people}
    assert ways["township"] == [1, 5, 7]
    assert ways["county"] == [5, 7]
    assert ways["city"] == [7]
    others = set(ways) - {"township", "county", "county_too", "city"}
    assert Counter(bool(ways[who]) for who in others) == {False: len(others)}


def test_everybody_is_told_once_a_day_and_in_one_message(plan: Plan) -> None:
    Plan.objects.update(visit_due_on=ON, help_due_on=ON)
    assert look_after(ON).reminded > 0
    message = Message.objects.get(area=VILLAGE)
    assert message.title == "今天到期 2 件"
    assert "首次帮扶 1" in message.text
    assert "帮扶走访 1" in message.text
    assert look_after(ON).reminded == 0
    assert not Message.objects.filter(area__in=[SIBLING, FOREIGN_COUNTY]).exists()


def test_the_first_help_is_due_fifteen_days_after_the_clue_came() -> None:
    case = included_case(Household.objects.get(pk="H1"), ON)
    step = CaseStep.objects.create(case=case, number=1, action="open", stage_to="included", at=now(), on=ON)
    CaseClue.objects.create(case=case, clue=open_clue(), step=step)
    look_after(ON)
    came_on = case.clues.get().clue.steps.earliest("on").on  # though the screening looked back to ON
    assert came_on > ON
    assert Plan.objects.get(case=case).help_due_on == came_on + timedelta(days=15)
    assert told(FIRST_HELP, came_on + timedelta(days=16)) == {VILLAGE: LATE, TOWNSHIP: RISEN}


def test_hundreds_take_no_more_queries_than_one(plan: Plan) -> None:
    Plan.objects.update(visit_due_on=ON)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            loads_of_desks(clocks_of(ON), ON)
        return len(captured)

    few = queries()
    for place in range(40):
        household = Household.objects.get(pk="H2")
        household.pk = f"HX{place}"
        household.save(force_insert=True)
        bare_plan(included_case(household, ON), ON)
    Plan.objects.update(visit_due_on=ON)
    assert queries() <= few
    assert told(VISIT, ON)[SIBLING] == (40, 0, 0, 0)


def test_every_due_is_found() -> None:
    assert set(dues()) == set(DUES)


def test_whoever_owes_something_late_of_a_running_plan_is_urged(plan: Plan) -> None:
    """The county presses: it is off the lists above up to the day that it sets, and then it has risen all the same."""
    people, later = make_helpers(), ON + timedelta(days=9)
    office = HelpOffice(people, later)
    bare_measure(plan, "measure_running", begun=ON)
    Measure.objects.update(due_on=later)
    with pytest.raises(NotOpen, match="还没有逾期"):
        office.act(plan, "urge", "county")
    Measure.objects.update(due_on=ON, owner_id=TOWNSHIP)
    Plan.objects.update(visit_due_on=ON)
    with pytest.raises(NotOpen):
        office.act(plan, "urge", "foreign_county")
    office.act(plan, "urge", "county")
    plan.refresh_from_db()
    assert plan.urged_until == clocks_of(later).due("urged", later)
    urged = {each.area_id: each for each in Message.objects.filter(key__startswith="plan-")}
    assert set(urged) == {TOWNSHIP, VILLAGE}
    assert "措施落实" in urged[TOWNSHIP].text
    assert ("帮扶走访" in urged[VILLAGE].text, urged[VILLAGE].link) == (True, f"/plans/{plan.number}/")
    assert Entry.objects.filter(action="plan_urged").count() == 1
    for on, risen in ((later, 0), (plan.urged_until, 0), (plan.urged_until + timedelta(days=1), 1)):
        scope = scope_of(people["county"], on)
        assert plans_risen_to(Plan.objects.all(), scope, clocks_of(on), on).count() == risen
        assert told(VISIT, on).get(COUNTY, (0, 0, 0, 0))[3] == risen
    with pytest.raises(NotOpen, match="还没有逾期"):
        office.act(plan, "urge", "county")  # the day that was set is still ahead


def test_a_township_urges_what_its_village_owes_and_not_itself(plan: Plan) -> None:
    office = HelpOffice(make_helpers(), ON + timedelta(days=9))
    bare_measure(plan, "measure_running", begun=ON)
    Measure.objects.update(due_on=ON, owner_id=TOWNSHIP)
    Plan.objects.update(visit_due_on=None)
    with pytest.raises(NotOpen, match="还没有逾期"):
        office.act(plan, "urge", "township")
    Plan.objects.update(visit_due_on=ON)
    office.act(plan, "urge", "township")
    assert [each.area_id for each in Message.objects.filter(key__startswith="plan-")] == [VILLAGE]
