"""The audit at the desk: auditors find what they look for, within their area, and the search itself is on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from small_city import CITY, COUNTY, FOREIGN_VILLAGE, VILLAGE, make_user

from shouwang.accounts.models import User
from shouwang.audit.models import Entry
from shouwang.audit.reading import Search
from shouwang.audit.record import anchor_files, record
from shouwang.audit.verification import Report
from shouwang.audit.verified import note_verified
from shouwang.kernel.home import Home
from shouwang.web.audit import PER_PAGE
from signed_in import sign_in


def told(action: str, subject: tuple[str, str], area: str = VILLAGE, actor: User | None = None, **detail: Any) -> Entry:
    with transaction.atomic():
        return record(actor, action, subject, area=area, **detail)


@pytest.fixture
def auditor(client: Client, areas: None) -> Client:
    sign_in(client, make_user("shenji", COUNTY, "auditor"))
    return client


def page(client: Client, **search: Any) -> str:
    answer = client.get("/audit/", search)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_auditor_sees_what_happened_in_the_own_county_alone(auditor: Client) -> None:
    told("household_viewed", ("household", "H-OWN"))
    told("household_viewed", ("household", "H-OTHER"), area=FOREIGN_VILLAGE)
    told("file_ingested", ("delivery", "D-CITY"), area="")
    shown = page(auditor)
    assert "H-OWN" in shown
    assert "H-OTHER" not in shown
    assert "D-CITY" not in shown


def test_the_city_sees_what_belongs_to_no_area(client: Client, areas: None) -> None:
    sign_in(client, make_user("shi-shenji", CITY, "auditor"))
    told("file_ingested", ("delivery", "D000009"), area="", rows=12)
    shown = page(client)
    assert "D000009" in shown
    assert "行数" in shown


EVERY = {"H-1", "C-1", "D000001", "/households/9/"}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"action": "clue_viewed"}, {"C-1"}),
        ({"part": "查看"}, {"C-1", "H-1", "/households/9/"}),
        ({"part": "交付和导出"}, {"D000001"}),
        ({"type": "delivery"}, {"D000001"}),
        ({"subject": "H-"}, {"H-1"}),
        ({"result": "refused"}, {"/households/9/"}),
        ({"since": "2000-01-02", "until": "2000-01-03"}, set()),
        ({"since": "not a day", "action": "none", "part": "x", "type": "y", "result": "z"}, EVERY),
    ],
)
def test_the_filters(auditor: Client, search: dict[str, str], found: set[str]) -> None:
    told("household_viewed", ("household", "H-1"))
    told("clue_viewed", ("clue", "C-1"))
    told("file_ingested", ("delivery", "D000001"))
    told("access_refused", ("page", "/households/9/"))
    shown = page(auditor, **search)
    assert {each for each in EVERY if f"{each}<" in shown} == found


def test_a_search_is_an_entry_itself(auditor: Client) -> None:
    page(auditor, actor="xian", type="household", subject="5002")
    entry = Entry.objects.latest("sequence")
    assert (entry.action, entry.actor) == ("audit_searched", "shenji")
    assert "操作人：xian；对象：农户 5002" in entry.detail


def test_older_entries_follow_without_gap_or_repetition(auditor: Client) -> None:
    numbers = [told("household_viewed", ("household", f"H{place:03}")).sequence for place in range(PER_PAGE + 5)]
    first = auditor.get("/audit/", {"type": "household"}).context
    assert [line.entry.sequence for line in first["lines"]] == numbers[::-1][:PER_PAGE]
    rest = auditor.get("/audit/", {"type": "household", "before": first["older"]}).context
    assert [line.entry.sequence for line in rest["lines"]] == numbers[::-1][PER_PAGE:]
    assert rest["older"] is None


def test_a_full_page_asks_no_more_than_a_short_one(
    auditor: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    page(auditor)
    for place in range(PER_PAGE):
        told("household_viewed", ("household", f"H{place}"))
    with django_assert_max_num_queries(25):
        page(auditor)


def test_identity_numbers_do_not_come_through(auditor: Client) -> None:
    told("household_viewed", ("household", "H-1"), reason="为 11010519491231002X 办理")
    assert "11010519491231002X" not in page(auditor)


def test_whoever_is_no_auditor_is_refused(client: Client, areas: None) -> None:
    sign_in(client, make_user("xian", COUNTY, "county"))
    assert client.get("/audit/").status_code == 403


def test_what_the_last_verification_found_is_said(auditor: Client, home: Home) -> None:
    assert "还没有核对过" in page(auditor)
    note_verified(anchor_files(home), Report(entries=7, verified=7))
    assert "到第 7 条完好" in page(auditor)


def test_words_of_an_empty_search() -> None:
    assert Search.read({}).words == ""
