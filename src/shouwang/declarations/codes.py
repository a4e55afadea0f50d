"""One-time codes: six digits to the telephone that somebody wrote, so that nobody reports in another's name.

Kept as a keyed digest that is bound to its declaration; a code counts for ten minutes and five tries, a new one takes its place.
"""

import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils.timezone import now
from django.utils.translation import gettext as _

from shouwang.declarations import allowances
from shouwang.declarations.models import Allowance, Declaration, OneTimeCode
from shouwang.kernel.errors import InputError
from shouwang.notifications import sms

DIGITS = 6
COUNTS_FOR = timedelta(minutes=10)
MOST_TRIES = 5
MOST_SENT = 3  # for one declaration


def send(declaration: Declaration, phone: str, address: str) -> bool:
    """Sends a new code; False where none may be sent now, and the report then waits for the desk instead.

    The embedded gateway shows it to the officers of the village and the township.
    """
    before = OneTimeCode.objects.filter(declaration=declaration).first()
    if before is not None and before.sent >= MOST_SENT:
        return False
    if not allowances.use(Allowance.What.CODE_FROM_ADDRESS, allowances.address_key(address)):
        return False
    if not allowances.use(Allowance.What.CODE_TO_PHONE, allowances.phone_key(phone)):
        return False
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    OneTimeCode.objects.update_or_create(
        declaration=declaration,
        defaults={
            "digest": digest_of(declaration, code),
            "expires_at": now() + COUNTS_FOR,
            "tries": 0,
            "sent": before.sent + 1 if before else 1,
        },
    )
    text = _("您申报用的验证码是 {code}，十分钟内有效。不是您本人操作请不要理会。").format(code=code)
    try:
        sms.send(phone, text, area=declaration.area)
    except InputError:  # the gateway has its own limit for a telephone
        return False
    return True


def matches(declaration: Declaration, written: str) -> bool:
    """Whether somebody wrote the code that counts now; every try is counted before it is compared."""
    code = OneTimeCode.objects.filter(declaration=declaration, expires_at__gt=now(), tries__lt=MOST_TRIES)
    counted = code.update(tries=F("tries") + 1)
    digest = OneTimeCode.objects.filter(declaration=declaration).values_list("digest", flat=True).first() or ""
    same = hmac.compare_digest(digest, digest_of(declaration, "".join(written.split())[:20]))
    return bool(counted) and same


def digest_of(declaration: Declaration, code: str) -> str:
    """How a code is kept: of no use without the keys, nor for another declaration."""
    return hmac.digest(settings.HOME.keys().pseudonym, f"code:{declaration.pk}:{code}".encode(), "sha256").hex()
