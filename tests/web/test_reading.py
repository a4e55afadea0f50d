"""What the pages of a clue, a household, a delivery and the policy say."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.cache import cache
from django.test import Client
from small_city import AS_OF, COUNTY, RULE, VILLAGE, make_clue, make_household, make_user

from conftest_numbers import number, village
from shouwang.deliveries.ingest import ingest_file
from shouwang.exchange.models import Delivery
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.quarantine import masked_rows
from shouwang.kernel.home import Home
from signed_in import sign_in


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def areas(areas_anew: None) -> None: ...


@pytest.fixture
def city(city_anew: SimpleNamespace) -> SimpleNamespace:
    return city_anew


def test_a_clue_says_what_compared_with_what_and_where(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    response = at_desk("county").get(f"/clues/{city.clue.number}/")
    finding = response.context["findings"][0]
    assert finding.said == "近12个月个人自付医疗费合计8240.50元，达到脱贫户预警标准5000元"
    assert [(fact.title, fact.value) for fact in finding.facts] == [
        ("属于脱贫户", "是"),
        ("个人自付医疗费合计", "8240.5 元"),
    ]
    assert [(each.id, each.value) for each in finding.parameters] == [("medical.high_lifted", "5000 元")]
    row = finding.rows[0]
    assert (row.source_title, row.owner, row.label, row.line, row.person) == (
        "医保结算明细",
        "医保",
        "D000002",
        17,
        "冉光荣",
    )
    page = response.content.decode()
    assert 'href="/deliveries/2/?line=17"' in page
    assert f'href="/policy/rules/{RULE}/"' in page
    assert 'href="/policy/parameters/medical.high_lifted/"' in page
    assert 'href="/households/500101001001-0001/"' in page


def test_who_may_not_open_a_delivery_reads_its_name_without_a_link(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    page = text_of(at_desk("village"), f"/clues/{city.clue.number}/")
    assert "D000002" in page
    assert "/deliveries/2/" not in page


def test_an_earlier_dismissal_is_shown(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    city.clue.state, city.clue.dismissed_on, city.clue.dismissed_reason = (
        "dismissed",
        date(2021, 5, 20),
        "费用已由子女承担",
    )
    city.clue.save()
    make_clue(city.household, 11, number="500101001001-0001-02", earlier=city.clue)
    page = text_of(at_desk("village"), "/clues/500101001001-0001-02/")
    assert "这个问题以前核实过" in page
    assert "费用已由子女承担" in page


def test_a_clue_that_the_latest_screening_did_not_find_says_so(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client = at_desk("village")
    assert "没有再命中" not in text_of(client, f"/clues/{city.clue.number}/")
    city.clue.last_seen_on = date(2021, 5, 31)
    city.clue.save()
    assert "2021年6月17日的筛查没有再命中" in text_of(client, f"/clues/{city.clue.number}/")
    assert "最近未再命中" in text_of(client, "/clues/")


def test_numbers_with_a_slash_have_their_page(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:

    made = make_household("万州/7/1", VILLAGE, "彭兰", 31)
    make_clue(made, 31)
    client = at_desk("county")
    assert "彭兰" in text_of(client, "/households/万州/7/1/")
    assert "彭兰" in text_of(client, "/clues/万州/7/1-01/")
    assert "彭兰" in text_of(client, "/clues/?q=万州/7")


def test_hostile_names_are_only_text(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    city.household.head_name = "<script>alert(1)</script>"
    city.household.save()
    client = at_desk("county")
    for url in ("/clues/", "/households/", f"/households/{city.household.pk}/", f"/clues/{city.clue.number}/"):
        page = text_of(client, url)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


@pytest.fixture
def delivered(home: Home, areas: None, tmp_path: Path) -> tuple[Home, Delivery]:
    """A real delivery with two quarantined rows."""
    path = tmp_path / "名册.csv"
    header = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,联系电话,住址"
    wrong = number(5)[:17] + ("1" if number(5)[17] != "1" else "2")
    rows = [
        f"H1,{village()},脱贫户,向小山,{number(1)},户主,13900000001,一组1号",
        f"H2,{village()},脱贫户,冉大河,{wrong},户主,13900000002,二组2号",
        f"H3,{village()},贫困户,彭兰,{number(3)},户主,13900000003,{number(4)}",
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    report = ingest_file(home, "household_register", path, date(2021, 1, 5))
    load_deliveries(home)
    return home, Delivery.objects.get(pk=report.number)


def test_quarantined_rows_are_masked_on_the_screen(delivered: tuple[Home, Delivery]) -> None:
    home, delivery = delivered
    headers, rows = masked_rows(home, delivery.number, delivery.source, 0, 10)
    assert headers[4:] == ["证件号码", "与户主关系", "联系电话", "住址"]
    assert [row.line for row in rows] == [3, 4]
    assert rows[0].cells[4] == f"{number(5)[:6]}********{rows[0].cells[4][-4:]}"
    assert rows[0].cells[6:] == ["********", "****"]
    assert rows[0].reasons == ["id_check_digit:证件号码"]
    assert number(4) not in str(rows)


def test_the_county_downloads_what_it_brought_in_and_nobody_else(
    delivered: tuple[Home, Delivery], settings: object
) -> None:
    _, delivery = delivered
    Delivery.objects.filter(pk=delivery.pk).update(area_id=COUNTY)
    county, village_office = Client(), Client()
    sign_in(county, make_user("county", COUNTY, "county"))
    sign_in(village_office, make_user("village", "500101001001", "village"))
    page = text_of(county, f"/deliveries/{delivery.pk}/")
    assert "证件号码校验不符" in page
    assert "不在规定的选项内" in page
    assert number(3) not in page
    assert "13900000002" not in page
    sheet = county.get(f"/deliveries/{delivery.pk}/quarantine.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.values)
    assert [row[1] for row in rows][1:] == ["3", "4"]
    assert number(3) in rows[2]
    assert village_office.get(f"/deliveries/{delivery.pk}/quarantine.xlsx").status_code == 404


def test_the_household_page_shows_its_rows(delivered: tuple[Home, Delivery], tmp_path: Path) -> None:
    from shouwang.areas.models import Area
    from shouwang.jobs.register import load_register

    home, _ = delivered
    Area.objects.create(code="500229000000", name="城口县", level=2, parent_id="500000000000", scope="500229")
    Area.objects.create(code=village()[:9] + "000", name="镇", level=3, parent_id="500229000000", scope=village()[:9])
    Area.objects.create(code=village(), name="村", level=4, parent_id=village()[:9] + "000", scope=village())
    income = tmp_path / "收入.csv"
    income.write_text(
        "户编号,统计期起,统计期止,工资性收入,生产经营性支出\nH1,2020-06-01,2021-05-31,23000.5,3000\n", "utf-8"
    )
    ingest_file(home, "income_statement", income, date(2021, 6, 2))
    load_register(home)
    load_deliveries(home)
    client = Client()
    sign_in(client, make_user("county", "500229000000", "county"))
    page = text_of(client, "/households/H1/")
    for said in ("20,000.50", "工资性收入", "D000002", "第 2 行", "登记入册", f"{number(1)[:6]}********"):
        assert said in page
    assert number(1) not in page
    assert "13900000001" not in page
    water = Client()
    sign_in(water, make_user("water", "500229000000", "department", "水利"))
    assert water.get("/households/H1/").status_code == 404


def test_a_department_reads_only_its_own_rows_of_a_household(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    response = at_desk("department").get(f"/households/{city.household.pk}/")
    assert response.status_code == 200
    assert response.context["statements"] == []
    assert "工资" not in response.content.decode()
    assert response.context["fully"] is False


def test_the_policy_reads_aloud(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("village")
    rule = text_of(client, "/policy/rules/income.below_line/")
    for said in ("防止返贫监测线（6000元/人·年）", "家庭成员人数", "示例", "不命中", "渝府办发〔2021〕149号"):
        assert said in rule
    parameter = text_of(client, "/policy/parameters/income.monitoring_line/")
    for said in ("2020年1月1日", "6000元/人·年", "数值已超过一年", "第五章第二节", "整户缺劳动力"):
        assert said in parameter
    assert client.get("/policy/rules/no.such/").status_code == 404
    assert client.get("/policy/parameters/no.such/").status_code == 404


def test_every_rule_and_parameter_has_a_page(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    from shouwang.jobs.policy import current_pack

    client, pack = at_desk("county"), current_pack()
    for rule in pack.rules:
        assert client.get(f"/policy/rules/{rule}/").status_code == 200, rule
    for parameter in pack.parameters:
        assert client.get(f"/policy/parameters/{parameter}/").status_code == 200, parameter


def test_the_overview_of_the_city_has_a_map_and_its_table(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    page = text_of(at_desk("city"), "/overview/")
    assert 'aria-label="万州区，每千户 500.0 条，共 1 条"' in page
    assert "各区县" in page
    assert "各乡镇" in text_of(at_desk("city"), f"/areas/{COUNTY}/")
    assert AS_OF.strftime("%Y年") in page


def test_the_banner_stands_on_every_page_of_a_demonstration(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client = at_desk("county")
    assert "合成" not in text_of(client, "/policy/")
    user = city.users["village"]
    user.demonstration = True
    user.save()
    cache.clear()  # is asked once a minute
    for url in ("/", "/clues/", "/policy/"):
        assert "合成" in text_of(client, url)
    assert "合成" in Client().get("/login/").content.decode()


def test_errors_speak(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("county")
    missing = client.get("/clues/none/")
    assert missing.status_code == 404
    assert "没有找到这一页" in missing.content.decode()
    assert "没有找到这一页" in client.get("/nowhere/at/all").content.decode()
    denied = at_desk("village").get("/uploads/new/")
    assert denied.status_code == 403
    assert "不能打开这一页" in denied.content.decode()
