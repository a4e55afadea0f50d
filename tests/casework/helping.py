"""Ways to take a plan, a task or a need on, each step by whom it belongs to; and what must be true whatever happens."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from assisting import included_case
from desks import COUNTY, VILLAGE
from offices import ON, make_people

from shouwang.accounts.models import Post, User
from shouwang.assistance import giving, measures, planning, tasks, visiting
from shouwang.assistance.models import (
    DepartmentTask,
    Measure,
    Need,
    NeedAction,
    Organisation,
    Plan,
    PlanAction,
    TaskAction,
)
from shouwang.assistance.opening import open_plans
from shouwang.assistance.plan_rules import Drafted
from shouwang.assistance.requirements import Requirements
from shouwang.cases.models import Case
from shouwang.households.models import Household
from shouwang.jobs.assistance import assistance_requirements
from shouwang.proceedings.orders import Order

MORE_PEOPLE = {
    "civil_affairs": (COUNTY, "department", "民政"),
    "organisation": (COUNTY, "social_force", ""),
    "organisation_too": (COUNTY, "social_force", ""),
}


def make_helpers() -> dict[str, User]:
    """Everybody at the desks, one more department, and two registered organisations."""
    people = make_people()
    for name, (code, duty, department) in MORE_PEOPLE.items():
        people[name] = User.objects.create(username=name, password="!")
        Post.objects.create(
            user=people[name], area_id=code, duty=duty, department=department, starts_on=date(2020, 1, 1)
        )
    for place, name in enumerate(("organisation", "organisation_too")):
        Organisation.objects.create(
            name=f"爱心协会{place}",
            credit_code=f"5150010100000000{place:02}",
            area_id=COUNTY,
            contact="会长",
            account=people[name],
            registered_by=people["county"],
            registered_on=ON,
        )
    return people


def drafted(category: str = "health", title: str = "大病救治", on: date = ON, **more: Any) -> Drafted:
    told = {"owner": VILLAGE, "in_charge": "村支书", "fund_source": "sector_policy", "due_on": on + timedelta(days=15)}
    return Drafted(category, title, **(told | more))


def sheet(on: date = ON) -> list[Drafted]:
    """The village's own measure, one of a department, one for organisations."""
    return [
        drafted(on=on, owner=COUNTY, department="医保"),
        drafted("comprehensive_security", "临时救助", on),
        drafted("social_help", "轮椅一辆", on, fund_source="social_funds"),
    ]


REASONS = {
    "stacking": "户主住院又无人照料",
    "no_labour_without_floor": "民政正在审核",
    "development_without_labour": "入股",
}


class HelpOffice:
    """Does the steps of assistance."""

    def __init__(self, people: Mapping[str, User], on: date = ON) -> None:
        self.people, self.on = people, on
        self.asked: dict[date, Requirements] = {}

    @property
    def requirements(self) -> Requirements:
        if self.on not in self.asked:
            self.asked[self.on] = assistance_requirements(self.on)
        return self.asked[self.on]

    def order(self, who: str, **more: Any) -> Order:
        return Order(self.people[who], self.requirements, self.on, **more)

    def plan(self, household: str = "H1", **more: Any) -> Plan:
        """The plan of an included household, as it opened by itself."""
        included_case(Household.objects.get(pk=household), self.on, **more)
        open_plans(self.requirements, self.on)
        return Plan.objects.get(case__household_id=household)

    def running(self, household: str = "H1") -> Plan:
        plan = self.plan(household)
        self.act(plan, "submit_plan", "village")
        self.act(plan, "agree", "township")
        self.act(plan, "approve", "county")
        plan.refresh_from_db()
        return plan

    def need(self, plan: Plan) -> Need:
        number = plan.measures.filter(category="social_help", state="planned")[0].number
        wanted = giving.Wanted("轮椅一辆", 1, self.on + timedelta(days=30))
        return giving.raise_need(plan.number, number, wanted, self.order("village"))

    def act(self, matter: Any, action: str, who: str, **more: Any) -> Any:
        order = self.order(who, **more)
        return WAYS[type(matter)][action](matter, order, self)


