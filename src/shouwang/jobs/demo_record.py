"""The demonstration's village puts its record right: what it proposes, what the township has agreed to, and what it recorded."""

from datetime import date

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.households.models import Household, Person
from shouwang.jobs.handling import clocks_of
from shouwang.jobs.quality import refresh_quality
from shouwang.jobs.register_sheet import codes
from shouwang.kernel.home import Home
from shouwang.registration.deciding import Order, agree
from shouwang.registration.models import RegisterRequest, RequestKind
from shouwang.registration.proposing import Proposal, propose
from shouwang.registration.recording import record_facts

FIELD, AFTER, REASON = "labour", "技能劳动力", "看过职业技能证书"
SEEN = {"farmland": "320", "toilet": "卫生厕所", "house_structure": "砖混"}


def put_right(home: Home, today: date) -> int:
    """Two corrections, one of them agreed, and facts of one household; then the record is checked. Again it adds nothing."""
    village = User.objects.filter(demonstration=True, posts__duty=Duty.VILLAGE).first()
    township = User.objects.filter(demonstration=True, posts__duty=Duty.TOWNSHIP).first()
    if village is not None and township is not None and not RegisterRequest.objects.exists():
        here = village.posts.get(duty=Duty.VILLAGE).area
        people = (
            Person.objects.filter(household__area=here, left_kind="")
            .exclude(labour=AFTER)
            .order_by("household", "line")
        )
        chosen = list({person.household_id: person for person in people}.values())[:2]
        numbers = [_corrected(person, village, today) for person in chosen]
        if numbers:
            agree(numbers[0], Order(township, clocks_of(today), today), "证书属实")
        household = Household.objects.filter(area=here, member_count__gt=0).order_by("pk").first()
        if household is not None:
            record_facts(household.pk, SEEN, "入户查看", acting_user=village, on=today)
    refresh_quality(home, today)
    return RegisterRequest.objects.count()


def _corrected(person: Person, village: User, today: date) -> str:
    asked = Proposal(RequestKind.CORRECTION, today, REASON, (person.key,), correct=(FIELD, AFTER))
    clocks = clocks_of(today)
    step = propose(person.household_id, asked, acting_user=village, requirements=clocks, codes=codes(), on=today)
    return step.request.number
