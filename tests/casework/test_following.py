"""A merged area hands over what lies on its desks, a household that moves takes what is in hand along: of every lifecycle.

The kinds come from the registry, so that a new one without a line in `MADE`, or that does not follow, fails here.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from assisting import bare_contact, bare_measure, bare_plan, included_case
from desks import (
    CITY,
    COUNTY,
    FOREIGN_COUNTY,
    FOREIGN_TOWNSHIP,
    FOREIGN_VILLAGE,
    OTHER_TOWNSHIP,
    SIBLING,
    TOWNSHIP,
    VILLAGE,
    batch,
    batch_clue,
)
from offices import ON, make_people
from register_office import ROWS, TODAY, Office

from conftest_numbers import number
from shouwang.accounts.models import Post
from shouwang.areas.models import Area
from shouwang.assistance.contacts import confirm_contacts, from_elsewhere
from shouwang.assistance.measures import put_in_charge
from shouwang.assistance.models import Contact, ContactKind, DepartmentTask, Measure, Need, Organisation, Plan
from shouwang.assistance.reading import cases_lacking_contact
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.declarations.models import Declaration
from shouwang.elimination.models import Elimination
from shouwang.households.models import Household
from shouwang.jobs.assistance import assistance_requirements
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import clocks_of, look_after
from shouwang.jobs.register import load_register
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.notifications.models import Message
from shouwang.proceedings import following
from shouwang.proceedings.lifecycles import lifecycles
from shouwang.proceedings.orders import Order
from shouwang.proceedings.steps import NotOpen, Stepping
from shouwang.registration.models import RegisterRequest
from shouwang.sweeps.models import Campaign, SweepTask
from shouwang.sweeps.organising import follow_households as follow_sweeps

pytestmark = pytest.mark.usefixtures("home", "areas")
DAY = ON + timedelta(days=1)
LINE = {Area.CITY: CITY, Area.COUNTY: COUNTY, Area.TOWNSHIP: TOWNSHIP, Area.VILLAGE: VILLAGE}
HEIRS = {CITY: CITY, COUNTY: FOREIGN_COUNTY, TOWNSHIP: OTHER_TOWNSHIP, VILLAGE: SIBLING}
NEW_LINE = {CITY: CITY, COUNTY: FOREIGN_COUNTY, TOWNSHIP: FOREIGN_TOWNSHIP, VILLAGE: FOREIGN_VILLAGE}
DUE = ON + timedelta(days=9)


def plan(household: Household) -> Plan:
    made = Plan.objects.first() or bare_plan(case(household), ON)
    Plan.objects.update(desk=None)  # where it is about what hangs on a plan, that alone lies on a desk
    return made


def case(household: Household) -> Case:
    return Case.objects.first() or included_case(household, ON)


def measure(household: Household) -> Measure:
    return Measure.objects.first() or bare_measure(plan(household), "planned")


def clue(household: Household, stage: str) -> Any:
    record_clues(batch(ON, batch_clue(household.pk)))
    return Clue.objects.get()


def organisation() -> Organisation:
    people = make_people()
    return Organisation.objects.create(
        name="爱心协会", credit_code="51500101000000000X", area_id=COUNTY, contact="会长", account=people["auditor"],
        registered_by=people["county"], registered_on=ON,
    )  # fmt: skip


MADE: Mapping[str, Callable[[Household, str], Any]] = {
    "clues.Clue": clue,
    "cases.Case": lambda household, stage: included_case(household, ON),
    "assistance.Plan": lambda household, stage: plan(household),
    "assistance.DepartmentTask": lambda household, stage: DepartmentTask.objects.create(
        number="R1", measure=measure(household), area_id=VILLAGE, department="医保", stage=stage, assigned_on=ON
    ),
    "assistance.Need": lambda household, stage: Need.objects.create(
        number="XQ1", measure=measure(household), area_id=VILLAGE, township_id=TOWNSHIP, county_id=COUNTY, raised_on=ON,
        category="social_help", text="轮椅", people=1, wanted_by=DAY, stage=stage, organisation=organisation(),
    ),
    "elimination.Elimination": lambda household, stage: Elimination.objects.create(
        number="X1", case=case(household), area_id=VILLAGE, stage=stage, mode="assisted", proposed_on=ON, eliminated_on=ON
    ),
    "declarations.Declaration": lambda household, stage: Declaration.objects.create(
        number="D1", area_id=VILLAGE, stage=stage, behalf="myself", about="冉大田", said="", sealed=b"", key="d",
        received_at=f"{ON}T08:00:00+08:00", household=household, closed_reason="查无此人",
    ),
    "registration.RegisterRequest": lambda household, stage: RegisterRequest.objects.create(
        number="B1", household=household, area_id=VILLAGE, kind="correction", stage=stage, proposed_on=ON, happened_on=ON,
        reason="看过户口簿",
    ),
    "sweeps.Campaign": lambda household, stage: Campaign.objects.create(
        number="PC1", title="排查", area_id=TOWNSHIP, groups=[], places=[VILLAGE], starts_on=ON, ends_on=DUE, stage=stage
    ),
}  # fmt: skip
EVERY = [(kind, stage) for kind in lifecycles() for stage in kind.lifecycle.waiting]


@pytest.fixture
def household(households: dict[str, Household]) -> Household:
    return households["H1"]


def lives(village: str) -> int:
    """As the register writes it; returns how many desks followed."""
    Household.objects.filter(pk="H1").update(area_id=village)
    follow_sweeps()
    return following.follow_households(clocks_of(DAY), DAY)


def brought(kind: type[Stepping], stage: str, household: Household) -> Any:
    """A matter of a kind at a stage, on the desk of the household's line that fits, with a clock that runs."""
    assert kind.matter._meta.label in MADE, "say in MADE how one is made"
    made = MADE[kind.matter._meta.label](household, stage)
    level = kind.lifecycle.level_of.get(stage, Area.TOWNSHIP if kind.matter is Campaign else Area.VILLAGE)
    fields = {"stage": stage, "desk": LINE[level], "due_on": DUE, "rises_on": DUE, "version": 7}
    if kind.matter is Case and stage != "included":
        fields |= {"included_on": None}
    kind.matter._base_manager.filter(pk=made.pk).update(**fields)
    return kind.matter._base_manager.get(pk=made.pk)


