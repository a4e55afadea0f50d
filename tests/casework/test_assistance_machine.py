"""Every action by everybody on every plan, task and need in every state: only what is written down happens.

The machine and its checks are first shown planted faults.
"""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE
from django.db import transaction
from helping import MORE_PEOPLE, WAYS, HelpOffice, check_assistance, make_helpers
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from offices import ON, PEOPLE

from databases import drawn
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.assistance import giving, planning
from shouwang.assistance.flow import NEEDS, PLANS, TASKS
from shouwang.assistance.models import DepartmentTask, Need, NeedStage, Plan, PlanStage, TaskStage
from shouwang.assistance.opening import close_plans, open_plans
from shouwang.cases.models import Case
from shouwang.kernel.errors import ShouwangError
from shouwang.proceedings.rising import raise_all
from shouwang.proceedings.steps import NotOpen

pytestmark = pytest.mark.usefixtures("households", "home")
EVERYBODY = sorted({**PEOPLE, **MORE_PEOPLE})
VILLAGERS, TOWN, OFFICERS = {"village", "team"}, {"township"}, {"county", "county_too"}
CALLERS = VILLAGERS | {"grid_worker", "enumerator"}
DEPARTMENT, GIVERS = {"department"}, {"organisation", "organisation_too"}
BEFORE_RUNNING = ("drafting", "plan_audit", "plan_approval")
# Who may do what at which stage, written down once more, independently of the tables in the code: for a household of the
# first village and a task of 医保.
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("drafting", "submit_plan"): VILLAGERS,
    ("plan_audit", "agree"): TOWN,
    ("plan_audit", "send_back"): TOWN,
    ("plan_approval", "approve"): OFFICERS,
    ("plan_approval", "send_back"): OFFICERS,
    ("plan_running", "revise"): VILLAGERS,
    **{(stage, "begin_first"): VILLAGERS for stage in BEFORE_RUNNING},
    **{(stage, "begin"): VILLAGERS for stage in (*BEFORE_RUNNING, "plan_running")},
    **{
        (stage, action): VILLAGERS
        for stage in (*BEFORE_RUNNING, "plan_running", "plan_closed")
        for action in ("deliver", "end")
    },
    **{(stage, "in_charge"): VILLAGERS for stage in (*BEFORE_RUNNING, "plan_running")},
    **{(stage, "follow_up"): CALLERS for stage in (*BEFORE_RUNNING, "plan_running")},
    ("drafting", "urge"): TOWN | OFFICERS | {"city"},
    ("plan_audit", "urge"): OFFICERS | {"city"},
    ("plan_approval", "urge"): {"city"},
    ("plan_running", "urge"): TOWN | OFFICERS | {"city"},
    ("task_assigned", "accept_task"): DEPARTMENT,
    ("task_assigned", "return"): DEPARTMENT,
    ("task_in_hand", "report_task"): DEPARTMENT,
    ("task_in_hand", "return"): DEPARTMENT,
    ("task_reported", "confirm_task"): VILLAGERS,
    ("task_reported", "dispute"): VILLAGERS,
    ("task_returned", "reassign"): OFFICERS,
    ("task_returned", "withdraw_task"): OFFICERS,
    ("task_assigned", "urge"): OFFICERS | {"city"},
    ("task_in_hand", "urge"): OFFICERS | {"city"},
    ("task_reported", "urge"): TOWN | OFFICERS | {"city"},
    ("task_returned", "urge"): {"city"},
    ("need_raised", "publish"): OFFICERS,
    ("need_raised", "withdraw_need"): OFFICERS,
    ("need_published", "pledge"): GIVERS,
    ("need_published", "withdraw_need"): OFFICERS,
    ("need_pledged", "match"): OFFICERS,
    ("need_pledged", "decline"): OFFICERS,
    ("need_pledged", "give_up"): GIVERS,
    ("need_matched", "hand_over"): GIVERS,
    ("need_matched", "give_up"): GIVERS,
    ("need_matched", "decline"): OFFICERS,
    ("need_delivered", "confirm_need"): VILLAGERS,
    ("need_delivered", "dispute"): VILLAGERS,
    ("need_raised", "urge"): {"city"},
    ("need_pledged", "urge"): {"city"},
    ("need_matched", "urge"): {"city"},
    ("need_delivered", "urge"): TOWN | OFFICERS | {"city"},
}
DESKS = {
    **dict.fromkeys(
        ("drafting", "plan_running", "plan_closed", "task_reported", "need_delivered", "need_confirmed"), VILLAGE
    ),
    "plan_audit": TOWNSHIP,
}  # every other stage lies with the county


def allowed(matter: Any, action: str) -> set[str]:
    found = ALLOWED.get((matter.stage, action), set())
    if isinstance(matter, DepartmentTask) and matter.department != "医保":
        return {"civil_affairs" if who == "department" else who for who in found}
    return found


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_tables_say_what_is_written_down(who: str) -> None:
    people = make_helpers()
    scope = scope_of(people[who], ON)
    for model, stages, lifecycle in (
        (Plan, PlanStage, PLANS),
        (DepartmentTask, TaskStage, TASKS),
        (Need, NeedStage, NEEDS),
    ):
        for stage in stages:
            matter = model(stage=stage, area_id=VILLAGE, desk_id=DESKS.get(stage, COUNTY))
            if model is DepartmentTask:
                matter.department = "医保"
            for action in WAYS[model]:
                assert lifecycle.may(scope, matter, action) == (who in ALLOWED.get((stage, action), set())), (
                    stage,
                    action,
                )


