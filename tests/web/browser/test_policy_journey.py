"""A value proposed by the county, tried by the background process, decided by the city: in a real browser, at two sizes."""

from datetime import date

import pytest
from installation import PASSWORD, Site
from playwright.sync_api import Browser, Page, expect
from test_main_journey import PHONE_AND_LONG_DESK, SLOW, come_in, does_not_overflow, faults_of, give_second_factor

import processes
from conftest_numbers import village
from shouwang.kernel import china_time

pytestmark = pytest.mark.browser
PARAMETER = "/policy/parameters/disaster.loss/"
POSTS = {"xianzhengce": (village()[:6] + "0" * 6, "county"), "shizhengce": (village()[:2] + "0" * 10, "city")}


@pytest.fixture(scope="module")
def staffed(site: Site) -> dict[str, Site]:
    """A second county officer and somebody of the city; the recovery codes of each once they were shown."""
    environ = {"SHOUWANG_HOME": str(site.files / "home")}
    for name, (area, duty) in POSTS.items():
        add = ("user", "add", name, "--name", name, "--area", area, "--duty", duty, "--password-stdin")
        processes.run(processes.SHOUWANG, *add, environ=environ, given=PASSWORD + "\n", ends=0)
    return {name: Site(site.address, site.files) for name in POSTS}


def desk_of(name: str, staffed: dict[str, Site], browser: Browser, size: tuple[int, int]) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN").new_page()
    faults = faults_of(page, staffed[name])
    page.goto(staffed[name].address + "/clues/")
    come_in(page, name)
    give_second_factor(page, staffed[name])
    return page, faults


@pytest.mark.parametrize("size", PHONE_AND_LONG_DESK)
def test_from_the_proposal_to_the_decided_value(
    staffed: dict[str, Site], site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    county, faults = desk_of("xianzhengce", staffed, browser, size)
    since = date(china_time.today().year + 1, 1, 1 if size[0] < 1000 else 2)
    value = f"{7000 + size[0]}"
    county.goto(site.address + PARAMETER)
    does_not_overflow(county)
    county.get_by_label("新数值", exact=True).fill(value)
    county.get_by_label("施行日期").fill(since.isoformat())
    county.get_by_label("依据文件").fill("关于调整灾害损失标准的通知")
    county.get_by_label("条款").fill("第二条")
    county.get_by_label("理由").fill("物价上涨")
    county.get_by_role("button", name="提出建议").click()
    expect(county.get_by_role("heading", name="推演：会带来的变化")).to_be_visible(timeout=SLOW)
    does_not_overflow(county)
    expect(county.get_by_text("不能审定自己提出的建议")).to_be_visible()
    expect(county.get_by_role("button", name="同意", exact=True)).to_have_count(0)

    city, more = desk_of("shizhengce", staffed, browser, size)
    city.goto(site.address + "/today/")
    city.get_by_role("link", name="去审定").click()
    expect(city.get_by_role("heading", name="待审定的参数建议")).to_be_visible()
    does_not_overflow(city)
    city.locator("#waiting").get_by_role("link").first.click()
    expect(city.get_by_role("heading", level=1)).to_contain_text(f"{value}元")
    does_not_overflow(city)
    city.get_by_label("意见").fill("同意，按通知执行")
    city.get_by_role("button", name="同意", exact=True).click()
    expect(city.get_by_text("已同意，新数值从施行日期起生效")).to_be_visible()

    county.goto(site.address + PARAMETER)
    row = county.get_by_role("row").filter(has_text=f"{value}元")
    expect(row).to_contain_text("尚未生效")
    expect(row).to_contain_text("关于调整灾害损失标准的通知 第二条")
    does_not_overflow(county)
    decided = (site.files / "home" / "policy" / "decided.yaml").read_text(encoding="utf-8")
    assert f"value: '{value}'" in decided
    assert faults + more == []
