"""What departments delivered, as the desk lists it: by county, by household, and waiting for people to decide."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from delivering import Send
from desks import CITY, COUNTY, FOREIGN_COUNTY, FOREIGN_VILLAGE, VILLAGE, make_user

from conftest_numbers import number
from shouwang.accounts.scope import scope_of
from shouwang.areas.models import Area
from shouwang.areas.reading import full_name
from shouwang.clues.models import Clue, ScreeningRun
from shouwang.deliveries.rows_about import RowsAbout
from shouwang.exchange.models import Delivery, DeliveryCounty
from shouwang.households.models import Household
from shouwang.jobs import screening
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.history import household_history, income_statements
from shouwang.jobs.register import load_register
from shouwang.jobs.review import rows_in_review
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home

SETTLEMENT = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
INCOME = "户编号,统计期起,统计期止,工资性收入,生产经营性收入,财产性收入,转移性收入,生产经营性支出,理赔收入,合规自付支出"


@pytest.fixture(scope="module")
def delivered_once(
    areas_of_the_file: None, home_of_the_file: Home, send_for_the_file: Send, django_db_blocker: Any
) -> None:
    """Two households in two counties; settlements, an income statement sent twice, a village without water."""
    send = send_for_the_file
    register = [
        "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能",
        f"H1,{VILLAGE},脱贫户,冉大田,{number(1)},户主,健康,普通劳动力",
        f"H1,{VILLAGE},脱贫户,覃小河,{number(2)},配偶,健康,普通劳动力",
        f"H4,{FOREIGN_VILLAGE},一般农户,向前进,{number(4)},户主,健康,普通劳动力",
    ]
    send("household_register", register)
    send(
        "medical_settlement",
        [
            SETTLEMENT,
            f"S1,{number(1)},冉大田,2021-01-10,住院,9000,2000,0,0,7000",
            f"S2,{number(4)},向前进,2021-01-11,住院,100,50,0,0,50",
            f"S3,{number(1)},冉大田,2021-01-12,普通门诊,100,50,0,0,50",
        ],
        on="2021-02-05",
    )
    send("income_statement", [INCOME, "H1,2020-01-01,2020-12-31,20000,5000,,1000,2000,,300"], on="2021-02-06")
    send("income_statement", [INCOME, "H1,2020-01-01,2020-12-31,20000,5000,,1000,3000,500,300"], on="2021-03-06")
    send("water_fault", ["行政区划代码,户主证件号码,故障日期,恢复日期", f"{VILLAGE},,2021-03-01,"], on="2021-03-07")
    with django_db_blocker.unblock():
        load_register(home_of_the_file)
        load_deliveries(home_of_the_file)


@pytest.fixture
def home(home_as_made: Home) -> Home:
    return home_as_made


@pytest.fixture
def delivered(db: None, delivered_once: None, home: Home) -> Home:
    return home


def test_deliveries_are_listed_once_with_the_counties_they_speak_of(delivered: Home) -> None:
    assert load_deliveries(delivered) == 0
    listed = list(
        Delivery.objects.order_by("number").values_list("number", "source_title", "owner", "accepted", "linked")
    )
    assert listed[:2] == [(1, "农户名册", "农业农村", 3, 0), (2, "医保结算明细", "医保", 3, 3)]
    assert Delivery.objects.get(pk=1).report["read"] == 3
    counties = set(DeliveryCounty.objects.values_list("delivery_id", "area_id", "rows"))
    assert counties == {
        (1, COUNTY, 2),
        (1, FOREIGN_COUNTY, 1),
        (2, COUNTY, 2),
        (2, FOREIGN_COUNTY, 1),
        (3, COUNTY, 1),
        (4, COUNTY, 1),
        (5, COUNTY, 1),
    }


def test_the_history_of_a_household_names_every_row_that_touched_it(delivered: Home) -> None:
    events = household_history(delivered, Household.objects.get(pk="H1"), date(2021, 6, 17))
    assert [(event.delivery, event.source) for event in events] == [
        (5, "water_fault"),
        (4, "income_statement"),
        (3, "income_statement"),
        (2, "medical_settlement"),
        (1, "household_register"),
    ]
    by_number = {event.delivery: event for event in events}
    assert [(row.line, row.person) for row in by_number[2].rows] == [(2, "冉大田"), (4, "冉大田")]
    assert "个人自付 7,000.00元" in by_number[2].rows[0].words
    assert "结算日期 2021年1月10日" in by_number[2].rows[0].words
    assert [event.rows[0].superseded for event in (by_number[3], by_number[4])] == [True, False]
    words = " ".join(row.words for event in events for row in event.rows)
    assert number(1) not in words
    assert VILLAGE not in words
    assert f"行政区划 {full_name(Area.objects.get(pk=VILLAGE))}" in words
    assert "向前进" not in words


def test_income_is_reckoned_over_the_statement_that_counts(delivered: Home) -> None:
    (statement,) = income_statements(RowsAbout(delivered), Household.objects.get(pk="H1"))
    assert (statement.delivery, statement.line, statement.members) == (4, 2, 2)
    assert statement.net == Decimal("23000")
    assert statement.per_capita == Decimal("11500")
    assert statement.reference_per_capita == Decimal("11600")
    assert [(entry.title, entry.amount, entry.sign) for entry in statement.lines][-1] == (
        "生产经营性支出",
        Decimal("3000.00"),
        -1,
    )
    assert income_statements(RowsAbout(delivered), Household.objects.get(pk="H4")) == []


def test_a_row_for_review_shows_only_candidates_within_scope(delivered: Home, send: Any) -> None:
    wrong = number(1)[:10] + "9999" + number(1)[14:]
    lines = ["受理编号,姓名,证件号码,行政区划代码,受理日期,诉求类别,内容"]
    lines.append(f"C1,冉大田,{wrong},{VILLAGE},2021-03-01,生活困难,缺粮")
    report = send("hotline_complaint", lines, on="2021-03-08")
    assert report.review == 1
    rows = rows_in_review(delivered, scope_of(make_user("county", COUNTY, "county"), date(2021, 3, 9)))
    assert [(row.delivery, row.line, row.source_title) for row in rows] == [(report.number, 2, "信访与12317诉求")]
    assert [(each.person.name, each.person.household_id) for each in rows[0].candidates] == [("冉大田", "H1")]
    assert "********" in rows[0].candidates[0].person.id_masked
    assert rows_in_review(delivered, scope_of(make_user("foreign", FOREIGN_COUNTY, "county"), date(2021, 3, 9))) == []


def test_a_screening_from_the_desk_runs_to_its_clues(delivered: Home) -> None:
    user = make_user("shi", CITY, "city")
    run = screening.ask_for_screening(date(2021, 3, 31), acting_user=user)
    assert (run.state, run.progress) == ("waiting", 0)
    assert screening.ask_for_screening(date(2021, 3, 31), acting_user=user).pk == run.pk
    screening.run_screening.call(run.pk)
    run.refresh_from_db()
    assert (run.state, run.progress, run.households) == ("done", 100, 2)
    assert Clue.objects.get(household_id="H1", risk_type="illness").owners == "|医保|"
    assert Clue.objects.filter(household_id="H1", risk_type="unsafe_water").exists()
    screening.run_screening.call(run.pk)  # again: nothing waits any more
    assert ScreeningRun.objects.count() == 1


def test_a_screening_that_cannot_be_says_why(delivered: Home) -> None:
    user = make_user("shi", CITY, "city")
    with pytest.raises(InputError, match="不能用于2019-03-31"):
        screening.ask_for_screening(date(2019, 3, 31), acting_user=user)
    run = ScreeningRun.objects.create(  # asked for before a value was put off
        as_of=date(2019, 3, 31), known_at=date(2019, 3, 31), state=ScreeningRun.State.WAITING, asked_by=user
    )
    screening.run_screening.call(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "更晚的截至日期" in run.message
    with pytest.raises(InputError, match="晚于今天"):
        screening.ask_for_screening(date(2999, 1, 1), acting_user=user)
