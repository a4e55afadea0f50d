"""axe finds nothing serious on any page of any duty, on a phone and on a wide screen, in light and in dark; and nothing
scrolls sideways, in Chinese or in English."""

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import axe_playwright_python
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route
from small_city import make_user

from addresses import ADDRESSES, SIGNED_IN
from shouwang.kernel.home import Home
from signed_in import sign_in
from waiting_rows import put_in_review
from web.test_english import NAMES, OTHERS
from web.test_every_address import address

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SITE = "http://desk.test/"
LOOKS = [
    (360, "light", None),
    (1920, "light", None),
    (1920, "dark", ["color-contrast"]),
    (360, "dark", ["color-contrast"]),
]
WIDTHS = (360, 390, 1280)
MOST_OF_THEM = 35
SERIOUS = ("serious", "critical")


@pytest.fixture
def desks(home: Home, city: SimpleNamespace) -> dict[str, Client]:
    """Somebody of each duty, to whom each page of the site may open."""
    put_in_review(home, 11, "冉光荣", "500101001001", {11: "姓名相同；同村"})
    city.delivery.quarantined = 0
    city.delivery.save()
    made = {"county": sign_in(Client(), city.users["county"])}
    for duty, place in OTHERS.items():
        department = "医保" if duty == "department" else ""
        made[duty] = sign_in(Client(), make_user(f"new-{duty}", place, duty, department))
    return made


def sent(desks: dict[str, Client], city: SimpleNamespace, language: str) -> dict[str, str]:
    """Every page as it was sent to the first duty that gets it, by its address: the browser then needs no server."""
    pages = {"login/": Client(headers={"cookie": f"django_language={language}"}).get("/login/").content.decode()}
    for name in NAMES:
        where = address(name, city)
        reading = ADDRESSES[name].reading
        for client in [each for duty, each in desks.items() if duty in reading or reading == SIGNED_IN]:
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
            response = client.get(where)
            if response.status_code == 200:
                if response["Content-Type"].startswith("text/html"):
                    pages[where.lstrip("/")] = response.content.decode()
                break
    return pages


@pytest.fixture
def pages(desks: dict[str, Client], city: SimpleNamespace) -> dict[str, str]:
    return sent(desks, city, "zh-hans")


def serve(pages: dict[str, str]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).split("?")[0]
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        elif path.startswith("static/") and (found := finders.find(_plain(path.removeprefix("static/")))):
            route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(path)[0] or "")
        else:
            route.fulfill(status=404, body="")

    return answer


def _plain(name: str) -> str:
    """desk/base.css of desk/base.0123456789ab.css."""
    parts = name.split(".")
    return ".".join([*parts[:-2], parts[-1]]) if len(parts) > 2 and len(parts[-2]) == 12 else name


def serious(page: Page, rules: list[str] | None) -> Iterator[str]:
    page.evaluate(AXE)
    wanted: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        wanted["runOnly"] = rules
    for found in page.evaluate("wanted => axe.run(wanted)", wanted)["violations"]:
        if found["impact"] in SERIOUS:
            yield f"{found['id']}: {found['nodes'][0]['html'][:200]}"


@pytest.mark.parametrize(("width", "scheme", "rules"), LOOKS)
def test_axe_finds_nothing_serious(
    pages: dict[str, str], browser: Browser, width: int, scheme: Any, rules: list[str] | None
) -> None:
    assert len(pages) > MOST_OF_THEM
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.route("**/*", serve(pages))
    found = []
    for name in pages:
        page.goto(SITE + name)
        assert page.evaluate("document.styleSheets.length") > 0
        found += [f"{name}: {each}" for each in serious(page, rules)]
    context.close()
    assert found == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_scrolls_sideways_nor_is_cut_on_paper(
    language: str, desks: dict[str, Client], city: SimpleNamespace, browser: Browser
) -> None:
    pages = sent(desks, city, language)
    assert len(pages) > MOST_OF_THEM
    page = browser.new_page()
    page.route("**/*", serve(pages))
    wide = []
    for name in pages:
        page.goto(SITE + name)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if part := too_wide(page):
                wide.append(f"{name} at {width}: {part}")
        page.emulate_media(media="print")
        wide += [f"{name} on paper: {part}" for part in cut(page)]
        page.emulate_media(media="screen")
    page.close()
    assert wide == []


TOO_WIDE = """() => {
    const wide = document.documentElement.scrollWidth > innerWidth
    const out = each => each.getBoundingClientRect().right > innerWidth + 0.5 && !each.closest(".scroll, .nav")
    const broken = [...document.querySelectorAll(".nav a")].filter(each => each.scrollHeight > 64)
    const parts = wide ? [...document.querySelectorAll("body *")].filter(out).reverse() : broken
    return wide || broken.length ? (parts[0] || document.body).outerHTML.slice(0, 200) : ""
}"""


def too_wide(page: Page) -> str:
    """What makes a page wider than its window, or breaks a word of its navigation; nothing where all is well."""
    return str(page.evaluate(TOO_WIDE))


def cut(page: Page) -> list[str]:
    """The boxes whose content ends before its end or runs over what follows: on paper nobody can scroll."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(each => each.scrollHeight > each.clientHeight + 2)"
        ".map(each => each.outerHTML.slice(0, 200))"
    )
    return found


def test_a_planted_width_is_found(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 600})
    page.set_content("<p>short</p>")
    assert too_wide(page) == ""
    page.set_content("<p>short</p><p style='width: 400px'>wide</p>")
    assert ">wide<" in too_wide(page)
    page.set_content(
        "<nav class='nav'><a style='display: block; width: 4px; overflow-wrap: anywhere'>Overview</a></nav>"
    )
    assert "Overview" in too_wide(page)
    page.set_content("<div class='scroll' style='max-height: 20px'><p>one</p><p>two</p></div>")
    assert len(cut(page)) == 1
    page.close()


def test_a_planted_fault_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        '<html lang="zh"><title>a</title><main><img src="x"><p style="color:#eee;background:#fff">字太浅了看不清</p></main>'
    )
    found = "\n".join(serious(page, None))
    assert "image-alt" in found
    assert "color-contrast" in found
    page.close()
