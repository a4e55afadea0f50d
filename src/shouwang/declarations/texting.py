"""What whoever reported is told by text message when their report has moved: taken up, its result, the end of an appeal.

A message carries the receipt and the state and nothing else; reasons are read on the public page with the receipt. Only a
telephone whose code was entered is told, so that nobody else's rings. Where there is no gateway the township tells the
person, and not the village: somebody may report above its head.
"""

import json

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.audit.record import in_the_language_of_record
from shouwang.cases.models import CaseStep
from shouwang.clues.models import ClueStep
from shouwang.declarations.models import Declaration, DeclarationStep, Stage
from shouwang.declarations.receipt import in_groups
from shouwang.declarations.steps import locked
from shouwang.declarations.taking import context_of
from shouwang.declarations.telling import Told, told_of
from shouwang.kernel.errors import InputError
from shouwang.notifications import sms

TOLD_AT = (Stage.LINKED, Stage.CLOSED)
"""Where a report has left the desk that received it; what came before was said on the page of whoever sent it."""


def moved() -> QuerySet[Declaration]:
    """Reports with a verified mobile telephone about which something was done since they were last looked at."""
    since = {"at__gt": OuterRef("told_at")}
    steps = (
        DeclarationStep.objects.filter(declaration=OuterRef("pk"), **since),
        ClueStep.objects.filter(clue__household=OuterRef("household"), **since),
        CaseStep.objects.filter(case__household=OuterRef("household"), **since),
    )
    newly = Q(told_at=None)
    for each in steps:
        newly |= Exists(each)
    told = Declaration.objects.filter(stage__in=TOLD_AT, verified_at__isnull=False, phone_key__isnull=False)
    return told.filter(newly).order_by("pk")


@in_the_language_of_record
def tell_reporters() -> int:
    """Tells everybody whose report stands otherwise than they were last told; returns how many.

    Killed in between, the rest is told the next time; told again it says nothing more.
    """
    return sum(_tell(number) for number in list(moved().values_list("number", flat=True)))


@transaction.atomic
def _tell(number: str) -> bool:
    looked_at, found = now(), locked(number)
    told = told_of(found)
    state = f"{told.title}（{_('最后答复')}）" if told.final else told.title
    news = found.stage in TOLD_AT and state != found.told
    if news:
        sealed = json.loads(settings.HOME.sealer().unseal(bytes(found.sealed), context_of(found.number)))
        try:
            sms.send(sealed["phone"], words_of(found, told), area=found.area, relayed_by=(Area.TOWNSHIP,))
        except InputError:  # too many to this telephone today: the next look tells it
            return False
    Declaration.objects.filter(pk=found.pk).update(told=state if news else F("told"), told_at=looked_at)
    return news


def words_of(found: Declaration, told: Told) -> str:
    """What the message says: the receipt and the state; never for whom, what, or why."""
    said = _("您的申报（回执编号 {number}）：{state}。").format(number=in_groups(found.number), state=told.title)
    if told.final:
        return said + _("这是对您申诉的最后答复，理由请扫村里的申报二维码，凭回执编号查看。")
    if told.refused:
        return said + _("理由请扫村里的申报二维码，凭回执编号查看；不同意可以申诉一次。")
    return said + _("办理情况可以扫村里的申报二维码，凭回执编号查看。")
