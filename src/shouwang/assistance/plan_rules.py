"""What a plan of assistance must hold to, as one declared check a rule, each with its words (DOMAIN B8).

A rule that blocks keeps the plan from being submitted; the others are judgements, and whoever departs from one says why.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.assistance.labour import is_within
from shouwang.assistance.models import Measure, MeasureCategory
from shouwang.assistance.proposals import ReceivedHelp
from shouwang.assistance.requirements import FIRST_MEASURE, Requirements
from shouwang.clues.models import RiskType
from shouwang.households.models import Person


@dataclass(frozen=True)
class Drafted:
    """One measure as the village drew it up; `owner` is the code of an area. Amount in yuan.

    `already`: the household receives it, and it counts as a measure without being arranged again.
    """

    category: str
    title: str
    owner: str
    in_charge: str
    fund_source: str
    due_on: date
    risks: tuple[str, ...] = ()
    entry: str = ""
    department: str = ""
    member: Person | None = None
    amount: Decimal | None = None
    for_production: bool = False
    until: date | None = None
    already: bool = False


@dataclass(frozen=True)
class Ground:
    """What a plan is judged by: the household's risks and labour, what it receives, what an earlier plan goes on doing.

    `posts` counts the public posts that a person (by key of the row) holds by measures that go on.
    """

    risks: Sequence[str]
    able: Sequence[Person]
    received: Sequence[ReceivedHelp]
    included_on: date | None
    on: date
    standing: Sequence[Measure] = ()
    posts: dict[int, int] = field(default_factory=dict)

    def categories(self, drafted: Sequence[Drafted]) -> set[str]:
        """Everything that helps the household: drafted, standing, or received from departments."""
        return {each.category for each in (*drafted, *self.standing, *self.received)}


Check = Callable[[Sequence[Drafted], Ground, Requirements], Iterator[str]]


@dataclass(frozen=True)
class PlanRule:
    """One rule: `blocks` where the documents leave no judgement."""

    id: str
    title: str
    blocks: bool
    check: Check


@dataclass(frozen=True)
class Breach:
    """Where a plan departs from a rule, in words."""

    rule: PlanRule
    said: str


RULES: list[PlanRule] = []


def plan_rule(id: str, title: str, *, blocks: bool) -> Callable[[Check], Check]:  # noqa: A002 - what it is called
    """Declares a rule."""

    def declare(check: Check) -> Check:
        RULES.append(PlanRule(id, title, blocks, check))
        return check

    return declare


def breaches(drafted: Sequence[Drafted], ground: Ground, requirements: Requirements) -> list[Breach]:
    """Every departure from a rule, the blocking ones first."""
    found = [Breach(rule, said) for rule in RULES for said in rule.check(drafted, ground, requirements)]
    return sorted(found, key=lambda breach: not breach.rule.blocks)


def _category(name: str) -> str:
    return str(MeasureCategory(name).label)


def _risk(name: str) -> str:
    return str(RiskType(name).label)


@plan_rule("risk_without_answer", gettext_lazy("每项风险都有对应的措施"), blocks=True)
def risk_without_answer(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """因病→健康/社会, 因学→义教/教育/社会, 因残→综合/社会, 住房→住房/搬迁, 饮水→饮水: the documents say so."""
    yield from _unanswered(drafted, ground, asked, certain=True)


@plan_rule("risk_perhaps_without_answer", gettext_lazy("其他风险一般也有对应的措施"), blocks=False)
def risk_perhaps_without_answer(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """For the other risks what answers them is our proposal, so the village may say what else does; where nobody can work the
    social floor does."""
    yield from _unanswered(drafted, ground, asked, certain=False)


def _unanswered(drafted: Sequence[Drafted], ground: Ground, asked: Requirements, *, certain: bool) -> Iterator[str]:
    help_given = ground.categories(drafted)
    floor = [name for name, kind in asked.measures.kinds.items() if kind == "floor"]
    for risk in ground.risks:
        answers = asked.measures.answers.get(risk, ())
        if not certain and cannot_work(ground, asked):
            answers = (*answers, *(each for each in floor if each not in answers))
        if (risk in asked.measures.certain) == certain and answers and not help_given & set(answers):
            yield _("“{risk}”没有对应的措施，一般落实{answers}").format(
                risk=_risk(risk), answers="、".join(_category(each) for each in answers)
            )


@plan_rule("labour_without_development", gettext_lazy("有劳动能力的坚持开发式帮扶"), blocks=True)
def labour_without_development(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """A household that can work is not left to the social floor alone."""
    if ground.able and not any(asked.measures.is_development(each) for each in ground.categories(drafted)):
        yield _("{names}有劳动能力，至少要有一项产业、就业、公益性岗位或金融帮扶").format(
            names="、".join(person.name for person in ground.able)
        )


def cannot_work(ground: Ground, asked: Requirements) -> bool:
    """Nobody is able by the register, and nobody has work by what departments delivered."""
    return not ground.able and not any(asked.measures.is_development(each.category) for each in ground.received)


@plan_rule("no_labour_without_floor", gettext_lazy("没有劳动能力的落实兜底保障"), blocks=False)
def no_labour_without_floor(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """失能半失能 → 低保/特困; whether somebody is entitled is for 民政, so the village may say why not."""
    if cannot_work(ground, asked) and not any(
        asked.measures.kinds[each] == "floor" for each in ground.categories(drafted)
    ):
        yield _("整户没有劳动能力，没有低保、特困供养等综合保障")


@plan_rule("development_without_labour", gettext_lazy("没有劳动能力的一般不安排开发式帮扶"), blocks=False)
def development_without_labour(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Shares in a project can be meant all the same: said in words."""
    if cannot_work(ground, asked):
        for each in drafted:
            if asked.measures.is_development(each.category):
                yield _("整户没有劳动能力，安排了{category}“{title}”").format(
                    category=_category(each.category), title=each.title
                )