def merge_areas() -> None:
    for code, heir in HEIRS.items():
        if code != heir:
            Area.objects.filter(pk=code).update(valid_to=DAY, successor=heir)
    Area.objects.get(pk=VILLAGE).save()  # the tree is read anew


def state(matter: Any) -> tuple[Any, ...]:
    matter.refresh_from_db()
    return matter.stage, matter.due_on, matter.rises_on


def check_followed(kind: type[Stepping], matter: Any, before: tuple[Any, ...], desk: str) -> None:
    assert state(matter) == before
    assert (matter.desk_id, matter.version) == (desk, 8)
    step = matter.steps.get(number=8)
    assert (step.actor, step.action, step.number, step.desk_to_id) == (None, "take_over", 8, desk)
    assert Entry.objects.filter(action=kind.lifecycle.audit["take_over"]).count() == 1


@pytest.mark.parametrize(("kind", "stage"), EVERY, ids=[f"{each.matter._meta.label}-{stage}" for each, stage in EVERY])
def test_a_merged_area_hands_over_and_a_moved_household_takes_along(
    kind: type[Stepping], stage: str, household: Household
) -> None:
    matter = brought(kind, stage, household)
    before, desk = state(matter), matter.desk_id
    merge_areas()
    assert following.follow_divisions(clocks_of(ON), ON) == 0
    moves = int(HEIRS[desk] != desk)
    assert following.follow_divisions(clocks_of(DAY), DAY) == moves
    assert following.follow_divisions(clocks_of(DAY), DAY) == 0
    if moves:
        check_followed(kind, matter, before, HEIRS[desk])
        assert "已并入" in matter.steps.last().reason


@pytest.mark.parametrize(("kind", "stage"), EVERY, ids=[f"{each.matter._meta.label}-{stage}" for each, stage in EVERY])
def test_a_household_that_moves_takes_everything_along(kind: type[Stepping], stage: str, household: Household) -> None:
    matter = brought(kind, stage, household)
    before, desk = state(matter), matter.desk_id
    lives(FOREIGN_VILLAGE)
    if not kind.household:
        assert state(matter) == before
        assert matter.desk_id == desk
        return
    matter.refresh_from_db()
    assert matter.area_id == FOREIGN_VILLAGE
    if NEW_LINE[desk] != desk:
        check_followed(kind, matter, before, NEW_LINE[desk])
        assert "迁入" in matter.steps.last().reason
    assert following.follow_households(clocks_of(DAY), DAY) == 0


