"""Eliminations of the demonstration's village in every state, through the same doors as everybody's.

Households of which all is in order now are monitored since long ago (a sweep found them, the procedure went its way), were
helped, and are now on the way out, watched, relapsed or refused.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance.models import Measure, Plan
from shouwang.cases import board, collecting, identification, publicity
from shouwang.cases.income import LINES, Line, months_before
from shouwang.cases.models import Case, MonitorType
from shouwang.cases.reading import clues_of
from shouwang.cases.steps import Order as CaseOrder
from shouwang.clues.models import RiskType
from shouwang.elimination import deciding, watching
from shouwang.elimination.conditions import FACTS, Assessment
from shouwang.elimination.models import Elimination, EliminationStep, Posting
from shouwang.elimination.notices import tell_of_elimination
from shouwang.elimination.proposing import Inspected, propose
from shouwang.elimination.steps import Order
from shouwang.households.models import Household
from shouwang.jobs.demo_finding import VISITORS, find_true
from shouwang.jobs.demo_handling import sketch
from shouwang.jobs.demo_identifying import paper
from shouwang.jobs.elimination import assessment_of, check_conditions
from shouwang.jobs.handling import elimination_requirements, identification_requirements
from shouwang.jobs.policy import current_pack
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.proceedings.deliberation import Minutes
from shouwang.screening.standing import standings

LONG_AGO, LONGER_AGO = 300, 800  # days before today on which the households came under monitoring
LOOKED_AT = 400  # households of the village among which those in order are looked for
BOARD = "村民委员会公示栏"
# How far each goes: (days before today on which it was proposed, monitored since, actions after the proposal).
WAYS: Sequence[tuple[int, int, tuple[str, ...]]] = (
    (0, LONG_AGO, ()),
    (1, LONG_AGO, ("propose",)),
    (3, LONG_AGO, ("propose", "deliberate", "post_up", "objected")),
    (8, LONG_AGO, ("propose", "deliberate", "post_up", "report", "send_back")),
    (8, LONG_AGO, ("propose", "deliberate", "post_up", "report")),
    (9, LONG_AGO, ("propose", "deliberate", "post_up", "report", "agree")),
    (10, LONG_AGO, ("propose", "deliberate", "post_up", "report", "agree", "approve")),
    (20, LONG_AGO, ("propose", "deliberate", "post_up", "report", "agree", "approve", "announce")),
    (9, LONG_AGO, ("propose", "deliberate", "post_up", "report", "refuse")),
    (30, LONG_AGO, ("propose", "deliberate", "post_up", "report", "agree", "approve", "announce", "relapse")),
    (35, LONG_AGO, (*("propose", "deliberate", "post_up", "report", "agree", "approve", "announce"), *("relapse", "confirm"))),
    (40, LONG_AGO, (*("propose", "deliberate", "post_up", "report", "agree", "approve", "announce"),
                    *("relapse", "confirm", "roll_back"))),
    (400, LONGER_AGO, (*("propose", "deliberate", "post_up", "report", "agree", "approve", "announce"), "follow_up")),
)  # fmt: skip


@dataclass(frozen=True)
class _People:
    village: User
    team: User
    township: User
    county: User
    area: Area


def eliminate(home: Home, today: date) -> int:
    """Returns how many eliminations there are; done again it does nothing. Killed half way, a household is whole or not there."""
    people = _people()
    if people is not None and not Elimination.objects.exists():
        for place, (household, way) in enumerate(zip(_in_order(home, people.area, today), WAYS, strict=False)):
            with suppress(ShouwangError), transaction.atomic():
                _one(home, people, household, way, today, place)
    check_conditions(home, today)
    return Elimination.objects.count()


def _people() -> _People | None:
    users, found = User.objects.filter(demonstration=True), {}
    for name, duty in (
        ("village", Duty.VILLAGE),
        ("team", Duty.RESIDENT_TEAM),
        ("township", Duty.TOWNSHIP),
        ("county", Duty.COUNTY),
    ):
        user = users.filter(posts__duty=duty).order_by("pk").first()
        if user is None:
            return None
        found[name] = user
    return _People(**found, area=Area.objects.get(post__user=found["village"], post__duty=Duty.VILLAGE))


def _in_order(home: Home, village: Area, today: date) -> list[Household]:
    """Households of the village in which somebody can work and of which no rule and no fact says anything bad now."""
    own = Household.objects.filter(area=village, cases=None, clues=None, member_count__gt=0).select_related("area")
    some = list(own.order_by("pk")[:LOOKED_AT])
    found = standings(home, current_pack(), [each.pk for each in some], today, FACTS, rows=False)
    bad = ("dropout_children", "unsafe_houses", "open_water_faults")

    def fits(number: str) -> bool:
        standing = found.get(number)
        if standing is None or standing.fired or not standing.facts["members_with_some_labour"].value:
            return False
        return not any(standing.facts[name].value for name in bad)

    return [each for each in some if fits(each.pk)]


def _one(
    home: Home, people: _People, household: Household, way: tuple[int, int, tuple[str, ...]], today: date, place: int
) -> None:
    before, since, actions = way
    case = _monitored(home, people, household, today - timedelta(days=since), place)
    _helped(case, today - timedelta(days=since - (20 if place % 4 == 0 else 12)))  # within a fortnight, or later
    on = today - timedelta(days=before)
    for action in actions:
        on = {
            "report": on + timedelta(days=6),
            "relapse": on + timedelta(days=9),
            "follow_up": today - timedelta(days=9),
        }.get(action, on)
        STEPS[action](home, case, people, min(on, today))


def _monitored(home: Home, people: _People, household: Household, on: date, place: int) -> Case:
    """A sweep found it, the village verified it, and the procedure went its way."""
    case = find_true(home, people, household, on, place)
    _identified(case, people, on)
    case.refresh_from_db()
    return case


def _identified(case: Case, people: _People, on: date) -> None:
    wanted, number = identification_requirements(on), case.number
    village = CaseOrder(people.village, wanted, on)
    kind = case.household.household_type in wanted.lifted_types
    found = collecting.Collected(
        consented_on=on,
        consented_by=case.household.head_name or "户主",
        members=case.household.member_count,
        income=dict.fromkeys(LINES, Line(Decimal(0)))
        | {"wage_income": Line(Decimal(1000) * case.household.member_count)},
        period=months_before(on),
        monitor_type=MonitorType.UNSTABLE if kind else MonitorType.MARGINAL,
        risks=[clue.risk_type for clue in clues_of(case)],
        reason="务工收入减少，人均纯收入低于监测线",
        answers=dict.fromkeys(collecting.to_explain(case), "已看过凭证"),
        photos=[paper()],
    )
    collecting.collect(number, village, found)
    identification.deliberate(number, village, Minutes(on, "村支部书记", 32, 30, 1, "表决通过"))
    publicity.post_up(number, village, BOARD)
    hanging = publicity.Hanging(on, BOARD, [sketch(3)])
    publicity.prove(case.notices.get(), village, hanging)
    later = on + timedelta(days=7)
    asked = identification_requirements(later)
    publicity.report(number, CaseOrder(people.village, asked, later))
    identification.agree(number, CaseOrder(people.township, asked, later), "同意")
    identification.approve(number, CaseOrder(people.county, asked, later), "同意")
    identification.announce(number, CaseOrder(people.village, asked, later), BOARD)


def _helped(case: Case, on: date) -> None:
    """A measure that was delivered long ago, with which the household has been helped since."""
    plan = case.plans.first() or Plan.objects.create(
        number=f"{case.household_id}-B01", case=case, area=case.area, desk=case.area, stage="plan_running", opened_on=on
    )
    Measure.objects.create(
        plan=plan,
        number=plan.measures.count() + 1,
        category="employment",
        title="介绍到帮扶车间务工",
        risks=case.risks,
        owner=case.area,
        in_charge="村支部书记",
        fund_source="sector_policy",
        due_on=on,
        state="delivered",
        started_on=on,
        delivered_on=on,
        result="稳定务工，月收入三千余元",
    )
    if plan.first_helped_on is None:
        plan.first_helped_on = on
        plan.save(update_fields=["first_helped_on"])


def _order(user: User, on: date) -> Order[Any]:
    return Order(user, elimination_requirements(on), on)


def _propose(home: Home, case: Case, people: _People, on: date) -> EliminationStep:
    assessment, members = assessment_of(home, case, on), max(case.household.member_count, 1)
    _FOUND[case.pk] = assessment
    found = Inspected(
        visited_on=on,
        visitors=VISITORS,
        consented_on=on,
        consented_by=case.household.head_name or "户主",
        members=members,
        reason="家庭成员稳定务工满半年，收入高于监测线，三保障和饮水安全都有保障",
        income=dict.fromkeys(LINES, Line(Decimal(0))) | {"wage_income": Line(Decimal(9600) * members)},
        period=months_before(on),
        dropout=False,
        unsafe_house=False,
        uninsured=False,
        unsafe_water=False,
        answers={each.name: "入户看过凭证，情况属实" for each in assessment.to_settle},
        photos=[paper()],
    )
    return propose(case.number, _order(people.village, on), found, assessment)


def _post_up(home: Home, case: Case, people: _People, on: date) -> EliminationStep:
    """With a photo of the notice that hangs."""
    step = deciding.post_up(_number(case), _order(people.village, on), BOARD)
    order = CaseOrder(people.village, identification_requirements(on), on)
    publicity.prove(step.posting.notice, order, publicity.Hanging(on, BOARD, [sketch(2)]))
    return step


def _objected(home: Home, case: Case, people: _People, on: date) -> EliminationStep:
    """Somebody writes on the public board against the notice that hangs."""
    posting = Posting.objects.filter(elimination__case=case).latest("pk")
    said, contact = "听说这一户今年的务工合同快到期了，请再核实", ""
    board.receive_objection(
        posting.notice, said, contact, on=on, key=f"demonstration-{case.number}", teller=tell_of_elimination
    )
    return posting.step


def _still(case: Case, on: date) -> Assessment:
    """The demonstration's departments send nothing in these days, so what was found at the proposal is found still."""
    return replace(_FOUND[case.pk], on=on)


