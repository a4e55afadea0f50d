"""Whoever reported is told by text message when their report has moved: receipt and state, once, and nobody else is."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from declaring import PHONE, Office, anonymous, taken
from django.utils.timezone import now
from offices import ON, Desk, open_clue
from test_declaration_machine import everybody
from test_declaring import closed, dismissed, verified

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.cases.models import Stage as CaseStage
from shouwang.declarations import handling as doing
from shouwang.declarations import texting
from shouwang.declarations.models import Declaration
from shouwang.declarations.receipt import in_groups
from shouwang.declarations.rising import bring_unverified
from shouwang.declarations.telling import told_of
from shouwang.jobs.handling import declaration_requirements, look_after
from shouwang.notifications import sms
from shouwang.notifications.models import Message, Sending
from shouwang.notifications.sms import words_of

pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def people(households: object) -> dict[str, User]:
    return everybody()


def texts() -> list[str]:
    """What was to be told about states, the oldest first; whoever tells it is the township."""
    found = []
    for message in Message.objects.filter(kind="relay").select_related("area").order_by("pk"):
        phone, text = words_of(message) or ("", "")
        if "验证码" not in text:
            assert phone == PHONE
            assert message.area is not None
            assert message.area.level == Area.TOWNSHIP
            found.append(text)
    return found


def test_each_state_is_told_once_with_the_receipt_and_nothing_else(people: Mapping[str, User]) -> None:
    found = verified()
    assert texting.tell_reporters() == 0  # where it stands was on the page
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    for _ in range(3):
        look_after(ON)
    number = in_groups(found.number)
    assert texts() == [f"您的申报（回执编号 {number}）：正在核实。办理情况可以扫村里的申报二维码，凭回执编号查看。"]
    dismissed(people, found, "township")
    assert [texting.tell_reporters(), texting.tell_reporters()] == [1, 0]
    assert texts()[1:] == [
        f"您的申报（回执编号 {number}）：核实后没有列为风险。理由请扫村里的申报二维码，凭回执编号查看；不同意可以申诉一次。"
    ]
    for said in ("冉大田", "住院", "自费", "H1", "因病"):
        assert said not in "".join(texts())
    assert Entry.objects.filter(action="sms_sent").count() == 3


def test_refused_and_refused_again_after_an_appeal(people: Mapping[str, User]) -> None:
    third = User.objects.create(username="third", password="!")
    Post.objects.create(user=third, area_id="500101001000", duty="township", starts_on=ON)
    office = Office({**people, "third": third})
    found = closed(office)
    texting.tell_reporters()
    office.appeal(found.number)
    assert texting.tell_reporters() == 0
    doing.uphold(found.number, office.order("third"), "确实不是")
    assert [texting.tell_reporters(), texting.tell_reporters()] == [1, 0]
    first, last = texts()
    assert "没有受理" in first
    assert "可以申诉一次" in first
    assert "最后答复" in last
    assert "申诉一次" not in last


def test_a_neighbour_is_told_what_the_page_tells_them(people: Mapping[str, User]) -> None:
    found = verified(behalf="neighbour", about="冉大田")
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], False)
    texting.tell_reporters()
    dismissed(people, found, "township")
    texting.tell_reporters()
    assert ["已转给村里上门核实" in texts()[0], "已经有人上门看过" in texts()[1]] == [True, True]


def test_a_telephone_that_nobody_vouched_for_never_rings(people: Mapping[str, User]) -> None:
    unverified, nameless = taken(), anonymous("nameless")
    Declaration.objects.filter(pk=unverified.pk).update(received_at=now() - timedelta(days=2))
    bring_unverified(declaration_requirements(ON), ON)
    for found in (unverified, nameless):
        doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    assert texting.tell_reporters() == 0
    assert texts() == []


def test_what_could_not_be_sent_today_is_told_later(
    people: Mapping[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verified()
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    with monkeypatch.context() as patched:
        patched.setattr(sms, "MOST_A_DAY", 1)
        assert texting.tell_reporters() == 0
    assert texting.tell_reporters() == 1


def test_with_a_gateway_it_waits_to_be_sent(people: Mapping[str, User], settings: object) -> None:
    found = verified()
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    settings.SMS_GATEWAY, settings.SMS_URL = "http", "http://127.0.0.1:9/"  # type: ignore[attr-defined]
    settings.SMS_BODY = '{"to": "{phone}", "text": "{text}"}'  # type: ignore[attr-defined]
    assert texting.tell_reporters() == 1
    assert Sending.objects.filter(state="waiting", shown="138****0001").count() == 1
    assert texts() == []


@pytest.mark.parametrize("stage", CaseStage.values)
def test_a_household_hears_of_each_stage_of_its_case(stage: str, people: Mapping[str, User]) -> None:
    Desk(people).bring(open_clue(), "closed")
    look_after(ON)
    found = verified()
    doing.link(found.number, Office(people).order("township"), "H1", ["illness"], True)
    ended = {"eliminated_on": ON, "elimination_mode": "assisted"} if stage == "eliminated" else {}
    Case.objects.update(stage=stage, refusal="收入高于监测线", included_on=ON, monitor_type="marginal", **ended)
    told = told_of(Declaration.objects.get())
    assert told.good is (stage in ("included", "eliminated"))
    assert told.refused is (stage == "refused")
