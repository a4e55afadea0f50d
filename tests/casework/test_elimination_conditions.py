"""Every condition with an example that meets it and one that does not, from rows that were really ingested."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from assisting import included_case
from delivering import sending
from desks import VILLAGE, batch, batch_clue, make_areas
from monitored import HEADER, INCLUDED, INCOME, ON, Monitored, income, insured, member

from conftest_numbers import number
from shouwang.assistance.models import Measure
from shouwang.cases.models import Case, CaseClue, CaseStep
from shouwang.clues.models import Clue
from shouwang.elimination.conditions import ASSISTED, CONDITIONS
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.elimination import assessment_of, assessments_of
from shouwang.kernel.home import Home

pytestmark = pytest.mark.once(because="what the lake says of a household is asked")

SETTLEMENT = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"


@pytest.fixture(scope="module")
def delivered(rows_of_the_file: None, home_of_the_file: Home, tmp_path_factory: Any, django_db_blocker: Any) -> None:
    """What everything begins with is delivered once for all tests of the file."""
    with django_db_blocker.unblock():
        make_areas()
        Monitored(home_of_the_file, sending(home_of_the_file, tmp_path_factory.mktemp("files"))).begin()


@pytest.fixture
def family(db: None, delivered: None, home_as_made: Home, tmp_path: Path) -> Monitored:
    return Monitored(home_as_made, sending(home_as_made, tmp_path))


def only(family: Monitored, name: str, state: str, on: date = ON) -> Any:
    """That this condition alone is not met; gives what it found."""
    found = assessment_of(family.home, family.case, on).found
    assert found[name].state == state
    others = {each: finding.state for each, finding in found.items() if each != name}
    assert set(others.values()) == {"met"}, others
    return found[name]


def test_a_household_in_order_meets_every_condition(family: Monitored) -> None:
    found = assessment_of(family.home, family.case, ON)
    assert family.states() == {each.name: "met" for each in CONDITIONS if each.modes == ASSISTED}
    assert (found.mode, found.blocking, found.to_settle, found.no_labour) == ("assisted", [], [], False)
    assert "10,000.00" in found.found["income"].words
    row = found.found["income"].rows[0]
    assert (row.title, row.delivery, row.line) == ("收入采集表", "D000002", 2)
    assert "2022-02-28" in row.text


def test_income_at_the_line_is_not_above_it(family: Monitored) -> None:
    family.deliver("income_statement", INCOME, income(18000))
    states = family.states()
    assert (states["income"], states["stable_income"]) == ("unmet", "unmet")
    family.deliver("income_statement", INCOME, income(18001), on="2022-03-02")
    assert set(family.states().values()) == {"met"}


def test_without_a_statement_of_half_a_year_the_visit_decides(family: Monitored) -> None:
    on = date(2022, 9, 5)
    assert family.states(on)["stable_income"] == "unknown"
    assert family.states(on)["income"] == "met"
    found = assessment_of(family.home, family.case, on)
    assert [each.name for each in found.to_settle] == ["stable_income"]
    family.deliver("income_statement", INCOME, income(30000, "2022-06-30", "2021-07-01"), on="2022-08-01")
    assert family.states(on)["stable_income"] == "met"


def test_one_low_statement_within_half_a_year_is_not_stable(family: Monitored) -> None:
    family.deliver("income_statement", INCOME, income(17000, "2021-11-30", "2020-12-01"))
    found = only(family, "stable_income", "unmet")
    assert "5,666.67" in found.words
    assert len(found.rows) == 2


def test_half_a_year_counts_to_the_day(family: Monitored) -> None:
    before = INCLUDED + timedelta(days=182)
    assert family.states(before)["duration"] == "unmet"
    assert family.states(before + timedelta(days=1))["duration"] == "met"
    Case.objects.update(rolled_back_on=ON - timedelta(days=30))
    assert "2022-02-08" in only(family, "duration", "unmet").words


def test_a_dropout_and_a_child_on_no_roll(family: Monitored) -> None:
    family.at_school("辍学", "2022-03-01")
    assert family.states()["schooling"] == "unmet"
    family.at_school("在校", "2022-03-05", "2022-03-06")
    assert family.states()["schooling"] == "met"
    family.deliver("household_register", HEADER, member(4, "女", "冉小溪", "无劳动力", born="2012-01-01"))
    family.deliver("medical_enrolment", "证件号码,姓名,参保年度,险种,参保状态", insured(4, "冉小溪", "20120101"))
    assert "冉" not in only(family, "schooling", "unknown").words


def test_somebody_without_insurance(family: Monitored) -> None:
    family.deliver("household_register", HEADER, member(4, "父母", "冉老山", born="1950-01-01"))
    found = assessment_of(family.home, family.case, ON)
    assert found.found["insurance"].state == "unmet"
    assert found.found["insurance"].rows[0].delivery == "D000005"
    next_year = date(2023, 3, 10)  # whose enrolment has not come yet
    assert family.states(next_year)["insurance"] == "unknown"


def test_an_unsafe_house(family: Monitored) -> None:
    header, own = "户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期", f"{number(1)},冉大田"
    family.deliver("housing_appraisal", header, f"{own},D,2022-01-10,")
    states = family.states()
    assert (states["housing"], states["new_risks"]) == ("unmet", "unmet")
    family.deliver("housing_appraisal", header, f"{own},D,2022-01-10,2022-03-05", on="2022-03-06")
    assert set(family.states().values()) == {"met"}


def test_water_that_fails_however_shortly(family: Monitored) -> None:
    family.deliver(
        "water_fault", "行政区划代码,户主证件号码,故障日期,恢复日期", f"{VILLAGE},,2022-03-09,", on="2022-03-09"
    )
    assert "1起" in only(family, "water", "unmet").words
    family.deliver(
        "water_fault",
        "行政区划代码,户主证件号码,故障日期,恢复日期",
        f"{VILLAGE},,2022-03-09,2022-03-10",
        on="2022-03-10",
    )
    assert set(family.states().values()) == {"met"}


def test_large_spending_is_the_recorded_risk_too(family: Monitored) -> None:
    line = f"S1,{number(1)},冉大田,2022-01-10,住院,60000,30000,0,0,30000"
    family.deliver("medical_settlement", SETTLEMENT, line)
    states = family.states()
    assert (states["spending"], states["recorded_risks"], states["new_risks"]) == ("unmet", "unmet", "met")
    assert states["income"] == "met"
    found = assessment_of(family.home, family.case, ON).found["spending"]
    assert ("医保结算明细", 2) in {(row.title, row.line) for row in found.rows}
    assert set(family.states(date(2023, 2, 1)).values()) <= {"met", "unknown"}  # the twelve months have passed


def test_a_rule_that_was_looked_into_and_dismissed_is_no_risk(family: Monitored) -> None:
    Case.objects.update(risks=["schooling"])
    family.deliver("medical_settlement", SETTLEMENT, f"S1,{number(1)},冉大田,2022-01-10,住院,60000,30000,0,0,30000")
    assert family.states()["new_risks"] == "unmet"
    record_clues(batch(ON, batch_clue("H9", "illness", "yellow")))
    assert family.states()["new_risks"] == "unmet"
    Clue.objects.update(state="dismissed", stage="closed", dismissed_on=ON)
    assert family.states()["new_risks"] == "met"


def test_an_open_clue_and_one_that_was_confirmed_lately(family: Monitored) -> None:
    record_clues(batch(ON, batch_clue("H9", "accident", "red")))
    clue = Clue.objects.get()
    assert clue.number in only(family, "new_risks", "unmet").words
    Clue.objects.update(state="confirmed", stage="closed")
    step = CaseStep.objects.create(
        case=family.case, number=1, action="attach", at="2022-03-10T00:00Z", on=ON, stage_to="included"
    )
    CaseClue.objects.create(case=family.case, clue=clue, step=step)
    assert clue.number in only(family, "recorded_risks", "unmet").words
    assert family.states(ON + timedelta(days=183))["recorded_risks"] == "met"


def test_no_measure_that_was_delivered(family: Monitored) -> None:
    Measure.objects.update(delivered_on=None, state="measure_running")
    only(family, "measures", "unmet")


@pytest.mark.parametrize("labour", ["无劳动力", "丧失劳动力", ""])
def test_a_household_in_which_nobody_can_work(family: Monitored, labour: str) -> None:
    family.deliver("household_register", HEADER, *family.members(labour), on="2022-03-02")
    found = assessment_of(family.home, family.case, ON)
    assert (found.no_labour, found.mode) == (True, "assisted")
    assert "labour" in {each.name for each in found.blocking}
    family.deliver("household_register", HEADER, *family.members("弱劳动力或半劳动力"), on="2022-03-03")
    assert not assessment_of(family.home, family.case, ON).no_labour


LEFT = "证件号码,姓名,变动类型,变动日期"


@pytest.mark.parametrize(
    ("ways", "ground"),
    [(("死亡",) * 3, "death"), (("迁出",) * 3, "moved_away"), (("死亡", "迁出", "死亡"), "moved_away")],
)
def test_nobody_is_left(family: Monitored, ways: tuple[str, ...], ground: str) -> None:
    numbers = [(number(1), "冉大田"), (number(2), "覃小河"), (number(3, "20100501"), "冉小山")]
    lines = [
        f"{own},{name},{way},2022-03-0{day}"
        for day, ((own, name), way) in enumerate(zip(numbers, ways, strict=True), 1)
    ]
    family.deliver("vital_event", LEFT, *lines[:2], on="2022-03-04")
    assert assessment_of(family.home, family.case, ON).mode == "assisted"
    family.deliver("vital_event", LEFT, lines[2], on="2022-03-05")
    found = assessment_of(family.home, family.case, ON)
    assert (found.mode, found.ground, found.blocking) == ("natural", ground, [])
    rows = found.found["nobody_left"].rows
    assert [(row.title, row.delivery) for row in rows] == [("人口变动", "D000005")] * 2 + [("人口变动", "D000006")]


def test_a_household_that_was_merged_into_another(family: Monitored) -> None:
    family.deliver("household_register", HEADER, *[line.replace("H9,", "H8,", 1) for line in family.members()])
    found = assessment_of(family.home, family.case, ON)
    assert (found.mode, found.ground) == ("natural", "merged")
    assert "H8" in found.found["nobody_left"].words
    assert {row.title for row in found.found["nobody_left"].rows} == {"农户名册"}


def test_a_household_that_the_lake_does_not_know_is_not_guessed_at(family: Monitored) -> None:
    unknown = Household.objects.create(
        household_no="H0", area_id=VILLAGE, household_type="一般农户", received_on=ON, delivery=1, line=9
    )
    found = assessment_of(family.home, included_case(unknown, INCLUDED), ON)
    assert found.found["labour"].state == "unknown"
    assert {"labour", "housing", "water", "spending", "recorded_risks"} <= {each.name for each in found.blocking}


def test_all_at_once_say_the_same_as_one_by_one(family: Monitored, django_assert_num_queries: Any) -> None:
    lines = [
        line.replace("H9,", f"H8{place},", 1).replace(number(1), number(100 + place))
        for place in range(3)
        for line in family.members()[:1]
    ]
    family.deliver("household_register", HEADER, *lines)
    others = [included_case(Household.objects.get(pk=f"H8{place}"), INCLUDED) for place in range(3)]
    own = family.case
    with django_assert_num_queries(3):
        assessments_of(family.home, [own], ON)
    with django_assert_num_queries(3):
        together = assessments_of(family.home, [own, *others], ON)
    for case in (own, *others):
        alone = assessment_of(family.home, case, ON)
        assert {name: (each.state, each.words) for name, each in alone.found.items()} == {
            name: (each.state, each.words) for name, each in together[case.pk].found.items()
        }
