"""The county opens a township's account in the browser; the township comes in with the paper and makes it its own."""

import pytest
from installation import Site
from playwright.sync_api import Browser, expect
from test_main_journey import PHONE_AND_LONG_DESK, does_not_overflow, faults_of, log_in

from conftest_numbers import village

pytestmark = pytest.mark.browser
OWN = "yi-ju-zhi-you-zi-ji-zhi-dao-de-hua"


@pytest.mark.parametrize("size", PHONE_AND_LONG_DESK)
def test_an_account_from_paper_to_work_and_its_end(site: Site, browser: Browser, size: tuple[int, int]) -> None:
    width, height = size
    county = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    faults = faults_of(county, site)
    log_in(county, site)
    county.goto(site.address + "/users/")
    county.get_by_role("link", name="开设账号").click()
    county.get_by_label("用户名").fill(f"xiang{width}")
    county.get_by_label("姓名").fill(f"冉乡{width}")
    county.get_by_label("岗位").select_option("township")
    county.get_by_label("区域").select_option(village()[:9] + "000")
    does_not_overflow(county)
    county.get_by_role("button", name="开设").click()
    password = county.locator("[data-password]").inner_text()
    does_not_overflow(county)

    township = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    township.goto(site.address + "/login/")
    township.get_by_label("用户名").fill(f"xiang{width}")
    township.get_by_label("密码").fill(password)
    township.get_by_role("button", name="登录").click()
    expect(township.get_by_role("heading", level=1)).to_contain_text("修改密码")
    township.get_by_label("现在的密码").fill(password)
    township.get_by_label("新密码", exact=True).fill(OWN)
    township.get_by_label("再输一次新密码").fill(OWN)
    does_not_overflow(township)
    township.get_by_role("button", name="修改密码").click()
    expect(township.get_by_role("heading", level=1)).to_contain_text("我的账号")
    township.goto(site.address + "/households/")
    expect(township.locator("table.cards tbody tr")).to_have_count(2)

    county.goto(site.address + "/users/")
    county.get_by_role("link", name=f"冉乡{width}").click()
    county.get_by_text("结束或调动").click()
    does_not_overflow(county)
    county.get_by_role("button", name="结束岗位").click()
    expect(county.get_by_role("status")).to_contain_text("立即撤销")
    township.reload()
    expect(township.get_by_role("heading", level=1)).to_contain_text("不能打开这一页")
    assert faults == []
