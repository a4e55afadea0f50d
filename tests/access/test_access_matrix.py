"""Everybody × every thing of one's own, a sibling's, a parent's, a child's and another county's area × every method.

Built from the URL map: an address that is new, open to who knows whom, or shows what lies elsewhere is found. Each of
these checks is first shown a planted fault.
"""

import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, path, reverse
from expectations import (
    METHODS,
    MISSING,
    NOT_SO,
    OK,
    REFUSED,
    SEARCHES,
    TO_THE_DOOR,
    expected,
    is_visible,
    of_every_kind,
    tried,
    undeclared,
)
from small_province import (
    CITY,
    COUNTY,
    NEXT_VILLAGE,
    OTHER_COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    PEOPLE,
    SIBLING_TOWNSHIP,
    SIBLING_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    VILLAGES,
    Province,
    Thing,
)

from addresses import ADDRESSES, ANYONE, Address
from shouwang.accounts.duties import Permission
from shouwang.audit import watching
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.deliveries.mending import Mendings
from shouwang.elimination.conditions import Assessment
from shouwang.households.models import Household
from shouwang.jobs.mending import OpenQuarantine
from shouwang.jobs.quarantine import Standing
from shouwang.kernel.home import Home
from shouwang.web import declarations, deliveries, doors, eliminating, failures, mending, papers
from shouwang.web.doors import door
from shouwang.web.urls import urlpatterns
from signed_in import sign_in

pytestmark = pytest.mark.once(because="on PostgreSQL the row policies would hide what a page itself lets out")
EVERYBODY = [None, *PEOPLE]


@pytest.fixture
def province(
    db: None,
    small_province: Province,
    assessed: Callable[[Home, Case, date], Assessment],
    monkeypatch: pytest.MonkeyPatch,
) -> Province:
    for page in (eliminating, papers):
        monkeypatch.setattr(page, "assessment_of", assessed)
    monkeypatch.setattr(deliveries, "masked_rows", lambda home, number, *rest: ([], []))
    monkeypatch.setattr(declarations, "pdf", lambda template, data: b"%PDF")
    monkeypatch.setattr(deliveries, "quarantine_sheet", lambda home, number, dress: f"held-rows-{number}".encode())
    monkeypatch.setattr(deliveries, "standing_of", lambda home, number: Standing(2, {}))
    monkeypatch.setattr(
        mending, "open_quarantine", lambda home, delivery: OpenQuarantine(home, delivery, Mendings(), [])
    )
    return small_province


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> list[int]:
    """A refusal is its status here, without the page around it: its words are read in `web/test_english.py`.

    The list takes the statuses that would have gone on record, whose entry is read in `test_a_refusal_is_on_record`.
    """
    kept: list[int] = []
    monkeypatch.setattr(failures, "render", lambda request, template, *, status: HttpResponse(status=status))
    monkeypatch.setattr(watching, "record_alone", lambda *entry, method, status: kept.append(status))
    caplog.set_level(logging.CRITICAL, "django.request")
    return kept


def browser_of(who: str | None, province: Province) -> Client:
    client = Client(raise_request_exception=True)
    return sign_in(client, province.users[who]) if who else client


def everything() -> Iterator[tuple[str, str]]:
    for name, address in ADDRESSES.items():
        yield name, address.about


def outcome(response: HttpResponse) -> object:
    """An answer as the expectations name it."""
    if response.status_code == 302:
        return TO_THE_DOOR if response["Location"].startswith("/login/?next=") else OK
    return OK if response.status_code in (200, 422) else response.status_code


def ask(client: Client, method: str, url: str) -> HttpResponse:
    """Sends a bare request; whatever it changes, in the database or among the cookies, is taken back."""
    before = {name: cookie.value for name, cookie in client.cookies.items()}
    with transaction.atomic():
        response = client.generic(method, url)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(before)
    return response


def text_of(response: HttpResponse) -> str:
    """Everything that an answer says; a spreadsheet is unpacked."""
    content = response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace")


