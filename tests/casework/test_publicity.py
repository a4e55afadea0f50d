"""What hangs in the village and who objects; and what is found about households that are monitored or refused."""

from datetime import timedelta

import pytest
from desks import batch, batch_clue
from identifying import Office, check_cases, objection
from offices import ON, Desk, make_people, open_clue, picture

from shouwang.audit.models import Entry
from shouwang.cases import publicity
from shouwang.cases.models import Case, OnlineObjection
from shouwang.cases.opening import open_cases
from shouwang.clues.models import Clue
from shouwang.households.models import Household
from shouwang.jobs.clues import record_clues
from shouwang.jobs.handling import identification_requirements
from shouwang.kernel.errors import InputError
from shouwang.proceedings.steps import NotOpen

pytestmark = pytest.mark.usefixtures("households", "home")


@pytest.fixture
def office() -> Office:
    return Office(make_people())


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
    assert (case.stage, case.objections.get().text) == ("collection", "户主有商铺")
    assert (first.answer.taken_up, first.answer.reason, second.answer.taken_up) == (False, "查无此事", True)
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
