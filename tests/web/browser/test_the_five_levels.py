"""City, county, township, village and department, and the grid worker: each walks their own way in a real browser.

On a phone of 360 pixels and at a desk of 1,920. The county and the township do without a mouse, the village and its grid worker
without script. One clue goes all the way down and back at each size, a red one through the county.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import PASSWORD, Site
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from test_main_journey import PHONE_AND_LONG_DESK, come_in, comes_to, does_not_overflow, faults_of, give_second_factor

import processes
from conftest_numbers import village

pytestmark = pytest.mark.browser
CITY, TOWNSHIP, VILLAGE = village()[:2] + "0" * 10, village()[:9] + "000", village()
POSTS = {
    "shi": (CITY, "city", ()),
    "xiang": (TOWNSHIP, "township", ()),
    "cun": (VILLAGE, "village", ()),
    "wangge": (VILLAGE, "grid_worker", ()),
    "yibao": (village()[:6] + "000000", "department", ("--department", "医保")),
}
# A household whose clue goes the way, by size: each has one of its own.
HOUSEHOLD = {360: ("H-001", "冉光荣"), 1920: ("H-002", "田秀英")}
MEDICAL = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"


def command(site: Site, *words: str) -> None:
    environ = {"SHOUWANG_HOME": str(site.files / "home")}
    processes.run(processes.SHOUWANG, *words, environ=environ, given=PASSWORD + "\n", ends=0)


@pytest.fixture(scope="module")
def staffed(site: Site) -> Site:
    """The site with somebody at every desk beside the county's officer, and a red clue in each household."""
    for name, (area, duty, more) in POSTS.items():
        command(site, "user", "add", name, "--name", name, "--area", area, "--duty", duty, *more, "--password-stdin")
    from conftest_numbers import number

    rows = [
        f"W-{n},{number(n, born)},{name},2021-03-02,住院,90000,10000,0,0,80000"
        for n, born, name in ((1, "19700304", "冉光荣"), (2, "19550607", "田秀英"))
    ]
    file = site.files / "住院.csv"
    file.write_text("\n".join([MEDICAL, *rows]) + "\n", encoding="utf-8")
    command(site, "ingest", "medical_settlement", str(file), "--received-on", "2021-06-11")
    file = site.files / "收入二.csv"
    file.write_text("户编号,统计期起,统计期止,工资性收入\nH-002,2020-06-01,2021-05-31,3100\n", encoding="utf-8")
    command(site, "ingest", "income_statement", str(file), "--received-on", "2021-06-12")
    command(site, "screen", "--as-of", "2021-06-17")
    return site


@pytest.fixture(scope="module")
def codes() -> dict[str, Site]:
    """Who has bound a phone keeps the recovery codes for the next login."""
    return {}


class Desks:
    """Opens browsers for people at one size; what goes wrong in any of them is kept."""

    def __init__(self, site: Site, browser: Browser, codes: dict[str, Site], size: tuple[int, int]) -> None:
        self.site, self.browser, self.codes, self.width = site, browser, codes, size[0]
        self.viewport = {"width": size[0], "height": size[1]}
        self.faults: list[list[str]] = []

    def of(self, name: str, *, script: bool = True) -> Page:
        page = self.browser.new_context(
            viewport=self.viewport,  # type: ignore[arg-type]
            locale="zh-CN",
            java_script_enabled=script,
            accept_downloads=True,
        ).new_page()
        self.faults.append(faults_of(page, self.site))
        page.goto(self.site.address + "/clues/")
        come_in(page, name)
        if name == "officer":
            give_second_factor(page, self.site)
        elif name in ("shi", "yibao"):
            give_second_factor(page, self.codes.setdefault(name, Site(self.site.address, self.site.files)))
        page.goto(self.site.address + "/")
        does_not_overflow(page)
        return page


@pytest.fixture(params=PHONE_AND_LONG_DESK)
def desks(staffed: Site, browser: Browser, codes: dict[str, Site], request: pytest.FixtureRequest) -> Iterator[Desks]:
    opened = Desks(staffed, browser, codes, request.param)
    yield opened
    assert [fault for faults in opened.faults for fault in faults] == []


