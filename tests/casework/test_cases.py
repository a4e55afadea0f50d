"""Identification: from a confirmed clue to a monitored household, step by step, with everything that can be refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE, batch, batch_clue
from identifying import ROW, STRAIGHT, Office, check_cases, confirmed, minutes, objection, sheet
from offices import FLAG, ON, PLACE, Desk, make_people, open_clue, picture

from shouwang.accounts.models import Post, User
from shouwang.audit.models import Entry
from shouwang.cases import identification as doing
from shouwang.cases import publicity
from shouwang.cases.collecting import Delivered, collect, compare
from shouwang.cases.income import LINES, Line, months_before, reckoned
from shouwang.cases.models import Case, Collection, OnlineObjection
from shouwang.cases.opening import open_cases
from shouwang.cases.rising import raise_overdue_cases
from shouwang.clues.models import Clue
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen, Overtaken

pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def office() -> Office:
    return Office(make_people())


def test_a_confirmed_clue_becomes_a_case_once(office: Office) -> None:
    confirmed(office.people, "H1", "illness")
    assert open_cases(identification_requirements(ON), ON) == 1
    assert open_cases(identification_requirements(ON), ON) == 0
    case = Case.objects.get()
    assert (case.number, case.stage, case.desk_id, case.version) == ("H1-J01", "collection", VILLAGE, 1)
    assert case.due_on == ON + timedelta(days=3)
    assert Entry.objects.filter(action="case_opened", subject="H1-J01").count() == 1


def test_another_clue_of_the_household_joins_its_case(office: Office) -> None:
    case = office.open()
    confirmed(office.people, "H1", "unsafe_water")
    confirmed(office.people, "H2", "illness")
    assert open_cases(identification_requirements(ON), ON) == 2
    assert sorted(Case.objects.values_list("number", flat=True)) == ["H1-J01", "H2-J01"]
    assert case.clues.count() == 2
    check_cases()


def test_the_straight_way_to_inclusion(office: Office) -> None:
    case = office.bring(office.open(), "included")
    assert (case.monitor_type, case.risks, case.included_on) == ("marginal", ["illness"], office.on)
    assert office.on == ON + timedelta(days=6)
    check_cases()
    notices = list(case.notices.order_by("pk"))
    assert [notice.kind for notice in notices] == ["publicity", "announcement"]
    assert notices[0].taken_down_on == office.on
    collection = Collection.objects.get()
    assert (collection.net, collection.per_capita, collection.line) == (8000, 4000, 6000)
    told = Entry.objects.filter(subject="H1-J01").order_by("sequence").values_list("action", flat=True)
    assert [each.removeprefix("case_") for each in told] == [
        *(
            "opened",
            "compared",
            "collected",
            "deliberated",
            "posted_up",
            "notice_proved",
            "reported",
            "agreed",
            "approved",
            "announced",
        )
    ]


def test_every_step_but_its_own_is_refused(office: Office) -> None:
    case = office.open()
    for action, who, _ in STRAIGHT:
        case.refresh_from_db()
        for other in ("city", "county", "township", "village", "grid_worker", "department", "other_village"):
            if other != who and not (who in ("village", "team") and other in ("village", "team")):
                with pytest.raises((NotOpen, Overtaken)):
                    office.act(case, action, other)
        office.act(case, action, who)
        if action == "post_up":
            office.hang(case)
            office.on += timedelta(days=6)


def test_a_notice_names_no_risk_no_number_and_says_how_long_it_stands(office: Office) -> None:
    case = office.bring(office.open(), "publicity")
    Household.objects.filter(pk="H1").update(head_name="冉大田")
    publicity.post_up(case.number, office.order("village"), "村委会公示栏")
    text = case.notices.get().text
    assert "冉大田" in text
    assert "2021年6月17日至2021年6月22日" in text
    for hidden in ("因病", "住院", "健康", "4000", "4,000", "电话"):
        assert hidden not in text


def test_a_notice_stands_its_days_before_it_is_reported(office: Office) -> None:
    case = office.bring(office.open(), "publicity")
    with pytest.raises(NotOpen, match="还没有张贴"):
        office.act(case, "report", "village")
    office.act(case, "post_up", "village")
    with pytest.raises(NotOpen, match="已经张贴"):
        office.act(case, "post_up", "village")
    for days in range(6):
        office.on = ON + timedelta(days=days)
        with pytest.raises(NotOpen, match="2021-06-22 才满"):
            office.act(case, "report", "village")
    office.on = ON + timedelta(days=6)
    with pytest.raises(NotOpen, match="公示须附 1 张以上照片"):
        office.act(case, "report", "village")
    office.hang(case)
    office.act(case, "report", "village")


def test_an_objection_takes_the_notice_down_and_the_village_looks_again(office: Office) -> None:
    case = office.bring(office.open(), "publicity")
    with pytest.raises(NotOpen, match="还没有张贴"):
        office.act(case, "object", "village")
    office.act(case, "post_up", "village")
    office.act(case, "object", "team")
    case.refresh_from_db()
    assert (case.stage, case.notices.get().taken_down_on) == ("collection", ON)
    office.bring(case, "included")
    assert case.collections.count() == 2
    check_cases()


def test_a_vote_that_fails_goes_to_the_township_which_cannot_include(office: Office) -> None:
    case = office.bring(office.open(), "deliberation")
    doing.deliberate(case.number, office.order("village"), minutes(votes=(15, 15)))
    case.refresh_from_db()
    assert case.stage == "township_audit"
    with pytest.raises(NotOpen, match="评议没有通过"):
        office.act(case, "agree", "township")
    office.act(case, "refuse", "township")
    case.refresh_from_db()
    assert (case.stage, case.desk_id, case.due_on) == (
        "refusal_notice",
        VILLAGE,
        date(2021, 6, 24),
    )  # five working days
    with pytest.raises(NotOpen):
        office.act(case, "recheck", "township")
    for wrong, said in ((ON - timedelta(days=1), "告知日期"), (ON + timedelta(days=9), "告知日期")):
        with pytest.raises(InputError, match=said):
            doing.notify(case.number, office.order("village"), doing.Told(wrong, "冉大田", "in_person"))
    with pytest.raises(InputError, match="告知方式"):
        doing.notify(case.number, office.order("village"), doing.Told(ON, "冉大田", "pigeon"))
    office.act(case, "notify", "village")
    case.refresh_from_db()
    assert (case.stage, case.desk_id, case.refusal, case.due_on) == ("refused", TOWNSHIP, "收入高于监测线", None)
    assert case.refusals_told.get().refusal == "收入高于监测线"
    office.act(case, "recheck", "township")
    case.refresh_from_db()
    assert (case.stage, case.desk_id, case.refusal) == ("collection", VILLAGE, "")
    check_cases()


def test_a_refused_household_may_come_again_with_a_new_clue(office: Office) -> None:
    case = office.bring(office.open(), "township_audit")
    office.act(case, "refuse", "township")
    confirmed(office.people, "H1", "unsafe_water")
    open_cases(identification_requirements(office.on), office.on)
    assert sorted(Case.objects.values_list("number", flat=True)) == ["H1-J01", "H1-J02"]
    office.act(case, "notify", "village")
    with pytest.raises(NotOpen, match="另有案件"):
        office.act(case, "recheck", "township")
    check_cases()


def test_nobody_approves_what_they_had_a_part_in(office: Office) -> None:
    everywhere = User.objects.create(username="everywhere", password="!")
    for code, duty in ((VILLAGE, "village"), (TOWNSHIP, "township"), (COUNTY, "county")):
        Post.objects.create(user=everywhere, area_id=code, duty=duty, starts_on=ON)
    office.people |= {"everywhere": everywhere}  # type: ignore[operator]
    case = office.open()
    office.act(case, "compare", "village")
    office.act(case, "collect", "everywhere")
    office.bring(case, "township_audit")
    for action in ("agree", "refuse"):
        with pytest.raises(NotOpen, match="前面环节"):
            office.act(case, action, "everywhere")
    office.act(case, "agree", "township")
    with pytest.raises(NotOpen, match="前面环节"):
        office.act(case, "approve", "everywhere")
    office.act(case, "approve", "county")


def test_the_county_sends_back_and_the_township_to_any_step_of_the_village(office: Office) -> None:
    case = office.bring(office.open(), "county_approval")
    office.act(case, "send_back", "county")
    case.refresh_from_db()
    assert (case.stage, case.desk_id) == ("township_audit", TOWNSHIP)
    with pytest.raises(InputError, match="不能退回"):
        doing.send_back(case.number, office.order("township"), "county_approval", "再看")
    doing.send_back(case.number, office.order("township"), "publicity", "公示照片不清")
    case.refresh_from_db()
    assert (case.stage, case.desk_id) == ("publicity", VILLAGE)
    assert not case.notices.filter(taken_down_on=None).exists()
    office.bring(case, "included")
    check_cases()


def test_help_first_is_noted_and_the_procedure_goes_on(office: Office) -> None:
    case = office.open()
    with pytest.raises(NotOpen):
        office.act(case, "help_first", "village")
    office.act(case, "help_first", "township")
    case.refresh_from_db()
    assert (case.complete_by, case.due_on) == (ON + timedelta(days=15), ON + timedelta(days=3))
    with pytest.raises(NotOpen, match="已经先行"):
        office.act(case, "help_first", "township")
    case = office.bring(case, "included")
    assert case.help_first == "房屋倒塌，先安置"


def test_what_is_overdue_rises_and_is_urged(office: Office) -> None:
    case = office.open()
    with pytest.raises(NotOpen, match="还没有逾期"):
        office.act(case, "urge", "township")
    office.on = ON + timedelta(days=4)
    asked = identification_requirements(office.on)
    assert raise_overdue_cases(asked, office.on) == 1
    assert raise_overdue_cases(asked, office.on) == 0
    case.refresh_from_db()
    assert (case.raised_to, case.stage) == (3, "collection")
    office.act(case, "urge", "township")
    case.refresh_from_db()
    assert case.due_on > office.on
    check_cases()


def test_the_same_form_is_one_step_and_who_is_late_hears_who_was_first(office: Office) -> None:
    case = office.open()
    office.act(case, "compare", "team")
    steps = [collect(case.number, office.order("village", key="k", seen=1), sheet()) for _ in range(3)]
    assert len({step.pk for step in steps}) == 1
    assert Collection.objects.count() == 1
    with pytest.raises(Overtaken, match="village已于"):
        collect(case.number, office.order("team", key="other", seen=1), sheet())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"monitor_type": "unstable"}, "户类型为一般农户，不能认定为脱贫不稳定户"),
        ({"monitor_type": "sudden"}, "低于监测线6,000.00元，不是突发严重困难户"),
        ({"monitor_type": "poor"}, "请选择监测对象类型"),
        ({"members": 1}, "不低于监测线"),
        ({"members": 0}, "至少为 1"),
        ({"risks": []}, "1 到 5 项风险"),
        ({"risks": ["illness", "illness"]}, "1 到 5 项风险"),
        ({"risks": ["hunger"]}, "1 到 5 项风险"),
        ({"reason": " "}, "请填写认定理由"),
        ({"consented_by": ""}, "请填写签署人"),
        ({"photos": []}, "承诺授权书须附 1 张以上照片"),
        ({"photos": [b"x"]}, "无法读取"),
        ({"consented_on": ON + timedelta(days=1)}, "签署日期不对"),
    ],
)
def test_what_does_not_fit_together_is_refused(office: Office, change: dict[str, object], said: str) -> None:
    case = office.bring(office.open(), "collection")
    office.act(case, "compare", "village")
    with pytest.raises(InputError, match=said):
        collect(case.number, office.order("village"), sheet(**change))
    assert Collection.objects.count() == 0
    case.refresh_from_db()
    assert case.version == 2


def test_every_review_flag_is_answered(office: Office) -> None:
    case = office.open()
    office.act(case, "compare", "village")
    Clue.objects.update(flags=[FLAG])
    with pytest.raises(InputError, match="小型汽车一辆"):
        collect(case.number, office.order("village"), sheet())
    collect(case.number, office.order("village"), sheet(answers={PLACE: "亲属借用登记"}))
    assert Collection.objects.get().answers[0]["answer"] == "亲属借用登记"


@pytest.mark.parametrize(("votes", "said"), [((29, 2), "超过到会人数"), ((-1, 0), "票数不对")])
def test_votes_add_up(office: Office, votes: tuple[int, int], said: str) -> None:
    case = office.bring(office.open(), "deliberation")
    with pytest.raises(InputError, match=said):
        doing.deliberate(case.number, office.order("village"), minutes(votes=votes))


def test_an_amount_that_was_changed_keeps_both_and_the_reason() -> None:
    lines = dict.fromkeys(LINES, Line(Decimal(0)))
    delivered = lines | {"wage_income": Line(Decimal(9000), Decimal(12000), 7, 31)}
    with pytest.raises(InputError, match="改动工资性收入的理由"):
        reckoned(delivered, 2)
    kept = Line(Decimal(9000), Decimal(12000), 7, 31, "三个月没有发工资")
    assert kept.as_json() == {
        "amount": "9000",
        "delivered": "12000",
        "delivery": 7,
        "line": 31,
        "reason": "三个月没有发工资",
        "period": None,
        "parts": [],
    }
    assert reckoned(lines | {"wage_income": kept}, 2).per_capita == 4500


def test_income_is_reckoned_as_the_form_says() -> None:
    amounts = [("wage_income", 20000), ("business_income", 9000), ("property_income", 300), ("transfer_income", 1700)]
    amounts += [("business_cost", 4000), ("claims_income", 1000), ("compliant_out_of_pocket", 16000)]
    found = reckoned({name: Line(Decimal(amount)) for name, amount in amounts}, 4)
    assert (found.net, found.per_capita, found.reference_per_capita) == (27000, 6750, 3000)
    for wrong in ("-1", "NaN", "1.001", "Infinity"):
        with pytest.raises(InputError, match="不是金额"):
            reckoned({name: Line(Decimal(wrong)) for name in LINES}, 4)
    with pytest.raises(InputError, match="缺少.*理赔收入"):
        reckoned({name: Line(Decimal(1)) for name in LINES if name != "claims_income"}, 4)


def test_the_window_is_twelve_whole_months_before_the_month() -> None:
    start, end = months_before(ON)
    assert (start.isoformat(), end.isoformat()) == ("2020-06-01", "2021-05-31")
    start, end = months_before(ON.replace(month=1, day=31))
    assert (start.isoformat(), end.isoformat()) == ("2020-01-01", "2020-12-31")


def test_nothing_is_collected_before_it_was_compared(office: Office) -> None:
    case = office.open()
    with pytest.raises(NotOpen, match="还没有比对"):
        office.act(case, "collect", "village")
    office.act(case, "compare", "team")
    assert case.comparisons.get().rows == [ROW]
    office.act(case, "collect", "village")
    assert case.photos.get().collection is not None


def test_assets_that_the_comparison_found_are_explained_unless_checked_already(office: Office) -> None:
    case, asset = office.open(), {"source": "asset_record", "delivery": "D000003", "line": 4, "text": "小型客车"}
    compare(case.number, office.order("village"), Delivered([ROW], [asset]))
    with pytest.raises(InputError, match="小型客车"):
        office.act(case, "collect", "village")
    compare(case.number, office.order("village"), Delivered([ROW], [asset], low_income="冉大田 救助类别 农村低保"))
    office.act(case, "collect", "village")


def test_help_first_leaves_no_stage_longer_than_the_procedure(office: Office) -> None:
    case = office.open()
    office.act(case, "help_first", "township")
    office.on += timedelta(days=12)
    office.act(case, "compare", "village")
    office.act(case, "collect", "village")
    office.act(case, "deliberate", "team")
    case.refresh_from_db()
    assert (case.stage, case.due_on) == (
        "publicity",
        ON + timedelta(days=15),
    )  # the stage's own six days would be longer
    office.on += timedelta(days=9)
    assert raise_overdue_cases(identification_requirements(office.on), office.on) >= 1
    case.refresh_from_db()
    assert case.raised_to is not None


def test_an_objection_from_the_public_page_waits_until_it_is_taken_up_or_set_aside(office: Office) -> None:
    case = office.bring(office.open(), "publicity")
    office.act(case, "post_up", "village")
    office.hang(case)
    first, second = (
        objection(case),
        OnlineObjection.objects.create(notice=case.notices.get(), text="户主有商铺", received_on=ON, key="second"),
    )
    office.on += timedelta(days=6)
    with pytest.raises(NotOpen, match="还有网上异议"):
        office.act(case, "report", "village")
    with pytest.raises(NotOpen):
        publicity.set_aside(case.number, office.order("village"), first.pk, "不属实")
    publicity.set_aside(case.number, office.order("township"), first.pk, "查无此事")
    with pytest.raises(InputError, match="没有这条网上异议"):
        publicity.set_aside(case.number, office.order("township"), first.pk, "查无此事")
    publicity.object_to(case.number, office.order("village"), "", "", second.pk)
    case.refresh_from_db()
    assert (case.stage, case.objections.get().text, case.objections.get().online) == (
        "collection",
        "户主有商铺",
        second,
    )
    check_cases()


def test_a_proof_is_of_a_day_on_which_the_notice_hung_and_by_who_posts_up(office: Office) -> None:
    case = office.bring(office.open(), "publicity")
    office.act(case, "post_up", "village")
    notice = case.notices.get()
    for day in (ON - timedelta(days=1), ON + timedelta(days=1)):
        with pytest.raises(InputError, match="拍摄日期"):
            publicity.prove(notice, office.order("village"), publicity.Hanging(day, "公示栏", [picture()]))
    for who in ("township", "sibling_village", "grid_worker", "department"):
        with pytest.raises(NotOpen, match="不由您办理"):
            office.hang(case, who)
    for _ in range(3):
        publicity.prove(notice, office.order("team", key="k"), publicity.Hanging(ON, "公示栏", [picture()] * 2))
    assert publicity.photos_of(notice) == 2


def test_a_notice_comes_down_when_its_days_are_over(office: Office) -> None:
    case = office.bring(office.open(), "included")
    notice = case.notices.get(kind="announcement")
    with pytest.raises(NotOpen, match="才满"):
        publicity.take_down(notice, office.order("village"))
    office.on = notice.stands_until + timedelta(days=1)
    with pytest.raises(NotOpen, match="不由您办理"):
        publicity.take_down(notice, office.order("county"))
    for _ in range(3):
        publicity.take_down(notice, office.order("village"))
    assert Entry.objects.filter(action="notice_taken_down").count() == 1


def test_another_risk_of_a_monitored_household_is_added_with_who_found_it(office: Office) -> None:
    case = office.bring(office.open(), "included")
    assert case.clues.get().clue.state == "monitored"
    clue = open_clue("H1", "unsafe_water")
    Desk(office.people, office.on).bring(clue, "closed")
    open_cases(identification_requirements(office.on), office.on)
    case.refresh_from_db()
    clue.refresh_from_db()
    assert (case.stage, case.risks, clue.state) == ("included", ["illness", "unsafe_water"], "monitored")
    words = case.steps.get(action="attach").reason
    assert "新增风险：因饮水安全" in words
    assert "township" in words
    assert "同意" in words
    check_cases()


def test_a_monitored_household_gets_a_note_for_each_risk_it_is_monitored_for(office: Office) -> None:
    """Also for a risk that the village found and no clue told of; for any other risk it gets a clue."""
    case = office.bring(office.open(), "included")
    Case.objects.filter(pk=case.pk).update(risks=["illness", "labour_shortage"])
    day = office.on + timedelta(days=30)
    found = [batch_clue("H1", risk, "red", lines=[9]) for risk in ("illness", "labour_shortage", "unsafe_water")]
    for _ in range(2):
        recorded = record_clues(batch(day, *found))
        assert recorded.noted == 2
    assert list(Clue.objects.order_by("pk").values_list("risk_type", flat=True)) == ["illness", "unsafe_water"]
    notes = Clue.objects.get(risk_type="illness").notes
    assert sorted(notes.values_list("reference", flat=True)) == ["", "labour_shortage"]


def test_a_refused_household_is_nobody_s_and_comes_again_on_a_new_row(office: Office) -> None:
    case = office.bring(office.open(), "township_audit")
    office.act(case, "refuse", "township")
    office.act(case, "notify", "village")
    day = office.on + timedelta(days=10)
    same = record_clues(batch(day, batch_clue("H1", "illness", "yellow")))
    assert (same.new, same.noted, same.suppressed) == ({}, 0, 1)
    again = record_clues(batch(day, batch_clue("H1", "illness", "red", lines=[9])))
    assert (again.new, again.noted) == ({"red": 1}, 0)
    assert Clue.objects.get(number="H1-02").earlier == Clue.objects.get(number="H1-01")
