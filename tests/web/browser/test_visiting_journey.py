"""A clue from the county's desk to the village's phone and back, by four people in four browsers, with and without script."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from installation import PASSWORD, Site
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from test_main_journey import does_not_overflow, faults_of, give_second_factor

from conftest_numbers import village

pytestmark = pytest.mark.browser
AREAS = {"shi": village()[:2] + "0" * 10, "xiang": village()[:9] + "000", "cun": village()}
DUTIES = {"shi": "city", "xiang": "township", "cun": "village"}
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def command(site: Site, *words: str) -> None:
    line = [sys.executable, "-c", "from shouwang.cli.main import run; run()", *words]
    told = {**os.environ, "SHOUWANG_HOME": str(site.files / "home"), "DJANGO_SETTINGS_MODULE": "shouwang.settings"}
    done = subprocess.run(line, env=told, input=PASSWORD + "\n", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def staffed(site: Site) -> Site:
    """The site with somebody at each desk beside the county's officer, and something to look into."""
    for name, area in AREAS.items():
        command(site, "user", "add", name, "--name", name, "--area", area, "--duty", DUTIES[name], "--password-stdin")
    command(site, "screen", "--as-of", "2021-06-17")
    return site


def open_desk(browser: Browser, site: Site, name: str, *, size: dict[str, int] = DESK, script: bool = True) -> Page:
    """Logs in; a phone is bound where the post needs one."""
    page = browser.new_context(viewport=size, locale="zh-CN", java_script_enabled=script).new_page()  # type: ignore[arg-type]
    page.goto(site.address + "/clues/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    if name == "shi":
        give_second_factor(page, Site(site.address, site.files))
    elif name == "officer":
        give_second_factor(page, site)
    page.goto(site.address + "/")
    return page


def picture(folder: Path) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(stream, "JPEG")
    path = folder / "院坝.jpg"
    path.write_bytes(stream.getvalue())
    return str(path)


def test_from_the_city_to_the_village_and_agreed(staffed: Site, browser: Browser) -> None:
    city = open_desk(browser, staffed, "shi")
    faults = faults_of(city, staffed)
    expect(city.get_by_role("heading", level=1)).to_contain_text("今日要办")
    city.goto(staffed.address + "/clues/?q=H-001")
    city.get_by_label("选择 H-001-01").check()
    expect(city.locator("[data-picked]")).to_have_text("已选 1 条")
    city.goto(staffed.address + "/clues/?q=H-001&sort=due")
    expect(city.get_by_label("选择 H-001-01")).to_be_checked()
    city.get_by_role("button", name="下发所选").click()
    city.get_by_role("button", name="下发 1 条").click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("批量下发结果")
    expect(city.locator("main")).to_contain_text("1 条已下发到区县")

    county = open_desk(browser, staffed, "officer", script=False)
    county.goto(staffed.address + "/clues/H-001-01/")
    county.get_by_role("button", name="下发", exact=True).click()
    expect(county.get_by_role("status")).to_contain_text("待乡镇下发")

    township = open_desk(browser, staffed, "xiang", size=PHONE)
    township.get_by_role("link", name="冉光荣").first.click()
    does_not_overflow(township)
    township.get_by_role("button", name="下发", exact=True).press("Enter")
    expect(township.get_by_role("status")).to_contain_text("待入户核实")

    hamlet = open_desk(browser, staffed, "cun", size=PHONE, script=False)
    hamlet.get_by_role("link", name="冉光荣").first.click()
    hamlet.get_by_role("link", name="记录入户走访").click()
    does_not_overflow(hamlet)
    hamlet.get_by_label("走访人员").fill("张三、李四")
    hamlet.get_by_label("走访地点").fill("二组")
    hamlet.get_by_label("走访情况").fill("收入减少属实")
    hamlet.get_by_label("照片").set_input_files(picture(staffed.files))
    hamlet.get_by_role("button", name="保存走访记录").click()
    expect(hamlet.get_by_role("heading", level=1)).to_contain_text("报送核实结果")
    does_not_overflow(hamlet)
    hamlet.get_by_label("情况属实").check()
    hamlet.get_by_label("理由").fill("情况属实")
    hamlet.get_by_role("button", name="报送乡镇审核").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")
    expect(hamlet.get_by_role("img", name="走访照片 1")).to_be_visible()
    hamlet.goto(staffed.address + "/")
    expect(hamlet.locator("main")).not_to_contain_text("H-001-01")

    township.goto(staffed.address + "/")
    township.get_by_role("link", name="冉光荣").first.click()
    expect(township.locator("main")).to_contain_text("收入减少属实")
    township.get_by_role("button", name="同意").click()
    expect(township.get_by_role("status")).to_contain_text("已同意")
    assert faults == []
