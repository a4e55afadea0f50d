"""待认定: side by side, decided once, undone at any time, within scope only, with an entry in the audit."""

import re
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from small_city import FOREIGN_VILLAGE, VILLAGE, make_household

from conftest_numbers import number
from shouwang.audit.models import Entry
from shouwang.deliveries.decided_links import NOBODY, PERSON, UNDONE, decisions, standing
from shouwang.households.models import Person
from shouwang.jobs import link_decisions
from shouwang.jobs.link_decisions import decide_link
from shouwang.kernel.home import Home
from waiting_rows import put_in_review

Desk = Callable[[str], Client]
HERE, BOTH, THERE = 11, 12, 13
AGREEING = "姓名相同；同村；出生日期一位不同或两位颠倒；性别不同"


@pytest.fixture
def city(city_anew: SimpleNamespace) -> SimpleNamespace:
    return city_anew


@pytest.fixture
def waiting(home: Home, city: SimpleNamespace) -> SimpleNamespace:
    """Three rows: a candidate here; one here and one in another county; one in the other county alone."""
    make_household("500102001001-0001", FOREIGN_VILLAGE, "陌生人", 21)
    put_in_review(home, HERE, "冉光荣", VILLAGE, {11: AGREEING})
    put_in_review(home, BOTH, "冉光容", VILLAGE, {11: "姓名同音；同村", 21: "姓名不同；不同区县"})
    put_in_review(home, THERE, "陌生仁", FOREIGN_VILLAGE, {21: "姓名同音；同村"})
    return SimpleNamespace(home=home, person=Person.objects.get(key=11), **vars(city))


def row_page(delivery: int) -> str:
    return reverse("review-row", args=[delivery, 2])


def send(client: Client, delivery: int, meant: object, **other: str) -> str:
    """Sends the form; gives what the next page says."""
    form = {"meant": str(meant), "reason": "电话核实", "key": f"key-{delivery}-{meant}"} | other
    return client.post(row_page(delivery), form, follow=True).content.decode()


def test_candidates_stand_beside_what_came(waiting: SimpleNamespace, at_desk: Desk) -> None:
    page = at_desk("village").get(row_page(HERE)).content.decode()
    for words in ("冉光荣", "很像", "97", "1970-03-04", "500101********1234", "内容冉光荣", "东方广场社区"):
        assert words in page
    kinds = re.findall(r'class="tag (\w+)">(.)\s*([^<]+)<', page)
    assert ("good", "✓", "姓名相同") in kinds
    assert ("warn", "≈", "出生日期一位不同或两位颠倒") in kinds
    assert ("bad", "✗", "性别不同") in kinds
    assert Entry.objects.filter(action="review_viewed", subject="D000011").count() == 1


def test_the_household_page_tells_of_a_decided_row(waiting: SimpleNamespace, at_desk: Desk) -> None:
    client, page = at_desk("county"), reverse("household", args=[waiting.person.household_id])
    assert "内容冉光荣" not in client.get(page).content.decode()
    send(client, HERE, waiting.person.pk)
    assert "内容冉光荣" in client.get(page).content.decode()


@pytest.mark.parametrize("who", ["city", "county", "township", "village"])
def test_who_is_decided_by_any_level_and_undone(waiting: SimpleNamespace, at_desk: Desk, who: str) -> None:
    client = at_desk(who)
    assert "已认定" in send(client, HERE, waiting.person.pk)
    [made] = decisions(waiting.home)
    assert (made.verdict, made.person, made.user) == (PERSON, 11, who)
    assert {"city": "重庆市", "village": "东方广场社区"}.get(who, "万州区") in made.office
    [entry] = Entry.objects.filter(action="link_decided")
    assert (entry.subject, entry.area, entry.actor) == ("D000011", VILLAGE, who)
    assert row_page(HERE) not in client.get(reverse("review")).content.decode()
    assert row_page(HERE) in client.get(reverse("review") + "?state=decided").content.decode()
    assert "已撤销" in send(client, HERE, "undo")
    assert standing(waiting.home) == {}
    assert [each.verdict for each in decisions(waiting.home)] == [PERSON, UNDONE]
    assert Entry.objects.filter(action="link_undone").count() == 1
    assert row_page(HERE) in client.get(reverse("review")).content.decode()


def test_the_same_form_three_times_is_one_decision(waiting: SimpleNamespace, at_desk: Desk) -> None:
    client = at_desk("county")
    said = [send(client, HERE, waiting.person.pk) for _ in range(3)]
    assert all("已认定" in words for words in said)
    assert len(decisions(waiting.home)) == 1
    assert Entry.objects.filter(action="link_decided").count() == 1


