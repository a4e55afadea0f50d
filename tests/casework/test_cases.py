"""Identification: from a confirmed clue to a monitored household, step by step, with everything that can be refused."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from desks import COUNTY, TOWNSHIP, VILLAGE
from identifying import ROW, STRAIGHT, Office, check_cases, confirmed, minutes, sheet
from offices import FLAG, ON, PLACE, make_people

from shouwang.accounts.models import Post, User
from shouwang.audit.models import Entry
from shouwang.cases import identification as doing
from shouwang.cases.collecting import Delivered, collect, compare
from shouwang.cases.income import LINES, Line, months_before, reckoned
from shouwang.cases.models import Case, Collection, Deliberation
from shouwang.cases.opening import open_cases
from shouwang.cases.rising import raise_overdue_cases
from shouwang.clues.models import Clue
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


def test_a_vote_that_fails_goes_to_the_township_which_cannot_include(office: Office) -> None:
    case = office.bring(office.open(), "deliberation")
    doing.deliberate(case.number, office.order("village"), minutes(votes=(15, 15)))
    case.refresh_from_db()
    assert case.stage == "township_audit"
    with pytest.raises(NotOpen, match="评议没有通过"):
        office.act(case, "agree", "township")
    with pytest.raises(InputError, match="评议没有通过"):
        doing.send_back(case.number, office.order("township"), "publicity", "再公示")
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


def test_a_household_that_nobody_can_collect_leaves_the_village(office: Office) -> None:
    """It moved away: the village says so, the township sends it back to be collected, or refuses; no case stays for ever."""
    case = office.open()
    for who in ("township", "county", "sibling_village"):
        with pytest.raises(NotOpen):
            office.act(case, "withdraw", who)
    with pytest.raises(InputError, match="理由"):
        doing.withdraw(case.number, office.order("village"), " ")
    office.act(case, "withdraw", "village")
    case.refresh_from_db()
    assert (case.stage, case.desk_id) == ("township_audit", TOWNSHIP)
    with pytest.raises(NotOpen, match="没有公示"):
        office.act(case, "agree", "township")
    for stage in ("deliberation", "publicity"):
        with pytest.raises(InputError, match="还没有采集信息"):
            doing.send_back(case.number, office.order("township"), stage, "再想办法")
    doing.send_back(case.number, office.order("township"), "collection", "再联系一次")
    office.act(case, "withdraw", "village")
    office.act(case, "refuse", "township")
    doing.notify(case.number, office.order("village"), doing.Told(ON, "村公示栏", "posted"))
    case.refresh_from_db()
    assert case.stage == "refused"
    check_cases()


def test_what_the_county_refused_the_township_has_checked_again(office: Office) -> None:
    """The county that refused does not take it up, and who refused does not refuse what was checked again."""
    case = office.bring(office.open(), "county_approval")
    office.act(case, "refuse", "county")
    office.act(case, "notify", "village")
    case.refresh_from_db()
    assert (case.stage, case.desk_id) == ("refused", TOWNSHIP)
    for who in ("county", "county_too", "village", "other_township"):
        with pytest.raises(NotOpen):
            office.act(case, "recheck", who)
    office.act(case, "recheck", "township")
    office.bring(case, "county_approval")
    with pytest.raises(NotOpen, match="由您不予纳入过"):
        office.act(case, "refuse", "county")
    office.act(case, "refuse", "county_too")
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


def test_the_share_that_a_review_needs_is_the_policys(office: Office) -> None:
    """More than the share of those present, as the pack has it on the day; a record keeps the share by which it was judged."""
    case = office.bring(office.open(), "deliberation")
    order = office.order("village")
    assert order.requirements.review_share == Decimal("0.5")
    stricter = replace(order, requirements=replace(order.requirements, review_share=Decimal("0.95")))
    doing.deliberate(case.number, stricter, minutes(votes=(28, 2)))  # of thirty
    case.refresh_from_db()
    assert (case.stage, case.deliberations.get().passed) == ("township_audit", False)
    assert case.deliberations.get().share == Decimal("0.95")
    for votes, share, passed in ((15, "0.5", False), (16, "0.5", True), (20, "0.667", False), (21, "0.667", True)):
        record = Deliberation(present=30, votes_for=votes, votes_against=0, share=Decimal(share))
        assert record.passed is passed, (votes, share)
