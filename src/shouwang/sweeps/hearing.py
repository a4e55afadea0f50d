"""基层干部排查 on an ordinary day: what a cadre is told in person or by telephone, or sees on the way, of a household that is known.

It goes into the register of clues as what a campaign finds does, and joins what is asked of the household already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.reading import has_ended
from shouwang.clues.models import Channel, Clue, RiskType
from shouwang.clues.reporting import take_report
from shouwang.clues.requirements import Requirements
from shouwang.households.models import Household
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words

MOST_RISKS = 5
LONGEST_AGO = timedelta(days=366)  # what was heard longer ago says nothing of today
TELLING = (Permission.VERIFY, Permission.SUBMIT)


class How(models.TextChoices):
    """How somebody came to know of it."""

    IN_PERSON = "in_person", gettext_lazy("当面反映")
    CALL = "call", gettext_lazy("电话反映")
    SEEN = "seen", gettext_lazy("日常走访发现")
    OTHERS = "others", gettext_lazy("旁人反映")


@dataclass(frozen=True)
class Heard:
    """What was told or seen; `risks` are risk types."""

    how: str
    heard_on: date
    risks: Sequence[str]
    said: str


def may_tell(scope: Scope, household: Household) -> bool:
    """Whether the household is one of those whom the posts go to."""
    return any(scope.may(each, household.area_id) for each in TELLING)


@transaction.atomic
def tell_difficulty(
    household: Household, heard: Heard, *, acting_user: User, requirements: Requirements, on: date, key: str
) -> list[Clue]:
    """Opens or joins a clue for each kind of difficulty; the same form sent again changes nothing.

    Raises:
        NotOpen: the household is none of those to whom the acting user goes.
        InputError: something is missing, or the day is wrong.
    """
    if not may_tell(scope_of(acting_user, on), household):
        raise NotOpen(_("这一户不由您报告"), _("由所在村、驻村工作队、网格员或调查员报告"))
    if heard.how not in How.values:
        raise InputError(_("请选择怎么知道的"), _("点一下最接近的一项"))
    if not on - LONGEST_AGO <= heard.heard_on <= on:
        raise InputError(_("知道的日期不能晚于今天，也不能早于一年以前"), _("填写听说或看到的日期"))
    risks = list(dict.fromkeys(heard.risks))
    if not risks or any(each not in RiskType.values for each in risks):
        raise InputError(_("请选择遇到了什么困难"), _("点一下最接近的一项，都不像就选“其他”"))
    if len(risks) > MOST_RISKS:
        raise InputError(_("最多选 {most} 项困难").format(most=MOST_RISKS), _("选最主要的几项"))
    text = _written(heard, words(heard.said, _("看到或听到的情况")), acting_user)
    return [
        take_report(
            household,
            risk,
            channel=Channel.SWEEP,
            reference=f"RC{on:%Y%m%d}-{key[:12]}",
            text=text,
            requirements=requirements,
            on=on,
            acting_user=acting_user,
            afresh=has_ended(household, risk),
        )
        for risk in risks
    ]


@in_the_language_of_record
def _written(heard: Heard, said: str, user: User) -> str:
    """The words of the clue's source: how, when and by whom it was told comes with them."""
    return f"{How(heard.how).label}（{heard.heard_on}，{user}）：{said}"[:1000]
