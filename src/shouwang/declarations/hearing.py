"""A report that somebody told an office, in person, on paper, by telephone or through the hotline, and that was written down there.

It gets the same receipt and goes the same way as one from a telephone. Whoever took it vouches for who told it, in place of the
one-time code; whose household it is somebody finds out as with any other.
"""

import json
import re
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.declarations import allowances, receipt
from shouwang.declarations.models import Action, Declaration, Stage, Way
from shouwang.declarations.steps import Order, Stepping
from shouwang.declarations.taking import Report, arrive, checked, context_of
from shouwang.kernel.errors import InputError
from shouwang.notifications.sms import MOBILE
from shouwang.proceedings.steps import NotOpen

TAKING = (Permission.DISPATCH, Permission.SUBMIT, Permission.CONSENT)
LONGEST_AGO = timedelta(days=366)  # what was reported longer ago says nothing of today
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")


def take_down(village: Area, report: Report, *, way: str, heard_on: date, order: Order) -> Declaration:
    """Writes down what somebody told, and puts it on the desk of the village's township; the same form is one report.

    Args:
        way: how it came (`Way`, not online); heard_on: the day on which it was told or handed in.
        report: a telephone is asked for but need not be there.

    Raises:
        NotOpen: the village lies outside the acting user's area.
        InputError: something that is needed is missing or cannot be read.
    """
    user = order.acting_user
    if user is None or not any(scope_of(user, order.on).may(each, village.pk) for each in TAKING):
        raise NotOpen(_("这个村不在您的范围内"), _("请选择自己范围内的村"))
    if way not in Way.values or way == Way.ONLINE:
        raise InputError(_("请选择申报方式"), _("当面口头、书面申请、打电话或 12317 热线"))
    if not order.on - LONGEST_AGO <= heard_on <= order.on:
        raise InputError(_("申报日期不能晚于今天，也不能早于一年以前"), _("填写农户说起或递交的日期"))
    if report.phone and not MOBILE.fullmatch(report.phone) and not LANDLINE.fullmatch(report.phone):
        raise InputError(_("联系电话不对"), _("填写 11 位手机号，或区号加座机号；没有可以不填"))
    fields = checked(report, phone_needed=False)
    with transaction.atomic():
        found, made = Declaration.objects.get_or_create(
            key=order.key,
            defaults={
                "number": receipt.draw(),
                "area": village,
                "stage": Stage.UNVERIFIED,
                "received_at": now(),
                "phone_key": allowances.phone_key(report.phone) if MOBILE.fullmatch(report.phone) else None,
                "way": way,
                "taken_by": user,
                "heard_on": heard_on,
                **fields,
            },
        )
        if made:
            sealed = json.dumps({"phone": report.phone, "id_number": report.id_number})
            found.sealed = settings.HOME.sealer().seal(sealed, context_of(found.number))
            found.save(update_fields=["sealed"])
            stepping = Stepping(user, order.requirements, order.on, order.key)
            arrive(found, stepping, Action.RECEIVE, verified_at=now())
            stepping.finish()
    if found.taken_by_id != user.pk:
        raise NotOpen(_("这张表不是您填的"), _("重新打开后填写"))
    return found
