"""What somebody does from a telephone without signing in: reports, enters the code, appeals. Nobody of the offices acts here.

Whoever reports anonymously leaves neither name nor number, and the audit does not keep from where.
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.audit.asking import asked_from
from shouwang.clues.models import RiskType
from shouwang.clues.photos import redraw, seal_photo
from shouwang.declarations import allowances, codes, receipt
from shouwang.declarations.flow import LEVEL_OF
from shouwang.declarations.models import Action, Allowance, Appeal, Behalf, Declaration, DeclarationPhoto, Stage
from shouwang.declarations.steps import Requirements, Stepping, locked
from shouwang.declarations.telling import told_of
from shouwang.kernel.citizen_id import is_valid
from shouwang.kernel.errors import InputError
from shouwang.notifications.models import Message
from shouwang.notifications.sms import MOBILE
from shouwang.notifications.telling import notify
from shouwang.proceedings.desks import line_of
from shouwang.proceedings.steps import NotOpen, words

MOST_PHOTOS = 3
MOST_RISKS = 5
LONGEST_NAME, LONGEST_PLACE = 50, 100
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Report:
    """What somebody wrote; `photos` are the files' bytes. Without a telephone it is anonymous."""

    behalf: str
    risks: Sequence[str]
    said: str
    reporter: str = ""
    phone: str = ""
    id_number: str = ""
    about: str = ""
    place: str = ""
    anonymous: bool = False
    photos: Sequence[bytes] = ()


def take(village: Area, report: Report, *, requirements: Requirements, on: date, key: str, address: str) -> Declaration:
    """Takes a report in: with a telephone it waits for the code, without one it goes to the township as it is.

    The same form sent again is the same declaration.

    Raises:
        InputError: something that is needed is missing or cannot be read, or too many came without a code.
    """
    before = Declaration.objects.filter(key=key).first()
    if before is not None:
        return before
    fields = checked(report, phone_needed=not report.anonymous)
    drawn = [redraw(photo) for photo in report.photos]
    with transaction.atomic(), _unnamed(report.anonymous):
        found, made = Declaration.objects.get_or_create(
            key=key,
            defaults={
                "number": receipt.draw(),
                "area": village,
                "stage": Stage.UNVERIFIED,
                "received_at": now(),
                "phone_key": None if report.anonymous else allowances.phone_key(report.phone),
                **fields,
            },
        )
        if not made:
            return found
        sealed = json.dumps({"phone": "" if report.anonymous else report.phone, "id_number": report.id_number})
        found.sealed = settings.HOME.sealer().seal(sealed, context_of(found.number))
        found.save(update_fields=["sealed"])
        for each in drawn:
            DeclarationPhoto.objects.create(
                declaration=found,
                name=seal_photo(each),
                width=each.width,
                height=each.height,
                size=len(each.content),
            )
        stepping = Stepping(None, requirements, on)
        stepping.take(found, Action.RECEIVE, stage=Stage.UNVERIFIED, told={"photos": len(drawn)})
        if report.anonymous or not codes.send(found, report.phone, address):
            _require_room(village, address)
            arrive(found, stepping, Action.ARRIVE)
        stepping.finish()
    return found


def context_of(number: str) -> str:
    """What the seal of a declaration is bound to."""
    return f"declaration:{number}"


def _unnamed(anonymous: bool) -> AbstractContextManager[None]:
    return asked_from(ANONYMOUS) if anonymous else nullcontext()


def checked(report: Report, *, phone_needed: bool) -> dict[str, object]:
    """What is kept of a report in clear. Raises InputError where something is missing or cannot be read."""
    risks = list(dict.fromkeys(report.risks))
    if report.behalf not in Behalf.values:
        raise InputError(_("请选择为谁申报"), _("点一下“我自己家”“我的父母或亲属”或“邻居或同村人”"))
    if not risks or any(each not in RiskType.values for each in risks):
        raise InputError(_("请选择遇到了什么困难"), _("点一下最接近的一项，都不像就选“其他”"))
    if len(risks) > MOST_RISKS:
        raise InputError(_("最多选 {most} 项困难").format(most=MOST_RISKS), _("选最主要的几项"))
    if phone_needed and not MOBILE.fullmatch(report.phone):
        raise InputError(_("手机号码应为11位数字"), _("核对后重新填写，或选“不留姓名和手机号”"))
    if report.id_number and not is_valid(report.id_number):
        raise InputError(_("身份证号码不对"), _("核对后重新填写，也可以不填"))
    if len(report.photos) > MOST_PHOTOS:
        raise InputError(_("最多传 {most} 张照片").format(most=MOST_PHOTOS), _("选最能说明情况的几张"))
    reporter = "" if report.anonymous else words(report.reporter, _("您的姓名"))[:LONGEST_NAME]
    own = report.behalf == Behalf.MYSELF and not report.anonymous
    about = reporter if own and not report.about.strip() else words(report.about, _("有困难的人的姓名"))
    return {
        "behalf": report.behalf,
        "anonymous": report.anonymous,
        "reporter": reporter,
        "about": about[:LONGEST_NAME],
        "place": words(report.place, _("住在哪里"), needed=False)[:LONGEST_PLACE],
        "risks": risks,
        "said": words(report.said, _("情况"), needed=False),
    }


