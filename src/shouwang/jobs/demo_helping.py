"""The demonstration's households under assistance: plans, tasks, needs and visits in every state, through everybody's doors.

A few clues that lie untouched with the village are found true and included some days ago; the village draws up what is
proposed, and each plan is taken a little further than the last.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db import transaction

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.assistance import giving, measures, planning, tasks, visiting
from shouwang.assistance.contacts import Named, name_contact
from shouwang.assistance.models import (
    ContactKind,
    DepartmentTask,
    FundSource,
    MeasureCategory,
    Organisation,
    Plan,
    Situation,
)
from shouwang.assistance.opening import close_plans, open_plans
from shouwang.assistance.plan_rules import RULES, Drafted
from shouwang.assistance.planning import ground_of
from shouwang.assistance.proposals import Proposal, ReceivedHelp, proposed
from shouwang.assistance.requirements import Requirements
from shouwang.cases import collecting, identification, publicity
from shouwang.cases.models import Case
from shouwang.cases.opening import open_cases
from shouwang.cases.steps import Order as CaseOrder
from shouwang.clues import verification
from shouwang.clues.models import Clue, Stage
from shouwang.clues.verification import Seen, flags_of
from shouwang.households.models import Person
from shouwang.jobs.assistance import assistance_requirements, received_by
from shouwang.jobs.demo_finding import find_true, untouched
from shouwang.jobs.demo_handling import sketch
from shouwang.jobs.demo_identifying import collected
from shouwang.jobs.handling import identification_requirements, requirements
from shouwang.jobs.identification import compare_waiting
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.proceedings.deliberation import Minutes
from shouwang.proceedings.orders import Order

MOST, FIRST_RUNNING = 7, 3  # plans; the first of them that runs
GIFTS, MORE_OF_DEPARTMENT = ("生活用品捐助", "护理器具捐助"), ("门诊慢特病待遇认定", "资助参加基本医保")
PUBLIC_SINCE = 7  # days before today on which the notices were posted up
REASONS = {rule.id: "已逐户核对，与乡镇商定" for rule in RULES if not rule.blocks}
WANTED = ("护理床一张", "老人助行器两个", "孩子的书桌一套")


By = Callable[[User], Order[Requirements]]


@dataclass(frozen=True)
class _People:
    county: User
    township: User
    village: User
    department: User
    organisation: User
    area: Area


def help_households(home: Home, today: date) -> int:
    """Brings plans to every stage; returns how many there are. Done again it does nothing; killed, it leaves nothing."""
    people = _people()
    if people is not None and not Plan.objects.filter(steps__actor=people.village).exists():
        with transaction.atomic():
            _register(people, today)
            _help(home, people, today)
            close_plans(assistance_requirements(today), today)
    return Plan.objects.count()


def _people() -> _People | None:
    duties = (Duty.COUNTY, Duty.TOWNSHIP, Duty.VILLAGE, Duty.DEPARTMENT, Duty.SOCIAL_FORCE)
    found = [User.objects.filter(demonstration=True, posts__duty=duty).first() for duty in duties]
    if any(user is None for user in found):
        return None
    county, township, village, department, organisation = (user for user in found if user is not None)
    area = village.posts.get(duty=Duty.VILLAGE).area
    return _People(county, township, village, department, organisation, area)


def include_some(home: Home, today: date) -> None:
    """Clues that the village has had for a week become included households, as fast as the law lets them."""
    people, began = _people(), today - timedelta(days=PUBLIC_SINCE)
    if people is None:
        return
    waiting = Clue.objects.filter(
        stage=Stage.VILLAGE, desk=people.area, arrived_on__lte=began, merged=None, visits=None
    )
    for clue in waiting.order_by("household_id", "pk")[:MOST]:
        _found_true(people, clue, began)
    open_cases(identification_requirements(began), began)
    compare_waiting(home, identification_requirements(began), began)
    begun = Case.objects.filter(area=people.area, opened_on=began).order_by("pk")
    for place, household in enumerate(islice(untouched(people.area), max(MOST - begun.count(), 0))):
        with suppress(ShouwangError), transaction.atomic():
            find_true(home, people, household, began, place)
    for case in begun:
        with suppress(ShouwangError):  # a case that does not fit stays where it is
            _identify(home, people, case, began, today)


def _found_true(people: _People, clue: Clue, on: date) -> None:
    by = {"requirements": requirements(on), "on": on}
    seen = Seen(
        on, ["村干部甲", "驻村队员乙"], f"{people.area.name}2组", "入户查看，支出较大，情况属实", [sketch(clue.pk)]
    )
    verification.record_visit(clue.number, seen, acting_user=people.village, **by)  # type: ignore[arg-type]
    answers = dict.fromkeys(flags_of([clue]), "登记在该户名下，实为亲属使用，已看过凭证")
    verification.submit_finding(
        clue.number,
        "confirm",
        reason="情况属实",
        answers=answers,
        acting_user=people.village,
        **by,  # type: ignore[arg-type]
    )
    verification.agree(clue.number, acting_user=people.township, **by)  # type: ignore[arg-type]
    clue.refresh_from_db()
    if clue.stage == Stage.COUNTY_REVIEW:
        verification.agree(clue.number, acting_user=people.county, **by)  # type: ignore[arg-type]


def _identify(home: Home, people: _People, case: Case, began: date, today: date) -> None:
    last = today - timedelta(days=1)
    village, township, county = (
        lambda on, user=user: CaseOrder(user, identification_requirements(on), on)  # type: ignore[misc]
        for user in (people.village, people.township, people.county)
    )
    collecting.collect(case.number, village(began), collected(home, case, village(began)))
    minutes = Minutes(began, "村支部书记", 30, 29, 0, "逐户介绍情况，与会代表表决通过")
    identification.deliberate(case.number, village(began), minutes)
    publicity.post_up(case.number, village(began), "村民委员会公示栏")
    notice = publicity.standing_notice(case)
    if notice is not None:
        hanging = publicity.Hanging(began, "村民委员会公示栏", [sketch(case.pk)])
        publicity.prove(notice, village(began), hanging)
    publicity.report(case.number, village(last))
    identification.agree(case.number, township(last), "同意")
    identification.approve(case.number, county(last), "同意")
    identification.announce(case.number, village(last), "村民委员会公示栏")


def _register(people: _People, today: date) -> None:
    county = people.county.posts.get(duty=Duty.COUNTY).area
    Organisation.objects.get_or_create(
        account=people.organisation,
        defaults={
            "name": "演示爱心协会",
            "credit_code": "51500000000000000X",
            "area": county,
            "contact": "演示会长",
            "registered_by": people.county,
            "registered_on": today,
        },
    )


def _help(home: Home, people: _People, today: date) -> None:
    """Of the plans, in turn: left to be drawn up, submitted, agreed, and from then on running with more and more done."""
    last = today - timedelta(days=1)
    open_plans(assistance_requirements(last), last)
    asked = assistance_requirements(today)
    plans = list(Plan.objects.filter(area=people.area, case__stage="included").order_by("pk"))
    _look_after(people, plans, today)
    place = 0
    for plan in plans:
        with suppress(ShouwangError):  # a plan that does not fit stays where it is, and the next takes its turn
            for _ in _one(home, people, plan, place, asked, today):
                plan.refresh_from_db()
            place += 1


def _one(home: Home, people: _People, plan: Plan, place: int, asked: Requirements, today: date) -> Iterator[None]:
    def by(user: User) -> Order[Requirements]:
        return Order(user, asked, today)

    if place == 0:
        return
    received = received_by(home, plan.case.household, asked.measures, today)
    yield planning.submit(
        plan.number, by(people.village), _drafted(people, plan, asked, received, today), received, REASONS
    )
    if place == 1:
        return
    yield planning.agree(plan.number, by(people.township), "同意")
    if place == 2:
        return
    yield planning.approve(plan.number, by(people.county), "同意")
    _departments(people, plan, place, by)
    _society(people, plan, place, by, today)
    own = plan.measures.filter(state="planned", tasks=None, needs=None).first()
    if own is not None and place > 3:
        yield measures.begin(plan.number, by(people.village), own.number, today)
    found = visiting.Found(
        today, ["村干部甲"], (Situation.SAME, Situation.BETTER, Situation.WORSE)[place % 3], "措施在落实，家里情况已了解",
        [sketch(place)],
    )  # fmt: skip
    yield visiting.record_follow_up(plan.number, by(people.village), found)


def _drafted(
    people: _People, plan: Plan, asked: Requirements, received: Sequence[ReceivedHelp], today: date
) -> list[Drafted]:
    """What is ticked beforehand, and help from society and the demonstration's department for everybody, to be seen too."""
    ground = ground_of(plan, received, asked, today)
    chosen = [
        each
        for each in proposed(ground.risks, ground.able, ground.received, asked, today, ground.included_on)
        if each.chosen or each.received
    ]
    county = people.county.posts.get(duty=Duty.COUNTY).area_id
    member = ground.able[0] if ground.able else None
    drafted = [_as_drafted(each, county, people, member) for each in chosen]
    later, village = today + timedelta(days=60), people.area.pk
    gifts = [Drafted(MeasureCategory.SOCIAL, title, village, "村支部书记", FundSource.SOCIAL, later) for title in GIFTS]
    own = people.department.posts.get(duty=Duty.DEPARTMENT).department
    more = [
        Drafted(MeasureCategory.HEALTH, title, county, "由部门确定", FundSource.SECTOR_POLICY, later, department=own)
        for title in MORE_OF_DEPARTMENT
    ]
    return [*drafted, *gifts, *more]


