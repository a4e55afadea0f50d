"""What a plan must hold to, one readable example a rule: what was drawn up, and what the village is told."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shouwang.assistance import plan_rules
from shouwang.assistance.models import Measure
from shouwang.assistance.plan_rules import RULES, Drafted, Ground, breaches, months_after
from shouwang.assistance.proposals import ReceivedHelp, proposed
from shouwang.assistance.requirements import Requirements
from shouwang.clues.models import RiskType
from shouwang.households.models import Person
from shouwang.jobs.assistance import assistance_requirements

pytestmark = pytest.mark.usefixtures("home")
ON = date(2021, 6, 17)
MAN = Person(pk=1, name="向前", birth_date=date(1980, 5, 1), labour="普通劳动力")
OLD = Person(pk=2, name="向老", birth_date=date(1950, 5, 1), labour="无劳动力")
BOY = Person(pk=3, name="向小", birth_date=date(2007, 5, 1), labour="")


def measure(category: str, title: str = "措施", **more: Any) -> Drafted:
    told: dict[str, Any] = {
        "owner": "500101001001",
        "in_charge": "村支书",
        "fund_source": "sector_policy",
        "due_on": ON,
    }
    return Drafted(category, title, **(told | more))


def post(member: Person, **more: Any) -> Drafted:
    return measure("public_post", "护林员", member=member, **more)


def loan(**more: Any) -> Drafted:
    told: dict[str, Any] = {
        "member": MAN,
        "amount": Decimal(50_000),
        "until": date(2024, 6, 17),
        "for_production": True,
    }
    return measure("finance", "小额信贷", **(told | more))


def ground(*risks: str, able: tuple[Person, ...] = (), **more: Any) -> Ground:
    told: dict[str, Any] = {"received": (), "included_on": ON}
    return Ground(risks, able, **(told | {"on": ON} | more))


HEALTH, INDUSTRY, FLOOR = measure("health"), measure("industry", "养蜂"), measure("comprehensive_security", "低保")
RECEIVED = ReceivedHelp("subsistence_allowance", "comprehensive_security", "向老：救助类别农村低保", 3, 7)
KEPT: dict[str, tuple[list[Drafted], Ground]] = {
    "one risk, labour: its measure and one of development": ([HEALTH, INDUSTRY], ground("illness", able=(MAN,))),
    "one risk, no labour: its measure and the floor received": (
        [HEALTH],
        ground("illness", received=[RECEIVED]),
    ),
    "one risk, no labour: its measure and the floor": ([HEALTH, FLOOR], ground("illness")),
    "no labour: the floor answers what only work would": ([FLOOR], ground("industry_failure")),
    "nobody able by the register, and yet somebody has work": (
        [HEALTH],
        ground("illness", received=[ReceivedHelp("stable_employment", "employment", "向老：单位甲公司", 1, 2)]),
    ),
    "two risks: each its own": (
        [HEALTH, measure("water_safety"), INDUSTRY],
        ground("illness", "unsafe_water", able=(MAN,)),
    ),
    "social help answers illness too": ([measure("social_help"), INDUSTRY], ground("illness", able=(MAN,))),
    "what is received answers a risk": ([INDUSTRY], ground("disability", able=(MAN,), received=[RECEIVED])),
    "what is received and counted is no stacking, and help is there": (
        [
            replace(HEALTH, due_on=ON + timedelta(days=40)),
            measure("comprehensive_security", entry="subsistence_allowance", already=True),
        ],
        ground("illness", received=[RECEIVED]),
    ),
    "what is received is counted, not arranged": (
        [measure("comprehensive_security", entry="subsistence_allowance", already=True)],
        ground("labour_shortage", received=[RECEIVED]),
    ),
    "a post and a loan at their limits": (
        [post(Person(pk=4, name="向伯", birth_date=date(1951, 6, 18))), loan()],
        ground("unstable_employment", "industry_failure", able=(MAN,), received=[
            ReceivedHelp("stable_employment", "employment", "向前：单位甲公司", 1, 2)
        ]),
    ),
}  # fmt: skip
BROKEN: list[tuple[str, bool, list[Drafted], Ground, str]] = [
    ("risk_without_answer", True, [INDUSTRY], ground("illness", able=(MAN,)), "“因病”没有对应的措施，一般落实健康帮扶、社会帮扶"),
    ("risk_without_answer", True, [HEALTH, FLOOR], ground("schooling"), "“因学”没有对应的措施"),
    ("risk_perhaps_without_answer", False, [HEALTH, INDUSTRY], ground("natural_disaster", able=(MAN,)), "“因自然灾害”没有对应的措施"),
    ("labour_without_development", True, [FLOOR], ground("disability", able=(MAN,)), "至少要有一项产业、就业、公益性岗位或金融帮扶"),
    ("no_labour_without_floor", False, [HEALTH], ground("illness"), "整户没有劳动能力，没有低保、特困供养等综合保障"),
    ("development_without_labour", False, [HEALTH, FLOOR, INDUSTRY], ground("illness", "disability"), "安排了产业帮扶“养蜂”"),
    ("stacking", False, [HEALTH, FLOOR, INDUSTRY], ground("illness", able=(MAN,)), "安排了3类措施：综合保障、健康帮扶、产业帮扶"),
    ("stacking", False, [HEALTH, measure("social_help"), FLOOR], ground("illness"), "安排了3类措施：健康帮扶、社会帮扶、综合保障"),
    ("stacking", False, [HEALTH, INDUSTRY, measure("employment")], ground("illness", able=(MAN,)), "安排了3类措施"),
    ("several_risks_one_measure", False, [measure("social_help")], ground("illness", "disability"), "有2项风险，只有一类措施"),
    ("received_already", False, [measure("comprehensive_security", "纳入农村低保", entry="subsistence_allowance")],
     ground("labour_shortage", received=[RECEIVED]), "“纳入农村低保”已经享受：向老：救助类别农村低保"),
    ("member_needed", True, [measure("public_post", "护林员")], ground("unstable_employment", able=(MAN,)), "“护林员”没有选择受益成员"),
    ("post_age", True, [post(OLD)], ground("unstable_employment", able=(MAN,)), "公益性岗位只安排16至69岁的人员，向老不在此列"),
    ("post_age", True, [post(BOY)], ground("unstable_employment", able=(MAN,)), "向小不在此列"),
    ("too_many_posts", True, [post(MAN)], ground("unstable_employment", able=(MAN,), posts={1: 2}), "向前将有3个公益性岗位，一人不超过2个"),
    ("too_many_posts", True, [post(MAN), post(MAN), post(MAN)], ground("unstable_employment", able=(MAN,)), "向前将有3个公益性岗位"),
    ("loan_age", True, [loan(member=OLD)], ground("industry_failure", able=(MAN,)), "小额信贷借款人须18至65岁，向老不在此列"),
    ("loan_amount", True, [loan(amount=Decimal(50_001))], ground("industry_failure", able=(MAN,)), "合计50,001元，一户不超过50,000元"),
    ("loan_amount", True, [loan(amount=None)], ground("industry_failure", able=(MAN,)), "小额信贷没有填写金额"),
    ("loan_amount", True, [loan(amount=Decimal(1))],
     ground("industry_failure", able=(MAN,), standing=[Measure(category="finance", amount=Decimal(50_000))]), "小额信贷合计50,001元"),
    ("loan_term", True, [loan(until=date(2024, 6, 18))], ground("industry_failure", able=(MAN,)), "期限超过36个月"),
    ("loan_term", True, [loan(until=None)], ground("industry_failure", able=(MAN,)), "没有填写到期日"),
    ("loan_use", True, [loan(for_production=False)], ground("industry_failure", able=(MAN,)), "没有注明用于发展生产"),
    ("first_measure_late", False, [replace(HEALTH, due_on=ON + timedelta(days=31)), replace(INDUSTRY, due_on=ON + timedelta(days=40))],
     ground("illness", able=(MAN,)), "最早的措施到2021-07-18才落实，最迟应为2021-07-17"),
    ("nothing_planned", True, [], ground("disability", received=[RECEIVED]), "没有安排措施"),
]  # fmt: skip


@pytest.fixture
def asked() -> Requirements:
    return assistance_requirements(ON)


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_plan_that_holds_to_every_rule_is_let_through(name: str, asked: Requirements) -> None:
    assert breaches(*KEPT[name], asked) == []


@pytest.mark.parametrize(("rule", "blocks", "drafted", "on", "said"), BROKEN)
def test_a_plan_that_breaks_a_rule_is_told_in_words(
    rule: str, blocks: bool, drafted: list[Drafted], on: Ground, said: str, asked: Requirements
) -> None:
    found = [breach for breach in breaches(drafted, on, asked) if breach.rule.id == rule]
    assert [breach.rule.blocks for breach in found] == [blocks] * len(found)
    assert any(said in breach.said for breach in found), [breach.said for breach in breaches(drafted, on, asked)]


def test_every_rule_has_an_example_and_blocking_ones_come_first(asked: Requirements) -> None:
    assert {rule.id for rule in RULES} == {rule for rule, *_ in BROKEN}
    found = breaches([loan(amount=Decimal(60_000)), HEALTH], ground("illness", "schooling"), asked)
    assert [breach.rule.blocks for breach in found] == sorted((b.rule.blocks for b in found), reverse=True)


def test_an_example_that_finds_nothing_would_be_seen(asked: Requirements, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that never speaks: its own example fails."""
    deaf = [replace(rule, check=lambda *_: iter(())) if rule.id == "post_age" else rule for rule in RULES]
    monkeypatch.setattr(plan_rules, "RULES", deaf)
    example = next(each for each in BROKEN if each[0] == "post_age")
    with pytest.raises(AssertionError):
        test_a_plan_that_breaks_a_rule_is_told_in_words(*example, asked)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2021, 11, 30), 3, date(2022, 2, 28)),
        (date(2021, 12, 1), 1, date(2022, 1, 1)),
        (date(2020, 2, 29), 36, date(2023, 2, 28)),
        (date(2021, 6, 17), 3, date(2021, 9, 17)),
    ],
)
def test_months_end_where_the_calendar_has_them(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def chosen(
    risks: tuple[str, ...], able: tuple[Person, ...], received: list[ReceivedHelp], asked: Requirements
) -> list[str]:
    return [each.entry.id for each in proposed(risks, able, received, asked, ON) if each.chosen]


def test_what_is_proposed_follows_risk_labour_and_what_is_there(asked: Requirements) -> None:
    assert chosen(("illness",), (MAN,), [], asked) == ["serious_illness_care", "household_industry"]
    assert chosen(("illness",), (), [], asked) == ["serious_illness_care", "subsistence_allowance"]
    assert chosen(("illness",), (), [RECEIVED], asked) == ["serious_illness_care"]
    assert chosen(("illness", "unsafe_water"), (MAN,), [], asked) == [
        "serious_illness_care", "water_repair", "household_industry"
    ]  # fmt: skip
    assert chosen(("unstable_employment",), (MAN,), [], asked) == ["stable_employment"]
    working = ReceivedHelp("stable_employment", "employment", "向前：单位甲公司", 1, 2)
    assert chosen(("illness",), (MAN,), [working], asked) == ["serious_illness_care"]
    assert chosen(("illness",), (), [working], asked) == ["serious_illness_care"]


def test_what_takes_a_month_is_proposed_for_the_last_day_of_the_first_measure(asked: Requirements) -> None:
    included = ON - timedelta(days=4)
    due = {
        each.entry.id: each.due_on for each in proposed(("unsafe_water", "unsafe_housing"), (), [], asked, ON, included)
    }
    assert due["water_repair"] == included + timedelta(days=30)
    assert due["house_repair"] == ON + timedelta(days=180)


def test_what_is_received_is_shown_as_such_and_nobody_gets_what_is_not_for_them(asked: Requirements) -> None:
    there = {each.entry.id: each.received for each in proposed(("disability",), (), [RECEIVED], asked, ON)}
    assert there["subsistence_allowance"] == (RECEIVED,)
    assert "small_loan" not in there
    assert "water_repair" not in there
    assert "大病专项救治和医疗救助" not in [
        each.entry.title for each in proposed(("unsafe_water",), (MAN,), [], asked, ON)
    ]


@pytest.mark.parametrize("risk", RiskType.values)
@pytest.mark.parametrize("able", [(), (MAN,)])
def test_what_is_ticked_beforehand_breaks_no_rule(risk: str, able: tuple[Person, ...], asked: Requirements) -> None:
    """The village that changes nothing submits at once, without a word of explanation."""
    ticked = [
        measure(each.entry.category, each.entry.title, risks=each.risks, entry=each.entry.id)
        for each in proposed((risk,), able, [], asked, ON)
        if each.chosen
    ]
    assert [breach.said for breach in breaches(ticked, ground(risk, able=able), asked)] == []


@pytest.mark.parametrize("risk", RiskType.values)
def test_who_cannot_work_is_not_proposed_work(risk: str, asked: Requirements) -> None:
    ticked = [each.entry.category for each in proposed((risk,), (), [], asked, ON) if each.chosen]
    assert "comprehensive_security" in ticked
    assert not any(asked.measures.is_development(each) for each in ticked)
