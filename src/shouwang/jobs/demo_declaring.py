"""The demonstration's households report by themselves, and the township takes some of it up, through the doors of everybody."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.clues.models import RiskType
from shouwang.declarations import handling as doing
from shouwang.declarations import taking
from shouwang.declarations.hearing import take_down
from shouwang.declarations.models import Behalf, Declaration, Way
from shouwang.declarations.taking import Report
from shouwang.households.models import Person
from shouwang.jobs.handling import declaration_requirements
from shouwang.notifications.models import Message
from shouwang.notifications.sms import words_of
from shouwang.sweeps.hearing import Heard, How, tell_difficulty

ADDRESS = "192.0.2.1"
PHONE = "1380000{:04d}"  # numbers that nobody has
SAID = (
    ("母亲上月住院，自己付了三万多，家里没有积蓄了", RiskType.ILLNESS),
    ("大雨冲垮了后墙，不敢住了", RiskType.UNSAFE_HOUSING),
    ("厂里停工四个月，工资没拿到", RiskType.UNSTABLE_EMPLOYMENT),
    ("今年李子卖不出去，贷款还没还", RiskType.INDUSTRY_FAILURE),
    ("组里的水管断了，吃水要走两里路", RiskType.UNSAFE_WATER),
    ("他一个人带着孙子，摔伤了没人管", RiskType.ACCIDENT),
    ("孩子上大学，学费还差一半", RiskType.SCHOOLING),
    ("想问问养老金什么时候发", RiskType.OTHER),
    ("家里有病人，低保没有批下来，不服", RiskType.ILLNESS),
)
NAMELESS, UNVERIFIED, CLOSED, APPEALED = 5, 6, 7, 8  # places in SAID


def declare(today: date) -> int:
    """Reports in every state in which a township finds them; done again it does nothing."""
    people = {
        duty: User.objects.filter(demonstration=True, posts__duty=duty).first()
        for duty in (Duty.TOWNSHIP, Duty.VILLAGE)
    }
    township, village = people[Duty.TOWNSHIP], people[Duty.VILLAGE]
    if township is None or village is None or Declaration.objects.exists():
        return Declaration.objects.count()
    area = Area.objects.get(post__user=village, post__duty=Duty.VILLAGE)
    heads = Person.objects.filter(household__area=area, left_on=None, relation="户主").order_by("household_id")
    told = [_report(area, place, person, today) for place, person in enumerate(heads[: len(SAID)])]
    order = doing.Order(township, declaration_requirements(today), today)
    for found, person in list(zip(told, heads, strict=False))[:2]:
        doing.link(found.number, order, person.household_id, found.risks, True)
    if len(told) > 3:
        doing.pass_down(told[2].number, order, area, "请核对是哪一户")
        doing.propose(told[3].number, order, "核对名册和邻里，这是外县的住户，请向户籍所在地申报")
    _closed(told, order)
    for person in heads[len(SAID) : len(SAID) + 1]:
        _told(area, person, order)
    return Declaration.objects.count()


def _closed(told: Sequence[Declaration], order: doing.Order) -> None:
    """Two are closed by two people of the township; one of those who reported does not accept it."""
    colleague = (
        User.objects.filter(demonstration=True, posts__duty=Duty.TOWNSHIP).exclude(pk=order.acting_user.pk).first()
    )  # type: ignore[union-attr]
    if colleague is None or len(told) < len(SAID):
        return
    for place, why in ((CLOSED, "属政策咨询，已当面答复"), (APPEALED, "收入和财产状况不符合条件，已书面答复")):
        doing.propose(told[place].number, order, why)
        doing.agree(told[place].number, replace(order, acting_user=colleague))
    taking.appeal(
        told[APPEALED].number, "住院是上个月的事，当时没有算进去", requirements=order.requirements, on=order.on
    )


def _told(village: Area, person: Person, order: doing.Order) -> None:
    """Somebody without a telephone has it said at the township's counter, and the village saw the same on its way."""
    report = Report(
        behalf=Behalf.NEIGHBOUR,
        risks=[RiskType.UNSAFE_WATER],
        said=SAID[4][0],
        reporter="村民小组长",
        about=person.name,
    )
    key = "demonstration-told"
    found = take_down(village, report, way=Way.IN_PERSON, heard_on=order.on, order=replace(order, key=key))
    doing.link(found.number, order, person.household_id, found.risks, False)
    user = User.objects.filter(demonstration=True, posts__duty=Duty.VILLAGE).first()
    assert user is not None
    heard = Heard(How.SEEN, order.on, [RiskType.UNSAFE_WATER], "路过看到在沟里挑水，老人说水管断了一个多月")
    asked = order.requirements.clues
    tell_difficulty(person.household, heard, acting_user=user, requirements=asked, on=order.on, key=key)


def _report(village: Area, place: int, person: Person, today: date) -> Declaration:
    """Everybody enters the code but one who leaves no name, and one who has not yet done so."""
    said, risk = SAID[place]
    nameless = place == NAMELESS
    report = Report(
        behalf=Behalf.NEIGHBOUR if nameless else Behalf.MYSELF,
        risks=[risk],
        said=said,
        reporter=person.name,
        about=person.name,
        phone=PHONE.format(place),
        anonymous=nameless,
    )
    asked = {"requirements": declaration_requirements(today), "on": today}
    found = taking.take(village, report, key=f"demonstration-{place}", address=ADDRESS, **asked)
    message = Message.objects.filter(kind=Message.Kind.RELAY).order_by("-pk").first()
    if place not in (NAMELESS, UNVERIFIED) and message is not None:
        code = re.findall(r"\d{6}", (words_of(message) or ("", ""))[1])
        taking.verify(found, code[0] if code else "", **asked)
        found.refresh_from_db()
    return found
