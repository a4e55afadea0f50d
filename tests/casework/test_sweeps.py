"""集中排查: households are fixed in one go, every home is looked at item by item, and trouble is a clue."""

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from desks import COUNTY, FOREIGN_COUNTY, OTHER_VILLAGE, SIBLING, TOWNSHIP, VILLAGE
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from offices import ON, PEOPLE, area, make_people, open_clue

from databases import drawn
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.models import Entry
from shouwang.clues.models import Clue, ClueSource
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import look_after
from shouwang.jobs.sweeps import known_of, sweep_requirements
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.proceedings.steps import NotOpen
from shouwang.sweeps import organising
from shouwang.sweeps.flow import CAMPAIGNS
from shouwang.sweeps.groups import GROUPS, Terms, households_of, how_many
from shouwang.sweeps.models import Action, Campaign, Stage, SweepRecord, SweepTask
from shouwang.sweeps.reading import campaigns_visible_to, progress_of, running_for, tasks_visible_to
from shouwang.sweeps.visiting import Found, clues_of, record_sweep

TERMS = Terms(("普通劳动力", "技能劳动力"), ("脱贫户",), ON - timedelta(days=365))
pytestmark = pytest.mark.usefixtures("households", "home")
# Who may do what at which stage to a campaign of the county, written down once more.
ALLOWED = {
    (stage, action): {"county", "county_too"}
    for stage, action in (("planned", "start"), ("planned", "close"), ("running", "add"), ("running", "close"))
}


@pytest.fixture
def people(households: object) -> dict[str, User]:
    return make_people()


def order(people: Mapping[str, User], who: str, on: date = ON, **more: Any) -> organising.Order:
    return organising.Order(people[who], sweep_requirements(on), on, **more)


def planned(people: Mapping[str, User], who: str = "county", office: str = COUNTY, **more: Any) -> Campaign:
    told = {"title": "秋季排查", "groups": ["all"], "places": [], "starts_on": ON, "ends_on": ON + timedelta(days=20)}
    return organising.plan(area(office), organising.Plan(**(told | more)), order(people, who))


def running(people: Mapping[str, User], **more: Any) -> Campaign:
    made = planned(people, **more)
    organising.start(made.number, order(people, "county"))
    made.refresh_from_db()
    return made


def looked(**troubles: str) -> Found:
    items = sweep_requirements(ON).items
    answers = {item.id: ("trouble", troubles[item.id]) if item.id in troubles else ("well", "") for item in items}
    return Found(ON, answers)


def visit(people: Mapping[str, User], task: SweepTask, found: Found, who: str = "village", **more: Any) -> SweepRecord:
    told = {"requirements": sweep_requirements(ON), "on": ON, "known": frozenset()} | more
    return record_sweep(task.pk, found, acting_user=people[who], **told)


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_the_table_says_what_is_written_down(who: str) -> None:
    people = make_people()
    made, scope = planned(people), scope_of(people[who], ON)
    for stage in Stage:
        made.stage = stage
        for action in Action:
            assert CAMPAIGNS.may(scope, made, action) == (who in ALLOWED.get((stage, action), set())), (stage, action)


def test_the_households_are_fixed_when_it_starts(people: Mapping[str, User]) -> None:
    made = running(people)
    assert set(made.tasks.values_list("household", "reasons", "area")) == {
        ("H1", "|all|", VILLAGE),
        ("H2", "|all|", SIBLING),
        ("H3", "|all|", OTHER_VILLAGE),
    }
    Household.objects.filter(pk="H4").update(area_id=VILLAGE)
    assert made.tasks.count() == 3
    organising.add(made.number, order(people, "county"), "")
    assert made.tasks.count() == 4
    with pytest.raises(InputError, match="没有要补充的农户"):
        organising.add(made.number, order(people, "county"), "H1")
    assert Entry.objects.filter(action="sweep_started").get().detail.count('"households":3') == 1