def first(plan: Plan, *states: str) -> int:
    found = plan.measures.filter(state__in=states).exclude(tasks__isnull=False).exclude(needs__isnull=False).first()
    return found.number if found else 99


def visit(on: date, situation: str = "unchanged", **more: Any) -> visiting.Found:
    return visiting.Found(on, ["张三"], situation, "按时服药，措施在落实", **more)


Way = Callable[[Any, Order, HelpOffice], Any]
PLAN_WAYS: Mapping[str, Way] = {
    PlanAction.SUBMIT: lambda p, o, h: planning.submit(p.number, o, sheet(h.on), [], REASONS),
    PlanAction.AGREE: lambda p, o, h: planning.agree(p.number, o, "同意"),
    PlanAction.APPROVE: lambda p, o, h: planning.approve(p.number, o, "同意"),
    PlanAction.SEND_BACK: lambda p, o, h: planning.send_back(p.number, o, "", "补充"),
    PlanAction.REVISE: lambda p, o, h: planning.revise(p.number, o, "孩子升学"),
    PlanAction.BEGIN_FIRST: lambda p, o, h: measures.begin_first(p.number, o, drafted(on=h.on), h.on),
    PlanAction.BEGIN: lambda p, o, h: measures.begin(p.number, o, first(p, "planned"), h.on),
    PlanAction.DELIVER: lambda p, o, h: measures.deliver(
        p.number, o, first(p, "planned", "measure_running"), h.on, "已发放"
    ),
    PlanAction.END: lambda p, o, h: measures.end(
        p.number, o, first(p, "planned", "measure_running", "delivered"), "期满"
    ),
    PlanAction.IN_CHARGE: lambda p, o, h: measures.put_in_charge(
        p.number, o, first(p, "proposed", "planned", "measure_running"), "李四"
    ),
    PlanAction.FOLLOW_UP: lambda p, o, h: visiting.record_follow_up(p.number, o, visit(h.on)),
    PlanAction.URGE: lambda p, o, h: planning.urge(p.number, o, "请抓紧"),
}
TASK_WAYS: Mapping[str, Way] = {
    TaskAction.ACCEPT: lambda t, o, h: tasks.accept(t.number, o),
    TaskAction.RETURN: lambda t, o, h: tasks.give_back(t.number, o, "不属本部门"),
    TaskAction.REPORT: lambda t, o, h: tasks.report(t.number, o, h.on, None, "已救治报销"),
    TaskAction.CONFIRM: lambda t, o, h: tasks.confirm(t.number, o, ""),
    TaskAction.DISPUTE: lambda t, o, h: tasks.dispute(t.number, o, "还没有到账"),
    TaskAction.REASSIGN: lambda t, o, h: tasks.reassign(
        t.number, o, "民政" if t.department == "医保" else "医保", "改由民政办理"
    ),
    TaskAction.WITHDRAW: lambda t, o, h: tasks.withdraw(t.number, o, "另行安排"),
    TaskAction.URGE: lambda t, o, h: tasks.urge(t.number, o, "请抓紧"),
}
NEED_WAYS: Mapping[str, Way] = {
    NeedAction.PUBLISH: lambda n, o, h: giving.publish(n.number, o, ""),
    NeedAction.WITHDRAW: lambda n, o, h: giving.withdraw(n.number, o, "已经解决"),
    NeedAction.PLEDGE: lambda n, o, h: giving.pledge(n.number, o, "捐一辆轮椅"),
    NeedAction.MATCH: lambda n, o, h: giving.match(n.number, o, ""),
    NeedAction.DECLINE: lambda n, o, h: giving.decline(n.number, o, "型号不合"),
    NeedAction.GIVE_UP: lambda n, o, h: giving.give_up(n.number, o, "资金不足"),
    NeedAction.HAND_OVER: lambda n, o, h: giving.hand_over(n.number, o, h.on, "轮椅送到村委会"),
    NeedAction.CONFIRM: lambda n, o, h: giving.confirm(n.number, o, ""),
    NeedAction.DISPUTE: lambda n, o, h: giving.dispute(n.number, o, "没有见到"),
    NeedAction.URGE: lambda n, o, h: giving.urge(n.number, o, "请抓紧"),
}
WAYS: Mapping[type, Mapping[str, Way]] = {Plan: PLAN_WAYS, DepartmentTask: TASK_WAYS, Need: NEED_WAYS}