def leaks(response: HttpResponse, who: str, province: Province) -> list[str]:
    """Marks of things that this person may not know of, found in an answer."""
    if response.status_code != 200:
        return []
    said = text_of(response)
    known = {mark for thing in province.things if is_visible(who, thing) for mark in thing.marks}
    known.add(province.users[who].username)
    return sorted({m for thing in province.things for m in thing.marks if m not in known and m in said})


def test_every_address_is_written_down() -> None:
    named = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert undeclared(named) == []
    assert set(ADDRESSES) - named == set()
    assert len(urlpatterns) == len(ADDRESSES)
    for _, pattern in doors.addresses():
        assert bool(pattern.pattern.converters) == bool(ADDRESSES[pattern.name].about), pattern.name


def test_an_address_that_is_not_written_down_is_found() -> None:
    assert undeclared({"login", "secret-list"}) == ["secret-list"]


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_at_every_address(who: str | None, province: Province, bare_refusals: list[int]) -> None:
    client, wrong, asked, refused = browser_of(who, province), [], 0, []
    for name, about in everything():
        for method in ("GET", "POST"):
            for thing in tried(who, name, method, province.about(about)) if about else [None]:
                url = reverse(name, args=thing.args if thing else [])
                response = ask(client, method, url)
                asked += 1
                wanted = expected(who, ADDRESSES[name], method, thing)
                got = outcome(response)
                refused += [got] if who and got in (REFUSED, MISSING) else []
                if who is None and wanted == TO_THE_DOOR and response.get("Location", "").startswith("/login/"):
                    got = TO_THE_DOOR
                if got != wanted:
                    wrong.append(f"{method} {url}: {got}, not {wanted}")
                if who and (found := leaks(response, who, province)):
                    wrong.append(f"{method} {url} shows {found}")
    assert asked > 100
    assert wrong == []
    assert bare_refusals == refused


def test_an_answer_that_was_not_expected_is_found(
    province: Province, bare_refusals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ADDRESSES, "worklist", Address(ANYONE, "county"))
    with pytest.raises(AssertionError, match=r"GET /clues/: to the login, not answered"):
        test_everybody_at_every_address(None, province, bare_refusals)


def test_what_lies_elsewhere_is_a_kind_of_its_own(province: Province) -> None:
    """From each desk each place that lies otherwise than another one is asked for; so is every account of another duty."""
    villages = [thing for thing in province.about("household") if thing.area in VILLAGES]
    asked = {who: [thing.area for thing in of_every_kind(who, villages)] for who in ("city", "county", "village")}
    assert asked["city"] == [OTHER_VILLAGE]
    assert asked["county"] == [NEXT_VILLAGE, OTHER_VILLAGE]
    assert asked["village"] == [VILLAGE, SIBLING_VILLAGE, NEXT_VILLAGE, OTHER_VILLAGE]
    places = {thing.area for thing in of_every_kind("township", province.about("area"))}
    assert places == {CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, SIBLING_TOWNSHIP, OTHER_TOWNSHIP, *VILLAGES[1:]}
    duties = {thing.duty for thing in of_every_kind("county", province.about("account"))}
    assert duties == {duty for duty, _, _ in PEOPLE.values() if duty}


@pytest.mark.parametrize(("method", "name", "status"), [("GET", "clue", MISSING), ("POST", "upload", REFUSED)])
def test_a_refusal_is_on_record(method: str, name: str, status: int, province: Province) -> None:
    elsewhere = next((each for each in province.about(ADDRESSES[name].about) if each.area == OTHER_VILLAGE), None)
    url = reverse(name, args=elsewhere.args if elsewhere else [])
    assert browser_of("village", province).generic(method, url).status_code == status
    entry = Entry.objects.order_by("sequence").last()
    assert (entry.actor, entry.action, entry.result) == ("zhanghao.village.", "access_refused", "refused")
    assert (entry.subject_type, entry.subject) == ("page", url)
    assert json.loads(entry.detail) == {"method": method, "status": status}


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("who", [None, "county"])
def test_no_other_method_opens_anything(who: str | None, province: Province) -> None:
    client, wrong = browser_of(who, province), []
    for name, about in everything():
        thing = province.about(about)[0] if about else None
        url = reverse(name, args=thing.args if thing else [])
        for method in METHODS:
            if method in ("GET", "POST"):
                continue
            response = ask(client, method, url)
            wanted = expected(who, ADDRESSES[name], method, thing)
            got = outcome(response)
            if got != wanted and not (who is None and got in (TO_THE_DOOR, OK, NOT_SO) and not response.content):
                wrong.append(f"{method} {url}: {got}, not {wanted}")
    assert wrong == []