def test_whoever_comes_second_is_told_who_was_first(waiting: SimpleNamespace, at_desk: Desk) -> None:
    send(at_desk("township"), HERE, waiting.person.pk)
    assert "已由万州区高笋塘街道认定" in send(at_desk("county"), HERE, "none")
    assert len(decisions(waiting.home)) == 1
    assert Entry.objects.filter(action="link_decided").count() == 1


def test_none_of_them_is_for_those_who_see_them_all(waiting: SimpleNamespace, at_desk: Desk) -> None:
    page = at_desk("county").get(row_page(BOTH)).content.decode()
    assert "辖区之外" in page
    assert "陌生人" not in page
    assert "上级单位" in send(at_desk("county"), BOTH, "none")
    assert decisions(waiting.home) == []
    send(at_desk("city"), BOTH, "none")
    assert [each.verdict for each in decisions(waiting.home)] == [NOBODY]
    assert at_desk("county").get(row_page(BOTH)).status_code == 404


def test_what_lies_elsewhere_does_not_exist(waiting: SimpleNamespace, at_desk: Desk) -> None:
    for who in ("county", "township", "village"):
        client = at_desk(who)
        assert "陌生" not in client.get(reverse("review")).content.decode()
        assert client.get(row_page(THERE)).status_code == client.get(row_page(99)).status_code == 404
        stranger = Person.objects.get(key=21).pk
        for meant in (stranger, "none", "undo", ""):
            answer = client.post(row_page(THERE), {"meant": str(meant), "reason": "核实", "key": "k"})
            assert answer.status_code == 404
        assert "不是这一行的候选人员" in send(client, BOTH, stranger)
    assert decisions(waiting.home) == []
    assert at_desk("department").get(reverse("review")).status_code == 403
    assert at_desk("department").get(row_page(HERE)).status_code in (403, 404)


def test_a_reason_is_needed_and_holds_no_identity_number(waiting: SimpleNamespace, at_desk: Desk) -> None:
    client, planted = at_desk("county"), number(7)
    assert "写明理由" in send(client, HERE, waiting.person.pk, reason="  ")
    assert "不能写证件号码" in send(client, HERE, waiting.person.pk, reason=f"查到 {planted}")
    assert "请选择" in send(client, HERE, "")
    assert decisions(waiting.home) == []
    files = [path for path in waiting.home.path.rglob("*") if path.is_file()]
    assert not [path for path in files if planted.encode() in path.read_bytes()]
    assert not Entry.objects.filter(detail__contains=planted).exists()


def test_a_line_whose_entry_was_lost_to_a_kill_gets_it_from_the_next(
    waiting: SimpleNamespace, at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    add = link_decisions.LinkDesk.add

    def add_and_die(desk: link_decisions.LinkDesk, decision: object) -> None:
        add(desk, decision)  # type: ignore[arg-type]
        raise Killed

    user = waiting.users["county"]
    order = {"acting_user": user, "person": waiting.person.pk, "reason": "电话核实"}
    with monkeypatch.context() as patched:
        patched.setattr(link_decisions.LinkDesk, "add", add_and_die)
        with pytest.raises(Killed):
            decide_link(waiting.home, HERE, 2, key="first", **order)
    assert len(decisions(waiting.home)) == 1
    assert not Entry.objects.filter(action="link_decided").exists()
    decide_link(waiting.home, BOTH, 2, key="second", **order)
    assert list(Entry.objects.filter(action="link_decided").values_list("subject", "actor")) == [
        ("D000011", "county"),
        ("D000012", "county"),
    ]


def test_a_long_list_asks_the_database_no_more_often(waiting: SimpleNamespace, at_desk: Desk) -> None:
    client = at_desk("county")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("review"))
        return len(queries)

    asked()  # what lies in memory afterwards is not asked again
    few = asked()
    for delivery in range(31, 45):
        put_in_review(waiting.home, delivery, f"某人{delivery}", VILLAGE, {11: "姓名不同；同村"})
    assert asked() == few


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_decision(waiting: SimpleNamespace) -> None:
    def decide(serial: int) -> None:
        try:
            decide_link(
                waiting.home, HERE, 2, acting_user=waiting.users["county"], person=waiting.person.pk, reason="核实",
                key=f"k{serial}",
            )  # fmt: skip
        except Exception as refused:
            told.append(str(refused))
        finally:
            connection.close()

    told: list[str] = []
    threads = [threading.Thread(target=decide, args=[serial]) for serial in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decisions(waiting.home)) == 1
    assert len(told) == 19
