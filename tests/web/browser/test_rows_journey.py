"""What a file leaves for people, in a real browser at two sizes: rows mended on the page and in a spreadsheet and sent again;
a row decided beside its candidates, and the decision undone."""

import pytest
from installation import Site
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from test_main_journey import (
    PHONE_AND_LONG_DESK,
    SLOW,
    come_in,
    comes_to,
    does_not_overflow,
    faults_of,
    give_second_factor,
)
from test_the_five_levels import command

from conftest_numbers import number, village

pytestmark = pytest.mark.browser
HEADER = "受理编号,姓名,证件号码,行政区划代码,受理日期,诉求类别,内容"
COUNTY = village()[:6] + "0" * 6
WHO = "xianlaijian"


@pytest.fixture(scope="module")
def staffed(site: Site) -> Site:
    """Another county officer, who brings in files; the recovery codes once they were shown."""
    command(site, "user", "add", WHO, "--name", "覃来件", "--area", COUNTY, "--duty", "county", "--password-stdin")
    return Site(site.address, site.files)


def desk_of(site: Site, browser: Browser, size: tuple[int, int]) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN").new_page()
    faults = faults_of(page, site)
    page.goto(site.address + "/clues/")
    come_in(page, WHO)
    give_second_factor(page, site)
    return page, faults


def complaints(site: Site, width: int) -> str:
    """Lines 2 to 4: nobody's number but a name that the village knows; a day that does not exist; a category too few."""
    person = number(1, "19700304")
    rows = [
        f"X{width}-1,田秀英,,{village()},2021-05-20,医疗,住院费用负担重",
        f"X{width}-2,冉光荣,{person},{village()},2021-13-20,医疗,报销慢",
        f"X{width}-3,冉光荣,{person},{village()},2021-05-20,,饮水不稳定",
    ]
    path = site.files / f"诉求{width}.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="gb18030")
    return str(path)


def upload(page: Page, site: Site, source: str, path: str) -> None:
    page.goto(site.address + "/uploads/new/")
    page.get_by_label("来源").select_option(source)
    page.get_by_label("文件", exact=True).set_input_files(path)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("D0000", timeout=SLOW)


@pytest.mark.parametrize("size", PHONE_AND_LONG_DESK)
def test_rows_mended_and_decided(staffed: Site, browser: Browser, size: tuple[int, int]) -> None:
    page, faults = desk_of(staffed, browser, size)
    upload(page, staffed, "hotline_complaint", complaints(staffed, size[0]))
    brought = page.url
    expect(page.locator("#quarantine")).to_contain_text("冉光荣")

    page.goto(staffed.address + "/today/")
    does_not_overflow(page)
    page.get_by_role("link", name="去改正").last.click()
    comes_to(page, r"/deliveries/")
    page.goto(brought)
    page.get_by_role("link", name="改正隔离的行").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("改正隔离的行")
    does_not_overflow(page)
    day = page.get_by_label("受理日期").first
    expect(day).to_have_value("2021-13-20")
    expect(day).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("证件号码").first).not_to_have_value(number(1, "19700304"))
    day.fill("2021-05-20")
    page.get_by_role("button", name="重新提交本页改过的行").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("D0000", timeout=SLOW)
    expect(page.locator("body")).to_contain_text("已接收")
    does_not_overflow(page)

    page.goto(brought)
    page.get_by_role("link", name="改正隔离的行").click()
    expect(page.locator("section.card .cells")).to_have_count(1)
    with page.expect_download() as sheet:
        page.get_by_role("link", name="下载后在表格里改").click()
    mended = staffed.files / f"改好{size[0]}.xlsx"
    sheet.value.save_as(mended)
    fill_in(mended, "诉求类别", "饮水")
    upload(page, staffed, "hotline_complaint", str(mended))
    page.goto(brought)
    expect(page.locator("#quarantine").get_by_text("已改正")).to_have_count(2)
    expect(page.get_by_role("link", name="改正隔离的行")).to_have_count(0)
    does_not_overflow(page)

    decide_and_undo(page, staffed)
    assert faults == []


def fill_in(path: object, header: str, words: str) -> None:
    """Writes into the first row below the headers, as a clerk does."""
    book = load_workbook(str(path))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == header:
                sheet.cell(cell.row + 1, cell.column).value = words
                book.save(str(path))
                return
    raise AssertionError(f"no column {header}")


def decide_and_undo(page: Page, site: Site) -> None:
    page.goto(site.address + "/deliveries/review/")
    does_not_overflow(page)
    waiting = page.locator("table.cards tbody tr")
    before = waiting.count()
    waiting.filter(has_text="田秀英").last.get_by_role("link", name="认定").click()
    expect(page.get_by_role("heading", name="逐项对照")).to_be_visible()
    does_not_overflow(page)
    page.get_by_label("是田秀英").check()
    page.get_by_label("理由").fill("电话核实，是本人反映")
    page.get_by_role("button", name="认定", exact=True).click()
    expect(page.get_by_text("今天起的筛查按此计算")).to_be_visible()
    expect(waiting).to_have_count(before - 1)
    page.get_by_role("link", name="已认定").click()
    page.get_by_role("link", name="查看或撤销").first.click()
    expect(page.get_by_role("heading", name="已认定为 田秀英")).to_be_visible()
    does_not_overflow(page)
    page.get_by_label("理由").fill("点错了人")
    page.get_by_role("button", name="撤销认定").click()
    expect(page.get_by_text("这一行回到待认定")).to_be_visible()
    page.goto(site.address + "/deliveries/review/")
    expect(waiting).to_have_count(before)
