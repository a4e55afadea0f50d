"""The main journey in a real browser: log in, upload a file, screen, overview, clue, its evidence, the delivery."""

import re
from contextlib import suppress

import pytest
from installation import PASSWORD, Site
from playwright.sync_api import Browser, Page, ViewportSize, expect
from playwright.sync_api import Error as Left  # what a page says that is left while it is asked

from conftest_numbers import number, village
from signed_in import phone_code

pytestmark = pytest.mark.browser
HEADER = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
SLOW = 120_000
PAPER: ViewportSize = {"width": 688, "height": 980}  # A4 between its margins
SIZES = [(360, 740), (1920, 1080)]
PHONE_AND_LONG_DESK = [
    pytest.param(SIZES[0], id="phone"),
    pytest.param(SIZES[1], id="desk", marks=pytest.mark.long),
]
BESIDE = [
    "/",
    f"/areas/{village()[:9]}000/",
    "/households/",
    "/households/H-002/",
    "/deliveries/",
    "/deliveries/1/",
    "/deliveries/review/",
    "/uploads/new/",
    "/screenings/",
    "/policy/",
    "/policy/rules/medical.high_out_of_pocket/",
    "/policy/parameters/income.monitoring_line/",
]


def settlements(site: Site, width: int) -> str:
    """Two good rows and one whose number cannot be repaired; other numbers of settlement for each size."""
    good = number(1, "19700304")
    rows = [
        f"S{width}-1,{good},冉光荣,2021-03-02,住院,9000,1000,0,0,8000",
        f"S{width}-2,{good},冉光荣,2021-04-02,住院,2000,1500,0,0,500",
        f"S{width}-3,12345,无名氏,2021-04-02,住院,2000,1500,0,0,500",
    ]
    path = site.files / f"结算{width}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="gb18030")
    return str(path)


def faults_of(page: Page, site: Site) -> list[str]:
    """What a person would find in the browser's console, and every request that leaves the site; fills as pages load."""
    faults: list[str] = []
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("request", lambda sent: None if belongs(sent.url, site) else faults.append(f"{page.url} → {sent.url}"))
    return faults


def belongs(address: str, site: Site) -> bool:
    return address.startswith((site.address + "/", "data:", "blob:"))


def log_in(page: Page, site: Site) -> None:
    page.goto(site.address + "/clues/")
    page.get_by_label("用户名").fill("officer")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    give_second_factor(page, site)
    page.goto(site.address + "/clues/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("线索清单")


def give_second_factor(page: Page, site: Site) -> None:
    """The first time the officer binds a phone and keeps the recovery codes; after that each login uses one up."""
    if not site.recovery_codes:
        expect(page.get_by_role("heading", level=1)).to_contain_text("绑定动态口令")
        does_not_overflow(page)
        page.get_by_text("扫不了码").click()
        secret = page.locator("[data-secret]").inner_text()
        page.get_by_label("动态口令", exact=True).fill(phone_code(secret))
        page.get_by_role("button", name="启用").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("恢复码")
        does_not_overflow(page)
        site.recovery_codes.extend(page.locator("[data-codes] li").all_inner_texts())
        return
    expect(page.get_by_role("heading", level=1)).to_contain_text("动态口令")
    page.get_by_label("动态口令", exact=True).fill(site.recovery_codes.pop())
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("线索清单")


def come_in(page: Page, name: str) -> None:
    """Name and password; the next page is there, or that of the second factor."""
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    comes_to(page, r"^(?!.*/login/(\?|$))")


def comes_to(page: Page, pattern: str) -> str:
    """Waits for the address that a click leads to, and for its page; whoever reads or goes on at once may still see the old one."""
    expect(page).to_have_url(re.compile(pattern))
    page.wait_for_load_state()
    return page.url


def does_not_overflow(page: Page) -> None:
    wider = None
    while wider is None:
        page.wait_for_load_state()  # a page that a click has only just asked for has no element yet
        with suppress(Left):
            wider = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
    assert wider <= 0, page.url


@pytest.mark.parametrize("size", PHONE_AND_LONG_DESK)
def test_from_the_door_to_the_line(site: Site, browser: Browser, size: tuple[int, int]) -> None:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    faults = faults_of(page, site)
    log_in(page, site)

    page.goto(site.address + "/deliveries/")
    page.get_by_role("link", name="上传文件").click()
    page.get_by_label("来源").select_option("medical_settlement")
    page.get_by_label("文件", exact=True).set_input_files(settlements(site, width))
    page.get_by_label("收到日期").fill("2021-06-10")
    does_not_overflow(page)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("医保结算明细D0000", timeout=SLOW)
    expect(page.get_by_text("证件号码格式不对").first).to_be_visible()
    expect(page.locator("#quarantine")).to_contain_text("无名氏")
    expect(page.locator("#quarantine")).not_to_contain_text("12345")
    does_not_overflow(page)
    delivered = page.url

    page.goto(site.address + "/screenings/")
    page.get_by_label("截至日期").fill("2021-06-17")
    page.get_by_role("button", name="开始筛查").click()
    expect(page.get_by_role("heading", name="各规则命中户数")).to_be_visible(timeout=SLOW)
    does_not_overflow(page)

    page.get_by_role("link", name="查看总览").click()
    expect(page.locator("a.figure", has_text="红色线索")).to_contain_text("2")
    does_not_overflow(page)
    page.locator("a.figure", has_text="红色线索").click()
    expect(page.locator("table.cards tbody tr")).to_have_count(2)
    does_not_overflow(page)
    page.get_by_role("row", name="因病").get_by_role("link", name="冉光荣").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("冉光荣户 · 因病")
    said = page.locator(".finding", has_text="个人自付医疗费用偏高")
    expect(said).to_contain_text("达到脱贫户预警标准")
    expect(said).to_contain_text("个人自付8000.00元")
    does_not_overflow(page)

    place = said.get_by_role("row", name="个人自付8000.00元").get_by_role("link").last
    place.click()
    expect(page.get_by_text("您从证据点到这里")).to_contain_text("第 2 行")
    if width == SIZES[0][0]:
        assert page.url.split("?")[0] == delivered

    page.goto(site.address + "/households/H-001/")
    expect(page.get_by_role("cell", name="5,400.50").first).to_be_visible()
    does_not_overflow(page)
    assert faults == []
    context.close()


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
def test_no_page_beside_the_journey_scrolls_sideways_or_runs_off_the_paper(
    site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    faults = faults_of(page, site)
    log_in(page, site)
    for path in BESIDE:
        answer = page.goto(site.address + path)
        assert getattr(answer, "ok", False), path
        does_not_overflow(page)
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        does_not_overflow(page)
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": width, "height": height})
    assert faults == []
    context.close()


def test_a_fault_in_the_browser_is_seen(site: Site, browser: Browser) -> None:
    """The watch itself, on planted faults: a script that fails, words of an error, a request to another host."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    faults = faults_of(page, site)
    page.goto(site.address + "/login/")
    page.evaluate("console.error('planted words')")
    page.evaluate("setTimeout(() => { throw new Error('planted failure') })")
    page.evaluate("fetch('http://127.0.0.1:9/planted-host').catch(() => null)")
    page.evaluate("fetch('/planted-path')")
    unseen = {"planted words", "planted failure", "planted-host", "404"}
    for _ in range(600):
        unseen = {planted for planted in unseen if not any(planted in fault for fault in faults)}
        if not unseen:
            break
        page.wait_for_timeout(100)
    context.close()
    assert unseen == set()