def _as_drafted(each: Proposal, county: str, people: _People, member: Person | None) -> Drafted:
    entry = each.entry
    return Drafted(
        category=entry.category,
        title=entry.title,
        owner=county if entry.department else people.area.pk,
        in_charge="由部门确定" if entry.department else "村支部书记",
        fund_source=entry.fund,
        due_on=each.due_on,
        risks=each.risks,
        entry=entry.id,
        department=entry.department,
        member=member if entry.member else None,
        amount=each.amount,
        already=bool(each.received),
    )


def _departments(people: _People, plan: Plan, place: int, by: By) -> None:
    """The demonstration's department takes its tasks up; one after the other each goes a way of its own."""
    own, department = people.department.posts.get(duty=Duty.DEPARTMENT).department, by(people.department)
    done = plan.case.included_on or plan.opened_on
    result = "已纳入专项救治，费用一站式结算"

    def report(number: str) -> None:
        tasks.accept(number, department)
        tasks.report(number, department, done, None, result)

    def give_back(number: str) -> None:
        tasks.accept(number, department)
        tasks.give_back(number, department, "不属医保支付范围，建议转民政")

    def confirm(number: str) -> None:
        report(number)
        tasks.confirm(number, by(people.village), "已见到结算单")

    def withdraw(number: str) -> None:
        give_back(number)
        tasks.withdraw(number, by(people.county), "另由民政临时救助解决")

    ways: Sequence[Callable[[str], object]] = (
        lambda number: None,
        lambda number: tasks.accept(number, department),
        give_back,
        report,
        confirm,
        withdraw,
    )
    mine = DepartmentTask.objects.filter(measure__plan=plan, department=own).order_by("pk")
    for which, task in enumerate(mine, start=(place - FIRST_RUNNING) * len(MORE_OF_DEPARTMENT)):
        ways[which % len(ways)](task.number)


