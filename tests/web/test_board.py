"""公示栏: for everybody, for exactly the days of a notice, without anything that must not be seen; and objections from there."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
import segno
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import COUNTY, FOREIGN_VILLAGE, VILLAGE, make_notice, standing

from printing.paper import pages_of
from printing.paper import text_of as text_of_paper
from shouwang.audit.models import Entry
from shouwang.cases.board import contact_of
from shouwang.cases.models import Case, Collection, Deliberation, Notice, OnlineObjection
from shouwang.cases.notices import public_name, text_of
from shouwang.notifications.models import Message
from shouwang.printing import pdf
from shouwang.web.papers import TITLES
from web.test_case_pages import collected

AtDesk = Callable[[str], Client]
BOARD = f"/board/{VILLAGE}/"
pytestmark = pytest.mark.usefixtures("home")


def posted(city: SimpleNamespace, before: int, after: int, **more: Any) -> Notice:
    """A notice posted up days ago that stands until a day from today."""
    notice, today = standing(city.case), localdate()
    days = {"posted_on": today - timedelta(days=before), "stands_until": today + timedelta(days=after)}
    Notice.objects.filter(pk=notice.pk).update(text="公示\n户主：冉光荣\n村委会\n今天", **days, **more)
    notice.refresh_from_db()
    return notice


@pytest.mark.parametrize(
    ("before", "after", "hangs"), [(0, 0, True), (5, 0, True), (0, 5, True), (6, -1, False), (-1, 5, False)]
)
def test_a_notice_is_seen_by_everybody_on_exactly_its_days(
    city: SimpleNamespace, before: int, after: int, hangs: bool
) -> None:
    notice = posted(city, before, after)
    said = Client().get(BOARD).content.decode()
    assert ("户主：冉光荣" in said) == hangs
    assert Client().get(f"{BOARD}objection/{notice.pk}/").status_code == (200 if hangs else 404)
    sent = Client().post(f"{BOARD}objection/{notice.pk}/", {"text": "家里有车", "key": "k"})
    assert (sent.status_code, OnlineObjection.objects.count()) == ((200, 1) if hangs else (404, 0))


def test_what_was_taken_down_is_gone_at_once_and_no_other_village_shows_it(city: SimpleNamespace) -> None:
    notice = posted(city, 1, 4)
    assert "冉光荣" not in Client().get(f"/board/{FOREIGN_VILLAGE}/").content.decode()
    assert Client().get(f"/board/{FOREIGN_VILLAGE}/objection/{notice.pk}/").status_code == 404
    Notice.objects.filter(pk=notice.pk).update(taken_down_on=localdate())
    assert "冉光荣" not in Client().get(BOARD).content.decode()
    for code in (COUNTY, "500101001999", "x"):
        assert Client().get(f"/board/{code}/").status_code == 404


def test_nothing_keeps_or_finds_the_page(city: SimpleNamespace) -> None:
    notice = posted(city, 0, 0)
    for url in (BOARD, f"{BOARD}objection/{notice.pk}/"):
        answer = Client().get(url)
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "<script" not in answer.content.decode()


PLANTED = {"50010119900307123X": "id", "13812345678": "phone", "6222020200112233445": "account", "尿毒症": "health"}
EVERYTHING = "冉光荣（" + "，".join(PLANTED) + "）"


def test_no_notice_page_or_paper_shows_number_phone_account_or_health(city: SimpleNamespace, at_desk: AtDesk) -> None:
    """Planted in every field from which a notice could be made, and in every record beside it."""
    case = city.case
    household = case.household
    household.head_name = EVERYTHING
    household.save()
    household.persons.update(name=EVERYTHING, health="患有大病", relation="户主")
    Case.objects.filter(pk=case.pk).update(
        help_first=EVERYTHING, refusal=EVERYTHING, monitor_type="sudden", risks=["illness", "disability"]
    )
    case.refresh_from_db()
    day, step = localdate(), case.steps.first()
    Collection.objects.create(
        case=case,
        step=step,
        consented_on=day,
        consented_by=EVERYTHING,
        period_start=day,
        period_end=day,
        members=2,
        net=1,
        per_capita=1,
        reference_per_capita=1,
        line=1,
        monitor_type="sudden",
        risks=["illness"],
        reason=EVERYTHING,
        answers=[{"text": EVERYTHING, "answer": EVERYTHING}],
    )
    Deliberation.objects.create(
        case=case,
        step=step,
        held_on=day,
        chair=EVERYTHING,
        present=1,
        votes_for=1,
        votes_against=0,
        minutes=EVERYTHING,
    )
    for kind in (Notice.Kind.PUBLICITY, Notice.Kind.ANNOUNCEMENT):
        text = text_of(case, kind, day, day)
        Notice.objects.filter(pk=standing(case).pk).update(kind=kind, text=text, place=EVERYTHING)
        notice = city.case.notices.get()
        paper = text_of_paper(at_desk("village").get(f"/notices/{notice.pk}.pdf").content)
        for shown in (text, Client().get(BOARD).content.decode(), paper):
            assert "冉光荣" in shown
            assert not [each for each in (*PLANTED, "因病", "因残", "大病", "残疾") if each in shown]


def test_the_printed_notice_leads_a_telephone_to_the_board(city: SimpleNamespace, at_desk: AtDesk) -> None:
    notice, served = posted(city, 1, 3), []
    with patch("shouwang.web.papers.pdf", lambda paper, data: served.append(data) or pdf(paper, data)):
        content = at_desk("village").get(f"/notices/{notice.pk}.pdf").content
    assert len(pages_of(content)) == 1
    assert f"http://testserver{BOARD}" in text_of_paper(content)
    drawn = io.BytesIO()
    segno.make(f"http://testserver{BOARD}", error="q").save(drawn, kind="svg", border=2)
    assert served[0]["board"]["code"] == drawn.getvalue()
    assert Client().get(BOARD).status_code == 200


def test_a_notice_counts_the_people_whom_the_village_counted(city: SimpleNamespace, at_desk: AtDesk) -> None:
    case, day = city.case, localdate()
    assert "家庭人口：1人" in text_of(case, Notice.Kind.PUBLICITY, day, day)
    form = collected(seen=case.version, key="k", members="4")
    at_desk("village").post(f"/cases/{case.number}/collect/", form)
    assert case.collections.get().members == 4
    for kind in (Notice.Kind.PUBLICITY, Notice.Kind.ANNOUNCEMENT):
        assert "家庭人口：4人" in text_of(case, kind, day, day)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("冉光荣", "冉光荣"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("𠮷野", "𠮷野"),
        ("冉光荣13812345678", "冉光荣"),
        ("冉光荣 尿毒症", "冉光荣"),
        ("冉光荣(残疾二级)", "冉光荣"),
        ("13812345678", "（未登记）"),
        ("", "（未登记）"),
    ],
)
def test_only_the_name_of_a_name_is_public(name: str, shown: str) -> None:
    assert public_name(name) == shown


def test_an_objection_is_one_record_tells_village_and_township_and_its_contact_is_sealed(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    notice = posted(city, 1, 3)
    Case.objects.filter(pk=city.case.pk).update(stage="publicity")
    form = {"text": "家里有车，证件50010119900307123X", "contact": "二组老王 58001122", "key": "drawn"}
    for _ in range(3):
        answer = Client().post(f"{BOARD}objection/{notice.pk}/", form)
        assert "已经收到" in answer.content.decode()
    made = OnlineObjection.objects.get()
    assert b"58001122" not in bytes(made.sealed)
    assert contact_of(made) == "二组老王 58001122"
    assert Entry.objects.filter(action="objection_received").count() == 1
    assert Message.objects.filter(link=f"/cases/{city.case.number}/").count() == 2
    for who in ("village", "township"):
        assert "二组老王 58001122" in at_desk(who).get(f"/cases/{city.case.number}/").content.decode()
    assert "家里有车" not in Client().get(BOARD).content.decode()


@pytest.mark.parametrize(("form", "said"), [({"text": "  "}, "请填写异议"), ({"text": "车" * 501}, "写得太长")])
def test_what_cannot_be_kept_is_said(city: SimpleNamespace, form: dict[str, str], said: str) -> None:
    notice = posted(city, 1, 3)
    answer = Client().post(f"{BOARD}objection/{notice.pk}/", form | {"key": "k"})
    assert (answer.status_code, OnlineObjection.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_a_flood_of_objections_is_stopped_and_says_where_to_go(city: SimpleNamespace) -> None:
    notice = posted(city, 1, 3)
    answers = [
        Client().post(f"{BOARD}objection/{notice.pk}/", {"text": "家里有车", "key": f"k{n}"}).status_code
        for n in range(12)
    ]
    assert (answers.count(200), answers[-1], OnlineObjection.objects.count()) == (10, 422, 10)


def test_an_announcement_takes_no_objection(city: SimpleNamespace) -> None:
    notice = posted(city, 1, 3, kind="announcement")
    assert "冉光荣" in Client().get(BOARD).content.decode()
    assert Client().get(f"{BOARD}objection/{notice.pk}/").status_code == 404


def test_the_desk_lists_what_hangs_what_to_post_up_what_to_take_down_and_what_lacks_a_photo(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    village = at_desk("village")
    Case.objects.filter(pk=city.case.pk).update(stage="publicity")
    assert city.case.number in village.get("/publicity/?group=post").content.decode()
    posted(city, 1, 3)
    assert "冉光荣" not in village.get("/publicity/?group=post").content.decode()
    assert "冉光荣" in village.get("/publicity/").content.decode()
    assert "冉光荣" in village.get("/publicity/?group=proof").content.decode()
    assert "冉光荣" not in village.get("/publicity/?group=down").content.decode()
    old = make_notice(city.case)
    assert "已从公示栏撤下" in village.get("/publicity/?group=down").content.decode()
    assert (
        "已记下撤下日期"
        in village.post(f"/notices/{old.pk}/down/", {"back": "publicity"}, follow=True).content.decode()
    )
    assert "冉光荣" not in village.get("/publicity/?group=down").content.decode()
    assert "冉光荣" not in at_desk("foreign").get("/publicity/").content.decode()


def test_the_board_names_an_office_and_only_its_village_sets_it(city: SimpleNamespace, at_desk: AtDesk) -> None:
    form = {"area": VILLAGE, "phone": "023-58001122", "place": "村委会二楼"}
    assert at_desk("village").post("/publicity/", form | {"area": FOREIGN_VILLAGE}).status_code == 404
    assert at_desk("township").post("/publicity/", form).status_code == 403
    assert (
        "请填写反映电话" in at_desk("village").post("/publicity/", form | {"phone": "x"}, follow=True).content.decode()
    )
    at_desk("village").post("/publicity/", form)
    said = Client().get(BOARD).content.decode()
    assert "023-58001122" in said
    assert "村委会二楼" in said


@pytest.mark.parametrize("paper", ["consent", "statement", "dossier"])
def test_the_papers_of_a_case_say_what_is_known(city: SimpleNamespace, at_desk: AtDesk, paper: str) -> None:
    answer = at_desk("village").get(f"/cases/{city.case.number}/papers/{paper}.pdf")
    said = text_of_paper(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    assert city.case.number in said
    assert "冉光荣" in said
    entry = Entry.objects.get(action="case_printed", subject=city.case.number)
    assert str(TITLES[paper]) in entry.detail
    assert at_desk("foreign").get(f"/cases/{city.case.number}/papers/{paper}.pdf").status_code == 404
    assert at_desk("village").get(f"/cases/{city.case.number}/papers/other.pdf").status_code == 404


def test_the_lists_ask_as_much_for_one_notice_as_for_many(city: SimpleNamespace, at_desk: AtDesk) -> None:
    first, village, counted = posted(city, 1, 3), at_desk("village"), []
    for _ in range(2):
        for url in (BOARD, "/publicity/", "/publicity/?group=proof"):
            village.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert village.get(url).status_code == 200
            counted.append(len(captured))
        for _more in range(8):
            Notice.objects.create(
                case=city.case,
                kind="elimination_publicity",
                text="公示",
                posted_on=date(2021, 1, 1),
                stands_until=first.stands_until,
                place="公示栏",
            )
    assert counted[:3] == counted[3:]
