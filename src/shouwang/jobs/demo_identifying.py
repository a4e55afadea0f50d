"""The demonstration's village at work on a case: collected, reviewed and posted up, through the same doors as everybody's."""

import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from PIL import Image, ImageDraw

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.cases import board, collecting, identification, publicity
from shouwang.cases.green_channel import help_first_from
from shouwang.cases.income import months_before, reckoned
from shouwang.cases.models import Case, MonitorType, Stage
from shouwang.cases.reading import clues_of
from shouwang.cases.steps import Order
from shouwang.clues.models import Clue
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.demo_finding import find_true, untouched
from shouwang.jobs.handling import identification_requirements
from shouwang.jobs.identification import delivered_about
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.proceedings.deliberation import Minutes

ANSWER = "登记在该户名下，实为亲属使用，已看过凭证"
REASON = "入户核实属实，家庭支出较大，收入不稳"


# How far the village's cases have come, the oldest first; those that are left wait for the village.
REACHED = (
    "county_approval",
    "refused",
    "township_audit",
    "publicity",
    "deliberation",
    "refusal_notice",
    "announcement",
)
WAY = ("collection", "deliberation", "publicity", "township_audit", "county_approval", "announcement")
LEFT = 2  # cases that stay where the village is to collect
FOUND = 9  # days before today on which sweeps found what clues did not
BOARD = "村民委员会公示栏"


@dataclass(frozen=True)
class _People:
    village: User
    township: User
    county: User
    area: Area


def identify(home: Home, today: date) -> int:
    """Brings the cases of the demonstration's village to every stage; done again it does nothing."""
    made = {duty: User.objects.filter(demonstration=True, posts__duty=duty).first() for duty in _DUTIES}
    village = made[Duty.VILLAGE]
    desk = village.posts.get(duty=Duty.VILLAGE).area if village else None
    own = Case.objects.filter(desk=desk).select_related("household", "area")
    cases = list(own.filter(stage=Stage.COLLECTION).order_by("opened_on", "pk"))
    if desk is None or None in made.values() or own.filter(stage__in=[Stage.PUBLICITY, Stage.DELIBERATION]).exists():
        return Case.objects.count()
    people = _People(*(made[duty] for duty in _DUTIES), desk)  # type: ignore[arg-type]
    cases += _found(home, people, today, len(REACHED) + LEFT - len(cases), len(cases))
    for case, stage in zip(cases, REACHED, strict=False):
        with suppress(ShouwangError):  # a case that does not fit stays where it is
            _bring(home, people, case, stage, today)
    if len(cases) > len(REACHED):
        _help_first(people, cases[len(REACHED)], today)
    _help_first_from_a_clue(people, desk, today)
    board.set_contact(desk, "023-5800 0000", "村民委员会便民服务大厅", _order(people.village, today))
    return Case.objects.count()


def _found(home: Home, people: _People, today: date, lacking: int, known: int) -> list[Case]:
    """Where too few clues were found true, sweeps find more: one so lately that its notice still hangs."""
    found: list[Case] = []
    for household in untouched(people.area):
        if len(found) >= lacking:
            break
        place = known + len(found)
        hangs = REACHED[place : place + 1] == ("publicity",)
        with suppress(ShouwangError), transaction.atomic():
            found.append(find_true(home, people, household, today - timedelta(days=2 if hangs else FOUND), place))
    return found


_DUTIES = (Duty.VILLAGE, Duty.TOWNSHIP, Duty.COUNTY)


def _order(user: User, on: date) -> Order:
    return Order(user, identification_requirements(on), on)


def _bring(home: Home, people: _People, case: Case, stage: str, today: date) -> None:
    """Along the way of the table; the notice hangs its days before it is reported."""
    began, number = case.opened_on, case.number
    village = _order(people.village, began)
    if not case.comparisons.exists():
        collecting.compare(number, village, delivered_about(home, case.household, began))
    collecting.collect(number, village, collected(home, case, village))
    refused = stage in ("refused", "refusal_notice")
    if stage == "deliberation":
        return
    votes = (11, 20) if refused else (30, 1)
    minutes = Minutes(began, "村支部书记", 32, *votes, "逐户介绍情况，与会代表表决")
    identification.deliberate(number, village, minutes)
    if refused:
        identification.refuse(number, _order(people.township, began), "评议没有通过；子女均已就业，收入高于监测线")
        if stage == "refused":
            told = identification.Told(today, case.household.head_name, "in_person")
            identification.notify(number, _order(people.village, today), told)
        return
    publicity.post_up(number, village, BOARD)
    publicity.prove(case.notices.all()[0], village, publicity.Hanging(began, BOARD, [paper()]))
    if stage == "publicity":
        return
    publicity.report(number, _order(people.village, _day_after_notice(case)))
    for reached, act in (
        ("county_approval", lambda: identification.agree(number, _order(people.township, today), "材料齐全，同意")),
        ("announcement", lambda: identification.approve(number, _order(people.county, today), "同意纳入")),
    ):
        if WAY.index(stage) >= WAY.index(reached):
            act()


def _day_after_notice(case: Case) -> date:
    return case.notices.all()[0].stands_until + timedelta(days=1)


def _help_first_from_a_clue(people: _People, village: Area, today: date) -> None:
    """After a flood the household is helped before anybody has verified its clue."""
    order = _order(people.township, today)
    sudden = Clue.objects.filter(
        area=village, risk_type__in=order.requirements.green_channel_risks, household__cases=None
    )
    clue = sudden.filter(state=Clue.State.OPEN, merged_into=None).order_by("pk").first()
    if clue is not None:
        help_first_from(clue.number, order, "山洪冲毁后墙，人已转移，先行安置")


def _help_first(people: _People, case: Case, today: date) -> None:
    with suppress(ShouwangError):
        identification.help_first(case.number, _order(people.township, today), "暴雨后房屋受损，先行安置")


def collected(home: Home, case: Case, order: Order) -> collecting.Collected:
    """What the village collects in the home of a case: what departments delivered, and a type that fits it."""
    household, clues = case.household, clues_of(case)
    income, members = delivered_income(home, household, months_before(order.on)), max(household.member_count, 1)
    below = reckoned(income, members).per_capita < Decimal(order.requirements.line)
    once_poor = household.household_type in order.requirements.lifted_types
    of_poor = MonitorType.UNSTABLE if once_poor else MonitorType.MARGINAL
    return collecting.Collected(
        consented_on=order.on,
        consented_by=household.head_name,
        members=members,
        income=income,
        period=months_before(order.on),
        monitor_type=of_poor if below else MonitorType.SUDDEN,
        risks=list(dict.fromkeys(clue.risk_type for clue in clues))[:5],
        reason=REASON,
        answers=dict.fromkeys(collecting.to_explain(case), ANSWER),
        photos=[paper()],
    )


def paper() -> bytes:
    """A drawn sheet with lines in place of a scan: nobody's signature."""
    picture = Image.new("RGB", (480, 640), "#f4f1e8")
    pen = ImageDraw.Draw(picture)
    for y in range(120, 520, 40):
        pen.line((60, y, 420, y), fill="#9aa1a8", width=3)
    pen.rectangle((300, 540, 400, 600), outline="#b3261e", width=4)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return stream.getvalue()
