"""Ways to bring a case to a stage, each step by whom it belongs to; and what must be true of cases whatever happens."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from offices import ON, open_clue, picture

from shouwang.accounts.models import User
from shouwang.cases import identification as doing
from shouwang.cases import publicity
from shouwang.cases.collecting import Collected, Delivered, collect, compare
from shouwang.cases.flow import IN_HAND
from shouwang.cases.income import LINES, Line, months_before
from shouwang.cases.models import Action, Case, CaseStep, Notice, OnlineObjection, Stage
from shouwang.cases.opening import open_cases
from shouwang.cases.steps import Order
from shouwang.clues.models import Clue
from shouwang.jobs.handling import identification_requirements
from shouwang.proceedings.deliberation import Minutes

DAYS = 5
ROW = {
    "source": "medical_settlement",
    "title": "医保结算明细",
    "owner": "医保",
    "delivery": "D000002",
    "line": 17,
    "person": "冉大田",
    "text": "个人自付 8,240.50元",
}


def sheet(on: date = ON, **more: Any) -> Collected:
    """A household of two below the line."""
    amounts = dict.fromkeys(LINES, Line(Decimal(0))) | {"wage_income": Line(Decimal(8000))}
    told: dict[str, Any] = {
        "consented_on": on,
        "consented_by": "冉大田",
        "members": 2,
        "income": amounts,
        "period": months_before(on),
        "monitor_type": "marginal",
        "risks": ["illness"],
        "reason": "户主住院，收入低于监测线",
        "answers": {},
        "photos": [picture()],
    }
    return Collected(**(told | more))


def minutes(on: date = ON, votes: tuple[int, int] = (28, 2)) -> Minutes:
    return Minutes(on, "村支书", 30, *votes, "逐户介绍情况后表决")


def told(on: date = ON) -> doing.Told:
    return doing.Told(on, "冉大田", "in_person")


def objection(case: Case) -> OnlineObjection:
    """What somebody wrote on the public page against the notice that was posted up last."""
    notice = case.notices.filter(kind=Notice.Kind.PUBLICITY)[0]
    key = f"k{OnlineObjection.objects.count()}"
    return OnlineObjection.objects.create(notice=notice, text="家里有车", received_on=ON, key=key)


def waiting(case: Case) -> int:
    """The key of an objection that waits, or of a new one; none of any where no notice was ever posted up."""
    if found := publicity.online_waiting(case):
        return found[0].pk
    return objection(case).pk if case.notices.filter(kind=Notice.Kind.PUBLICITY).exists() else 0


class Office:
    """Does the steps of an identification."""

    def __init__(self, people: Mapping[str, User], on: date = ON) -> None:
        self.people, self.on = people, on

    def order(self, who: str, **more: Any) -> Order:
        return Order(self.people[who], identification_requirements(self.on), self.on, **more)

    def open(self, household: str = "H1", risk: str = "illness") -> Case:
        """A case of a clue that went all the way."""
        confirmed(self.people, household, risk)
        open_cases(identification_requirements(self.on), self.on)
        return Case.objects.exclude(stage__in=["refusal_notice", "refused"]).get(household_id=household)

    def hang(self, case: Case, who: str = "village") -> None:
        """A photo of the notice that was posted up last."""
        hanging = publicity.Hanging(self.on, "村委会公示栏", [picture()])
        publicity.prove(case.notices.all()[0], self.order(who), hanging)

    def act(self, case: Case, action: str, who: str, **more: Any) -> CaseStep:
        order = self.order(who, **more)
        return WAYS[Action(action)](case, order, self)

    def bring(self, case: Case, stage: str) -> Case:
        """From the collection to a stage, along the straight way; days pass while the notice stands."""
        for action, who, begin in STRAIGHT:
            case.refresh_from_db()
            if case.stage == stage:
                break
            if case.stage != begin:
                continue
            self.act(case, action, who)
            if action == "post_up":
                self.hang(case, who)
                self.on += timedelta(days=DAYS + 1)
        case.refresh_from_db()
        assert case.stage == stage
        return case


def confirmed(people: Mapping[str, User], household: str, risk: str) -> Clue:
    clue = open_clue(household, risk)
    Clue.objects.filter(pk=clue.pk).update(state="confirmed", stage="closed")
    return clue


WAYS: Mapping[Action, Callable[[Case, Order, Office], CaseStep]] = {
    Action.COMPARE: lambda case, order, office: compare(case.number, order, Delivered([ROW])),
    Action.COLLECT: lambda case, order, office: collect(case.number, order, sheet(office.on)),
    Action.DELIBERATE: lambda case, order, office: doing.deliberate(case.number, order, minutes(office.on)),
    Action.POST_UP: lambda case, order, office: publicity.post_up(case.number, order, "村委会公示栏"),
    Action.OBJECT: lambda case, order, office: publicity.object_to(case.number, order, "家里有车", "邻居"),
    Action.SET_ASIDE: lambda case, order, office: publicity.set_aside(case.number, order, waiting(case), "不属实"),
    Action.REPORT: lambda case, order, office: publicity.report(case.number, order),
    Action.AGREE: lambda case, order, office: doing.agree(case.number, order, "同意"),
    Action.APPROVE: lambda case, order, office: doing.approve(case.number, order, "同意"),
    Action.REFUSE: lambda case, order, office: doing.refuse(case.number, order, "收入高于监测线"),
    Action.SEND_BACK: lambda case, order, office: doing.send_back(case.number, order, back_to(case), "补充材料"),
    Action.ANNOUNCE: lambda case, order, office: doing.announce(case.number, order, "村委会公示栏"),
    Action.NOTIFY: lambda case, order, office: doing.notify(case.number, order, told(office.on)),
    Action.WITHDRAW: lambda case, order, office: doing.withdraw(case.number, order, "全家迁走，联系不上"),
    Action.RECHECK: lambda case, order, office: doing.recheck(case.number, order, "农户不服"),
    Action.HELP_FIRST: lambda case, order, office: doing.help_first(case.number, order, "房屋倒塌，先安置"),
    Action.URGE: lambda case, order, office: doing.urge(case.number, order, "请抓紧"),
}
# action, by whom, at which stage
STRAIGHT = (
    ("compare", "village", "collection"),
    ("collect", "village", "collection"),
    ("deliberate", "team", "deliberation"),
    ("post_up", "village", "publicity"),
    ("report", "village", "publicity"),
    ("agree", "township", "township_audit"),
    ("approve", "county", "county_approval"),
    ("announce", "village", "announcement"),
)


def back_to(case: Case) -> str:
    return "township_audit" if case.stage == "county_approval" else "deliberation"


def check_cases() -> None:
    """What holds whatever anybody has tried."""
    for case in Case.objects.prefetch_related("steps", "notices", "clues"):
        steps = sorted(case.steps.all(), key=lambda step: step.number)
        assert [step.number for step in steps] == list(range(1, case.version + 1))
        assert all(one.stage_to == two.stage_from for one, two in zip(steps, steps[1:], strict=False))
        assert steps[-1].stage_to == case.stage
        assert case.desk is not None
        assert (case.due_on is not None) == (case.stage in IN_HAND)
        assert case.clues.all()
        check_steps(steps)
        check_reported(case, steps)
        if case.stage == Stage.INCLUDED:
            check_included(case, steps)
    everything = sorted(Case.objects.values_list("household_id", "number", "stage"))
    for household, cases in groupby(everything, key=lambda case: case[0]):
        own = list(cases)
        assert [number for _, number, _ in own] == [f"{household}-J{place:02}" for place in range(1, len(own) + 1)]
        assert len([stage for *_, stage in own if stage not in ("refusal_notice", "refused")]) <= 1


def check_steps(steps: list[CaseStep]) -> None:
    """A notice stood its days before it was reported; nobody agreed to their own, nobody approved what they agreed to."""
    for place, step in enumerate(steps):
        since = max((at for at in range(place) if steps[at].action == "collect"), default=0)
        if step.action == "report":
            posted = max(at for at in range(place) if steps[at].action == "post_up")
            assert step.on > steps[posted].on + timedelta(days=DAYS)
        if step.action in ("agree", "approve"):
            part = {"collect", "deliberate", "post_up", "report"} | ({"agree"} if step.action == "approve" else set())
            assert step.actor_id not in {each.actor_id for each in steps[since:place] if each.action in part}


def check_reported(case: Case, steps: list[CaseStep]) -> None:
    """What was reported was proved by a photo, and nothing that somebody had written against it was left waiting."""
    posted = {notice.step_id: notice for notice in case.notices.all()}
    for place, step in enumerate(steps):
        if step.action == "report":
            notice = posted[next(each.pk for each in reversed(steps[:place]) if each.action == "post_up")]
            assert notice.proofs.filter(photos__isnull=False).exists()
            assert not notice.online_objections.filter(answer=None).exists()


def check_included(case: Case, steps: list[CaseStep]) -> None:
    """Inclusion: consent, a review that passed, a notice, and the three offices, in that order."""
    since = max(place for place, step in enumerate(steps) if step.action == "collect")
    done = [step.action for step in steps[since:]]
    assert any(step.action == "compare" for step in steps[:since])
    way = ["collect", "deliberate", "post_up", "report", "agree", "approve", "announce"]
    assert [done.index(action) for action in way] == sorted(done.index(action) for action in way)
    assert case.monitor_type
    assert case.risks
    assert case.included_on == steps[-1].on or steps[-1].action == "attach"
