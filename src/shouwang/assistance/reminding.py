"""Contacts (帮扶联系人、监测联系人) are told by a text message when a visit comes due: one to each telephone, however many it is for."""

import logging
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from shouwang.areas.models import Area
from shouwang.assistance.contacts import context_of, standing_contacts
from shouwang.assistance.models import Contact, Plan, PlanStage
from shouwang.audit.record import in_the_language_of_record
from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.notifications import sms
from shouwang.proceedings.clocks import SOON, Clocks

BATCH = 500
logger = logging.getLogger(__name__)


@dataclass
class _Visits:
    """What one telephone is told: how many households, the village of the first, the soonest of their days."""

    village: Area
    day: date
    households: set[int] = field(default_factory=set)


@in_the_language_of_record
def remind_contacts(clocks: Clocks, on: date) -> int:
    """Tells whoever looks after households whose visit is due soon or overdue; returns how many telephones.

    Of each last day a contact hears once; killed in between, the rest is told the next time.
    """
    waiting = Plan.objects.exclude(stage=PlanStage.CLOSED).filter(
        Q(visit_told_for=None) | ~Q(visit_told_for=F("visit_due_on")), visit_due_on__lte=clocks.due(SOON, on)
    )
    told = 0
    while some := list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        told += _remind_some(some)
    return told


@transaction.atomic
def _remind_some(keys: list[int]) -> int:
    held = (
        Plan.objects.select_for_update().prefetch_related("case", "area").filter(pk__in=keys).order_by("visit_due_on")
    )
    plans = list(held)
    contacts = standing_contacts([plan.case for plan in plans])
    visits: dict[str, _Visits] = {}
    for plan in plans:
        if plan.visit_due_on is None:
            continue
        for contact in contacts.get(plan.case_id, {}).values():
            if phone := _telephone_of(contact):
                visits.setdefault(phone, _Visits(plan.area, plan.visit_due_on)).households.add(plan.case_id)
    told = sum(_tell(phone, each) for phone, each in visits.items())
    Plan.objects.filter(pk__in=keys).update(visit_told_for=F("visit_due_on"))
    return told


def _telephone_of(contact: Contact) -> str:
    """Empty where the seal does not open with this installation's keys: the other contacts are told all the same."""
    try:
        return settings.HOME.sealer().unseal(bytes(contact.sealed), context_of(contact.key))
    except Failure as broken:
        logger.warning("the telephone of a contact cannot be read: %s", broken.message)
        return ""


def _tell(phone: str, visits: _Visits) -> int:
    """A landline gets none, nor does a telephone that has had its messages of the day: the village is reminded all the same."""
    text = _("您联系的 {count} 户监测对象应在 {day} 前走访（{village}）。走访后请告诉村委会登记。").format(
        count=len(visits.households), day=f"{visits.day:%Y-%m-%d}", village=visits.village.name
    )
    try:
        sms.send(phone, text, area=visits.village, relayed_by=(Area.VILLAGE,))
    except ShouwangError as refused:
        logger.info("a contact was not told of a visit: %s", refused.message)
        return 0
    return 1
