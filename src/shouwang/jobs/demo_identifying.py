"""The demonstration's village at work on a case: collected, reviewed and posted up, through the same doors as everybody's."""

import io
from datetime import date
from decimal import Decimal

from PIL import Image, ImageDraw

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.cases import collecting, identification, publicity
from shouwang.cases.income import months_before, reckoned
from shouwang.cases.models import Case, MonitorType, Stage
from shouwang.cases.steps import Order
from shouwang.jobs.delivered_income import delivered_income
from shouwang.jobs.handling import identification_requirements
from shouwang.jobs.identification import compare_waiting
from shouwang.kernel.home import Home

ANSWER = "登记在该户名下，实为亲属使用，已看过凭证"
REASON = "入户核实属实，家庭支出较大，收入不稳"


def identify(home: Home, today: date) -> int:
    """Brings the oldest case of the village before the public, and leaves the others; done again it does nothing."""
    village = User.objects.filter(demonstration=True, posts__duty=Duty.VILLAGE).first()
    desk = village.posts.get(duty=Duty.VILLAGE).area if village else None
    own = Case.objects.filter(desk=desk).select_related("household").order_by("pk")
    case = own.filter(stage=Stage.COLLECTION).first()
    if village is None or case is None or own.filter(stage=Stage.PUBLICITY).exists():
        return Case.objects.count()
    requirements = identification_requirements(today)
    compare_waiting(home, requirements, today)
    order = Order(village, requirements, today)
    collecting.collect(case.number, order, collected(home, case, order))
    minutes = identification.Minutes(today, "村支部书记", 32, 30, 1, "逐户介绍情况，与会代表表决通过")
    identification.deliberate(case.number, order, minutes)
    publicity.post_up(case.number, order, "村民委员会公示栏")
    return Case.objects.count()


def collected(home: Home, case: Case, order: Order) -> collecting.Collected:
    """What the village collects in the home of a case: what departments delivered, and a type that fits it."""
    household, clues = case.household, collecting.clues_of(case)
    income, members = delivered_income(home, household, months_before(order.on)), max(household.member_count, 1)
    below = reckoned(income, members).per_capita < Decimal(order.requirements.line)
    once_poor = household.household_type == collecting.ONCE_POOR
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
