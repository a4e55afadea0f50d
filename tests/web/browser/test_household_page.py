"""A household's page in a real browser: its line of time filtered, a source opened, one value shown in full."""

import re

import pytest
from installation import Site
from playwright.sync_api import Browser, expect
from test_main_journey import SIZES, SLOW, faults_of, log_in

from conftest_numbers import number

pytestmark = pytest.mark.browser


def test_a_life_is_read_filtered_and_traced(site: Site, browser: Browser) -> None:
    """At both sizes, in one session: each further login would use up a recovery code."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(SLOW)
    log_in(page, site)
    faults = faults_of(page, site)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site.address + "/households/H-001/")
        expect(page.get_by_role("img", name="各期人均纯收入")).to_be_visible()
        page.get_by_role("navigation", name="按类别").get_by_role("link", name=re.compile("^收入")).click()
        expect(page).to_have_url(re.compile("kind=income"))
        expect(page.locator(".timeline > li").first).to_contain_text("工资性收入")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator(".timeline").get_by_role("link", name="D000002").first.click()
        expect(page).to_have_url(re.compile("/deliveries/2/"))
        page.go_back()
        page.get_by_role("link", name="查看原文").first.click()
        page.get_by_label("查看什么").select_option("id")
        page.get_by_label("用途").fill("入户核实前核对证件")
        page.get_by_role("button", name="查看").click()
        expect(page.get_by_text(number(1, "19700304"))).to_be_visible()
    assert faults == []
    context.close()
