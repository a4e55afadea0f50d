"""English by a switch: what the desk says is English then, and only what was delivered or decreed stays Chinese."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from django.utils.timezone import localdate
from small_city import CITY, COUNTY, TOWNSHIP, VILLAGE, make_user
from translation.__main__ import CATALOGUE
from translation.catalogue import read

from addresses import ADDRESSES, holds
from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.models import Entry
from shouwang.kernel.divisions import COUNTY as COUNTY_LEVEL
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.home import Home
from shouwang.kernel.pack import divisions_folder
from shouwang.web import today
from shouwang.web.doors import door_of
from signed_in import sign_in
from web.test_every_address import PAGES, address

pytestmark = pytest.mark.once(because="words of pages: whichever database gave the rows, they are the same")
RUN = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]+")
VALUE = re.compile(r'\bvalue="[^"]*"')  # what a form sends, not what it shows
LINK = re.compile(r'<a [^>]*href="(/[^"]*)"')
IN_CHINESE = re.compile(r'<(\w+)[^>]*\blang="zh[^"]*"[^>]*>.*?</\1>', re.DOTALL)


ENGLISH = read(CATALOGUE)
NAMES = [name for name, address in ADDRESSES.items() if address.reading and name not in ("login", "login-code")]


def data() -> str:
    """Everything that the database holds: names, places, what a file said, what somebody wrote; and counties on the map."""
    known = load_divisions(divisions_folder())
    places = [known.name(code) for code in known.codes(COUNTY_LEVEL)]
    return "\n".join(places) + "\n".join(
        str(value)
        for model in apps.get_models()
        for row in model._default_manager.values_list()
        for value in row
        if value is not None
    )


def untranslated(page: str, held: str) -> Iterator[str]:
    body = VALUE.sub("", IN_CHINESE.sub("", page.replace('<html lang="zh', '<html data-lang="zh')))
    for found in RUN.findall(body):
        if found not in held or found in ENGLISH:
            yield found


@pytest.fixture
def english(at_desk: Callable[[str], Client]) -> Client:
    client = at_desk("county")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


Read = dict[str, tuple[int, str, list[str]]]


def read_by(client: Client, names: list[str], city: SimpleNamespace) -> Read:
    """Every page that somebody gets, refusals too: its status, its text, and what of it is left in Chinese."""
    type(city.delivery).objects.filter(pk=city.delivery.pk).update(quarantined=0)
    answers, held = {}, data()
    for name in names:
        response = client.get(address(name, city))
        if not response.content or not response["Content-Type"].startswith("text/html"):
            continue
        left = list(untranslated(response.text, held))
        if left:
            held = data()  # with what came to be meanwhile
            left = list(untranslated(response.text, held))
        answers[name] = (response.status_code, response.text, left)
    return answers


def left_in_chinese(answers: Read) -> dict[str, list[str]]:
    return {name: left for name, (_, text, left) in answers.items() if left or '<html lang="en">' not in text}


def test_every_page_speaks_english(city: SimpleNamespace, english: Client) -> None:
    answers = read_by(english, PAGES, city)
    assert left_in_chinese(answers) == {}
    assert sum(status == 200 for status, _, _ in answers.values()) > 50


def test_a_page_left_in_chinese_is_noticed(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    assert set(left_in_chinese(read_by(at_desk("county"), ["worklist", "clue"], city))) == {"worklist", "clue"}


REFUSALS = 5  # they say the same at every address
OTHERS = {
    "city": CITY,
    "township": TOWNSHIP,
    "village": VILLAGE,
    "department": COUNTY,
    "enumerator": TOWNSHIP,
    "grid_worker": VILLAGE,
    "resident_team": VILLAGE,
    "social_force": COUNTY,
    "system_admin": CITY,
    "security_admin": CITY,
    "auditor": CITY,
}


def closed(page: str, user: User) -> Iterator[str]:
    """The links of a page that would be refused to somebody of these posts."""
    scope = scope_of(user, localdate())
    for href in {unescape(each).partition("?")[0].partition("#")[0] for each in LINK.findall(page)}:
        found = door_of(resolve(href).func)
        if found is None or not found.opens(scope, "GET"):
            yield href


@pytest.mark.parametrize("duty", OTHERS)
def test_what_the_other_duties_open_speaks_english_and_leads_to_no_refusal(duty: str, city: SimpleNamespace) -> None:
    """Every address that the duty opens, and a few that are refused: 403 and 404 speak English as well."""
    opened = [name for name in NAMES if holds(duty, ADDRESSES[name].reading)]
    names = opened + [name for name in NAMES if name not in opened][-REFUSALS:]
    user = make_user(f"new-{duty}", OTHERS[duty], duty, "医保" if duty == "department" else "")
    client = sign_in(Client(), user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answers = read_by(client, names, city)
    assert left_in_chinese(answers) == {}
    shut = {name: list(closed(text, user)) for name, (status, text, _) in answers.items() if status == 200}
    assert {name: links for name, links in shut.items() if links} == {}
    assert {200, 403} <= {status for status, _, _ in answers.values()}


def test_whoever_is_not_logged_in_is_spoken_to_in_english(city: SimpleNamespace) -> None:
    client = Client(raise_request_exception=False)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    wrong = client.post(reverse("login"), {"username": "county", "password": "wrong"})
    for page in (client.get(reverse("login")), wrong, client.get("/no/such/page/")):
        assert list(untranslated(page.text, "")) == []
    assert (wrong.status_code, len(wrong.context["form"].errors)) == (200, 1)


def test_what_breaks_and_what_is_forged_is_told_in_english(
    city: SimpleNamespace, english: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    english.raise_request_exception = False
    monkeypatch.setattr(today, "rows_waiting_for", lambda *asked: 1 / 0)
    broken = english.get(reverse("today"))
    forged = Client(enforce_csrf_checks=True)
    forged.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    refused = forged.post(reverse("login"), {"username": "county", "password": "wrong"})
    for page, status in ((broken, 500), (refused, 403)):
        assert page.status_code == status
        assert list(untranslated(page.text, "")) == []


def test_a_link_that_leads_to_a_refusal_is_noticed(city: SimpleNamespace) -> None:
    user = make_user("new-auditor", CITY, "auditor")
    assert list(closed('<a href="/policy/">…</a> <a class="more" href="/clues/?rule=x&amp;level=red">…</a>', user)) == [
        "/clues/"
    ]


def test_a_text_left_in_chinese_is_noticed() -> None:
    page = '<html lang="en"><p>线索 of 冉大山</p><p lang="zh-Hans">原文</p></html>'
    assert list(untranslated(page, "冉大山")) == ["线索"]


def test_the_switch_keeps_the_language_and_goes_back(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("county")
    assert '<html lang="zh-Hans">' in client.get(reverse("worklist")).content.decode()
    back = client.post(reverse("language"), {"language": "en", "next": reverse("worklist")})
    assert (back.status_code, back["Location"]) == (302, reverse("worklist"))
    assert '<html lang="en">' in client.get(reverse("worklist")).content.decode()
    client.post(reverse("language"), {"language": "zh-hans", "next": "https://elsewhere.example/"})
    page = client.get(reverse("worklist"), headers={"accept-language": "en"})
    assert '<html lang="zh-Hans">' in page.content.decode()


@pytest.mark.django_db
def test_nobody_is_led_elsewhere_and_an_unknown_language_changes_nothing(client: Client) -> None:
    away = client.post(reverse("language"), {"language": "en", "next": "https://elsewhere.example/"})
    assert away["Location"].startswith("/")
    client.post(reverse("language"), {"language": "xx", "next": "/login/"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
    assert '<html lang="zh-Hans">' in client.get(reverse("login")).content.decode()


def test_the_record_stays_in_one_language(city: SimpleNamespace, home: Home, english: Client) -> None:
    person = city.household.persons.get()
    person.sealed = home.sealer().seal('{"phone": "19900000001"}', f"person:{person.key}")
    person.save()
    english.post(reverse("unmask", args=[person.pk]), {"what": "phone", "reason": "入户前电话联系"})
    told = Entry.objects.get(action="value_unmasked")
    assert "联系电话" in told.detail
    assert "区县" in told.post
    assert re.findall("[A-Z][a-z]+", told.post + told.detail) == []