def test_the_register_brings_them_in_the_same_transaction(office: Office, home: Home, send_register: Any) -> None:
    """As a department delivers it: the clue, the plan and its task lie with the new village, township and county at once."""
    found = Household.objects.get(pk="H1")
    kinds = {each.matter: each for each in lifecycles()}
    task = brought(kinds[DepartmentTask], "task_reported", found)
    Plan.objects.update(stage="plan_audit", desk_id=TOWNSHIP)
    numbers = {str(serial): number(serial) for serial in range(1, 5)}
    rows = [row.format(*["", *numbers.values()], village=FOREIGN_VILLAGE) for row in ROWS[:3]]
    send_register(*rows, on=TODAY.isoformat())
    load_register(home)
    task.refresh_from_db()
    assert (task.area_id, task.desk_id) == (FOREIGN_VILLAGE, FOREIGN_VILLAGE)
    assert Plan.objects.get().desk_id == FOREIGN_TOWNSHIP
    assert Case.objects.get().area_id == FOREIGN_VILLAGE
    assert set(Entry.objects.values_list("action", flat=True)) >= {"task_taken_over", "plan_taken_over"}


def test_every_kind_says_whose_household_it_is_about() -> None:
    for kind in lifecycles():
        assert "household" in vars(kind), f"{kind.matter._meta.label}: household = … in its Stepping"
        if any(field.name == "household" for field in kind.matter._meta.fields):
            assert kind.household == "household"