def picture(folder: Path) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(stream, "JPEG")
    path = folder / "院坝.jpg"
    path.write_bytes(stream.getvalue())
    return str(path)


def listed(page: Page, site: Site) -> list[str]:
    """Who stands on the first page."""
    page.goto(site.address + "/today/")
    does_not_overflow(page)
    return page.locator("a.row-link").all_inner_texts()


def open_first(page: Page, head: str) -> None:
    page.get_by_role("link", name=head).first.click()
    does_not_overflow(page)


def medical_clue_of(page: Page, site: Site, household: str) -> str:
    """The number of the household's clue for illness, as the city's list has it."""
    page.goto(f"{site.address}/clues/?q={household}&risk=illness")
    does_not_overflow(page)
    href = page.locator("a.row-link").first.get_attribute("href")
    assert href is not None
    return href.split("/")[2]


def test_a_red_clue_through_all_five_levels(desks: Desks) -> None:
    site, (household, head) = desks.site, HOUSEHOLD[desks.width]
    city = desks.of("shi")
    expect(city.get_by_role("heading", level=1)).to_contain_text("今日要办")
    number = medical_clue_of(city, site, household)
    city_picks_and_sends(city, site, number)

    county = desks.of("officer")
    assert head in listed(county, site)
    without_a_mouse(county, site, number, "待乡镇下发")

    township = desks.of("xiang")
    assert head in listed(township, site)
    without_a_mouse(township, site, number, "待入户核实")

    hamlet = desks.of("cun", script=False)
    assert head in listed(hamlet, site)
    grid_worker_visits(desks, number, head)
    village_submits(hamlet, site, number)
    assert listed(hamlet, site).count(head) == 0

    assert head in listed(township, site)
    agree(township, site, number, "待区县复核")
    assert head in listed(county, site)
    agree(county, site, number, "已办结")
    for page in (city, county, township, hamlet):
        page.goto(f"{site.address}/today/")
        expect(page.locator("main")).not_to_contain_text(number)

    department = desks.of("yibao")
    department_reads_and_takes_its_list(department, site, number)


def city_picks_and_sends(city: Page, site: Site, number: str) -> None:
    """Picked on the list; the choice survives another order; sent in one order."""
    expect(city.locator("tr", has_text=number)).to_contain_text("待市级下发")
    city.get_by_label(f"选择 {number}").check()
    expect(city.locator("[data-picked]")).to_have_text("已选 1 条")
    city.goto(f"{site.address}/clues/?sort=due&risk=illness")
    expect(city.get_by_label(f"选择 {number}")).to_be_checked()
    does_not_overflow(city)
    city.get_by_role("button", name="下发所选").click()
    does_not_overflow(city)
    city.get_by_role("button", name="下发 1 条").click()
    expect(city.locator("main")).to_contain_text("1 条已下发到区县")
    does_not_overflow(city)


