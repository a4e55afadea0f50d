"""The demonstration's offices at exports and messages: a register asked for, a request that waits for the city, a code to pass on."""

from contextlib import suppress
from datetime import date

from django.db import transaction

from shouwang.accounts.duties import Duty
from shouwang.accounts.models import User
from shouwang.jobs.outputs import begin, limits
from shouwang.kernel.errors import InputError
from shouwang.notifications import sms
from shouwang.outputs.models import Content, Export
from shouwang.outputs.requesting import Wish, ask_for

CODE = "守望：您申报用的验证码是 482913，10分钟内有效，请勿告诉他人。"
TELEPHONE = "13900000000"


@transaction.atomic
def take_out(today: date) -> int:
    """Asks for what the demonstration's county and village would ask for; done again it does nothing. Returns how many."""
    if Export.objects.exists():
        return Export.objects.count()
    for duty, content, identities in (
        (Duty.COUNTY, Content.CLUE_REGISTER, False),
        (Duty.VILLAGE, Content.CASE_REGISTER, False),
        (Duty.COUNTY, Content.HOUSEHOLD_FORM, True),
    ):
        user = User.objects.filter(demonstration=True, posts__duty=duty).first()
        if user is None:
            continue
        area = user.posts.get(duty=duty).area
        wish = Wish(content, area, today, identities, "报送全国防止返贫监测信息系统")
        with suppress(InputError):  # a small demonstration may have nothing of the kind
            begin(ask_for(wish, limits(today), acting_user=user))
        if duty == Duty.VILLAGE:
            sms.send(TELEPHONE, CODE, area=area)
    return Export.objects.count()
