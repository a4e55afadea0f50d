"""The holidays of a year at the desk: proposed by an office, decided by a second person, asked for before the year begins."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from small_city import COUNTY, make_user

from runtime_role import emptied
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.clues.models import Clue
from shouwang.jobs.doctor import examine
from shouwang.jobs.handling import ask_for_holidays, requirements
from shouwang.jobs.policy import current_pack
from shouwang.jobs.policy_whatif import run_whatif
from shouwang.kernel import china_time
from shouwang.kernel.home import Home
from shouwang.notifications.models import Message
from shouwang.notifications.reading import messages_for
from signed_in import sign_in

Desk = Callable[[str], Client]
URL = "/policy/parameters/calendar.2027/"
FORM = {
    "value": "元旦 2027-01-01至2027-01-03\n春节 2027-02-05至2027-02-12\n上班 2027-02-14",
    "document": "国务院办公厅关于2027年部分节假日安排的通知",
    "document_number": "国办发明电〔2026〕9号",
    "clause": "全文",
    "reason": "通知已发布",
    "key": "k",
}
CHINESE_NEW_YEAR = date(2027, 2, 8)


@pytest.fixture(autouse=True)
def own_home(home: Home, city: SimpleNamespace) -> None:
    emptied(Amendment.objects.all())


def proposed(client: Client) -> Amendment:
    response = client.post(URL, FORM)
    assert response.status_code == 302, response.content.decode()[-3000:]
    return Amendment.objects.get()


def test_a_year_is_proposed_tried_and_decided_by_a_second_person(
    city: SimpleNamespace, at_desk: Desk, django_capture_on_commit_callbacks: Any
) -> None:
    client = at_desk("county")
    assert "尚未公布" in client.get("/policy/").content.decode()
    for _ in range(2):
        made = proposed(client)
    assert (made.valid_from, made.value.split("；")[1]) == (date(2027, 1, 1), "春节 2027-02-05至2027-02-12")
    for whatif in WhatIf.objects.all():
        run_whatif.call(whatif.pk)
    page = at_desk("city").get(f"/policy/amendments/{made.pk}/").content.decode()
    assert "2027年节假日安排" in page
    assert current_pack().calendar.is_working(CHINESE_NEW_YEAR)
    due = Clue.objects.get(pk=city.clue.pk).due_on
    step = f"/policy/amendments/{made.pk}/step/"
    client.post(step, {"step": "accept", "reason": "同意", "key": "own"})
    assert current_pack().calendar.is_working(CHINESE_NEW_YEAR)
    with django_capture_on_commit_callbacks(execute=True):
        at_desk("city").post(step, {"step": "accept", "reason": "按通知", "key": "d"})
    made.refresh_from_db()
    assert made.state == "accepted"
    assert not current_pack().calendar.is_working(CHINESE_NEW_YEAR)
    assert requirements(date(2027, 2, 4)).due("city", date(2027, 2, 4)) == date(2027, 2, 14)
    assert Clue.objects.get(pk=city.clue.pk).due_on == due
    listed = client.get("/policy/").content.decode()
    assert "国办发明电〔2026〕9号" in listed
    assert "已经定下的办理期限不变" in client.get(URL).content.decode()


def test_nonsense_is_refused_in_words(at_desk: Desk) -> None:
    response = at_desk("county").post(URL, FORM | {"value": "过年放假"})
    assert response.status_code == 422
    assert "看不明白" in response.content.decode()
    assert not Amendment.objects.exists()


def test_who_does_not_propose_reads(at_desk: Desk) -> None:
    assert at_desk("village").get(URL).status_code == 200
    assert at_desk("village").post(URL, FORM).status_code in (403, 404)
    assert at_desk("county").get("/policy/parameters/calendar.2050/").status_code == 404


def test_the_city_is_asked_once_before_the_year_begins(city: SimpleNamespace, at_desk: Desk) -> None:
    ask_for_holidays(date(2026, 11, 20))
    assert not Message.objects.filter(kind="system").exists()
    for day in (date(2026, 12, 5), date(2026, 12, 6)):
        ask_for_holidays(day)
    message = Message.objects.get(kind="system")
    assert message.title == "没有2027年的节假日安排"
    assert messages_for(city.users["city"], date(2026, 12, 5)).filter(pk=message.pk).exists()
    assert message.title in at_desk("city").get("/messages/").content.decode()
    assert not messages_for(city.users["county"], date(2026, 12, 5)).filter(pk=message.pk).exists()


def test_the_doctor_and_the_page_complain(
    city: SimpleNamespace, home: Home, at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shouwang.web import policy

    monkeypatch.setattr(china_time, "today", lambda: date(2026, 10, 1))
    assert not any(each.check == "holidays" for each in examine(home))
    monkeypatch.setattr(china_time, "today", lambda: date(2026, 12, 20))
    [found] = [each for each in examine(home) if each.check == "holidays"]
    assert "2027" in found.message
    monkeypatch.setattr(policy, "localdate", lambda: date(2026, 12, 20))
    user = make_user("later", COUNTY, "county")
    assert "缺少节假日安排" in sign_in(Client(), user).get("/policy/").content.decode()
