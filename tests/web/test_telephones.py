"""Text messages: sealed while they wait, tried again, never twice; told by officers where there is no gateway."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate, now
from small_city import VILLAGE, make_user

from receiver import Receiver, receiving
from runtime_role import emptied
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.notifications import sms
from shouwang.notifications.models import Message, Sending
from shouwang.notifications.outbox import PAUSES, send_waiting
from shouwang.notifications.reading import messages_for
from signed_in import sign_in

PHONE, WORDS = "13800138000", "守望验证码 482913，10分钟内有效"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as server:
        monkeypatch.setattr(settings, "SMS_GATEWAY", "http")
        monkeypatch.setattr(settings, "SMS_URL", server.url)
        monkeypatch.setattr(settings, "SMS_BODY", '{"to": ["{phone}"], "message": {"content": "【守望】{text}"}}')
        monkeypatch.setattr(settings, "SMS_HEADERS", '{"Authorization": "Bearer x"}')
        yield server


@pytest.fixture(autouse=True)
def empty_desks(city: SimpleNamespace) -> None:
    emptied(Message.objects.all())


def village() -> Area:
    return Area.objects.get(pk=VILLAGE)


def test_without_a_gateway_the_officers_tell_the_person(
    city: SimpleNamespace, at_desk: Callable[[str], Client], home: Home
) -> None:
    sms.send(PHONE, WORDS, area=village())
    team = make_user("team", VILLAGE, "resident_team")
    for name in ("village", "township"):
        message = messages_for(city.users[name], localdate()).get()
        assert "138****8000" in message.title
        assert "482913" not in message.title + message.text
        listed = at_desk(name).get("/messages/").content.decode()
        assert "482913" not in listed
        page = at_desk(name).get(f"/messages/{message.pk}/").content.decode()
        assert PHONE in page
        assert WORDS in page
    assert messages_for(team, localdate()).count() == 1
    for name in ("county", "foreign", "department"):
        assert not messages_for(city.users[name], localdate()).exists()
    assert Entry.objects.filter(action="relay_read").count() == 2
    assert Sending.objects.get().state == "relayed"


def test_nothing_of_it_lies_in_clear(city: SimpleNamespace, home: Home, receiver: Receiver) -> None:
    sms.send(PHONE, WORDS, area=village())
    rows = [str(row) for model in (Message, Sending, Entry) for row in model.objects.values()]
    assert any("138****8000" in row for row in rows)
    for secret in (PHONE, "482913"):
        assert not any(secret in row for row in rows)
        assert secret.encode() not in bytes(Sending.objects.get().sealed)


def test_what_was_to_be_passed_on_is_forgotten(city: SimpleNamespace, home: Home) -> None:
    sms.send(PHONE, WORDS, area=village())
    assert sms.forget_relayed(localdate() + timedelta(days=sms.KEPT_DAYS)) == 0
    assert sms.forget_relayed(localdate() + timedelta(days=sms.KEPT_DAYS + 1)) == 2
    message = Message.objects.filter(area=VILLAGE).get()
    assert sms.words_of(message) is None
    page = sign_in(Client(), city.users["village"]).get(f"/messages/{message.pk}/")
    assert page.status_code == 200


def test_a_gateway_gets_it_once(city: SimpleNamespace, home: Home, receiver: Receiver) -> None:
    sms.send(PHONE, WORDS, area=village())
    assert receiver.got == []
    assert [send_waiting() for _ in range(3)] == [1, 0, 0]
    [(headers, body)] = receiver.got
    assert headers["Authorization"] == "Bearer x"
    assert body == {"to": [PHONE], "message": {"content": f"【守望】{WORDS}"}}
    sending = Sending.objects.get()
    assert (sending.state, bytes(sending.sealed), sending.tries) == ("sent", b"", 1)
    assert not Message.objects.exists()


def test_words_cannot_break_out_of_their_place(city: SimpleNamespace, home: Home, receiver: Receiver) -> None:
    sms.send(PHONE, '"}, "x": "{phone}', area=village())
    send_waiting()
    assert receiver.got[0][1]["message"] == {"content": '【守望】"}, "x": "{phone}'}


def test_a_gateway_that_fails_is_asked_again_later(
    city: SimpleNamespace, home: Home, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [500, 302, 200]
    sms.send(PHONE, WORDS, area=village())
    at = now()
    with caplog.at_level(logging.INFO, "shouwang"):
        assert send_waiting(at) == 0
        assert send_waiting(at) == 0
        assert len(receiver.got) == 1
        assert send_waiting(at + PAUSES[0]) == 0
        assert send_waiting(at + PAUSES[0] + PAUSES[1]) == 1
    assert Sending.objects.get().tries == 3
    assert "138****8000" in caplog.text
    assert PHONE not in caplog.text
    assert "482913" not in caplog.text


def test_in_the_end_it_is_given_up_and_nothing_kept(
    city: SimpleNamespace, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SMS_GATEWAY", "http")
    monkeypatch.setattr(settings, "SMS_URL", "http://127.0.0.1:9/")
    sms.send(PHONE, WORDS, area=village())
    at = now()
    for pause in (*PAUSES, PAUSES[-1]):
        send_waiting(at)
        at += pause
    sending = Sending.objects.get()
    assert (sending.state, sending.tries, bytes(sending.sealed)) == ("failed", len(PAUSES) + 1, b"")
    assert "没有答复" in sending.problem


def test_two_processes_do_not_send_at_once(city: SimpleNamespace, home: Home, receiver: Receiver) -> None:
    from shouwang.notifications import outbox

    sms.send(PHONE, WORDS, area=village())
    seen_by_both, at = Sending.objects.get(), now()
    assert [outbox._try(seen_by_both, at), outbox._try(seen_by_both, at)] == [True, False]
    assert len(receiver.got) == 1


@pytest.mark.parametrize("phone", ["", "1380013800", "23800138000", "138001380001", "+8613800138000"])
def test_no_other_number_is_called(phone: str, city: SimpleNamespace, home: Home) -> None:
    with pytest.raises(InputError, match="11位"):
        sms.send(phone, WORDS, area=village())
    assert not Sending.objects.exists()


def test_nobody_is_annoyed(city: SimpleNamespace, home: Home) -> None:
    for _ in range(sms.MOST_A_DAY):
        sms.send(PHONE, WORDS, area=village())
    with pytest.raises(InputError, match="上限"):
        sms.send(PHONE, WORDS, area=village())
    sms.send("13800138001", WORDS, area=village())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMS_GATEWAY", "pigeon", "不认识"),
        ("SMS_URL", "", "没有地址"),
        ("SMS_BODY", "{", "不是 JSON"),
        ("SMS_BODY", '{"phone": "{phone}"}', "缺少"),
    ],
)
def test_a_gateway_that_is_set_up_wrongly_says_so(
    name: str, value: str, said: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, name, value)
    with pytest.raises(InputError, match=said):
        sms.gateway()
