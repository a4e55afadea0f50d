"""Where messages are told outside the desk: a group of 企业微信, 钉钉 or 飞书, or a mailbox, through Apprise.

What goes out counts and links: how many messages of which kind are new, the count of what is due, where to read them. No
name, no number of a household or a case, no illness: a group chat belongs to somebody else.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import prefixes
from shouwang.audit.record import record
from shouwang.kernel.divisions import whole_code
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.keys import pseudonym
from shouwang.notifications.models import Channel, Message, Sending
from shouwang.notifications.reading import messages_for

# What a user may name: only services with an address of their own, so that nobody sends this server to places within it.
ANYBODYS = ("wecombot", "dingtalk", "feishu", "lark")
# What the system administrator may name beside: a mail server, and any receiver of JSON.
ADMINISTRATORS = ("mailto", "mailtos", "json", "jsons")
# The addresses that 飞书 and 钉钉 give to a robot of a group, which Apprise writes its own way.
ROBOTS = (
    (re.compile(r"^https://open\.feishu\.cn/open-apis/bot/v2/hook/([A-Za-z0-9-]+)/?$"), r"feishu://\1"),
    (re.compile(r"^https://oapi\.dingtalk\.com/robot/send\?access_token=([A-Za-z0-9]+)$"), r"dingtalk://\1"),
)
TITLES = {
    "wecombot": gettext_lazy("企业微信"),
    "dingtalk": gettext_lazy("钉钉"),
    "feishu": gettext_lazy("飞书"),
    "lark": gettext_lazy("飞书"),
    "mailto": gettext_lazy("邮件"),
    "mailtos": gettext_lazy("邮件"),
}
MOST_OF_A_USER = 5
LONGEST_ADDRESS = 500
DAY_BEGINS, DAY_ENDS = 8, 20
"""Hours between which people are told outside the desk; what is to be passed on is told at any hour."""
APART = timedelta(minutes=10)
SETTLED = timedelta(seconds=10)
"""Numbers are drawn before their transactions are committed: by then an earlier one is there too."""
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 10.0


def channels_of(user: User) -> QuerySet[Channel]:
    """One's own, and for a system administrator those of the areas within the post."""
    found = Channel.objects.filter(user=user, ended_at=None)
    for area in areas_of(user):
        found |= Channel.objects.filter(area=area, ended_at=None)
    return found.select_related("area", "made_by").order_by("area_id", "pk")


def areas_of(user: User) -> list[Area]:
    """The areas whose desks a system administrator sets channels for: those of the post and what lies directly below."""
    found: dict[str, Area] = {}
    for reach in scope_of(user, localdate()).holding(Permission.RUN_SYSTEM):
        for area in (reach.area, *Area.objects.filter(parent=reach.area, valid_to=None)):
            found[area.pk] = area
    return list(found.values())


@transaction.atomic
def add_channel(*, acting_user: User, title: str, address: str, area: str = "") -> Channel:
    """Tells the messages of an area's desk, or without one the user's own, at an address as well.

    Args:
        address: as Apprise writes it, or the address of a group robot as 企业微信, 钉钉 or 飞书 give it.

    Raises:
        InputError: the address is none that may be named, the area is not the user's to set, or there are too many.
    """
    place = next((each for each in areas_of(acting_user) if each.pk == area), None)
    if area and place is None:
        raise InputError(_("这个单位的推送不由您设置"), _("请系统管理员设置"))
    title, address = " ".join(title.replace("\0", "").split())[:50], address.strip()
    if not title:
        raise InputError(_("请填写名称"), _("例如：高笋塘街道工作群"))
    kind = kind_of(address, ADMINISTRATORS if place else ())
    mark = pseudonym(settings.HOME.keys(), address)
    owner: dict[str, Any] = {"area": place} if place else {"user": acting_user}
    before = Channel.objects.filter(**owner, mark=mark, ended_at=None).first()
    if before is not None:
        return before
    if not place and Channel.objects.filter(**owner, ended_at=None).count() >= MOST_OF_A_USER:
        raise InputError(_("推送最多设置{most}个").format(most=MOST_OF_A_USER), _("先停用不用的"))
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        with transaction.atomic():
            made = Channel.objects.create(
                **owner, title=title, kind=kind, mark=mark, told_up_to=last, made_by=acting_user
            )
    except IntegrityError:
        return Channel.objects.get(**owner, mark=mark, ended_at=None)
    made.sealed = settings.HOME.sealer().seal(address, context_of_channel(made.pk))
    made.save(update_fields=["sealed"])
    record(acting_user, "channel_added", made, area=place, way=kind)
    return made


@transaction.atomic
def end_channel(pk: int, *, acting_user: User) -> None:
    """Tells nothing there any more and forgets the address. Raises Channel.DoesNotExist for what is not the user's."""
    channel = _held(channels_of(acting_user).get(pk=pk))
    channel.ended_at, channel.sealed = now(), b""
    channel.save(update_fields=["ended_at", "sealed"])
    Sending.objects.filter(channel=channel, state=Sending.State.WAITING).update(
        state=Sending.State.FAILED, sealed=b"", problem="推送已停用"
    )
    record(acting_user, "channel_ended", channel, area=channel.area, way=channel.kind)