_FOUND: dict[int, Assessment] = {}
Do = Callable[[Home, Case, _People, date], EliminationStep]


def _number(case: Case) -> str:
    return Elimination.objects.get(case=case).number


STEPS: dict[str, Do] = {
    "propose": _propose,
    "deliberate": lambda home, case, people, on: deciding.deliberate(
        _number(case), _order(people.team, on), Minutes(on, "村支部书记", 32, 31, 0, "逐户介绍情况，与会代表表决通过")
    ),
    "post_up": _post_up,
    "objected": _objected,
    "report": lambda home, case, people, on: deciding.report(_number(case), _order(people.village, on)),
    "agree": lambda home, case, people, on: deciding.agree(
        _number(case), _order(people.township, on), "同意", _still(case, on)
    ),
    "approve": lambda home, case, people, on: deciding.approve(
        _number(case), _order(people.county, on), "同意", _still(case, on)
    ),
    "refuse": lambda home, case, people, on: deciding.refuse(
        _number(case), _order(people.township, on), "务工合同即将到期，收入还不稳定，继续监测"
    ),
    "send_back": lambda home, case, people, on: deciding.send_back(
        _number(case), _order(people.township, on), "inspection", "合同复印件看不清，请再入户核对"
    ),
    "announce": lambda home, case, people, on: deciding.announce(
        _number(case), _order(people.village, on), BOARD, _still(case, on)
    ),
    "follow_up": lambda home, case, people, on: watching.follow_up(
        _number(case),
        _order(people.village, on),
        watching.Followed(on, VISITORS, "收入稳定，没有新增风险", worrying=False),
    ),
    "relapse": lambda home, case, people, on: watching.relapse(
        _number(case), _order(people.village, on), [RiskType.UNSTABLE_EMPLOYMENT], "外出务工返乡，近两个月没有收入"
    ),
    "confirm": lambda home, case, people, on: watching.confirm(_number(case), _order(people.township, on), "情况属实"),
    "roll_back": lambda home, case, people, on: watching.roll_back(
        _number(case), _order(people.county, on), "同意回退"
    ),
}
