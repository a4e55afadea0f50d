"""Ways to bring an elimination to a stage, each step by whom it belongs to; and what must be true of eliminations whatever
happens."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assisting import included_case
from offices import ON, picture

from shouwang.accounts.models import User
from shouwang.cases import publicity
from shouwang.cases.income import LINES, Line, months_before
from shouwang.cases.models import Case, Notice, OnlineObjection
from shouwang.cases.steps import Order as CaseOrder
from shouwang.elimination import deciding, watching
from shouwang.elimination.conditions import Assessment, assess
from shouwang.elimination.flow import IN_HAND, STANDING
from shouwang.elimination.knowledge import Gone, Known, KnownFact, Row
from shouwang.elimination.models import Action, Elimination, EliminationStep, NaturalGround, Stage
from shouwang.elimination.notices import online_waiting, publicity_of
from shouwang.elimination.proposing import Inspected, propose
from shouwang.elimination.steps import Order
from shouwang.households.models import Household
from shouwang.jobs.handling import elimination_requirements, identification_requirements
from shouwang.proceedings.deliberation import Minutes

asked = lru_cache(elimination_requirements)
DAYS, HALF_A_YEAR = 5, 183
INCLUDED = ON - timedelta(days=300)
IN_ORDER = {
    "members": 2,
    "members_with_some_labour": 1,
    "net_income": "30000.00",
    "lowest_recent_net_income": "30000.00",
    "dropout_children": 0,
    "children_not_on_roll": 0,
    "members_without_insurance": 0,
    "county_enrolment_delivered": True,
    "unsafe_houses": 0,
    "open_water_faults": 0,
    "medical_out_of_pocket": "0.00",
    "beyond_compulsory_self_paid": "0.00",
}


def included(household: Household, **more: Any) -> Case:
    return included_case(household, INCLUDED, desk_id=household.area_id, **more)


def known(case: Case, on: date, **more: Any) -> Known:
    """A household of which everything is in order, but for what is said otherwise; facts by name, or fields of Known."""
    facts = IN_ORDER | {name: more.pop(name) for name in list(more) if name in IN_ORDER}
    told: dict[str, Any] = {
        "household_no": case.household_id,
        "on": on,
        "requirements": asked(on),
        "included_on": max(day for day in (case.included_on, case.rolled_back_on) if day),
        "risks": case.risks,
        "facts": {name: KnownFact(value, str(value)) for name, value in facts.items()},
        "measures": 1,
    }
    return Known(**(told | more))


GONE = (Gone("冉大田", NaturalGround.DEATH, "2021-06-01死亡", Row("人口变动", "D000002", 2, "2021-06-01死亡")),)


def inspected(on: date, **more: Any) -> Inspected:
    amounts = dict.fromkeys(LINES, Line(Decimal(0))) | {"wage_income": Line(Decimal(30000))}
    told: dict[str, Any] = {
        "visited_on": on,
        "visitors": ["张三", "李四"],
        "consented_on": on,
        "consented_by": "冉大田",
        "members": 2,
        "reason": "子女稳定就业，收入高于监测线",
        "income": amounts,
        "period": months_before(on),
        "dropout": False,
        "unsafe_house": False,
        "uninsured": False,
        "unsafe_water": False,
        "photos": [picture()],
    }
    return Inspected(**(told | more))


class Office:
    """Does the steps of eliminations. `found` says what is known of a household otherwise than in order."""

    def __init__(self, people: Mapping[str, User], on: date = ON) -> None:
        self.people, self.on = people, on
        self.found: dict[str, dict[str, Any]] = {}

    def order(self, who: str, **more: Any) -> Order[Any]:
        return Order(self.people[who], asked(self.on), self.on, **more)

    def assessment(self, case: Case) -> Assessment:
        case.refresh_from_db()
        return assess(known(case, self.on, **self.found.get(case.household_id, {})))

    def propose(self, case: Case, who: str = "village", **more: Any) -> Elimination:
        step = propose(case.number, self.order(who, **more), inspected(self.on), self.assessment(case))
        return step.elimination

    def act(self, found: Elimination, action: str, who: str, **more: Any) -> EliminationStep:
        return WAYS[Action(action)](found, self.order(who, **more), self)

    def hang(self, found: Elimination, who: str = "village") -> None:
        """A photo of the notice that was posted up last."""
        hanging = publicity.Hanging(self.on, "村委会公示栏", [picture()])
        order = CaseOrder(self.people[who], identification_requirements(self.on), self.on)
        publicity.prove(found.postings.all()[0].notice, order, hanging)

    def bring(self, case: Case, stage: str) -> Elimination:
        """From the proposal to a stage, along the straight way; days pass while the notice stands."""
        found = self.propose(case)
        for action, who, begin in STRAIGHT:
            found.refresh_from_db()
            if found.stage == stage:
                break
            assert found.stage == begin
            self.act(found, action, who)
            if action == "post_up":
                self.hang(found)
                self.on += timedelta(days=DAYS + 1)
            if action == "follow_up" and stage == "eliminated":
                self.on += timedelta(days=92)
        found.refresh_from_db()
        assert found.stage == stage
        return found


def objection(found: Elimination) -> OnlineObjection:
    """What somebody wrote on the public page against the notice that was posted up last."""
    key = f"e{OnlineObjection.objects.count()}"
    return OnlineObjection.objects.create(
        notice=publicity_of(found).latest("pk"), text="收入不实", received_on=ON, key=key
    )


def waiting(found: Elimination) -> int:
    """The key of an objection that waits, or of a new one; none of any where no notice was ever posted up."""
    if there := online_waiting(found):
        return there[0].pk
    return objection(found).pk if publicity_of(found).exists() else 0


def minutes(on: date, votes: tuple[int, int] = (28, 2)) -> Minutes:
    return Minutes(on, "村支书", 30, *votes, "逐户介绍情况后表决")


def back_to(found: Elimination) -> str:
    return {"county_approval": "township_audit", "relapse_approval": "relapse_audit"}.get(found.stage, "deliberation")


Way = Callable[[Elimination, Order[Any], Office], EliminationStep]
WAYS: Mapping[Action, Way] = {
    Action.PROPOSE: lambda found, order, office: propose(
        found.case.number, order, inspected(office.on), office.assessment(found.case)
    ),
    Action.DELIBERATE: lambda found, order, office: deciding.deliberate(found.number, order, minutes(office.on)),
    Action.POST_UP: lambda found, order, office: deciding.post_up(found.number, order, "村委会公示栏"),
    Action.OBJECT: lambda found, order, office: deciding.object_to(found.number, order, "收入不实", "邻居"),
    Action.SET_ASIDE: lambda found, order, office: deciding.set_aside(found.number, order, waiting(found), "不属实"),
    Action.REPORT: lambda found, order, office: deciding.report(found.number, order),
    Action.AGREE: lambda found, order, office: deciding.agree(
        found.number, order, "同意", office.assessment(found.case)
    ),
    Action.APPROVE: lambda found, order, office: deciding.approve(
        found.number, order, "同意", office.assessment(found.case)
    ),
    Action.REFUSE: lambda found, order, office: deciding.refuse(found.number, order, "收入不稳"),
    Action.SEND_BACK: lambda found, order, office: deciding.send_back(found.number, order, back_to(found), "补充材料"),
    Action.ANNOUNCE: lambda found, order, office: deciding.announce(
        found.number, order, "村委会公示栏", office.assessment(found.case)
    ),
    Action.WITHDRAW: lambda found, order, office: deciding.withdraw(found.number, order, "收入又下降"),
    Action.FOLLOW_UP: lambda found, order, office: watching.follow_up(
        found.number, order, watching.Followed(office.on, ["张三"], "收入稳定", worrying=False)
    ),
    Action.RELAPSE: lambda found, order, office: watching.relapse(found.number, order, ["illness"], "户主住院"),
    Action.CONFIRM: lambda found, order, office: watching.confirm(found.number, order, "情况属实"),
    Action.DENY: lambda found, order, office: watching.deny(found.number, order, "费用已报销，收入没有下降"),
    Action.ROLL_BACK: lambda found, order, office: watching.roll_back(found.number, order, "同意回退"),
    Action.URGE: lambda found, order, office: deciding.urge(found.number, order, "请抓紧"),
}
# action, by whom, at which stage
STRAIGHT = (
    ("deliberate", "team", "deliberation"),
    ("post_up", "village", "publicity"),
    ("report", "village", "publicity"),
    ("agree", "township", "township_audit"),
    ("approve", "county", "county_approval"),
    ("announce", "village", "announcement"),
    ("relapse", "village", "watch"),
    ("confirm", "township", "relapse_audit"),
    ("roll_back", "county", "relapse_approval"),
)


def check_eliminations() -> None:
    """What holds whatever anybody has tried."""
    everything = Elimination.objects.select_related("case").prefetch_related("steps", "proposals", "postings__notice")
    for found in everything:
        steps = sorted(found.steps.all(), key=lambda step: step.number)
        assert [step.number for step in steps] == list(range(1, found.version + 1))
        assert all(one.stage_to == two.stage_from for one, two in zip(steps, steps[1:], strict=False))
        assert (steps[0].action, steps[-1].stage_to) == ("propose", found.stage)
        assert found.desk_id is not None
        assert (found.due_on is not None) == (found.stage in IN_HAND)
        check_steps(steps)
        check_standing(found, steps)
    check_cases()


def check_standing(found: Elimination, steps: list[EliminationStep]) -> None:
    """An end of a risk: conditions met on the day, a signature, a review that passed, a notice, the three offices in order."""
    if found.stage not in (*STANDING, Stage.ROLLED_BACK):
        assert found.eliminated_on is None
        return
    announced = max(place for place, step in enumerate(steps) if step.action == "announce")
    since = max(place for place, step in enumerate(steps[:announced]) if step.action == "propose")
    done = [step.action for step in steps[since : announced + 1]]
    way = ["propose", "deliberate", "post_up", "report", "agree", "approve", "announce"]
    assert [done.index(action) for action in way] == sorted(done.index(action) for action in way)
    assert found.eliminated_on == steps[announced].on
    proposal = max(found.proposals.all(), key=lambda each: each.pk)
    assert all(each["state"] == "met" for each in proposal.conditions)
    if found.mode == "assisted":
        assert (steps[since].on - found.case.included_on).days >= HALF_A_YEAR
        assert proposal.per_capita > proposal.line
    notices = [each.notice.kind for each in found.postings.all()]
    assert notices.count("elimination_announcement") == 1


def check_steps(steps: list[EliminationStep]) -> None:
    """A notice stood its days; nobody decided for one office what they did for another, on the way out or back."""
    for place, step in enumerate(steps):
        since = max((at for at in range(place) if steps[at].action in ("propose", "relapse")), default=0)
        part = {each.action: each.actor_id for each in steps[since:place] if each.actor_id}
        if step.action == "report":
            posted = max(at for at in range(place) if steps[at].action == "post_up")
            assert step.on > steps[posted].on + timedelta(days=DAYS)
            check_reported(steps[posted].posting.notice)
        village = {part.get(action) for action in ("propose", "deliberate", "post_up", "report")}
        if step.action == "agree":
            assert step.actor_id not in village
        if step.action == "approve":
            assert step.actor_id not in village | {part["agree"]}
        if step.action in ("confirm", "deny", "roll_back"):
            assert step.actor_id != part.get("relapse")
        if step.stage_from == "relapse_approval" and step.action in ("deny", "roll_back"):
            assert step.actor_id not in {part.get("confirm"), part.get("deny")}


def check_reported(notice: Notice) -> None:
    """What was reported was proved by a photo, and nothing that somebody had written against it was left waiting."""
    assert notice.proofs.filter(photos__isnull=False).exists()
    assert not notice.online_objections.filter(answer=None).exists()


def check_cases() -> None:
    """A case is eliminated exactly while its elimination stands."""
    for case in Case.objects.prefetch_related("eliminations"):
        standing = [each for each in case.eliminations.all() if each.stage in STANDING]
        assert len([each for each in case.eliminations.all() if each.stage not in ("refused", "rolled_back")]) <= 1
        assert (case.stage == "eliminated") == bool(standing)
        if standing:
            assert (case.eliminated_on, case.elimination_mode) == (standing[0].eliminated_on, standing[0].mode)
        back = [each.rolled_back_on for each in case.eliminations.all() if each.rolled_back_on]
        assert case.rolled_back_on == max(back, default=None)