def test_a_kind_that_does_not_follow_is_seen(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = next(each for each in lifecycles() if each.matter is Plan)
    matter = brought(kind, "plan_audit", household)
    merge_areas()
    monkeypatch.setattr(following, "lifecycles", lambda: [each for each in lifecycles() if each is not kind])
    assert following.follow_divisions(clocks_of(DAY), DAY) == 0
    with pytest.raises(AssertionError):
        check_followed(kind, matter, state(matter), OTHER_TOWNSHIP)


def test_what_is_done_stays_where_it_was_done(household: Household) -> None:
    """A closed matter is found with its household, and no step is added to it."""
    kind = next(each for each in lifecycles() if each.matter is Plan)
    matter = brought(kind, "plan_closed", household)
    lives(FOREIGN_VILLAGE)
    matter.refresh_from_db()
    assert (matter.area_id, matter.desk_id, matter.steps.count()) == (FOREIGN_VILLAGE, VILLAGE, 0)


def test_a_desk_that_somebody_chose_is_kept(household: Household) -> None:
    """The township gave the clue to the village where the household lives by now; the register says so later."""
    kind = next(each for each in lifecycles() if each.matter is Clue)
    matter = brought(kind, "village", household)
    Clue.objects.update(desk=SIBLING)
    lives(SIBLING)
    matter.refresh_from_db()
    assert (matter.area_id, matter.desk_id, matter.version) == (SIBLING, SIBLING, 7)


@pytest.mark.parametrize(
    ("organiser", "outcome", "there"),
    [(CITY, "", FOREIGN_VILLAGE), (CITY, "well", VILLAGE), (COUNTY, "", VILLAGE)],
)
def test_a_sweep_goes_where_the_household_lives(organiser: str, outcome: str, there: str, household: Household) -> None:
    campaign = Campaign.objects.create(
        number="PC1", title="排查", area_id=organiser, starts_on=ON, ends_on=DUE, stage="running"
    )
    SweepTask.objects.create(campaign=campaign, household=household, area_id=VILLAGE, batch=1, outcome=outcome)
    lives(FOREIGN_VILLAGE)
    assert SweepTask.objects.get().area_id == there


def test_the_organiser_and_the_places_of_a_sweep_are_the_successors(household: Household) -> None:
    kind = next(each for each in lifecycles() if each.matter is Campaign)
    matter = brought(kind, "planned", household)
    merge_areas()
    following.follow_divisions(clocks_of(DAY), DAY)
    matter.refresh_from_db()
    assert (matter.area_id, matter.places) == (OTHER_TOWNSHIP, [SIBLING])


def test_the_board_of_a_need_is_that_of_the_new_county(household: Household) -> None:
    kind = next(each for each in lifecycles() if each.matter is Need)
    matter = brought(kind, "need_published", household)
    Need.objects.update(desk=COUNTY)
    merge_areas()
    following.follow_divisions(clocks_of(DAY), DAY)
    matter.refresh_from_db()
    assert (matter.county_id, matter.township_id, matter.desk_id) == (FOREIGN_COUNTY, OTHER_TOWNSHIP, FOREIGN_COUNTY)


def test_the_office_above_is_told_who_still_has_a_post_in_the_merged_village(household: Household) -> None:
    make_people()
    there = Post.objects.filter(area=VILLAGE).count()
    merge_areas()
    look_after(ON)
    assert not Message.objects.filter(key__startswith="posts-").exists()
    for _ in range(2):
        look_after(DAY)
    told = Message.objects.get(key__startswith=f"posts-{VILLAGE}")
    assert (told.area_id, told.permission, told.link) == (OTHER_TOWNSHIP, "manage_users", "/users/")
    assert f"{there} 人的岗位还在" in told.title


def test_a_household_under_assistance_is_handed_over(household: Household) -> None:
    """What is not in place is the new offices' to do, with nobody named for it yet; contacts wait for the new village's word."""
    people = make_people()
    running = bare_plan(included_case(household, ON), ON)
    planned, delivered, of_department = (
        bare_measure(running, each, ON) for each in ("planned", "delivered", "planned")
    )
    Measure.objects.filter(pk=of_department.pk).update(owner_id=COUNTY, department="医保", in_charge="由部门确定")
    for kind in ContactKind.values:
        bare_contact(running.case, kind, ON)
    Contact.objects.update(area_id=VILLAGE)
    assert not from_elsewhere().exists()
    lives(FOREIGN_VILLAGE)
    for each in (planned, delivered, of_department):
        each.refresh_from_db()
    assert [(each.owner_id, each.in_charge) for each in (planned, delivered, of_department)] == [
        (FOREIGN_VILLAGE, ""), (VILLAGE, "村支书"), (FOREIGN_COUNTY, "由部门确定")
    ]  # fmt: skip
    assert Entry.objects.filter(action="measure_handed_over").count() == 2
    told = Message.objects.get(key__startswith="plan-")
    assert (told.area_id, told.permission, told.link) == (FOREIGN_VILLAGE, "submit", f"/plans/{running.number}/")
    assert "2 项没有落实的措施" in told.text
    assert "2 位联系人" in told.text
    assert list(cases_lacking_contact(Case.objects.all())) == [running.case]
    order = Order(people["foreign_village"], assistance_requirements(DAY), DAY)
    put_in_charge(running.number, order, planned.number, "新村支书")
    planned.refresh_from_db()
    assert planned.in_charge == "新村支书"
    with pytest.raises(NotOpen):
        confirm_contacts([running.case_id], acting_user=people["village"], on=DAY)
    assert confirm_contacts([running.case_id], acting_user=people["foreign_village"], on=DAY) == 2
    assert Entry.objects.filter(action="contact_confirmed").count() == 2
    assert not cases_lacking_contact(Case.objects.all()).exists()
    with pytest.raises(InputError, match="没有要确认的联系人"):
        confirm_contacts([running.case_id], acting_user=people["foreign_village"], on=DAY)


def test_a_merger_is_no_move(household: Household) -> None:
    running = bare_plan(included_case(household, ON), ON)
    measure_of = bare_measure(running, "planned")
    bare_contact(running.case, "assistance_contact", ON)
    Contact.objects.update(area_id=VILLAGE)
    merge_areas()
    lives(SIBLING)
    measure_of.refresh_from_db()
    assert measure_of.in_charge == "村支书"
    assert not from_elsewhere().exists()


def test_measures_of_a_merged_village_are_its_successor_s_to_carry_out(household: Household) -> None:
    from shouwang.accounts.scope import scope_of
    from shouwang.assistance.flow import PLANS

    people = make_people()
    running = bare_plan(included_case(household, ON), ON)
    assert "begin" in PLANS.moves_open_to(scope_of(people["village"], ON), running)
    assert "begin" not in PLANS.moves_open_to(scope_of(people["sibling_village"], ON), running)
    merge_areas()
    assert "begin" in PLANS.moves_open_to(scope_of(people["sibling_village"], DAY), running)
    assert "begin" not in PLANS.moves_open_to(scope_of(people["foreign_village"], DAY), running)
