"""axe finds nothing serious on any page of any duty, on a phone and on a wide screen, in light and in dark; and nothing
scrolls sideways, in Chinese or in English."""

import mimetypes
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import axe_playwright_python
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route
from small_city import make_user

from addresses import ADDRESSES, SIGNED_IN
from shouwang.kernel.home import Home
from signed_in import sign_in
from waiting_rows import put_in_review
from web.test_english import NAMES, OTHERS
from web.test_every_address import address

pytestmark = [pytest.mark.browser, pytest.mark.once(because="markup, colours and widths of pages")]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SITE = "http://desk.test/"
SIZES = PHONE, DESK = 360, 1920
LOOKS = {"dark": ["color-contrast"], "light": None}
DARK_AT = PHONE  # the same colours stand on each other at every width
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


# Header and footer hold most of a page's elements and are the same on most pages, and so are the stylesheets. What was read
# in this window before is not read again: its mark-up is equal, but for a form's token and for which link is the page's own.
READ_BEFORE = """() => {
    const read = window.read ??= new Set()
    const before = what => read.has(what) || !read.add(what)
    const here = / aria-current="page"/g
    const marks = each => each.replace(/ value="\\w{64}"/g, "").replace(here, "") + (each.match(here) || []).length
    const parts = ["body > header", "body > footer"].filter(each => document.querySelector(each))
    return {
        parts: parts.filter(each => before(marks(document.querySelector(each).outerHTML))),
        styles: [...document.styleSheets].map(each => before(each.href || each.ownerNode.textContent)).every(each => each),
    }
}"""


# What axe found to be right stays in the window: to tell it takes longer than to find it.
VIOLATIONS = """async ([where, wanted]) => (await axe.run(where, wanted)).violations.map(
    each => ({id: each.id, impact: each.impact, html: each.nodes[0].html}))"""


def serious(page: Page, rules: list[str] | None, known: dict[str, Any]) -> Iterator[str]:
    wanted: dict[str, Any] = {"resultTypes": ["violations"], "preload": not known["styles"]}
    if rules:
        wanted["runOnly"] = rules
    where = {"include": [["html"]], "exclude": [[part] for part in known["parts"]]}
    for found in page.evaluate(VIOLATIONS, [where, wanted]):
        if found["impact"] in SERIOUS:
            yield f"{found['id']}: {found['html'][:200]}"


def shut_out(page: Page, sizes: Iterable[int] = SIZES) -> Iterator[str]:
    """What axe finds on a page in each of its looks, that was not read on another page in the same window."""
    known = page.evaluate(READ_BEFORE)
    for width in sizes:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in LOOKS.items():
            if scheme == "dark" and width != DARK_AT:
                continue
            page.emulate_media(color_scheme=scheme)
            for found in serious(page, rules, known):
                yield f"{width} {scheme} {found}"


def too_wide_or_cut(page: Page) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if part := too_wide(page):
            yield f"{width}: {part}"
    page.emulate_media(media="print")
    yield from (f"on paper: {part}" for part in cut(page))
    page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        pytest.param("zh-hans", [PHONE], id="phone"),
        pytest.param("zh-hans", [DESK], id="desk", marks=pytest.mark.long),
        pytest.param("en", [], id="english"),
    ],
)
def test_no_page_shuts_anybody_out(
    language: str, sizes: list[int], desks: dict[str, Client], city: SimpleNamespace, browser: Browser
) -> None:
    """Each page is opened once for all its looks; axe reads the Chinese ones: in English the same elements stand there."""
    pages = sent(desks, city, language)
    assert len(pages) > MOST_OF_THEM
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    page = opened(context, serve(pages))
    found = []
    for name, text in pages.items():
        page.set_content(text)
        assert page.evaluate("document.styleSheets.length") > 0
        found += [f"{name} at {each}" for each in too_wide_or_cut(page)]
        found += [f"{name} at {each}" for each in shut_out(page, sizes)]
    context.close()
    assert found == []


def opened(context: BrowserContext, answer: Callable[[Route], None]) -> Page:
    """A window with axe in it into which pages are written: styles, scripts and axe are read and compiled once for all."""
    page = context.new_page()
    page.route("**/*", answer)
    page.goto(SITE + "login/")
    page.evaluate(AXE)
    return page


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
    page = browser.new_page(reduced_motion="reduce")
    page.evaluate(AXE)
    page.set_content(
        """<html lang="zh"><title>a</title><style>p { color: #eee; background: #fff }
        b { color: #111; background: #fff } @media (prefers-color-scheme: dark) { b { background: #222 } }
        @media (min-width: 600px) { i { color: #eee; background: #fff } }</style>
        <main><img src="x"><p>字太浅了看不清</p><b>夜里看不清</b><i>桌上看不清</i></main></html>"""
    )
    found = "\n".join(shut_out(page))
    assert "360 light image-alt" in found
    assert "360 light color-contrast: <p>" in found
    page.set_content(page.content().replace("<p>字太浅了看不清</p>", ""))
    found = "\n".join(shut_out(page))
    assert "360 light color-contrast" not in found
    assert "1920 light color-contrast: <i>" in found
    assert "360 dark color-contrast: <b>" in found
    page.close()


def test_a_header_is_read_once_and_another_one_again(browser: Browser) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.evaluate(AXE)

    def found_in(header: str) -> str:
        page.set_content(f"""<html lang="zh"><title>a</title><body style="background: #fff; color: #111">
            <header><a href="/">{header}</a></header><main><p>字</p></main></html>""")
        return "\n".join(shut_out(page))

    assert found_in("守望") == ""
    assert "360 light color-contrast: <b " in found_in("<b style='color: #eee'>守望</b>")
    assert found_in("<b style='color: #eee'>守望</b>") == ""
