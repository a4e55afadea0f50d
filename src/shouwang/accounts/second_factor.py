"""The second factor: a code of six digits from the user's phone (RFC 6238), or a recovery code that works once.

The secret lies sealed in the database, bound to its user. A code is accepted once, also when it comes twice at the same
moment, one step of 30 seconds before or after the clock. Recovery codes have 80 random bits, so a plain hash keeps them.
"""

import hashlib
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from pyotp.exceptions import OTPVerificationError

from shouwang.accounts.events import tell
from shouwang.accounts.models import RecoveryCode, SecondFactor, User
from shouwang.kernel.errors import InputError

ISSUER = gettext_lazy("守望")
STEP_SECONDS, DIGITS = 30, 6
STEPS_ASIDE = 1
RECOVERY_CODES = 10
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 letters, without l, o, 0 and 1, which are misread


def second_factor_of(user: User) -> SecondFactor | None:
    """The second factor that is switched on."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def propose(user: User) -> str:
    """The secret for a phone, in base 32: a fresh one, or the one proposed before that waits for its first code.

    Raises:
        InputError: the user has a second factor already.
    """
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        secret = pyotp.random_base32(32)
        sealed = settings.HOME.sealer().seal(secret, context_of(user.pk))
        factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"sealed": sealed})
    if factor.confirmed_at:
        raise InputError(gettext("动态口令已经启用"), gettext("要换手机，请先停用，再重新绑定"))
    return _secret(factor)


def address_for_phone(user: User, secret: str) -> str:
    """What the QR code says, in the form that authenticator apps read."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=user.username, issuer_name=str(ISSUER)
    )


@transaction.atomic
def confirm(code: str, *, acting_user: User) -> list[str]:
    """Switches the proposed second factor on by its first code; returns the recovery codes, which nobody sees again.

    Raises:
        InputError: nothing was proposed, or the code is wrong.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=acting_user, confirmed_at=None).first()
    if factor is None or not _accept(factor, code):
        raise InputError(gettext("验证码不正确"), gettext("核对手机时间是否自动校准，再输入当前显示的 6 位数字"))
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=timezone.now())
    tell("second_factor_set_up", acting_user=acting_user, subject=acting_user)
    return _fresh_recovery_codes(acting_user)


@transaction.atomic
def renew_recovery_codes(*, acting_user: User) -> list[str]:
    """New recovery codes in place of all earlier ones."""
    tell("recovery_codes_renewed", acting_user=acting_user, subject=acting_user)
    return _fresh_recovery_codes(acting_user)


@transaction.atomic
def is_right(user: User, code: str) -> bool:
    """Whether it is the current code or an unused recovery code; either is used up by asking."""
    factor = second_factor_of(user)
    if factor is None:
        return False
    if _accept(factor, code):
        return True
    waiting = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at=None)
    if waiting.update(used_at=timezone.now()) == 1:
        left = user.recovery_codes.filter(used_at=None).count()
        tell("recovery_code_used", acting_user=user, subject=user, left=left)
        return True
    return False


@transaction.atomic
def remove(user: User, *, acting_user: User) -> None:
    """Takes the second factor away with its recovery codes, and ends the user's sessions elsewhere."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    tell("second_factor_removed", acting_user=acting_user, subject=user)


def _accept(factor: SecondFactor, code: str, now: datetime | None = None) -> bool:
    """Compares with the steps around the clock, and marks the step: the database lets one request pass per step."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return False
    totp = pyotp.TOTP(_secret(factor), digits=DIGITS, interval=STEP_SECONDS)
    try:
        step = totp.verify_and_get_timecode(digits, for_time=now or timezone.now(), valid_window=STEPS_ASIDE)
    except OTPVerificationError:
        return False
    return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1


def _fresh_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return ["-".join(code[place : place + 4] for place in range(0, 16, 4)) for code in codes]


def _digest(user: User, code: str) -> str:
    bare = "".join(code.replace("-", "").lower().split())
    return hashlib.sha256(f"{user.pk}|{bare}".encode()).hexdigest()


def _secret(factor: SecondFactor) -> str:
    return settings.HOME.sealer().unseal(bytes(factor.sealed), context_of(factor.user_id))


def context_of(user: int) -> str:
    """What the seal of a user's secret is bound to."""
    return f"second factor of user {user}"
