"""axe finds nothing serious on any page, on a phone and on a wide screen, in light and in dark."""

import mimetypes
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import axe_playwright_python
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from shouwang.kernel.home import Home
from waiting_rows import put_in_review
from web.test_every_address import PAGES, address

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SITE = "http://desk.test/"
LOOKS = [
    (360, "light", None),
    (1920, "light", None),
    (1920, "dark", ["color-contrast"]),
    (360, "dark", ["color-contrast"]),
]
SERIOUS = ("serious", "critical")


@pytest.fixture
def pages(home: Home, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> dict[str, str]:
    """Every page of the county, as it was sent: the browser then needs no server."""
    put_in_review(home, 11, "冉光荣", "500101001001", {11: "姓名相同；同村"})
    city.delivery.quarantined = 0
    city.delivery.save()
    client, sent = at_desk("county"), {}
    for name in PAGES:
        response = client.get(address(name, city), follow=True)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            sent[name] = response.content.decode()
    return sent | {"login": Client().get("/login/").content.decode()}


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
    assert len(pages) > 25
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


def test_a_planted_fault_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        '<html lang="zh"><title>a</title><main><img src="x"><p style="color:#eee;background:#fff">字太浅了看不清</p></main>'
    )
    found = "\n".join(serious(page, None))
    assert "image-alt" in found
    assert "color-contrast" in found
    page.close()
