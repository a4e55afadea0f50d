"""A household reports from an old telephone without any script; an officer reads the code out; the township matches it; and
the household reads how it stands."""

import re
from collections.abc import Callable

import pytest
from installation import PASSWORD, Site
from playwright.sync_api import Browser, Page
from test_main_journey import come_in, comes_to

from conftest_numbers import village

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 700}


def signed_in(browser: Browser, site: Site, name: str) -> Page:
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(f"{site.address}/login/")
    come_in(page, name)
    return page


def test_from_the_poster_to_the_answer(site: Site, browser: Browser, command: Callable[..., str]) -> None:
    township = village()[:9] + "000"
    duty = ("--name", "冉镇", "--area", township, "--duty", "township", "--password-stdin")
    command("user", "add", "zhen", *duty, typed=PASSWORD + "\n")
    phone = browser.new_context(viewport=PHONE, locale="zh-CN", java_script_enabled=False).new_page()
    phone.goto(f"{site.address}/report/{village()}/")
    phone.get_by_role("link", name="我家遇到困难了").click()
    phone.get_by_label("生病花钱多").check()
    phone.get_by_label("您的姓名").fill("冉光荣")
    phone.get_by_label("您的手机号").fill("13800000001")
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label("验证码").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    officer = signed_in(browser, site, "zhen")
    officer.goto(f"{site.address}/messages/")
    officer.get_by_role("link", name=re.compile("请转告")).first.click()
    comes_to(officer, r"/messages/\d+/")
    code = re.search(r"\d{6}", officer.get_by_text("验证码").inner_text())
    assert code is not None
    phone.get_by_label("验证码").fill(code[0])
    phone.get_by_role("button", name="交上去").click()
    receipt = phone.locator(".receipt").inner_text()

    officer.goto(f"{site.address}/declarations/")
    officer.get_by_role("link", name="冉光荣").click()
    officer.get_by_role("button", name="是这一户，转为线索").click()
    officer.get_by_text("已转为线索").first.wait_for()

    phone.goto(f"{site.address}/report/state/")
    phone.get_by_label("回执编号").fill(receipt)
    phone.get_by_label("手机号后四位").fill("0001")
    phone.get_by_role("button", name="查询").click()
    phone.get_by_text("正在核实").wait_for()
