"""The village's public board: notices for exactly the days they stand, and what somebody says against one of them.

Whoever looks is nobody: no login, no register behind it but the notices as they hang. DOMAIN B2.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.areas.reading import inside
from shouwang.audit.record import in_the_language_of_record, record
from shouwang.cases.models import BEFORE_A_DECISION, BoardContact, Case, Notice, OnlineObjection, Proof, Stage
from shouwang.cases.reading import cases_visible_to, notices_visible_to
from shouwang.cases.steps import Order
from shouwang.kernel.errors import InputError
from shouwang.notifications.models import Message
from shouwang.notifications.telling import notify
from shouwang.proceedings.steps import words

Tell = Callable[[OnlineObjection], None]
LONGEST_OBJECTION, LONGEST_CONTACT, LONGEST_PHONE, LONGEST_PLACE = 500, 100, 30, 100


def standing_in(village: Area, on: date) -> QuerySet[Notice]:
    """The notices that hang in a village on a day, the latest first: not before they were posted up, not after their days."""
    hanging = Notice.objects.filter(posted_on__lte=on, stands_until__gte=on, taken_down_on=None)
    return hanging.filter(inside(village, "case__area_id")).order_by("-posted_on", "-pk")


def open_to_objection(village: Area, pk: int, on: date) -> Notice:
    """A notice that hangs and may be objected to here. Raises Notice.DoesNotExist where there is none such."""
    return standing_in(village, on).select_related("case").get(pk=pk, kind__in=BEFORE_A_DECISION)


def contact_in(village: Area) -> BoardContact | None:
    """Whom the board tells people to speak to; None where the village has not said."""
    return BoardContact.objects.filter(area=village).first()


@transaction.atomic
def receive_objection(notice: Notice, text: str, contact: str, *, on: date, key: str, teller: Tell) -> OnlineObjection:
    """Keeps what somebody wrote against a notice and has it told where it is answered; the same form is one objection.

    Raises:
        InputError: nothing was written, or too much.
    """
    before = OnlineObjection.objects.filter(key=key).first()
    if before is not None:
        return before
    said, reach = words(text, _("异议")), contact.replace("\0", "").strip()
    if len(said) > LONGEST_OBJECTION or len(reach) > LONGEST_CONTACT:
        raise InputError(
            _("写得太长"),
            _("异议不超过{longest}字，联系方式不超过{contact}字").format(
                longest=LONGEST_OBJECTION, contact=LONGEST_CONTACT
            ),
        )
    sealed = settings.HOME.sealer().seal_bytes(reach.encode(), context_of_objection(key)) if reach else b""
    made = OnlineObjection.objects.create(notice=notice, text=said, sealed=sealed, received_on=on, key=key)
    record(None, "objection_received", notice.case, notice=notice.pk)
    teller(made)
    return made


@in_the_language_of_record
def tell_of_inclusion(made: OnlineObjection) -> None:
    """Tells village and township of an objection against an inclusion."""
    case = made.notice.case
    for note in notes_of(made, case.number):
        notify(link=f"/cases/{case.number}/", **note)


def notes_of(made: OnlineObjection, number: str) -> list[dict[str, Any]]:
    """What is told of an objection, to whom: the village takes it up or the township sets it aside; until then it waits."""
    village = made.notice.case.area
    return [
        {
            "area": area,
            "permission": permission,
            "kind": Message.Kind.TASK,
            "title": f"公示收到网上异议：{number}",
            "text": "请村里受理后重新核实，或由乡镇写明理由不予受理；办理之前不能报送。",
            "on": made.received_on,
            "key": f"objection-{made.pk}-{permission}",
        }
        for area, permission in ((village, Permission.SUBMIT), (village.parent, Permission.CONSENT))
        if area is not None
    ]


def is_received(key: str) -> bool:
    """Whether this very form was received before."""
    return OnlineObjection.objects.filter(key=key).exists()


def context_of_objection(key: str) -> str:
    """What the sealed contact of an objection is bound to."""
    return f"objection:{key}"


def contact_of(objection: OnlineObjection) -> str:
    """How the writer wishes to be found; empty where nothing was left. Raises Failure where it is sealed with another key."""
    sealed = bytes(objection.sealed)
    if not sealed:
        return ""
    return settings.HOME.sealer().unseal_bytes(sealed, context_of_objection(objection.key)).decode()


@transaction.atomic
def set_contact(village: Area, phone: str, place: str, order: Order) -> BoardContact:
    """Whom the board of a village names; the caller has found that the user posts up there.

    Raises:
        InputError: there is no telephone, or it is too long.
    """
    told, where = phone.replace("\0", "").strip(), place.replace("\0", "").strip()
    if not told or len(told) > LONGEST_PHONE or not any(each.isdigit() for each in told):
        raise InputError(_("请填写反映电话"), _("填村委会或乡镇的办公电话，不填个人电话"))
    before = contact_in(village)
    if before is not None and (before.phone, before.place) == (told, where[:LONGEST_PLACE]):
        return before
    values = {"phone": told, "place": where[:LONGEST_PLACE]}
    made, _made = BoardContact.objects.update_or_create(area=village, defaults=values)
    record(order.acting_user, "board_contact_set", village, **values)
    return made


def hanging_visible_to(user: User, on: date) -> QuerySet[Notice]:
    """Notices within the user's scope that hang on a day."""
    return notices_visible_to(user).filter(posted_on__lte=on, stands_until__gte=on, taken_down_on=None)


def to_take_down(user: User, on: date) -> QuerySet[Notice]:
    """Notices whose days are over and that nobody has taken down yet."""
    return notices_visible_to(user).filter(stands_until__lt=on, taken_down_on=None)


def without_proof(user: User) -> QuerySet[Notice]:
    """Notices of which there is no photo, unless they came down before their days were over."""
    proved = Proof.objects.filter(notice=OuterRef("pk"))
    return notices_visible_to(user).filter(~Exists(proved), taken_down_on=None)


def to_post_up(user: User) -> QuerySet[Case]:
    """Cases whose notice or announcement is to be posted up."""
    standing = Notice.objects.filter(case=OuterRef("pk"), kind=Notice.Kind.PUBLICITY, taken_down_on=None)
    asked = cases_visible_to(user).filter(stage__in=[Stage.PUBLICITY, Stage.ANNOUNCEMENT])
    return asked.exclude(Exists(standing), stage=Stage.PUBLICITY)