@pytest.mark.parametrize("who", PEOPLE)
def test_lists_totals_searches_and_orders_speak_of_ones_own_alone(who: str, province: Province) -> None:
    """A search, a filter and an order are asked of the lists that offer them; every one is offered somewhere."""
    client, wrong, asked = browser_of(who, province), [], set()
    for name in (
        "home",
        "worklist",
        "declarations",
        "sweeps",
        "cases",
        "plans",
        "contacts",
        "tasks",
        "needs",
        "households",
        "deliveries",
        "review",
        "users",
        "overview",
    ):
        plain = ""
        for query in ["", *SEARCHES]:
            parameter = query.split("=")[0]
            if plain and f'name="{parameter}"' not in plain and f"{parameter}=" not in plain and parameter != "page":
                continue
            response = client.get(f"{reverse(name)}?{query}")
            if response.status_code == 403 and query:
                break  # a closed door was asked with a query too
            plain = plain or (response.content.decode() if response.status_code == 200 else "")
            asked.add(query)
            if found := leaks(response, who, province):
                wrong.append(f"{name}?{query} shows {found}")
            if response.status_code == 200 and name in COUNTED and query in ("", "q=HU-5", "q=zhanghao"):
                wanted = len([t for t in province.about(COUNTED[name]) if is_visible(who, t)])
                got = response.context["page"].paginator.count
                searched = query.startswith("q=") and (name, query) not in (
                    ("worklist", "q=HU-5"),
                    ("households", "q=HU-5"),
                    ("users", "q=zhanghao"),
                    ("deliveries", "q=HU-5"),
                    ("deliveries", "q=zhanghao"),
                )
                if not searched and got != wanted:
                    wrong.append(f"{name}?{query} counts {got}, not {wanted}")
    assert wrong == []
    assert who != "county" or asked == {"", *SEARCHES}


HOUSEHOLD_BEARING = (
    "area",
    "clue",
    "case",
    "elimination",
    "household",
    "person",
    "photo",
    "case_photo",
    "notice",
    "plan",
    "task",
    "need",
    "contact",
    "help_photo",
    "delivery",
    "quarantine",
    "upload",
)
ADMINISTRATORS = ("system_admin", "security_admin", "city_security_admin", "auditor")


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("who", ADMINISTRATORS)
def test_no_administrator_opens_anything_that_bears_a_household(who: str, province: Province) -> None:
    client, opened = browser_of(who, province), []
    for name, address in ADDRESSES.items():
        things = province.about(address.about) if address.about in HOUSEHOLD_BEARING else []
        for thing in of_every_kind(who, things):
            for method in ("GET", "POST"):
                if ask(client, method, reverse(name, args=thing.args)).status_code not in (404, 405):
                    opened.append(f"{method} {name}")
    for name in (
        "today",
        "worklist",
        "worklist-sheet",
        "plans",
        "contacts",
        "tasks",
        "needs",
        "households",
        "deliveries",
        "upload",
        "screenings",
        "clues-dispatch",
    ):
        if client.get(reverse(name)).status_code != 403:
            opened.append(name)
    assert opened == []


@pytest.mark.usefixtures("bare_refusals")
def test_the_search_for_open_doors_of_administrators_is_not_blind(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "HOUSEHOLD_BEARING", ("area",))
    with pytest.raises(AssertionError, match="GET overview-area"):
        test_no_administrator_opens_anything_that_bears_a_household("city", province)


