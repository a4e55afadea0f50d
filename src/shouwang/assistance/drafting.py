"""A drafted measure: checked for what it must say, and made a row of the plan."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from shouwang.assistance.models import FundSource, Measure, MeasureCategory, Plan
from shouwang.assistance.plan_rules import Drafted
from shouwang.clues.models import RiskType
from shouwang.kernel.errors import InputError
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import words

LONGEST_TITLE, LONGEST_NAME = 100, 50
FURTHEST = timedelta(days=366 * 5)


def check_measure(place: int, each: Drafted, plan: Plan, on: date) -> None:
    """Whether a drafted measure can be written down at all; what it is worth is for `plan_rules`.

    Raises:
        InputError: something is missing or wrong; the message names the measure by its place.
    """
    what = _("第{place}项措施").format(place=place)
    if each.category not in MeasureCategory.values:
        raise InputError(_("{what}没有选择类别").format(what=what), _("选择措施类别"))
    if each.fund_source not in FundSource.values:
        raise InputError(_("{what}没有选择资金来源").format(what=what), _("选择行业政策、衔接资金或社会力量"))
    words(each.title, _("{what}的内容").format(what=what))
    words(each.in_charge, _("{what}的责任人").format(what=what))
    if set(each.risks) - set(RiskType.values):
        raise InputError(_("{what}针对的风险不对").format(what=what), _("重新选择"))
    if each.owner not in {area.pk for area in line_of(plan.area, on).values()}:
        raise InputError(_("{what}的责任单位不在本村所属的乡镇、区县和市").format(what=what), _("重新选择责任单位"))
    if not each.already and not on <= each.due_on <= on + FURTHEST:
        raise InputError(_("{what}的落实期限不对").format(what=what), _("填写今天或以后的日期"))
    if each.until is not None and each.until < each.due_on:
        raise InputError(_("{what}的到期日早于落实期限").format(what=what), _("核对两个日期"))
    if each.amount is not None and not (0 <= each.amount < 10**10 and each.amount == round(each.amount, 2)):
        raise InputError(_("{what}的金额不对").format(what=what), _("填写元，最多两位小数；不涉及资金的留空"))
    if each.member is not None and each.member.household_id != plan.case.household_id:
        raise InputError(_("{what}的受益成员不是本户成员").format(what=what), _("重新选择"))


def as_measure(plan: Plan, number: int, each: Drafted) -> Measure:
    """A drafted measure as a row, not yet saved."""
    return Measure(
        plan=plan,
        number=number,
        category=each.category,
        entry=each.entry,
        title=words(each.title, "")[:LONGEST_TITLE],
        risks=list(each.risks),
        member=each.member,
        owner_id=each.owner,
        department=each.department[:LONGEST_NAME],
        in_charge=words(each.in_charge, "")[:LONGEST_NAME],
        fund_source=each.fund_source,
        amount=each.amount,
        for_production=each.for_production,
        already=each.already,
        due_on=each.due_on,
        until=each.until,
    )
