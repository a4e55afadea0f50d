"""One household from its own report to the end of its risk, in a real browser: it reports from an old telephone; village,
township, county, a department and the resident team each log in and do their part; the days that must pass pass.
"""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from installation import PASSWORD, Site
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from test_main_journey import come_in, comes_to, does_not_overflow, faults_of
from test_nobody_is_shut_out import AXE, serious

import processes
from conftest_numbers import number, village
from signed_in import phone_code
from web.browser.conftest import _free_port

pytestmark = pytest.mark.browser
VILLAGE, TOWNSHIP, COUNTY = village(), village()[:9] + "000", village()[:6] + "000000"
# Who logs in, where, with which duty and at what: the village and the team on a telephone, the offices at a desk.
PHONE, DESK = {"width": 390, "height": 800}, {"width": 1440, "height": 900}
PEOPLE = {
    "cun": ("冉村", VILLAGE, "village", (), PHONE),
    "dui": ("覃队", VILLAGE, "resident_team", (), PHONE),
    "xiang": ("冉镇", TOWNSHIP, "township", (), DESK),
    "xian": ("李静", COUNTY, "county", (), DESK),
    "yibao": ("周医", COUNTY, "department", ("--department", "医保"), DESK),
}
REPORTED, POSTED_OVER = date(2021, 7, 5), date(2021, 7, 11)  # a notice stands five days, the day of posting not counted
HALF_A_YEAR_LATER, OVER = date(2022, 2, 1), date(2022, 2, 7)
OWN_MEASURE = "介绍到帮扶车间务工"
HEAD, TELEPHONE = "冉光荣", "13800000001"
INCOME = "户编号,统计期起,统计期止,工资性收入,生产经营性收入,财产性收入,转移性收入,生产经营性支出,理赔收入,合规自付支出"
INSURED = "证件号码,姓名,参保年度,险种,参保状态"