def _require_room(village: Area, address: str) -> None:
    """Reports that nobody vouches for are taken only so often: past that a verified telephone is needed.

    Raises:
        InputError: there were too many from this address or in this village.
    """
    ways = (
        (Allowance.What.UNVERIFIED_FROM_ADDRESS, allowances.address_key(address)),
        (Allowance.What.UNVERIFIED_IN_VILLAGE, allowances.key_of("village", village.pk)),
    )
    if not all(allowances.use(what, who) for what, who in ways):
        raise InputError(
            _("没有验证手机号的申报今天已经很多，这一次还没有收下"),
            _("请填写手机号并输入验证码，或直接到村委会、乡镇当面申报"),
        )


def arrive(found: Declaration, stepping: Stepping, action: Action, **changes: object) -> None:
    """Onto the desk of the village's township, which is told."""
    desk = line_of(found.area, stepping.on)[LEVEL_OF[Stage.TOWNSHIP]]
    stepping.take(found, action, stage=Stage.TOWNSHIP, desk=desk, changes=changes)
    _tell(found, desk, stepping.on, _("有一件新的农户申报"), "new")


def _tell(found: Declaration, desk: Area, on: date, title: str, which: str) -> None:
    notify(
        desk,
        Permission.DISPATCH if which == "new" else Permission.CONSENT,
        kind=Message.Kind.TASK,
        title=_("{title}（{village}）").format(title=title, village=found.area.name),
        text=_("请在期限内受理。"),
        link=f"/declarations/{found.number}/",
        on=on,
        key=f"declaration-{found.number}-{which}",
    )


def verify(found: Declaration, written: str, *, requirements: Requirements, on: date) -> bool:
    """Whether the code was right; with it the report goes to the township. Entered again it stays right."""
    if found.verified_at is not None:
        return True
    if not codes.matches(found, written):
        return False
    with transaction.atomic():
        held = locked(found.number)
        if held.verified_at is None and held.stage == Stage.UNVERIFIED:
            stepping = Stepping(None, requirements, on)
            arrive(held, stepping, Action.VERIFY, verified_at=now())
            stepping.finish()
    found.refresh_from_db()
    return found.verified_at is not None


def send_again(found: Declaration, address: str) -> bool:
    """Sends another code for a report that waits for it; False where no more may be sent."""
    sealed = json.loads(settings.HOME.sealer().unseal(bytes(found.sealed), context_of(found.number)))
    return found.stage == Stage.UNVERIFIED and codes.send(found, sealed["phone"], address)


def appeal(number: str, text: str, *, requirements: Requirements, on: date) -> Appeal:
    """Whoever reported does not accept the answer: the township looks again, another person than before decides.

    Sent again it is the same appeal; of a report there is one.

    Raises:
        NotOpen: there is no answer to appeal against.
        InputError: no reason was given.
    """
    with transaction.atomic():
        found = locked(number)
        before = Appeal.objects.filter(declaration=found).first()
        if before is not None:
            return before
        told = told_of(found)
        if not told.refused:
            raise NotOpen(_("这件申报没有可以申诉的答复"), _("等有了结果再看"))
        said = words(text, _("申诉理由"))
        stepping, desk = Stepping(None, requirements, on), line_of(found.area, on)[LEVEL_OF[Stage.APPEALED]]
        with _unnamed(found.anonymous):
            step = stepping.take(found, Action.APPEAL, stage=Stage.APPEALED, desk=desk, reason=said)
            made: Appeal = Appeal.objects.create(
                declaration=found, step=step, text=said, about="；".join(told.reasons) or told.title
            )
            stepping.finish()
        _tell(found, desk, on, _("农户对答复提出申诉"), "appeal")
    return made