@plan_rule("stacking", gettext_lazy("风险单一的实施单项措施"), blocks=False)
def stacking(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """One risk: one category beside the development that labour asks for, or the floor where nobody can work; what is received
    already is not counted. More is a judgement, and its reason is kept."""
    if len(ground.risks) == 1:
        new = {each.category for each in drafted if not each.already}
        due_anyway = ("development", "floor") if cannot_work(ground, asked) else ("development",)
        beside = sorted(each for each in new if asked.measures.kinds[each] not in due_anyway)
        working = sorted(new.difference(beside))
        if len(beside) > 1 or len(working) > 1:
            yield _("只有“{risk}”一项风险，安排了{count}类措施：{categories}").format(
                risk=_risk(ground.risks[0]),
                count=len(beside) + len(working),
                categories="、".join(_category(each) for each in (*beside, *working)),
            )


@plan_rule("several_risks_one_measure", gettext_lazy("风险复杂多样的综合施策"), blocks=False)
def several_risks_one_measure(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Several risks ask for more than one kind of help."""
    if len(ground.risks) > 1 and len(ground.categories(drafted)) == 1:
        yield _("有{count}项风险，只有一类措施").format(count=len(ground.risks))


@plan_rule("received_already", gettext_lazy("已经享受的不重复安排"), blocks=False)
def received_already(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """A department's row says that the household has it."""
    for each in drafted:
        there = [one.words for one in ground.received if each.entry and one.entry == each.entry]
        if there and not each.already:
            yield _("“{title}”已经享受：{there}").format(title=each.title, there="；".join(there))


@plan_rule("member_needed", gettext_lazy("公益性岗位和小额信贷写明是谁"), blocks=True)
def member_needed(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Their conditions are about a person."""
    for each in drafted:
        if each.category in (MeasureCategory.PUBLIC_POST, MeasureCategory.FINANCE) and each.member is None:
            yield _("{category}“{title}”没有选择受益成员").format(category=_category(each.category), title=each.title)


@plan_rule("post_age", gettext_lazy("公益性岗位的年龄"), blocks=True)
def post_age(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """16 to 69."""
    for each in _of(drafted, MeasureCategory.PUBLIC_POST):
        if each.member is not None and not is_within(each.member, asked.post_ages, ground.on):
            yield _("公益性岗位只安排{youngest}至{oldest}岁的人员，{name}不在此列").format(
                youngest=asked.post_ages[0], oldest=asked.post_ages[1], name=each.member.name
            )


@plan_rule("too_many_posts", gettext_lazy("一人可任的公益性岗位"), blocks=True)
def too_many_posts(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """At most two a person, those that go on included."""
    people = {each.member.pk: each.member for each in _of(drafted, MeasureCategory.PUBLIC_POST) if each.member}
    for pk, person in people.items():
        held = ground.posts.get(pk, 0)
        new = sum(1 for each in _of(drafted, MeasureCategory.PUBLIC_POST) if each.member and each.member.pk == pk)
        if held + new > asked.posts_a_person:
            yield _("{name}将有{count}个公益性岗位，一人不超过{most}个").format(
                name=person.name, count=held + new, most=asked.posts_a_person
            )


@plan_rule("loan_age", gettext_lazy("小额信贷借款人的年龄"), blocks=True)
def loan_age(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """18 to 65."""
    for each in _of(drafted, MeasureCategory.FINANCE):
        if each.member is not None and not is_within(each.member, asked.loan_ages, ground.on):
            yield _("小额信贷借款人须{youngest}至{oldest}岁，{name}不在此列").format(
                youngest=asked.loan_ages[0], oldest=asked.loan_ages[1], name=each.member.name
            )


@plan_rule("loan_amount", gettext_lazy("小额信贷的金额"), blocks=True)
def loan_amount(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Up to 50,000 yuan a household, loans that go on included."""
    loans = [each for each in (*drafted, *ground.standing) if each.category == MeasureCategory.FINANCE]
    if any(each.amount is None for each in _of(drafted, MeasureCategory.FINANCE)):
        yield _("小额信贷没有填写金额")
    total = sum((each.amount or Decimal(0) for each in loans), Decimal(0))
    if total > asked.loan_limit:
        yield _("小额信贷合计{total:,.0f}元，一户不超过{limit:,.0f}元").format(total=total, limit=asked.loan_limit)


@plan_rule("loan_term", gettext_lazy("小额信贷的期限"), blocks=True)
def loan_term(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Up to three years from the day on which it is to be in place."""
    for each in _of(drafted, MeasureCategory.FINANCE):
        if each.until is None:
            yield _("小额信贷“{title}”没有填写到期日").format(title=each.title)
        elif each.until > months_after(each.due_on, asked.loan_months):
            yield _("小额信贷“{title}”的期限超过{months}个月").format(title=each.title, months=asked.loan_months)


@plan_rule("loan_use", gettext_lazy("小额信贷只用于发展生产"), blocks=True)
def loan_use(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """For production, not for building, marrying or repaying."""
    for each in _of(drafted, MeasureCategory.FINANCE):
        if not each.for_production:
            yield _("小额信贷“{title}”没有注明用于发展生产").format(title=each.title)


@plan_rule("first_measure_late", gettext_lazy("识别后及时落实措施"), blocks=False)
def first_measure_late(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """No measure a month after recognition is a fault."""
    if ground.included_on is None or ground.standing or not drafted or any(each.already for each in drafted):
        return
    latest, soonest = asked.due(FIRST_MEASURE, ground.included_on), min(each.due_on for each in drafted)
    if soonest > max(latest, ground.on):
        yield _("最早的措施到{soonest}才落实，最迟应为{latest}").format(soonest=soonest, latest=latest)


@plan_rule("nothing_planned", gettext_lazy("至少一项措施"), blocks=True)
def nothing_planned(drafted: Sequence[Drafted], ground: Ground, asked: Requirements) -> Iterator[str]:
    """Every included household is helped: the plan's binding 100 %."""
    if not drafted and not ground.standing:
        yield _("没有安排措施，至少安排一项；已经享受的可以勾选计入")


def _of(drafted: Sequence[Drafted], category: str) -> list[Drafted]:
    return [each for each in drafted if each.category == category]


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