def test_a_household_of_two_groups_is_one_with_both_reasons(people: Mapping[str, User]) -> None:
    open_clue()
    made = running(people, groups=["single", "open_clue", "lifted"], places=[TOWNSHIP])
    assert dict(made.tasks.values_list("household", "reasons")) == {"H1": "|single|open_clue|", "H2": "|single|"}
    organising.add(made.number, order(people, "county"), "H3")
    assert made.tasks.get(household="H3").reasons == ""


def test_every_group_is_one_query_and_finds_what_it_says(people: Mapping[str, User]) -> None:
    Household.objects.filter(pk="H2").update(household_type="脱贫户", member_count=2)
    told = {"id_masked": "5", "sealed": b"", "relation": "户主", "delivery": 1, "received_on": ON}
    for key, (health, labour) in enumerate(
        [("患有大病", "无劳动力"), ("长期慢性病", "普通劳动力"), ("残疾", "")], start=1
    ):
        Person.objects.create(
            key=key, household_id=f"H{key}", name="某", health=health, labour=labour, line=key,
            resettlement_site="新村" if key == 2 else "", dropout_reason="因病" if key == 3 else "", **told,
        )  # fmt: skip
    open_clue("H3", "accident")
    Household.objects.filter(pk="H1").update(income_known=True)
    Household.objects.filter(pk="H2").update(income_known=False)
    places = [area(COUNTY)]
    found = {}
    for name in GROUPS:
        with CaptureQueriesContext(connection) as asked:
            found[name] = sorted(households_of(name, places, TERMS).values_list("pk", flat=True))
        assert len(asked) == 1, name
    assert found == {
        "all": ["H1", "H2", "H3"],
        "low_income": [],
        "income_unknown": ["H2"],
        "serious_illness": ["H1"],
        "chronic_illness": ["H2"],
        "disabled": ["H3"],
        "no_labour": ["H1", "H3"],
        "single": ["H1", "H3"],
        "out_of_school": ["H3"],
        "unstable_employment": [],
        "shock": ["H3"],
        "large_assistance": [],
        "resettled": ["H2"],
        "lifted": ["H2"],
        "monitored": [],
        "long_monitored": [],
        "open_clue": ["H3"],
        "self_reported": [],
    }
    assert how_many(["serious_illness", "shock"], places, TERMS) == 2
    assert how_many([], places, TERMS) == 0


def test_fifty_thousand_households_are_written_down_by_the_database(people: Mapping[str, User]) -> None:
    some = [
        Household(
            household_no=f"K{n:05d}", area_id=VILLAGE, household_type="一般农户", member_count=1, received_on=ON,
            delivery=1, line=n,
        )
        for n in range(50_000)
    ]  # fmt: skip
    Household.objects.bulk_create(some, 5000)
    made = planned(people, groups=["all", "single"])
    began = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        organising.start(made.number, order(people, "county"))
    assert made.tasks.count() == 50_003
    assert len([each for each in asked if "INSERT INTO" in each["sql"] and "sweeptask" in each["sql"]]) == 2
    assert len(asked) < 40
    assert time.monotonic() - began < 60  # seconds on any machine; some two on an idle one


@pytest.mark.parametrize(
    "fault",
    [
        {"title": " "},
        {"groups": []},
        {"groups": ["all", "nobody"]},
        {"places": [FOREIGN_COUNTY]},
        {"places": ["1"]},
        {"ends_on": ON - timedelta(days=1)},
        {"ends_on": ON + timedelta(days=400)},
    ],
    ids=str,
)
def test_a_plan_that_makes_no_sense_is_refused(fault: dict[str, Any], people: Mapping[str, User]) -> None:
    with pytest.raises(InputError):
        planned(people, **fault)
    assert not Campaign.objects.exists()


