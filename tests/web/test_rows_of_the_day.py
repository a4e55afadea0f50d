"""今日: rows of deliveries that wait for a person, counted, with the reason; gone when they were decided or mended."""

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_household
from test_mending_pages import delivered, form_of, send, wrong_number

from conftest_numbers import number
from runtime_role import emptied
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.exchange.models import Delivery
from shouwang.households.models import Person
from shouwang.jobs.link_decisions import decide_link
from shouwang.kernel.home import Home
from shouwang.web import paging, today
from waiting_rows import put_in_review

Desk = Callable[[str], Client]
MONTHS_OLD = date(2021, 6, 1)


@pytest.fixture
def quiet(city: SimpleNamespace) -> SimpleNamespace:
    """The small city without its clue, its case and deliveries."""
    Case.objects.update(stage="refused", due_on=None)
    Clue.objects.update(stage="closed", state="confirmed", due_on=None)
    emptied(Delivery.objects.all())
    return city


def kinds(client: Client) -> list[tuple[str, int, int]]:
    """What waits on somebody's first page: source (empty: review), rows, days of the oldest."""
    return [(each.source, each.rows, days) for each, days in client.get("/").context["waiting"]]


def words(client: Client) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", client.get("/").content.decode())


def test_rows_in_review_are_counted_for_those_who_decide_them_and_gone_when_decided(
    home: Home, quiet: SimpleNamespace, at_desk: Desk
) -> None:
    make_household("500102001001-0001", FOREIGN_VILLAGE, "陌生人", 21)
    put_in_review(home, 11, "冉光荣", VILLAGE, {11: "姓名相同；同村"})
    put_in_review(home, 12, "陌生仁", FOREIGN_VILLAGE, {21: "姓名同音；同村"})
    put_in_review(home, 13, "冉光容", VILLAGE, {11: "姓名同音；同村", 21: "姓名不同；不同区县"})
    waited = (localdate() - MONTHS_OLD).days
    expected = {"city": 3, "county": 2, "township": 2, "village": 2, "foreign": 2}
    for who, rows in expected.items():
        assert kinds(at_desk(who)) == [("", rows, waited)], who
    assert kinds(at_desk("department")) == []
    said = words(at_desk("village"))
    for part in ("认定是名册中的哪一位", f"{waited:,} 天", "证件号码对不上", "在 2 份文件中"):
        assert part in said
    person = Person.objects.get(key=11).pk
    for delivery in (11, 13):
        order = {"acting_user": quiet.users["county"], "person": person, "reason": "电话核实", "key": f"k{delivery}"}
        decide_link(home, delivery, 2, **order)
    for who in ("county", "township", "village"):
        assert kinds(at_desk(who)) == []
        assert "今天没有要办的事" in words(at_desk(who))
    assert kinds(at_desk("foreign")) == [("", 1, waited)]


def test_quarantined_rows_are_counted_by_source_for_those_who_may_mend_them(
    home: Home, quiet: SimpleNamespace, at_desk: Desk
) -> None:
    row = "向小山,2021-13-01,住院,300.00,200.00,,,100.00"
    held = delivered(home, COUNTY, [f"S1,{number(1)},{row}", f"S2,{wrong_number(2)},{row.replace('13', '05')}"])
    delivered(home, FOREIGN_COUNTY, [f"S3,{number(3)},{row}"])
    waited = (localdate() - date(2021, 6, 30)).days
    assert kinds(at_desk("county")) == kinds(at_desk("department")) == [("medical_settlement", 2, waited)]
    assert kinds(at_desk("foreign")) == [("medical_settlement", 1, waited)]
    assert kinds(at_desk("city")) == [("medical_settlement", 3, waited)]
    for who in ("township", "village", "other_department"):
        assert kinds(at_desk(who)) == []
    client = at_desk("county")
    assert f"/deliveries/{held.number}/mend/" in client.get("/").content.decode()
    assert "隔离的行" in words(client)
    assert "日期读不懂" in words(client)
    send(client, held, form_of(client, held) | {"c-2-3": "2021-05-01"})
    assert kinds(client) == [("medical_settlement", 1, waited)]
    send(client, held, form_of(client, held) | {"c-3-1": number(2)})
    assert kinds(client) == kinds(at_desk("department")) == []
    assert "今天没有要办的事" in words(client)


def test_the_longest_waiting_stands_first_and_many_take_no_more_queries(
    home: Home, quiet: SimpleNamespace, at_desk: Desk
) -> None:
    delivered(home, COUNTY, [f"S1,{number(1)},向小山,2021-13-01,住院,300.00,200.00,,,100.00"])
    put_in_review(home, 31, "某人", VILLAGE, {11: "姓名不同；同村"})
    client = at_desk("county")
    assert [source for source, _, _ in kinds(client)] == ["", "medical_settlement"]  # of 1 June, of 30 June

    def asked() -> int:
        client.get("/")  # the lake is read anew after every delivery, for everybody together
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        return len(queries)

    few = asked()
    for delivery in range(32, 60):
        put_in_review(home, delivery, f"某人{delivery}", VILLAGE, {11: "姓名不同；同村"})
    assert asked() == few
    assert [rows for _, rows, _ in kinds(client)] == [29, 1]


@pytest.mark.parametrize(("long", "asks"), [(-1.0, 1), (3600.0, 2)])
def test_where_counting_takes_long_it_holds_until_somebody_decides(
    home: Home, quiet: SimpleNamespace, at_desk: Desk, monkeypatch: pytest.MonkeyPatch, long: float, asks: int
) -> None:
    put_in_review(home, 11, "冉光荣", VILLAGE, {11: "姓名相同；同村"})
    put_in_review(home, 12, "冉光容", VILLAGE, {11: "姓名同音；同村"})
    monkeypatch.setattr(paging, "LONG_SECONDS", long)
    counted, count = [], today.rows_waiting_for
    monkeypatch.setattr(today, "rows_waiting_for", lambda *asked: counted.append(asked) or count(*asked))
    client = at_desk("county")
    assert [rows for _, rows, _ in kinds(client) + kinds(client)] == [2, 2]
    assert len(counted) == asks
    assert [rows for _, rows, _ in kinds(at_desk("village"))] == [2]
    assert len(counted) == asks + 1
    order = {"acting_user": quiet.users["county"], "person": Person.objects.get(key=11).pk, "reason": "电话核实"}
    decide_link(home, 11, 2, key="k", **order)
    assert [rows for _, rows, _ in kinds(client)] == [1]
