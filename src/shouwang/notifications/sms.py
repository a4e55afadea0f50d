"""Text messages to telephones, through whatever gateway the installation has.

| variable | meaning |
|---|---|
| `SHOUWANG_SMS_GATEWAY` | `inbox` (default): officers of village and township tell the person; `http`: an SMS gateway |
| `SHOUWANG_SMS_URL` | the gateway's address |
| `SHOUWANG_SMS_BODY` | what is posted to it: JSON with `{phone}` and `{text}` in its texts |
| `SHOUWANG_SMS_HEADERS` | further headers as JSON, such as an authorization |

Number and words lie sealed until they are sent and are gone afterwards. Logs and the audit know the number masked.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from shouwang.accounts.duties import Permission
from shouwang.areas.models import Area
from shouwang.areas.reading import path
from shouwang.audit.record import record
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.keys import pseudonym
from shouwang.notifications.models import Message, Sending

MOBILE = re.compile(r"1[3-9]\d{9}")
LONGEST_TEXT = 300
MOST_A_DAY = 10
"""To one telephone, whoever asks for them: a public page must not be a way to annoy somebody."""
KEPT_DAYS = 2
"""What is to be passed on is a code of a few minutes, or a word that somebody has heard by then."""
INBOX, HTTP = "inbox", "http"
CONNECT_SECONDS, ANSWER_SECONDS = 5, 10
MOST_READ = 4096
READERS = {Area.VILLAGE: Permission.SUBMIT, Area.TOWNSHIP: Permission.CONSENT}
"""Who tells the person: the village with its resident team, and the township."""


class Gateway(Protocol):
    """Whatever can bring words to a telephone."""

    def send(self, phone: str, text: str) -> None:
        """Returns once the words are accepted. Raises Failure, without number or words in its message."""


@dataclass(frozen=True)
class HttpGateway:
    """A gateway that takes a POST of JSON; anything but an answer of 2xx is a failure."""

    url: str
    body: str
    headers: Mapping[str, str]

    def send(self, phone: str, text: str) -> None:
        import requests

        filled = {"{phone}": phone, "{text}": text}
        try:
            with requests.post(
                self.url,
                json=_filled(json.loads(self.body), filled),
                headers=dict(self.headers),
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                answer.raw.read(MOST_READ)
                if not 200 <= answer.status_code < 300:
                    raise Failure(_("短信网关答复 {status}").format(status=answer.status_code))
        except requests.RequestException as problem:
            raise Failure(_("短信网关没有答复：{kind}").format(kind=type(problem).__name__)) from None


def _filled(body: object, values: Mapping[str, str]) -> object:
    """The body with its placeholders filled; as values of JSON, so no text can break out of its place."""
    if isinstance(body, dict):
        return {name: _filled(each, values) for name, each in body.items()}
    if isinstance(body, list):
        return [_filled(each, values) for each in body]
    if isinstance(body, str):
        return re.sub(r"\{phone\}|\{text\}", lambda found: values[found[0]], body)
    return body


def gateway() -> Gateway | None:
    """The installation's gateway; None where people tell each other (the embedded default).

    Raises:
        InputError: the environment names one that is none, or does not say enough about it.
    """
    if settings.SMS_GATEWAY == INBOX:
        return None
    if settings.SMS_GATEWAY != HTTP:
        raise InputError(f"不认识的短信网关 {settings.SMS_GATEWAY}", "SHOUWANG_SMS_GATEWAY 写 inbox 或 http")
    if not settings.SMS_URL.startswith(("https://", "http://")):
        raise InputError("短信网关没有地址", "设置环境变量 SHOUWANG_SMS_URL")
    try:
        body, headers = json.loads(settings.SMS_BODY), json.loads(settings.SMS_HEADERS)
    except ValueError:
        raise InputError("短信网关的 SHOUWANG_SMS_BODY 或 SHOUWANG_SMS_HEADERS 不是 JSON", "改正环境变量") from None
    said = json.dumps(body)
    if "{phone}" not in said or "{text}" not in said or not isinstance(headers, dict):
        raise InputError("短信网关的 SHOUWANG_SMS_BODY 缺少 {phone} 或 {text}", "改正环境变量")
    return HttpGateway(settings.SMS_URL, settings.SMS_BODY, headers)


def masked(phone: str) -> str:
    """How a telephone number is shown: 138****0000."""
    return f"{phone[:3]}****{phone[-4:]}"


@transaction.atomic
def send(phone: str, text: str, *, area: Area, relayed_by: Collection[int] = tuple(READERS)) -> None:
    """Brings words to a telephone, or to the officers of the village and township who tell the person.

    It returns once the words are kept; sending happens beside it, and is tried again where the gateway does not answer.

    Args:
        phone: a mobile number of eleven digits.
        text: at most 300 characters, whole as the person reads them.
        area: the village (or the area that is known) of the person.
        relayed_by: the levels whose officers tell the person where there is no gateway.

    Raises:
        InputError: no mobile number, too many words, or too many messages to this telephone within a day.
    """
    if not MOBILE.fullmatch(phone):
        raise InputError(_("手机号码应为11位数字"), _("核对后重新填写"))
    if not text or len(text) > LONGEST_TEXT:
        raise InputError(_("短信内容应为1到{most}字").format(most=LONGEST_TEXT), _("写得简短一些"))
    recipient, at = pseudonym(settings.HOME.keys(), phone), now()
    sent = Sending.objects.filter(recipient=recipient, made_at__gt=at - timedelta(days=1)).count()
    if sent >= MOST_A_DAY:
        raise InputError(_("发给这个号码的短信今天已达到上限"), _("明天再试，或直接联系村委会"))
    held = gateway() is not None
    sending = Sending.objects.create(
        area=area,
        recipient=recipient,
        shown=masked(phone),
        next_at=at,
        state=Sending.State.WAITING if held else Sending.State.RELAYED,
    )
    if held:
        sealed = settings.HOME.sealer().seal(json.dumps([phone, text]), context_of_sending(sending.pk))
        Sending.objects.filter(pk=sending.pk).update(sealed=sealed)
    else:
        _relay(sending, phone, text, area, relayed_by)
    record(None, "sms_sent", ("sms", str(sending.pk)), area=area, phone=sending.shown, way=settings.SMS_GATEWAY)


def _relay(sending: Sending, phone: str, text: str, area: Area, levels: Collection[int]) -> None:
    """Into the inbox of the officers; number and words are sealed, and read one by one on the message's page."""
    line, sealer = {each.level: each for each in path(area)}, settings.HOME.sealer()
    for level, permission in READERS.items():
        if level in line and level in levels:
            message = Message.objects.create(
                area=line[level],
                permission=permission,
                kind=Message.Kind.RELAY,
                title=_("请转告 {phone} 一条短信").format(phone=sending.shown),
                text=_("本系统没有接通短信网关。请打电话或当面把短信内容告诉本人，不要告诉别人。"),
                on=localdate(),
                key=f"sms-{sending.pk}",
            )
            sealed = sealer.seal(json.dumps([phone, text]), context_of_message(message.pk))
            Message.objects.filter(pk=message.pk).update(sealed=sealed)


def forget_relayed(on: date) -> int:
    """Takes number and words out of what was to be passed on long ago; returns of how many messages."""
    old = Message.objects.filter(kind=Message.Kind.RELAY, on__lt=on - timedelta(days=KEPT_DAYS)).exclude(sealed=b"")
    return old.update(sealed=b"")


def context_of_sending(pk: int) -> str:
    return f"sending:{pk}"


def context_of_message(pk: int) -> str:
    return f"message:{pk}"


def words_of(message: Message) -> tuple[str, str] | None:
    """The telephone number and the words that a message asks its readers to pass on; None where it asks no such thing."""
    if not message.sealed:
        return None
    phone, text = json.loads(settings.HOME.sealer().unseal(bytes(message.sealed), context_of_message(message.pk)))
    return phone, text