def _society(people: _People, plan: Plan, place: int, by: By, today: date) -> None:
    """Needs, each a step further than the last: raised, published … confirmed, and one withdrawn."""
    planned = plan.measures.filter(fund_source=FundSource.SOCIAL, state="planned").order_by("number")
    for which, measure in enumerate(planned, start=(place - FIRST_RUNNING) * len(GIFTS)):
        wanted = giving.Wanted(WANTED[which % len(WANTED)], 1 + which % 3, today + timedelta(days=30))
        number = giving.raise_need(plan.number, measure.number, wanted, by(people.village)).number
        steps = (
            lambda number=number: giving.publish(number, by(people.county), ""),
            lambda number=number: giving.pledge(number, by(people.organisation), "我会会员单位捐赠"),
            lambda number=number: giving.match(number, by(people.county), "同意"),
            lambda number=number: giving.hand_over(number, by(people.organisation), today, "已送到村委会"),
            lambda number=number: giving.confirm(number, by(people.village), "已经收到"),
        )
        if which > len(steps):
            giving.withdraw(number, by(people.county), "亲属已经置办")
        for step in steps[: which if which <= len(steps) else 0]:
            step()


def _look_after(people: _People, plans: Sequence[Plan], today: date) -> None:
    """All but the last two have both contacts."""
    cases = [plan.case_id for plan in plans[:-2]]
    if not cases:
        return
    for kind, name, phone in (
        (ContactKind.ASSISTANCE, "演示帮扶干部", "13800000001"),
        (ContactKind.MONITORING, "演示监测员", "13800000002"),
    ):
        named = Named(kind, name, "演示单位干部", phone)
        name_contact(cases, named, acting_user=people.township, on=today, key=f"demo-{kind}")