def test_nobody_organises_for_another_office(people: Mapping[str, User]) -> None:
    for who in ("foreign_county", "village", "department", "system_admin"):
        with pytest.raises(NotOpen):
            planned(people, who)
    made = planned(people, starts_on=ON + timedelta(days=1), ends_on=ON + timedelta(days=2))
    with pytest.raises(NotOpen, match="才开始"):
        organising.start(made.number, order(people, "county"))


def test_trouble_in_a_home_is_a_clue_for_each_risk(people: Mapping[str, User]) -> None:
    made = running(people)
    task = made.tasks.get(household="H1")
    visit(people, task, looked(water="水管断了半个月", income="今年没有收入", food_clothing="米不够吃"), key="k")
    visit(people, task, looked(), key="k")  # the same form again
    task.refresh_from_db()
    assert (task.outcome, task.done_on, task.records.count()) == ("trouble", ON, 1)
    assert {(clue.risk_type, clue.stage, clue.desk_id) for clue in clues_of(task)} == {
        ("unsafe_water", "township", TOWNSHIP),
        ("other", "township", TOWNSHIP),
    }
    source = ClueSource.objects.get(clue__risk_type="other")
    assert source.text == "收入：今年没有收入；吃穿：米不够吃"
    assert source.channel == "sweep"
    visit(people, task, looked(), who="team", key="later")
    task.refresh_from_db()
    assert (task.outcome, task.records.count(), Clue.objects.count()) == ("well", 2, 2)


def test_what_is_not_answered_is_asked_and_what_is_known_is_not(people: Mapping[str, User]) -> None:
    task = running(people).tasks.get(household="H1")
    found = looked()
    without = Found(ON, {name: each for name, each in found.answers.items() if name != "housing"})
    with pytest.raises(InputError, match="“住房”还没有选"):
        visit(people, task, without)
    with pytest.raises(InputError, match="请填写“饮水”的困难"):
        visit(people, task, looked(water=" "))
    with pytest.raises(InputError, match="还没有选"):
        visit(people, task, Found(ON, dict(found.answers) | {"housing": ("known", "")}))
    with pytest.raises(InputError, match="排查日期"):
        visit(people, task, Found(ON + timedelta(days=1), found.answers))
    made = visit(people, task, without, known=frozenset({"housing"}))
    assert made.answers["housing"]["answer"] == "known"


def test_what_register_and_clues_say_stands_there_already(people: Mapping[str, User], home: Any) -> None:
    clue = open_clue()
    Person.objects.create(
        key=1, household_id="H1", name="冉大田", id_masked="5", sealed=b"", relation="户主", health="患有大病",
        labour="普通劳动力", delivery=1, line=1, received_on=ON,
    )  # fmt: skip
    known = {
        each.item.id: each for each in known_of(home, Household.objects.get(pk="H1"), sweep_requirements(ON).items, ON)
    }
    assert known["medical"].words == ("冉大田：患有大病",)
    assert known["medical"].clues == (clue,)
    assert known["labour"].settled
    assert not known["water"].settled


@pytest.mark.parametrize(
    "who", ["county", "township", "sibling_village", "foreign_village", "department", "system_admin"]
)
def test_only_who_visits_there_records(who: str, people: Mapping[str, User]) -> None:
    task = running(people).tasks.get(household="H1")
    with pytest.raises(NotOpen, match="不由您排查"):
        visit(people, task, looked(), who=who)


def test_closing_with_unfinished_households_needs_a_reason_and_names_them(people: Mapping[str, User]) -> None:
    made = running(people)
    visit(people, made.tasks.get(household="H1"), looked())
    with pytest.raises(InputError, match="还有 2 户没有排查的理由"):
        organising.close(made.number, order(people, "county"), "")
    organising.close(made.number, order(people, "county"), "两户长期外出")
    entry = Entry.objects.get(action="sweep_closed")
    assert '"unfinished":["H2","H3"]' in entry.detail
    assert sorted(organising.unfinished(made).values_list("household", flat=True)) == ["H2", "H3"]
    with pytest.raises(NotOpen, match="没有在进行"):
        visit(people, made.tasks.get(household="H2"), looked())


