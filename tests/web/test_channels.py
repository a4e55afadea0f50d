"""What is told outside the desk: counts and links, once, in the hours of the day; addresses sealed; failures seen."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from small_city import COUNTY, FOREIGN_COUNTY, TOWNSHIP, VILLAGE, make_user

from receiver import Receiver, receiving
from shouwang.accounts.duties import Permission
from shouwang.audit.models import Entry
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.notifications import channels
from shouwang.notifications.channels import add_channel, areas_of, channels_of, kind_of, queue_news
from shouwang.notifications.models import Channel, Sending
from shouwang.notifications.outbox import PAUSES, send_waiting
from shouwang.notifications.telling import Kind, notify
from signed_in import sign_in

ROBOT = "wecombot://BOTKEY0123"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DUE = "已逾期 2 件，今天到期 5 件"


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "SETTLED", timedelta(0))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def admin(city: SimpleNamespace) -> object:
    return make_user("admin", COUNTY, "system_admin")


def address(receiver: Receiver) -> str:
    return receiver.url.replace("http://", "json://")


def news(key: str = "n", title: str = DUE, kind: str = Kind.DUE, link: str = "/today/") -> None:
    notify(COUNTY, Permission.DISPATCH, kind=kind, title=title, text="张三", link=link, on=NOON.date(), key=key)


def sent(receiver: Receiver) -> list[str]:
    return [str(body["message"]) for _, body in receiver.got]


def test_an_office_hears_of_its_news_once(admin: object, home: Home, receiver: Receiver) -> None:
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    assert queue_news(NOON) == 0
    for _ in range(3):
        news()
        queue_news(NOON)
        send_waiting()
    [line] = sent(receiver)
    assert DUE in line
    assert "期限提醒 1 条" in line
    assert "登录" in line


def test_no_name_and_no_number_goes_out(
    admin: object, city: SimpleNamespace, home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SITE_URL", "https://shouwang.example")
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    number = city.clue.number
    news(title=f"{number} 冉光荣家被退回", kind=Kind.TASK, link=f"/clues/{number}/")
    queue_news(NOON)
    send_waiting()
    [line] = sent(receiver)
    assert line == "待办事项 1 条\nhttps://shouwang.example/messages/"
    assert "冉光荣" not in str(receiver.got)
    assert number not in str(receiver.got)


def test_at_night_nobody_is_told_but_to_pass_on(admin: object, home: Home, receiver: Receiver) -> None:
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    news()
    night = NOON + timedelta(hours=11)
    assert queue_news(night) == 0
    news(key="r", title="请转告 138****8000 一条短信", kind=Kind.RELAY, link="")
    assert queue_news(night) == 1
    send_waiting()
    assert "138" not in sent(receiver)[0]


def test_a_busy_desk_is_told_at_most_every_ten_minutes(admin: object, home: Home, receiver: Receiver) -> None:
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    news("1")
    assert queue_news(NOON) == 1
    news("2", "今天到期 1 件")
    news("3", "今天到期 2 件")
    assert queue_news(NOON + timedelta(minutes=9)) == 0
    assert queue_news(NOON + timedelta(minutes=10)) == 1
    send_waiting()
    assert "期限提醒 2 条\n今天到期 1 件\n今天到期 2 件" in sent(receiver)[1]


def test_a_receiver_that_fails_is_seen_on_the_system_page_and_tried_again(
    admin: object, home: Home, receiver: Receiver
) -> None:
    receiver.answers = [500]
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    news()
    queue_news(NOON)
    assert send_waiting() == 0
    page = sign_in(Client(), admin).get("/system/").content.decode()  # type: ignore[arg-type]
    assert "区工作群" in page
    assert "推送没有成功" in page
    assert receiver.url not in page
    sending = Sending.objects.get()
    assert send_waiting(sending.next_at) == 1
    assert sending.next_at - sending.made_at >= PAUSES[0] - timedelta(seconds=1)
    assert len(receiver.got) == 2


def test_the_address_is_sealed_and_forgotten(admin: object, home: Home, receiver: Receiver) -> None:
    client = sign_in(Client(), admin)  # type: ignore[arg-type]
    fields = {"title": "区工作群", "address": address(receiver), "area": COUNTY}
    for _ in range(3):
        client.post("/channels/", fields)
    channel = Channel.objects.get()
    told = [*Channel.objects.values(), *Sending.objects.values(), *Entry.objects.values()]
    assert not any(address(receiver) in str(row) for row in told)
    assert address(receiver) not in client.get("/channels/").content.decode()
    assert client.post("/channels/", {"try": channel.pk}).status_code == 302
    send_waiting()
    assert "测试消息" in sent(receiver)[0]
    client.post("/channels/", {"try": channel.pk})
    assert Sending.objects.count() == 1
    client.post("/channels/", {"end": channel.pk})
    assert bytes(Channel.objects.get().sealed) == b""
    assert client.post("/channels/", {"end": channel.pk}).status_code == 404
    assert [each.action for each in Entry.objects.filter(action__startswith="channel_")] == [
        "channel_added",
        "channel_ended",
    ]


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://evil.example/x",
        "json://10.0.0.1/",
        "mailto://a:b@c.d",
        "syslog://",
        "file:///x",
        f"{ROBOT}{'a' * 600}",
    ],
)
def test_a_user_sends_this_server_nowhere_else(given: str, city: SimpleNamespace, home: Home) -> None:
    with pytest.raises(InputError, match="不能用"):
        add_channel(acting_user=city.users["village"], title="我的", address=given)
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7000-4bc4-97a0-0ec2s1fa5aaa", "wecombot"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abcdefab-1234-1234-1234-abcdefabcdef", "feishu"),
        ("feishu://abcdefab-1234-1234-1234-abcdefabcdef", "feishu"),
        ("https://oapi.dingtalk.com/robot/send?access_token=" + "a1" * 32, "dingtalk"),
        ("dingtalk://SECRET@a1b2c3", "dingtalk"),
    ],
)
def test_the_addresses_of_group_robots_are_known(given: str, kind: str) -> None:
    assert kind_of(given) == kind


def test_time_is_bounded_whatever_the_address_says() -> None:
    service = channels._service("json://127.0.0.1:9/?rto=9999&cto=9999&verify=no")
    assert (service.socket_read_timeout, service.socket_connect_timeout) == (10.0, 5.0)
    assert service.verify_certificate is True


def test_everybody_sets_their_own_and_nobody_elses(
    city: SimpleNamespace, admin: object, home: Home, at_desk: Callable[[str], Client]
) -> None:
    mine = add_channel(acting_user=city.users["village"], title="我的", address=ROBOT)
    assert "我的" in at_desk("village").get("/channels/").content.decode()
    assert at_desk("county").post("/channels/", {"end": mine.pk}).status_code == 404
    assert list(channels_of(admin)) == []  # type: ignore[arg-type]
    with pytest.raises(InputError, match="不由您"):
        add_channel(acting_user=city.users["village"], title="村里", address=ROBOT, area=VILLAGE)
    with pytest.raises(InputError, match="不由您"):
        add_channel(acting_user=admin, title="别处", address=ROBOT, area=FOREIGN_COUNTY)  # type: ignore[arg-type]
    assert {each.pk for each in areas_of(admin)} == {COUNTY, TOWNSHIP}  # type: ignore[arg-type]
    for place in range(channels.MOST_OF_A_USER - 1):
        add_channel(acting_user=city.users["village"], title="我的", address=f"{ROBOT}{place}")
    with pytest.raises(InputError, match="最多"):
        add_channel(acting_user=city.users["village"], title="我的", address=f"{ROBOT}x")


def test_killed_between_reading_and_queueing_nothing_is_lost(
    admin: object, home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_channel(acting_user=admin, title="区工作群", address=address(receiver), area=COUNTY)  # type: ignore[arg-type]
    news()
    whole = channels._queue

    def killed(channel: Channel, text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(channels, "_queue", killed)
    with pytest.raises(KeyboardInterrupt):
        queue_news(NOON)
    monkeypatch.setattr(channels, "_queue", whole)
    assert queue_news(NOON) == 1