def test_the_audit_names_clues_by_number_and_nobody_by_name(province: Province) -> None:
    clue = next(t for t in province.about("clue") if t.area == VILLAGE)
    number, head = clue.marks[0], clue.marks[1]
    assert browser_of("county", province).get(reverse("clue", args=clue.args)).status_code == 200
    assert browser_of("county", province).get(reverse("worklist-sheet")).status_code == 200
    said = text_of(browser_of("auditor", province).get("/audit/"))
    assert number in said
    assert head not in said
    assert f"某人{VILLAGE}" not in said


COUNTED = {
    "declarations": "declaration",
    "sweeps": "sweep",
    "worklist": "clue",
    "review": "waiting_row",
    "households": "household",
    "deliveries": "delivery",
    "plans": "plan",
    "tasks": "task",
    "users": "account",
}


@pytest.mark.parametrize("who", ["city", "county", "township", "village", "department"])
def test_the_overview_counts_ones_own_alone(who: str, province: Province) -> None:
    landscape = browser_of(who, province).get("/overview/").context["landscape"]
    own = len([clue for clue in province.about("clue") if is_visible(who, clue)])
    assert own > 0
    assert landscape.counts.total == own
    assert landscape.households == own


@pytest.mark.parametrize("who", ["county", "township", "village", "department", "grid_worker"])
def test_an_area_elsewhere_does_not_exist_in_any_list(who: str, province: Province) -> None:
    client = browser_of(who, province)
    for name in ("worklist", "households"):
        for area in (OTHER_COUNTY, OTHER_VILLAGE, "500000000000", "999999999999"):
            assert client.get(reverse(name), {"area": area}).status_code == 404


def test_ones_own_things_are_shown_so_the_search_for_leaks_is_not_blind(province: Province) -> None:
    said = text_of(browser_of("village", province).get("/households/"))
    assert f"HU-{VILLAGE}" in said
    assert "zhanghao.township." in text_of(browser_of("county", province).get("/users/"))


@door(Permission.SEE_HOUSEHOLDS)
def leaking(request: HttpRequest) -> HttpResponse:
    """A page that forgot to ask whose households it lists."""
    return HttpResponse(" ".join(Household.objects.values_list("household_no", flat=True)))


def open_to_all(request: HttpRequest) -> HttpResponse:
    """A page without a rule."""
    return HttpResponse("hello")


def planted(*patterns: object) -> ModuleType:
    module = ModuleType("planted_urls")
    module.urlpatterns = [*urlpatterns, *patterns]  # type: ignore[attr-defined]
    return module


def test_a_leaking_page_is_found(province: Province) -> None:
    with override_settings(ROOT_URLCONF=planted(path("leaking/", leaking, name="leaking"))):
        response = browser_of("village", province).get("/leaking/")
        assert response.status_code == 200
        assert len(leaks(response, "village", province)) == 3
        assert leaks(browser_of("city", province).get("/leaking/"), "city", province) == []
        assert browser_of("auditor", province).get("/leaking/").status_code == 403


def test_a_page_without_a_rule_keeps_the_site_from_starting(db: None) -> None:
    assert doors.without_door() == []
    WSGIHandler()
    with override_settings(ROOT_URLCONF=planted(path("open/", open_to_all))):
        assert doors.without_door() == ["open/"]
        with pytest.raises(ImproperlyConfigured, match="open/"):
            WSGIHandler()


def test_a_page_that_slipped_in_later_is_refused_all_the_same(province: Province) -> None:
    client = browser_of("city", province)
    assert client.get("/policy/").status_code == 200
    with (
        override_settings(ROOT_URLCONF=planted(path("open/", open_to_all))),
        pytest.raises(ImproperlyConfigured),
    ):
        client.get("/open/")


def test_somebody_elses_thing_and_nothing_at_all_are_answered_alike(province: Province) -> None:
    client = browser_of("county", province)
    for name, missing in (("household", ["nobody"]), ("clue", ["nobody-01"]), ("delivery", [999]), ("user", [99999])):
        foreign: Thing = next(t for t in province.about(ADDRESSES[name].about) if not is_visible("county", t))
        there, not_there = client.get(reverse(name, args=foreign.args)), client.get(reverse(name, args=missing))
        assert there.status_code == not_there.status_code == 404
        assert len(there.content) == len(not_there.content)