def without_a_mouse(page: Page, site: Site, number: str, then: str) -> None:
    """Down the first page by keyboard to the clue, opened, and given on: no pointer is used."""
    page.goto(site.address + "/today/")
    links = page.locator("a.row-link")
    wanted = [place for place in range(links.count()) if number in (links.nth(place).get_attribute("href") or "")][0]
    for _ in range(wanted + 1):
        page.keyboard.press("j")
    expect(links.nth(wanted)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="办理")).to_be_visible()
    does_not_overflow(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button.primary[type=submit]')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(then)


def grid_worker_visits(desks: Desks, number: str, head: str) -> None:
    """Without script, as on an old phone; whoever visits submits nothing."""
    grid = desks.of("wangge", script=False)
    open_first(grid, head)
    grid.get_by_role("link", name="记录入户走访").click()
    does_not_overflow(grid)
    grid.get_by_label("走访人员").fill("张三、李四")
    grid.get_by_label("走访地点").fill("二组院坝")
    grid.get_by_label("走访情况").fill(f"住院属实，{number}")
    grid.get_by_label("照片").set_input_files(picture(desks.site.files))
    grid.get_by_role("button", name="保存走访记录").click()
    expect(grid.get_by_role("status")).to_contain_text("由村里报送核实结果")
    expect(grid.get_by_role("link", name="报送核实结果")).to_have_count(0)
    does_not_overflow(grid)


def village_submits(hamlet: Page, site: Site, number: str) -> None:
    hamlet.goto(f"{site.address}/clues/{number}/")
    expect(hamlet.locator("main")).to_contain_text("住院属实")
    hamlet.get_by_role("link", name="报送核实结果").click()
    does_not_overflow(hamlet)
    hamlet.get_by_label("情况属实").check()
    hamlet.get_by_label("理由").fill("住院自付八万元")
    hamlet.get_by_role("button", name="报送乡镇审核").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")
    expect(hamlet.get_by_role("img", name="走访照片 1")).to_be_visible()
    does_not_overflow(hamlet)


def agree(page: Page, site: Site, number: str, then: str) -> None:
    page.goto(f"{site.address}/clues/{number}/")
    expect(page.locator("main")).to_contain_text("住院自付八万元")
    page.get_by_role("button", name="同意").click()
    expect(page.get_by_role("status")).to_contain_text(f"已同意。{then}")
    does_not_overflow(page)


def department_reads_and_takes_its_list(department: Page, site: Site, number: str) -> None:
    """Its own matters alone, nothing of what was seen in the home, and a sheet of what is on the screen."""
    department.goto(f"{site.address}/clues/?state=any")
    does_not_overflow(department)
    kinds = department.locator("table.cards tbody tr").all_inner_texts()
    assert kinds
    assert all("因病" in kind for kind in kinds)
    with department.expect_download() as taken:
        department.get_by_role("link", name="导出").click()
    rows = list(load_workbook(io.BytesIO(taken.value.path().read_bytes())).active.iter_rows(values_only=True))
    assert len(rows) == len(kinds) + 1
    assert number in [row[0] for row in rows]
    department.goto(f"{site.address}/clues/{number}/")
    does_not_overflow(department)
    expect(department.locator("main")).not_to_contain_text("住院属实")
    expect(department.get_by_role("button", name="同意")).to_have_count(0)


def test_the_list_by_keyboard_moves_picks_and_opens(desks: Desks) -> None:
    """J and K from row to row, X picks, Enter opens; typing in a field is typing."""
    page = desks.of("shi")
    page.goto(desks.site.address + "/clues/?sort=household")
    links = page.locator("a.row-link")
    count = links.count()
    assert count >= 2
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    picked = page.locator("table input[name=pick]")
    place = [at for at in range(count) if page.locator("tbody tr").nth(at).locator("input[name=pick]").count()][0]
    links.nth(place).focus()
    page.keyboard.press("x")
    expect(picked.first).to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("已选 1 条")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("已选 0 条")
    if desks.width > 900:
        page.get_by_label("户编号或户主姓名").focus()
        page.keyboard.type("jjxk")
        expect(page.get_by_label("户编号或户主姓名")).to_have_value("jjxk")
    page.goto(desks.site.address + "/clues/?sort=household")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#in-hand")).to_be_visible()
    page.go_back()
    assert page.url.endswith("?sort=household")


def test_filters_stay_in_the_address_and_a_view_keeps_them(desks: Desks) -> None:
    page = desks.of("officer")
    page.goto(desks.site.address + "/clues/?risk=illness&state=any&sort=due")
    page.get_by_text("我的视图").click()
    page.get_by_label("把现在的筛选保存为").fill(f"因病{desks.width}")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.goto(desks.site.address + "/clues/")
    page.get_by_text("我的视图").click()
    does_not_overflow(page)
    page.get_by_role("link", name=f"因病{desks.width}", exact=True).click()
    for kept in ("risk=illness", "state=any", "sort=due"):
        comes_to(page, kept)
    kinds = page.locator("table.cards tbody tr").all_inner_texts()
    assert kinds
    assert all("因病" in kind for kind in kinds)
