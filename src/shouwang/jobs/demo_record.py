"""The demonstration's village puts its record right: what it proposes, what the township has agreed to, and what it recorded."""

from collections.abc import Callable, Sequence
from datetime import date

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.quality import refresh_quality
from shouwang.jobs.register_sheet import codes, make_sheet
from shouwang.jobs.uploads import read_upload
from shouwang.kernel.home import Home
from shouwang.registration.deciding import Order, agree, refuse, send_back, withdraw
from shouwang.registration.models import RegisterRequest, RequestKind
from shouwang.registration.proposing import Proposal, propose
from shouwang.registration.recording import record_facts

FIELD, AFTER, REASON = "labour", "技能劳动力", "看过职业技能证书"
SEEN = {"farmland": "320", "toilet": "卫生厕所", "house_structure": "砖混"}


def put_right(home: Home, today: date) -> int:
    """Requests in every state and facts of one household; then the record is checked. Again it adds nothing."""
    users = [
        User.objects.filter(demonstration=True, posts__duty=duty).order_by("pk").first()
        for duty in (Duty.VILLAGE, Duty.TOWNSHIP, Duty.COUNTY)
    ]
    village, township, county = users
    if village is not None and township is not None and not RegisterRequest.objects.exists():
        here = village.posts.get(duty=Duty.VILLAGE).area
        people = (
            Person.objects.filter(household__area=here, left_kind="")
            .exclude(labour=AFTER)
            .order_by("household", "line")
        )
        chosen = list({person.household_id: person for person in people}.values())
        by = Order(township, clocks_of(today), today)
        numbers = [_corrected(person, village, today) for person in chosen[:6]]
        if county is not None and numbers:
            agree(numbers[0], by, "证书属实")
            _delivered(county, today)
        for number, act in zip(numbers[1:], _ways(by, village, today), strict=False):
            act(number)
        for person in chosen[6:7]:
            _moved(person, here, by, village, today)
        household = Household.objects.filter(area=here, member_count__gt=0).order_by("pk").first()
        if household is not None:
            record_facts(household.pk, SEEN, "入户查看", acting_user=village, on=today)
    refresh_quality(home, today)
    return RegisterRequest.objects.count()


def _ways(by: Order, village: User, today: date) -> Sequence[Callable[[str], object]]:
    """Of the requests after the one that was delivered: agreed, sent back, refused, withdrawn; the rest wait."""

    def withdrawn(number: str) -> None:
        send_back(number, by, "证书已过有效期，请核实")
        withdraw(number, Order(village, clocks_of(today), today), "证书确已过期")

    return (
        lambda number: agree(number, by, "证书属实"),
        lambda number: send_back(number, by, "请补充证书复印件"),
        lambda number: refuse(number, by, "证书与本人不符"),
        withdrawn,
    )


def _delivered(county: User, today: date) -> None:
    """The county delivers what is agreed, and the register takes it in."""
    area = county.posts.get(duty=Duty.COUNTY).area_id
    sheet = make_sheet(area, Order(county, clocks_of(today), today, key="demonstration-sheet"))
    for upload in (sheet.register, sheet.departures):
        if upload is not None:
            read_upload.func(upload.pk)


def _moved(person: Person, village: Area, by: Order, proposer: User, today: date) -> None:
    """A household moved into another township of the county, which has still to agree."""
    county = village.pk[:6]
    there = Area.objects.filter(level=Area.VILLAGE, code__startswith=county, valid_to=None).exclude(
        parent=village.parent
    )
    to = there.order_by("code").first()
    if to is not None:
        asked = Proposal(RequestKind.MOVE, today, "投靠子女，已在当地居住半年", to_area=to.pk)
        agree(_proposed(person.household_id, asked, proposer, today), by, "情况属实")


def _proposed(household: str, asked: Proposal, village: User, today: date) -> str:
    clocks = clocks_of(today)
    step = propose(household, asked, acting_user=village, requirements=clocks, codes=codes(), on=today)
    return step.request.number


def _corrected(person: Person, village: User, today: date) -> str:
    asked = Proposal(RequestKind.CORRECTION, today, REASON, (person.key,), correct=(FIELD, AFTER))
    return _proposed(person.household_id, asked, village, today)
