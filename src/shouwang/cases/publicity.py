"""Publicity in the village: a notice is posted up, proved, objected to, reported when its days are over, and taken down.

DOMAIN B2: once, in the village only, for the days of the pack. Proof and taking down are not steps of the case: the paper may
hang longer than the case stays where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.cases.models import (
    Action,
    Case,
    CasePhoto,
    CaseStep,
    Notice,
    Objection,
    OnlineObjection,
    Proof,
    Stage,
)
from shouwang.cases.notices import text_of
from shouwang.cases.objections import answered, waiting_against, waiting_one
from shouwang.cases.photos import keep_all, redrawn
from shouwang.cases.requirements import Requirements
from shouwang.cases.steps import Order, Stepping, one_step, take_up
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, words

LONGEST_NAME, LONGEST_PLACE = 100, 200


@dataclass(frozen=True)
class Hanging:
    """What a photo of a notice shows: the day and the place, `photos` the bytes of the pictures."""

    taken_on: date
    place: str
    photos: Sequence[bytes]


@one_step(Action.POST_UP)
def post_up(case: Case, stepping: Stepping, place: str) -> CaseStep:
    """Posts the notice up in the village: it stands for the days of the pack, the day of posting not counted.

    Raises:
        NotOpen: a notice stands already.
    """
    if standing_notice(case) is not None:
        raise NotOpen(_("公示已经张贴"), _("期满后报送乡镇"))
    where = words(place, _("张贴地点"))[:LONGEST_PLACE]
    step: CaseStep = stepping.take(case, Action.POST_UP, told={"reason": where})
    until = stepping.on + timedelta(days=stepping.requirements.publicity_days)
    make_notice(case, step, Notice.Kind.PUBLICITY, where, stepping.on, until)
    return step


def make_notice(case: Case, step: CaseStep, kind: Notice.Kind, where: str, on: date, until: date) -> Notice:
    text = text_of(case, kind, on, until)
    return Notice.objects.create(
        case=case, step=step, kind=kind, text=text, place=where, posted_on=on, stands_until=until
    )


def standing_notice(case: Case) -> Notice | None:
    """The publicity of the present round: posted up since the last review, and not taken down."""
    return case.notices.filter(kind=Notice.Kind.PUBLICITY, taken_down_on=None).first()


def notices_of_inclusion(case: Case) -> QuerySet[Notice]:
    """Every publicity of the case before its inclusion, taken down or not."""
    return Notice.objects.filter(case=case, kind=Notice.Kind.PUBLICITY)


def online_waiting(case: Case) -> list[OnlineObjection]:
    """Objections from the public page that are neither taken up nor set aside, the oldest first."""
    return list(waiting_against(notices_of_inclusion(case)))


@one_step(Action.OBJECT)
def object_to(case: Case, stepping: Stepping, text: str, raised_by: str, online: int | None = None) -> CaseStep:
    """Takes up an objection during publicity: the notice comes down and the village looks again.

    Args:
        online: the key of an objection from the public page, whose words are taken as they are.

    Raises:
        NotOpen: no notice stands.
        InputError: there is no such objection, or nothing was said.
    """
    if standing_notice(case) is None:
        raise NotOpen(_("还没有张贴公示"), _("先张贴公示"))
    written = waiting_one(notices_of_inclusion(case), online) if online is not None else None
    said = words(written.text if written else text, _("异议"))
    by = words(raised_by, _("反映人"), needed=False)[:LONGEST_NAME]
    step: CaseStep = stepping.take(case, Action.OBJECT, stage=Stage.COLLECTION, desk=case.desk, reason=said)
    take_down_publicity(case, stepping.on)
    Objection.objects.create(case=case, step=step, raised_by=by, text=said, taken_by=stepping.actor)
    if written is not None:
        answered(written, taken_up=True)
    return step


@one_step(Action.SET_ASIDE)
def set_aside(case: Case, stepping: Stepping, online: int, reason: str) -> CaseStep:
    """The township has an objection from the public page not taken up, and says why.

    Raises:
        InputError: there is no such objection, or no reason.
    """
    written, said = waiting_one(notices_of_inclusion(case), online), words(reason, _("不予受理的理由"))
    step: CaseStep = stepping.take(case, Action.SET_ASIDE, reason=said, told={"objection": written.text})
    answered(written, taken_up=False, reason=said)
    return step


def take_down_publicity(case: Case, on: date) -> None:
    """What stood for the case stands no longer: the review is done again, or it is decided."""
    case.notices.filter(kind=Notice.Kind.PUBLICITY, taken_down_on=None).update(taken_down_on=on)


@one_step(Action.REPORT)
def report(case: Case, stepping: Stepping) -> CaseStep:
    """Reports to the township that the notice has stood its days without an objection. Raises NotOpen as `require_stood`."""
    require_stood(standing_notice(case), online_waiting(case), stepping.requirements, stepping.on)
    return take_up(stepping, case, Action.REPORT, Stage.TOWNSHIP_AUDIT)


def require_stood(
    notice: Notice | None, waiting: Sequence[OnlineObjection], requirements: Requirements, on: date
) -> None:
    """That a publicity has stood as it must, on the way into monitoring and out of it.

    Raises:
        NotOpen: the notice was not posted up, has not stood long enough, is not proved by photos, or an objection from the
            public page waits.
    """
    if notice is None:
        raise NotOpen(_("还没有张贴公示"), _("先张贴公示"))
    if on <= notice.stands_until:
        raise NotOpen(_("公示到 {until} 才满").format(until=notice.stands_until), _("期满没有异议后再报送"))
    if waiting:
        raise NotOpen(_("还有网上异议没有办理"), _("受理后重新核实，或请乡镇写明理由不予受理"))
    least, there = requirements.notice_photos, photos_of(notice)
    if there < least:
        raise NotOpen(
            _("公示须附 {least} 张以上照片，现有 {there} 张").format(least=least, there=there), _("先上传公示照片")
        )


def photos_of(notice: Notice) -> int:
    """How many photos prove that a notice hung."""
    return CasePhoto.objects.filter(proof__notice=notice).count()


@transaction.atomic
def prove(notice: Notice, order: Order, hanging: Hanging) -> Proof:
    """Keeps photos of a notice that hangs. The same form sent again is the same proof.

    Raises:
        NotOpen: the user does not post up for that village, or the notice was taken down before.
        InputError: the day is not one on which it hung, the place is missing, or a photo cannot be read.
    """
    held = _held(notice, order)
    before = held.proofs.filter(key=order.key).first() if order.key else None
    if before is not None:
        return before  # type: ignore[no-any-return]
    if not held.posted_on <= hanging.taken_on <= min(order.on, held.taken_down_on or order.on):
        raise InputError(_("拍摄日期须在张贴之后、撤下之前，不晚于今天"), _("填写实际拍摄的日期"))
    place, drawn = words(hanging.place, _("拍摄地点"))[:LONGEST_PLACE], redrawn(hanging.photos, 1, _("公示"))
    made = Proof.objects.create(
        notice=held, taken_on=hanging.taken_on, place=place, by=order.acting_user, key=order.key
    )
    keep_all(drawn, held.case, proof=made)
    record(order.acting_user, "notice_proved", held.case, kind=held.kind, place=place, photos=len(drawn))
    return made


@transaction.atomic
def take_down(notice: Notice, order: Order) -> Notice:
    """Notes that the paper is down, its days being over. Once down it stays so.

    Raises:
        NotOpen: the user does not post up for that village, or its days are not over.
    """
    held = _held(notice, order)
    if held.taken_down_on is None:
        if order.on <= held.stands_until:
            raise NotOpen(_("公示到 {until} 才满").format(until=held.stands_until), _("期满后再撤下"))
        held.taken_down_on = order.on
        held.save(update_fields=["taken_down_on"])
        record(order.acting_user, "notice_taken_down", held.case, kind=held.kind)
    return held


def _held(notice: Notice, order: Order) -> Notice:
    held = Notice.objects.select_for_update().get(pk=notice.pk)
    posts = scope_of(order.acting_user, order.on).holding(Permission.SUBMIT) if order.acting_user else ()
    if not any(reach.covers(held.case.area_id) for reach in posts):
        raise NotOpen(_("这张公示不由您办理"), _("由张贴公示的村办理"))
    return held