def check_assistance() -> None:
    """What holds whatever anybody has tried."""
    for plan in Plan.objects.prefetch_related("steps", "measures"):
        check_steps(plan, {"drafting", "plan_audit", "plan_approval"})
        begun = [each.started_on for each in plan.measures.all() if each.started_on]
        assert plan.first_helped_on == min(begun, default=None)
        check_nobody_alone(steps_of(plan))
    for measure in Measure.objects.prefetch_related("tasks", "needs"):
        assert (measure.started_on is not None) == (measure.state in ("measure_running", "delivered", "ended"))
        assert (measure.ended_on is not None) == (measure.state == "ended")
        if measure.state == "delivered":
            assert measure.delivered_on is not None
            assert measure.started_on <= measure.delivered_on
        assert len([task for task in measure.tasks.all() if task.stage != "task_withdrawn"]) <= 1
    for task in DepartmentTask.objects.prefetch_related("steps").select_related("measure"):
        check_steps(task, {"task_assigned", "task_in_hand", "task_reported", "task_returned"})
        if task.stage == "task_done":
            assert task.measure.state in ("delivered", "ended")
            assert "report_task" in {step.action for step in task.steps.all()}
    for need in Need.objects.prefetch_related("steps").select_related("measure__plan__case__household"):
        check_steps(need, {"need_raised", "need_pledged", "need_matched", "need_delivered"})
        assert (need.organisation_id is not None) == (
            need.stage in ("need_pledged", "need_matched", "need_delivered", "need_confirmed")
        )
        check_ones_own_pledge(steps_of(need))
        household = need.measure.plan.case.household
        for shown in (need.number, need.text, need.township.name):
            assert household.pk not in shown
            assert household.head_name not in shown
        if need.stage == "need_confirmed":
            assert need.measure.state in ("delivered", "ended")


def steps_of(matter: Any) -> list[Any]:
    return sorted(matter.steps.all(), key=lambda step: step.number)


def check_steps(matter: Any, with_clock: set[str]) -> None:
    steps = steps_of(matter)
    assert [step.number for step in steps] == list(range(1, matter.version + 1))
    assert all(one.stage_to == two.stage_from for one, two in zip(steps, steps[1:], strict=False))
    assert steps[-1].stage_to == matter.stage
    assert matter.desk_id is not None
    assert (matter.due_on is not None) == (matter.stage in with_clock)


def check_ones_own_pledge(steps: list[Any]) -> None:
    for place, step in enumerate(steps):
        if step.action in ("give_up", "hand_over"):
            assert step.actor_id == next(each for each in reversed(steps[:place]) if each.action == "pledge").actor_id


def check_nobody_alone(steps: list[Any]) -> None:
    for place, step in enumerate(steps):
        if step.action in ("agree", "approve"):
            since = max(at for at in range(place) if steps[at].action == "submit_plan")
            part = {"submit_plan"} | ({"agree"} if step.action == "approve" else set())
            assert step.actor_id not in {each.actor_id for each in steps[since:place] if each.action in part}


def helped_first(household: str, on: date) -> Case:
    return included_case(
        Household.objects.get(pk=household),
        on,
        stage="collection",
        included_on=None,
        monitor_type="",
        help_first="房屋倒塌",
    )


def with_due(found: Drafted, due: date) -> Drafted:
    return replace(found, due_on=due)