def test_each_sees_the_sweep_and_the_households_of_their_area(people: Mapping[str, User]) -> None:
    made = running(people)
    for who, count in {"city": 3, "county": 3, "township": 2, "village": 1, "grid_worker": 1, "enumerator": 2}.items():
        assert made in campaigns_visible_to(people[who]), who
        assert tasks_visible_to(people[who]).count() == count, who
    for who in ("foreign_county", "department", "system_admin", "auditor"):
        assert made not in campaigns_visible_to(people[who]), who
        assert not tasks_visible_to(people[who]).exists()
    assert running_for(people["village"]) == [(made, 1)]


def test_the_sums_of_the_places_are_that_of_the_whole(people: Mapping[str, User]) -> None:
    made = running(people)
    visit(people, made.tasks.get(household="H1"), looked(water="断水"))
    county = area(COUNTY)
    with CaptureQueriesContext(connection) as asked:
        whole, places = progress_of(SweepTask.objects.filter(campaign=made), county)
    assert len(asked) == 1
    assert (whole.total, whole.done, whole.trouble, whole.left, whole.percent) == (3, 1, 1, 2, 33)
    assert sum(each.total for each in places) == whole.total
    assert sum(each.done for each in places) == whole.done
    assert {each.area.pk for each in places if each.area} == {TOWNSHIP, OTHER_VILLAGE[:9] + "000"}


def test_one_that_is_not_done_in_time_is_told_above(people: Mapping[str, User]) -> None:
    made = running(people)
    look_after(made.ends_on)
    made.refresh_from_db()
    assert made.raised_to is None
    look_after(made.ends_on + timedelta(days=1))
    made.refresh_from_db()
    assert (made.raised_to, made.stage) == (1, "running")


class Sweeping(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.made = planned(self.people)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(action=st.sampled_from(["start", "add", "close"]), who=st.sampled_from(sorted(PEOPLE)), words=st.booleans())
    def anybody_tries(self, action: str, who: str, words: bool) -> None:
        self.attempt(action, who, words)

    @rule(action=st.sampled_from(["start", "add", "close"]), words=st.booleans())
    def the_office_does(self, action: str, words: bool) -> None:
        self.attempt(action, "county", words)

    def attempt(self, action: str, who: str, words: bool) -> None:
        stage = Campaign.objects.get().stage
        ways = {
            "start": lambda: organising.start(self.made.number, order(self.people, who)),
            "add": lambda: organising.add(self.made.number, order(self.people, who), "H1"),
            "close": lambda: organising.close(self.made.number, order(self.people, who), "理由" if words else ""),
        }
        try:
            with transaction.atomic():
                ways[action]()
        except ShouwangError:
            return
        assert who in ALLOWED.get((stage, action), set())

    @invariant()
    def a_campaign_is_what_its_steps_say(self) -> None:
        made = Campaign.objects.get()
        steps = list(made.steps.order_by("number"))
        assert [each.number for each in steps] == list(range(1, made.version + 1))
        assert (made.stage == "planned") == (not made.tasks.exists() and steps[-1].action == "plan")
        assert (made.closed_on is not None) == (made.stage == "closed")
        assert (made.due_on is not None) == (made.stage == "running")
        if made.stage == "closed" and made.tasks.filter(outcome="").exists():
            assert made.closed_reason


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Sweeping,), {"people": people})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        phases=[Phase.generate] if planted else [Phase.generate, Phase.shrink],
        database=None,
        derandomize=planted,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_anybody_tries_a_campaign_stays_whole(people: dict[str, User]) -> None:
    run(people, drawn(8))


@pytest.mark.long
def test_the_machine_finds_a_close_without_a_reason(people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organising, "words", lambda text, what, needed=True: text)
    with pytest.raises(AssertionError):
        run(people, 400, planted=True)