class Journey:
    """The served installation, its people's browsers, and its clock."""

    def __init__(self, home: Path, folder: Path, browser: Browser) -> None:
        self.folder, self.browser = folder, browser
        port = _free_port()
        self.site = Site(f"http://127.0.0.1:{port}", folder)
        self.codes: dict[str, list[str]] = {}
        self.day = REPORTED
        self.pages: dict[str, Page] = {}
        self.faults: list[list[str]] = []
        program = Path(__file__).with_name("serving_on_a_day.py").read_text(encoding="utf-8")
        self.serving = processes.Popen(
            program, str(home), str(port), REPORTED.isoformat(), environ={"SHOUWANG_HOME": str(home)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.serving.stdout is not None
        assert self.serving.stdout.readline() == "ready\n"

    def ask(self, **what: Any) -> None:
        assert self.serving.stdin is not None
        assert self.serving.stdout is not None
        print(json.dumps(what), file=self.serving.stdin, flush=True)
        assert self.serving.stdout.readline() == "done\n"

    def night_before(self, day: date) -> None:
        """The clock moves on to a day, and what the program does by itself at night is done."""
        self.ask(day=day.isoformat())
        self.day = day

    def command(self, *words: str, typed: str = "") -> None:
        self.ask(words=words, typed=typed)

    def deliver(self, source: str, header: str, *lines: str, on: date) -> None:
        file = self.folder / f"{source}-{on}.csv"
        file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        self.command("ingest", source, str(file), "--received-on", on.isoformat())

    def open(self, viewport: dict[str, int], *, script: bool = True) -> Page:
        context = self.browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale="zh-CN",
            java_script_enabled=script,
        )
        page = context.new_page()
        self.faults.append(faults_of(page, self.site))
        return page

    def of(self, name: str, path: str) -> Page:
        """Somebody's browser at an address; they log in where the session has ended over the days."""
        page = self.pages.get(name)
        if page is None:
            page = self.pages[name] = self.open(PEOPLE[name][4])
        page.goto(self.site.address + path)
        if "/login/" in page.url:
            come_in(page, name)
            if PEOPLE[name][2] in ("county", "department"):
                self.give_second_factor(name, page)
            page.goto(self.site.address + path)
        does_not_overflow(page)
        return page

    def give_second_factor(self, name: str, page: Page) -> None:
        """The phone is bound at the first login, on the day that the site has; later a recovery code does."""
        if name in self.codes:
            page.get_by_label("动态口令", exact=True).fill(self.codes[name].pop())
            page.get_by_role("button", name="登录").click()
            comes_to(page, r"^(?!.*/login/)")
            return
        page.get_by_text("扫不了码").click()
        secret = page.locator("[data-secret]").inner_text()
        days = (self.day - datetime.now(ZoneInfo("Asia/Shanghai")).date()).days
        page.get_by_label("动态口令", exact=True).fill(phone_code(secret, days * 24 * 60 * 2))
        page.get_by_role("button", name="启用").click()
        expect(page.locator("[data-codes] li").first).to_be_visible()
        self.codes[name] = page.locator("[data-codes] li").all_inner_texts()

    def end(self) -> None:
        self.serving.terminate()
        self.serving.wait(timeout=120)


@pytest.fixture
def journey(fresh_home: Path, tmp_path: Path, browser: Browser) -> Iterator[Journey]:
    home = Path(shutil.copytree(fresh_home, tmp_path / "home"))
    begun = Journey(home, tmp_path, browser)
    try:
        for name, (called, area, duty, more, _viewport) in PEOPLE.items():
            told = ("--name", called, "--area", area, "--duty", duty, *more, "--from", "2021-01-01")
            begun.command("user", "add", name, *told, "--password-stdin", typed=PASSWORD + "\n")
        yield begun
    finally:
        begun.end()
    assert [fault for faults in begun.faults for fault in faults] == []


def picture(folder: Path, name: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(stream, "JPEG")
    path = folder / f"{name}.jpg"
    path.write_bytes(stream.getvalue())
    return str(path)


@pytest.mark.long
def test_from_its_own_report_to_the_end_of_its_risk(journey: Journey) -> None:
    register(journey)
    phone, receipt = household_reports(journey)
    clue = found_to_be_true(journey)
    reads_how_it_stands(journey, phone, receipt, "核实属实，正在办理")
    case = identified(journey)
    reads_how_it_stands(journey, phone, receipt, "已纳入监测")
    plan = helped(journey)
    nothing_forgotten(journey, case, plan, clue)
    eliminated(journey, case)
    reads_how_it_stands(journey, phone, receipt, "风险已经消除")


def register(journey: Journey) -> None:
    """The household as departments know it in the summer: two people, and an income below the line."""
    members = [
        f"H-001,{VILLAGE},脱贫户,{HEAD},{number(1, '19700304')},户主,男,患有大病,普通劳动力",
        f"H-001,{VILLAGE},脱贫户,覃小河,{number(2, '19720607')},配偶,女,健康,普通劳动力",
    ]
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,性别,健康状况,劳动技能"
    journey.deliver("household_register", header, *members, on=date(2021, 1, 5))
    journey.deliver("income_statement", INCOME, "H-001,2020-07-01,2021-06-30,5400.50,0,0,0,0,0,0", on=date(2021, 7, 2))
    journey.night_before(REPORTED)


def household_reports(journey: Journey) -> tuple[Page, str]:
    """From the poster's address to the receipt, on a telephone without script; an officer reads the code out."""
    phone = journey.open({"width": 360, "height": 700}, script=False)
    phone.goto(f"{journey.site.address}/report/{VILLAGE}/")
    phone.get_by_role("link", name="我家遇到困难了").click()
    phone.get_by_label("生病花钱多").check()
    phone.get_by_label("您的姓名").fill(HEAD)
    phone.get_by_label("您的手机号").fill(TELEPHONE)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_label("验证码")).to_be_visible()
    does_not_overflow(phone)
    township = journey.of("xiang", "/messages/")
    township.get_by_role("link", name=re.compile("请转告")).first.click()
    comes_to(township, r"/messages/\d+/")
    code = re.search(r"\d{6}", township.get_by_text("验证码").inner_text())
    assert code is not None
    phone.get_by_label("验证码").fill(code[0])
    phone.get_by_role("button", name="交上去").click()
    receipt = phone.locator(".receipt").inner_text()
    reads_how_it_stands(journey, phone, receipt, "已经收到，等乡镇受理")
    return phone, receipt


def number_of(page: Page, kind: str) -> str:
    """The number of what a click opens, as its address has it."""
    return comes_to(page, rf"/{kind}/[^/?]+/$").rstrip("/").split("/")[-1]


def reads_how_it_stands(journey: Journey, phone: Page, receipt: str, said: str) -> None:
    phone.goto(f"{journey.site.address}/report/state/")
    phone.get_by_label("回执编号").fill(receipt)
    phone.get_by_label("手机号后四位").fill(TELEPHONE[-4:])
    phone.get_by_role("button", name="查询").click()
    expect(phone.get_by_role("heading", name=said)).to_be_visible()
    does_not_overflow(phone)


def found_to_be_true(journey: Journey) -> str:
    """The township takes the report up as a clue and sends it down; the village goes there; the township agrees."""
    township = journey.of("xiang", "/declarations/")
    township.get_by_role("link", name=HEAD).click()
    township.get_by_role("button", name="是这一户，转为线索").click()
    expect(township.get_by_text("已转为线索").first).to_be_visible()
    township.get_by_role("link", name="因病").first.click()
    number = number_of(township, "clues")
    township.get_by_role("button", name="下发").click()
    expect(township.get_by_role("status")).to_contain_text("待入户核实")

    hamlet = journey.of("cun", "/today/")
    hamlet.get_by_role("link", name=HEAD).first.click()
    hamlet.get_by_role("link", name="记录入户走访").click()
    hamlet.get_by_label("走访人员").fill("冉村、覃队")
    hamlet.get_by_label("走访地点").fill("二组院坝")
    hamlet.get_by_label("走访情况").fill("住院属实，家里没有积蓄")
    hamlet.get_by_label("照片").set_input_files(picture(journey.folder, "院坝"))
    hamlet.get_by_role("button", name="保存走访记录").click()
    hamlet.get_by_label("情况属实").check()
    hamlet.get_by_label("理由").fill("住院自付较多")
    hamlet.get_by_role("button", name="报送乡镇审核").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")

    township = journey.of("xiang", f"/clues/{number}/")
    township.get_by_role("button", name="同意").click()
    expect(township.get_by_role("status")).to_contain_text("已办结")
    journey.night_before(REPORTED)
    return number


def identified(journey: Journey) -> str:
    """Consent and income, the review, the notice with its photo; when its days are over township, county, announcement."""
    hamlet = journey.of("cun", "/cases/")
    hamlet.get_by_role("link", name=HEAD).click()
    number = number_of(hamlet, "cases")
    printed(hamlet, "打印承诺授权书", number)
    hamlet.get_by_role("link", name="采集信息").click()
    does_not_overflow(hamlet)
    hamlet.get_by_label("签署日期").fill(REPORTED.isoformat())
    hamlet.get_by_label("承诺授权书照片").set_input_files(picture(journey.folder, "承诺授权书"))
    hamlet.get_by_label("脱贫不稳定户").check()
    hamlet.get_by_label("认定理由").fill("住院自付较多，人均纯收入低于监测线")
    hamlet.get_by_role("button", name="提交，转民主评议").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待民主评议")
    reviewed(hamlet, REPORTED)
    posted_up(journey, hamlet)
    on_the_public_board(journey, "公示", "拟纳入")

    journey.night_before(POSTED_OVER)
    hamlet = journey.of("cun", f"/cases/{number}/")
    hamlet.get_by_role("button", name="公示期满，报送乡镇").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")
    agreed(journey, f"/cases/{number}/")
    hamlet = journey.of("cun", f"/cases/{number}/")
    hamlet.get_by_label("张贴地点").fill("村委会公示栏")
    hamlet.get_by_role("button", name="张贴公告").click()
    expect(hamlet.get_by_role("status")).to_contain_text("已纳入监测")
    on_the_public_board(journey, "公告", "纳入")
    journey.night_before(POSTED_OVER)
    return number


def reviewed(hamlet: Page, on: date) -> None:
    hamlet.get_by_label("评议日期").fill(on.isoformat())
    for label, said in (("主持人", "村支部书记"), ("到会人数", "32"), ("不同意票", "1")):
        hamlet.get_by_label(label).fill(said)
    hamlet.get_by_label("同意票", exact=True).fill("30")
    hamlet.get_by_label("评议记录").fill("逐户介绍情况，举手表决通过")
    hamlet.get_by_role("button", name="记录民主评议").click()
    expect(hamlet.get_by_role("status")).to_contain_text("村内公示")


def posted_up(journey: Journey, hamlet: Page) -> None:
    """The notice is posted up, printed, and proved by a photo."""
    hamlet.get_by_label("张贴地点").fill("村委会公示栏")
    hamlet.get_by_role("button", name="张贴公示").click()
    expect(hamlet.get_by_role("status")).to_contain_text("张贴公示")
    printed(hamlet, "打印", "notice")
    hamlet.get_by_text("上传张贴照片").click()
    hamlet.get_by_label("照片", exact=True).set_input_files(picture(journey.folder, "公示栏"))
    hamlet.get_by_role("button", name="上传照片").click()
    expect(hamlet.get_by_role("status")).to_contain_text("公示照片已保存")
    expect(hamlet.get_by_role("img", name="公示照片 1")).to_be_visible()
    does_not_overflow(hamlet)


def printed(page: Page, name: str, called: str) -> None:
    """A paper opens as PDF from its link."""
    link = page.get_by_role("link", name=name, exact=True).first
    paper = page.request.get(
        page.url.split("/cases/")[0].split("/eliminations/")[0] + (link.get_attribute("href") or "")
    )
    assert paper.ok, called
    assert paper.body().startswith(b"%PDF"), called


def on_the_public_board(journey: Journey, kind: str, said: str) -> None:
    anybody = journey.open({"width": 360, "height": 700}, script=False)
    anybody.goto(f"{journey.site.address}/board/{VILLAGE}/")
    board = anybody.locator("main")
    expect(board).to_contain_text(HEAD)
    expect(board).to_contain_text(kind)
    expect(board).to_contain_text(said)
    expect(board).not_to_contain_text("因病")
    does_not_overflow(anybody)
    anybody.context.close()


def agreed(journey: Journey, path: str) -> None:
    """Township, then county: two offices, two people."""
    township = journey.of("xiang", path)
    township.get_by_role("button", name="同意，报区县审定").click()
    expect(township.get_by_role("status")).to_contain_text("待区县审定")
    county = journey.of("xian", path)
    county.get_by_role("button", name="审定同意").click()
    expect(county.get_by_role("status")).to_contain_text("审定同意")


def helped(journey: Journey) -> str:
    """Contacts, a plan that township and county agree to, the department's part and the village's own, and a visit."""
    named(journey)
    hamlet = journey.of("cun", "/plans/")
    hamlet.get_by_role("link", name=HEAD).click()
    number = number_of(hamlet, "plans")
    hamlet.get_by_role("link", name="制定帮扶计划").click()
    does_not_overflow(hamlet)
    hamlet.get_by_label("到户产业项目").uncheck()
    hamlet.get_by_text("补充措施 1").click()
    for label, said in (("措施", OWN_MEASURE), ("责任人", "村支部书记"), ("落实期限", "2021-08-01")):
        own_row(hamlet).get_by_label(label, exact=True).fill(said)
    own_row(hamlet).get_by_label("类别").select_option(label="就业帮扶")
    own_row(hamlet).get_by_label("资金来源").select_option(label="行业政策")
    hamlet.get_by_role("button", name="报送乡镇审核").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")
    agreed(journey, f"/plans/{number}/")

    department = journey.of("yibao", "/tasks/")
    department.get_by_role("link", name=HEAD).click()
    expect(department.get_by_role("heading", level=1)).to_contain_text("大病专项救治")
    task = department.url
    department.get_by_role("button", name="接收").click()
    department.get_by_label("办理结果").fill("按政策救助住院费用")
    department.get_by_role("button", name="报告结果，请村里确认").click()
    expect(department.get_by_role("status")).to_contain_text("待村确认")
    hamlet = journey.of("cun", task.removeprefix(journey.site.address))
    hamlet.get_by_role("button", name="已见到，确认落实").click()
    expect(hamlet.get_by_role("status")).to_be_visible()
    hamlet = journey.of("cun", f"/plans/{number}/")
    own = hamlet.locator("section.card").filter(has=hamlet.get_by_role("heading", name=OWN_MEASURE))
    own.locator("summary", has_text="落实到位").click()
    own.get_by_label("成效").fill("已在帮扶车间上岗")
    own.get_by_role("button", name="落实到位").click()
    expect(hamlet.get_by_role("status")).to_contain_text("落实")
    expect(hamlet.locator("main")).to_contain_text("起得到帮扶")

    team = journey.of("dui", f"/plans/{number}/")
    team.get_by_role("link", name="记录走访").click()
    team.get_by_role("group", name="家庭状况").get_by_role("radio").first.check()
    team.get_by_label("走访情况").fill("医疗救助已到账，身体在恢复")
    team.get_by_role("button", name="保存走访记录").click()
    expect(team.get_by_role("status")).to_contain_text("走访已记录")
    return number


def own_row(hamlet: Page) -> Locator:
    return hamlet.locator("details").filter(has_text="补充措施 1")


def named(journey: Journey) -> None:
    for kind in ("帮扶联系人", "监测联系人"):
        hamlet = journey.of("cun", "/contacts/")
        hamlet.get_by_role("checkbox").first.check()
        hamlet.get_by_label("类别").select_option(label=kind)
        for label, said in (("姓名", "覃队"), ("单位和职务", "驻村工作队队员"), ("联系电话", "13900000002")):
            hamlet.get_by_label(label).fill(said)
        hamlet.get_by_role("button", name="保存").click()
        expect(hamlet.get_by_role("status")).to_contain_text(kind)


def nothing_forgotten(journey: Journey, case: str, plan: str, clue: str) -> None:
    """axe on the pages of the household as they stand in the middle of its way."""
    for name, path in (("cun", f"/cases/{case}/"), ("cun", f"/plans/{plan}/"), ("xiang", f"/clues/{clue}/")):
        page = journey.of(name, path)
        shuts_nobody_out(page)


def shuts_nobody_out(page: Page) -> None:
    page.evaluate(AXE)
    assert list(serious(page, None, {"styles": [], "parts": []})) == []


def eliminated(journey: Journey, case: str) -> None:
    """Half a year later, with a higher income: proposed, reviewed, posted up, decided and announced."""
    wages = "H-001,2021-02-01,2022-01-31,30000,0,0,0,0,0,0"
    journey.deliver("income_statement", INCOME, wages, on=date(2022, 2, 1))
    insured = [f"{number(1, '19700304')},{HEAD},2022,居民,正常", f"{number(2, '19720607')},覃小河,2022,居民,正常"]
    journey.deliver("medical_enrolment", INSURED, *insured, on=date(2022, 2, 1))
    journey.night_before(HALF_A_YEAR_LATER)
    hamlet = journey.of("cun", f"/cases/{case}/elimination/")
    for name in ("有失学辍学", "住房有安全隐患", "有成员未参保", "饮水有安全隐患"):
        hamlet.get_by_role("group", name=name).get_by_label("没有").check()
    hamlet.get_by_label("走访人员").fill("冉村、覃队")
    hamlet.get_by_label("农户签字的照片").set_input_files(picture(journey.folder, "农户签字"))
    hamlet.get_by_label("消除理由").fill("治疗结束，务工收入稳定高于监测线")
    hamlet.get_by_role("button", name="提出消除，转民主评议").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待民主评议")
    own = hamlet.url.removeprefix(journey.site.address)
    reviewed(hamlet, HALF_A_YEAR_LATER)
    posted_up(journey, hamlet)
    shuts_nobody_out(hamlet)
    on_the_public_board(journey, "风险消除公示", "拟消除风险")

    journey.night_before(OVER)
    hamlet = journey.of("cun", own)
    hamlet.get_by_role("button", name="公示期满，报送乡镇").click()
    expect(hamlet.get_by_role("status")).to_contain_text("待乡镇审核")
    agreed(journey, own)
    hamlet = journey.of("cun", own)
    hamlet.get_by_label("张贴地点").fill("村委会公示栏")
    hamlet.get_by_role("button", name="张贴公告").click()
    expect(hamlet.get_by_role("status")).to_contain_text("已消除")
    on_the_public_board(journey, "风险消除公告", "风险已消除")
    journey.night_before(OVER)
