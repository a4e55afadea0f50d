"""A household's page: one line of time from every source, filtered in the address, each moment with its source."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from small_city import make_elimination, make_user
from whole_city import make_city

from conftest_numbers import number, village
from shouwang.assistance.models import PlanStep
from shouwang.cases.models import Case, CaseStep
from shouwang.clues.models import RiskType
from shouwang.deliveries.ingest import ingest_file
from shouwang.households.models import Person
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home
from shouwang.web.charts.incomes import incomes
from shouwang.web.household_life import AT_ONCE, Moment, line_of
from signed_in import sign_in

FILES = {
    "household_register": [
        "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系",
        f"H1,{village()},脱贫户,向小山,{number(1)},户主",
        f"H1,{village()},脱贫户,向小河,{number(2)},子",
    ],
    "income_statement": [
        "户编号,户主姓名,户主证件号码,统计期起,统计期止,工资性收入,生产经营性收入,生产经营性支出,财产性收入,转移性收入,理赔收入,合规自付支出",
        f"H1,向小山,{number(1)},2019-07-01,2020-06-30,10000,0,0,0,0,0,0",
        f"H1,向小山,{number(1)},2020-07-01,2021-06-01,20000,0,0,0,0,0,0",
    ],
    "social_assistance": [
        "证件号码,姓名,救助类别,起始日期,终止日期,金额",
        f"{number(1)},向小山,农村低保,2018-03-01,,300",
        f"{number(2)},向小河,临时救助,2019-05-01,2019-05-31,500",
    ],
}


@pytest.fixture
def city(every_area: None, home: Home) -> SimpleNamespace:
    return make_city()


@pytest.fixture
def county(home: Home, every_area: None) -> Client:
    for source, lines in FILES.items():
        path = home.path.parent / f"{source}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        ingest_file(home, source, path, date(2021, 6, 2))
    load_register(home)
    load_deliveries(home)
    return sign_in(Client(), make_user("county", "500229000000", "county"))


def moments(client: Client, query: str = "") -> list[Moment]:
    response = client.get(f"/households/H1/{query}")
    assert response.status_code == 200
    return [moment for _, of_year in response.context["line"].years for moment in of_year]


def test_every_source_is_on_one_line_newest_first(county: Client) -> None:
    told = moments(county)
    assert [each.on for each in told] == sorted((each.on for each in told), reverse=True)
    assert {each.kind for each in told} == {"member", "income", "help"}
    assert (date(2019, 5, 31), "向小河") in {(each.on, each.about) for each in told}
    page = county.get("/households/H1/").content.decode()
    for said in ("出处", "D000002", "2021年6月2日收到", "10,000.00", "5,000.00", "监测线"):
        assert said in page


def test_help_to_somebody_who_died_is_to_be_looked_into(county: Client) -> None:
    assert "请核对是否停发" not in county.get("/households/H1/").content.decode()
    Person.objects.filter(name="向小山").update(left_kind="死亡", left_on=date(2021, 5, 4))
    page = county.get("/households/H1/").content.decode()
    assert "死亡 2021-05-04，请核对是否停发" in page


def test_a_department_does_not_read_how_healthy_members_are(county: Client, city_department: Client) -> None:
    Person.objects.filter(name="向小河").update(health="患有大病")
    assert "患有大病" in county.get("/households/H1/").content.decode()
    page = city_department.get("/households/H1/").content.decode()
    assert "向小河" in page
    assert "患有大病" not in page


def test_filters_stay_in_the_address(county: Client) -> None:
    assert {each.kind for each in moments(county, "?kind=help")} == {"help"}
    assert {each.on.year for each in moments(county, "?year=2018")} == {2018}
    assert [each.about for each in moments(county, "?kind=help&year=2019")] == ["向小河"]
    assert moments(county, "?kind=help&year=2020") == []
    everything = moments(county)
    for strange in ("?kind=nothing", "?year=1800", "?year=x", "?year=²"):
        assert moments(county, strange) == everything


def test_what_stands_now_is_told_apart_from_what_ended(county: Client) -> None:
    standing = county.get("/households/H1/").context["help"]
    assert [row.person for _, row, _ in standing] == ["向小山"]


def test_a_department_s_line_has_its_own_rows_alone(county: Client, city_department: Client) -> None:
    told = moments(city_department)
    assert {each.kind for each in told} == {"help", "member", "clue"}
    assert "income" in {each.kind for each in moments(county)}


@pytest.fixture
def city_department(county: Client) -> Client:
    from shouwang.clues.models import Clue
    from shouwang.households.models import Household

    household = Household.objects.get(pk="H1")
    Clue.objects.create(
        number="H1-01",
        household=household,
        area_id=household.area_id,
        risk_type="illness",
        level="red",
        opened_on=date(2021, 6, 3),
        last_seen_on=date(2021, 6, 3),
        rules=[],
        reasons="",
        evidence={},
        owners="|民政|",
    )
    return sign_in(Client(), make_user("civil", "500229000000", "department", "民政"))


def test_whoever_reads_the_household_reads_how_it_is_monitored(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    """Its case, its plan and its elimination, each a link; a department reads neither."""
    url = f"/households/{city.case.household_id}/"
    said = at_desk("village").get(url).text
    assert f'href="/cases/{city.case.number}/"' in said
    assert city.case.get_stage_display() in said
    helped = city.help.plan
    assert f'href="/plans/{helped.number}/"' in at_desk("county").get(f"/households/{helped.case.household_id}/").text
    department = sign_in(Client(), make_user("medical", "500101000000", "department", "医保"))
    assert f'href="/cases/{city.case.number}/"' not in department.get(url).text


def test_queries_do_not_grow_with_the_history(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    from small_city import make_clue

    client, counts = at_desk("county"), []
    client.get(f"/households/{city.household.pk}/")  # the first request of a session asks more
    for more in (0, 6):
        for risk in [each for each in RiskType.values if each != "illness"][:more]:
            make_clue(city.household, 1, number=f"{city.household.pk}-{risk}", risk_type=risk)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/households/{city.household.pk}/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_case_plan_and_elimination_stand_on_the_line_with_their_measures_and_visits(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    plan, case = city.help.plan, city.help.plan.case
    bare = {"at": now(), "on": date(2021, 6, 20)}
    CaseStep.objects.create(
        case=case, number=1, action="announce", stage_from="announcement", stage_to="included", reason="已公告", **bare
    )
    for place, action in ((2, "begin"), (3, "urge")):
        PlanStep.objects.create(
            plan=plan, number=place, action=action, stage_from="drafting", stage_to="drafting",
            measure=plan.measures.get(number=3), **bare,
        )  # fmt: skip
    ending = make_elimination(case)
    client, url = at_desk("county"), f"/households/{case.household_id}/"

    def told(query: str = "") -> set[tuple[str, str, str]]:
        line = client.get(url + query).context["line"]
        return {(each.kind, each.title, each.url) for _, of_year in line.years for each in of_year if each.url}

    assert told() == {
        ("case", "公告", f"/cases/{case.number}/"),
        ("plan", f"开始实施措施：{plan.measures.get(number=3).title}", f"/plans/{plan.number}/"),
        ("visit", "帮扶走访", f"/plans/{plan.number}/"),
        ("elimination", "提出消除", f"/eliminations/{ending.number}/"),
    }
    assert {kind for kind, _, _ in told("?kind=elimination")} == {"elimination"}
    page = client.get(url).text
    for said in ("已公告", "按时服药", f'href="/eliminations/{ending.number}/"'):
        assert said in page
    url = f"/households/{city.household.pk}/"
    assert {kind for kind, _, _ in told()} == {"case"}
    department = at_desk("department").get(url)
    assert not [each for _, some in department.context["line"].years for each in some if each.url]


def test_what_was_done_later_is_not_on_the_line_of_an_earlier_day(county: Client) -> None:
    case = Case.objects.create(
        number="H1-J01", household_id="H1", area_id=village(), stage="deliberation", opened_on=date(2021, 6, 5)
    )
    for place, (action, day) in enumerate((("open", date(2021, 6, 5)), ("collect", date(2021, 6, 9))), 1):
        CaseStep.objects.create(
            case=case, number=place, action=action, at=now(), on=day, stage_from="collection", stage_to="collection"
        )

    def told(query: str) -> list[str]:
        return [each.title for each in moments(county, query) if each.kind == "case"]

    assert told("") == ["提交采集信息", "立案"]
    assert told("?on=2021-06-06") == ["立案"]


def test_queries_do_not_grow_with_what_is_done_for_a_household(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client, plan = at_desk("county"), city.help.plan
    url, counts = f"/households/{plan.case.household_id}/", []
    client.get(url)
    for more in (range(2, 3), range(3, 20)):
        for place in more:
            PlanStep.objects.create(
                plan=plan, number=place, action="begin", stage_from="drafting", stage_to="drafting", at=now(),
                on=date(2021, 6, 20), measure=plan.measures.get(number=1 + place % 3),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_long_life_is_shown_by_year() -> None:
    many = [Moment(date(2000 + place % 20, 1, 1), "record", str(place)) for place in range(AT_ONCE * 2)]
    line = line_of(many, "", "")
    assert (line.total, line.shown) == (AT_ONCE * 2, AT_ONCE)
    assert next(iter(line.years))[0] == 2019
    of_first_year = line_of(many, "record", "2000")
    assert (of_first_year.total, of_first_year.all_years[-1]) == (AT_ONCE // 10, 2000)


def test_the_picture_of_incomes_says_what_lies_below_the_line() -> None:
    assert incomes([]) is None
    day = date(2021, 6, 30)
    picture = incomes([(day, Decimal(5000), Decimal(6000)), (day.replace(year=2022), Decimal(-5), Decimal(7000))])
    assert picture is not None
    assert [bar.below for bar in picture.bars] == [True, True]
    assert picture.bars[0].line < picture.bars[0].y
    assert picture.bars[1].height == 0
    equal = incomes([(day, Decimal(6000), Decimal(6000))])
    assert equal is not None
    assert equal.bars[0].below is False