@transaction.atomic
def try_channel(pk: int, *, acting_user: User) -> None:
    """Sends a line for trying. Raises Channel.DoesNotExist as `end_channel`; InputError where one has just been sent."""
    channel = _held(channels_of(acting_user).get(pk=pk))
    if Sending.objects.filter(channel=channel, made_at__gt=now() - timedelta(minutes=1)).exists():
        raise InputError(_("刚刚发送过"), _("一分钟后再试"))
    _queue(channel, _("守望：这是一条测试消息，收到说明推送已接通。"))


def _held(channel: Channel) -> Channel:
    """The channel for the rest of the transaction. Raises Channel.DoesNotExist where it has ended meanwhile."""
    return Channel.objects.select_for_update().get(pk=channel.pk, ended_at=None)


def kind_of(address: str, beside: Iterable[str] = ()) -> str:
    """The service that an address belongs to. Raises InputError where it is none that may be named."""
    service = _service(address) if len(address) <= LONGEST_ADDRESS else None
    kind = str(getattr(service, "schema", "") or "")
    if kind not in (*ANYBODYS, *beside):
        raise InputError(
            _("这个推送地址不能用"),
            _("粘贴企业微信、钉钉、飞书群机器人的地址，或 wecombot://、dingtalk://、feishu:// 开头的地址"),
        )
    return kind


def _service(address: str) -> Any:
    """Apprise's object for an address, bounded in time whatever the address says; None where it knows none."""
    import apprise

    for robot, scheme in ROBOTS:
        address = robot.sub(scheme, address)
    service = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if service is not None:
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, ANSWER_SECONDS
        service.verify_certificate, service.redirects = True, 0
    return service


def push(address: str, text: str) -> None:
    """Brings words to an address. Raises Failure, which says nothing of the address."""
    service = _service(address)
    if service is None or not service.notify(title=_("守望"), body=text):
        raise Failure(_("推送没有成功"), _("核对推送地址，或停用后重新设置"))


def queue_news(at: datetime | None = None) -> int:
    """What is new for each channel since the last time, as one line that waits to be sent; returns how many lines."""
    at = at or now()
    by_day = DAY_BEGINS <= localtime(at).hour < DAY_ENDS
    settled = Message.objects.filter(at__lte=now() - SETTLED).order_by("-pk")
    newest = settled.values_list("pk", flat=True).first() or 0
    waiting = Channel.objects.filter(ended_at=None, told_up_to__lt=newest).select_related("user", "area")
    return sum(_queue_news_of(channel, newest, at, by_day) for channel in waiting.order_by("pk"))


@transaction.atomic
def _queue_news_of(channel: Channel, newest: int, at: datetime, by_day: bool) -> bool:
    """Told up to where was read, in the same transaction: killed in between, nothing is told twice or lost."""
    held = Channel.objects.select_for_update().filter(pk=channel.pk, ended_at=None).first()
    if held is None or (held.told_at is not None and at - held.told_at < APART):
        return False
    unheard = _messages_of(channel, localtime(at).date()).filter(pk__gt=held.told_up_to, pk__lte=newest)
    new = list(unheard.order_by("pk"))
    if not new:
        Channel.objects.filter(pk=held.pk).update(told_up_to=newest)
        return False
    if not (by_day or any(each.kind == Message.Kind.RELAY for each in new)):
        return False
    Channel.objects.filter(pk=held.pk).update(told_up_to=newest, told_at=at)
    with translation.override(settings.LANGUAGE_CODE):
        _queue(channel, line_of(new))
    return True


def _messages_of(channel: Channel, on: date) -> QuerySet[Message]:
    if channel.user is not None:
        return messages_for(channel.user, on)
    areas = [whole_code(prefix) for prefix in prefixes(channel.area)] if channel.area else []
    return Message.objects.filter(area__in=areas, department="")


def line_of(messages: Iterable[Message]) -> str:
    """What may be told outside: how many of which kind, the counts of what is due, and where to read it."""
    told = list(messages)
    counted = Counter(str(Message.Kind(each.kind).label) for each in told)
    lines = ["，".join(f"{kind} {number} 条" for kind, number in counted.items())]
    lines += dict.fromkeys(each.title for each in told if each.kind == Message.Kind.DUE)
    where = f"{settings.SITE_URL}/messages/" if settings.SITE_URL else _("请登录守望查看")
    return "\n".join([*lines, where])


def _queue(channel: Channel, text: str) -> None:
    sending = Sending.objects.create(channel=channel, area=channel.area, shown=channel.title[:20], next_at=now())
    sealed = settings.HOME.sealer().seal(json.dumps([text]), f"sending:{sending.pk}")
    Sending.objects.filter(pk=sending.pk).update(sealed=sealed)


def context_of_channel(pk: int) -> str:
    return f"channel:{pk}"


def address_of(channel: Channel) -> str:
    """Raises Failure where it was ended."""
    if not channel.sealed:
        raise Failure(_("推送已停用"))
    return settings.HOME.sealer().unseal(bytes(channel.sealed), context_of_channel(channel.pk))