class Assisting(RuleBasedStateMachine):
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.office = HelpOffice(self.people)
        self.office.plan(risks=["illness", "other"], help_first="房屋倒塌")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def matters(self) -> list[Any]:
        return [each for model in WAYS for each in model.objects.order_by("pk")]

    @rule(which=st.integers(0, 20), action=st.integers(0, 20), who=st.sampled_from(EVERYBODY))
    def anybody_tries(self, which: int, action: int, who: str) -> None:
        matters = self.matters()
        matter = matters[which % len(matters)]
        actions = sorted(WAYS[type(matter)])
        self.attempt(matter, actions[action % len(actions)], who)

    @rule(which=st.integers(0, 20), choice=st.integers(0, 60))
    def somebody_does_what_they_may(self, which: int, choice: int) -> None:
        matters = self.matters()
        matter = matters[which % len(matters)]
        ways = sorted((action, who) for action in WAYS[type(matter)] for who in allowed(matter, action))
        if ways:
            self.attempt(matter, *ways[choice % len(ways)])

    @rule(steps=st.integers(1, 3), by=st.sampled_from(["", "", "village"]))
    def plan_is_taken_on(self, steps: int, by: str) -> None:
        """Along the straight way, by those it is for or all by one person."""
        straight = (("submit_plan", "village"), ("agree", "township"), ("approve", "county"))
        for action, who in straight[:steps]:
            self.attempt(Plan.objects.exclude(stage="plan_closed").first() or Plan.objects.all()[0], action, by or who)

    @rule(steps=st.integers(1, 5), pledging=st.sampled_from(sorted(GIVERS)), delivering=st.sampled_from(sorted(GIVERS)))
    def need_is_taken_on(self, steps: int, pledging: str, delivering: str) -> None:
        """Along the straight way, now and then by the wrong organisation."""
        self.village_asks_for_what_is_needed()
        straight = (
            ("publish", "county"), ("pledge", pledging), ("match", "county"),
            ("hand_over", delivering), ("confirm_need", "village"),
        )  # fmt: skip
        for action, who in straight[:steps]:
            if need := Need.objects.exclude(stage__in=["need_confirmed", "need_withdrawn"]).first():
                self.attempt(need, action, who)

    @rule()
    def village_asks_for_what_is_needed(self) -> None:
        with contextlib.suppress(ShouwangError, LookupError, Plan.DoesNotExist), transaction.atomic():
            for plan in Plan.objects.filter(measures__category="social_help", measures__state="planned").distinct():
                self.office.need(plan)

    @rule(days=st.integers(1, 40), over=st.integers(0, 5))
    def days_pass(self, days: int, over: int) -> None:
        """Now and then the risk ends, or comes back."""
        self.office.on += timedelta(days=days)
        if over == 0:
            Case.objects.update(stage="eliminated", eliminated_on=self.office.on, elimination_mode="assisted")
        elif over == 1:
            Case.objects.update(stage="included", eliminated_on=None, elimination_mode="")
        asked = self.office.requirements
        open_plans(asked, self.office.on)
        close_plans(asked, self.office.on)
        raise_all(asked, self.office.on)
        assert open_plans(asked, self.office.on) == close_plans(asked, self.office.on) == 0
        assert raise_all(asked, self.office.on) == 0

    def attempt(self, matter: Any, action: str, who: str) -> None:
        matter.refresh_from_db()
        before, may, model = matter.version, allowed(matter, action), type(matter)
        with contextlib.suppress(ShouwangError), transaction.atomic():
            self.office.act(matter, action, who)
            assert who in may
            assert model.objects.get(pk=matter.pk).version == before + 1

    @invariant()
    def all_is_in_order(self) -> None:
        check_assistance()


def run(people: dict[str, User], examples: int, *, planted: bool = False) -> None:
    machine: Any = type("Machine", (Assisting,), {"people": people})
    phases = [Phase.generate] if planted else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, phases=phases, database=None, derandomize=planted
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_whatever_anybody_tries_assistance_holds() -> None:
    run(make_helpers(), drawn(6))


@pytest.mark.long
@pytest.mark.once(because="the check is on trial here, not the database")
def test_the_machine_finds_a_planted_way_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of two posts who agrees to their own plan."""
    people = make_helpers()
    Post.objects.create(user=people["village"], area_id=TOWNSHIP, duty="township", starts_on=ON)
    monkeypatch.setattr(planning, "_require_another", lambda plan, stepping: None)
    with pytest.raises(AssertionError):
        run(people, 400, planted=True)


def delivered_by_another() -> None:
    """A need that one organisation pledged and another one says it delivered; its words as the village wrote them."""
    office = HelpOffice(make_helpers())
    need = office.need(office.running())
    for action, who in (("publish", "county"), ("pledge", "organisation"), ("match", "county")):
        office.act(need, action, who)
    office.act(need, "hand_over", "organisation_too")


def test_an_organisation_acts_on_its_own_pledge_alone() -> None:
    with pytest.raises(NotOpen, match="不是您认领的"):
        delivered_by_another()


@pytest.mark.parametrize("hole", ["_require_pledged_by", "require_nameless"])
def test_the_checks_find_what_a_missing_guard_lets_in(hole: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = {
        "_require_pledged_by": lambda user, need: None,
        "require_nameless": lambda text, household: f"{household.head_name}要{text}",
    }[hole]
    monkeypatch.setattr(giving, hole, fault)
    with contextlib.suppress(NotOpen):
        delivered_by_another()
    with pytest.raises(AssertionError):
        check_assistance()
