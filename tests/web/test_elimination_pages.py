"""风险消除 in the browser's eyes: conditions with their sources, proposing three times, the way to the roll-back, lists."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from PIL import Image
from small_city import VILLAGE, make_case, make_elimination, make_household

from printing.paper import text_of as text_of_paper
from shouwang.assistance.models import Measure, Plan
from shouwang.audit.models import Entry
from shouwang.cases.income import LINES
from shouwang.cases.models import Case, Notice, OnlineObjection
from shouwang.clues.models import Clue
from shouwang.elimination.models import ConditionCheck, Elimination, EliminationStep, Proposal
from shouwang.jobs.elimination import check_conditions
from shouwang.kernel.home import Home
from shouwang.screening.example_world import ExampleRow, ExampleWorld

AtDesk = Callable[[str], Client]
TODAY = localdate()
pytestmark = pytest.mark.usefixtures("home")


def departments(home: Home, number: str, labour: str = "普通劳动力", wage: int = 30_000) -> None:
    """What departments would have delivered about a household of one person, of whom all is in order."""
    own = {"household_no": number, "division_code": VILLAGE, "household_type": "脱贫户", "relation": "户主"}
    statement = {
        "household_no": number,
        "period_start": TODAY - timedelta(days=400),
        "period_end": TODAY - timedelta(days=35),
        "wage_income": wage,
    }
    rows = [
        ExampleRow("household_register", date(2021, 1, 5), own | {"labour": labour}, "户主"),
        ExampleRow("income_statement", TODAY - timedelta(days=20), statement),
        ExampleRow("medical_enrolment", TODAY - timedelta(days=9), {"year": TODAY.year, "status": "正常"}, "户主"),
    ]
    ExampleWorld(rows).build(home.path)


@pytest.fixture
def monitored(city: SimpleNamespace, home: Home) -> Case:
    """The household of the small city, monitored for long, helped, and in order."""
    departments(home, city.household.pk)
    since = TODAY - timedelta(days=300)
    Clue.objects.update(state="dismissed", stage="closed", dismissed_on=since)
    Case.objects.filter(pk=city.case.pk).update(
        stage="included", monitor_type="unstable", risks=["illness"], included_on=since, due_on=None
    )
    plan = Plan.objects.create(
        number="B1", case=city.case, area_id=VILLAGE, desk_id=VILLAGE, stage="plan_running", opened_on=since
    )
    Measure.objects.create(
        plan=plan,
        number=1,
        category="employment",
        title="务工",
        owner_id=VILLAGE,
        in_charge="村支书",
        fund_source="sector_policy",
        due_on=since,
        state="delivered",
        started_on=since,
        delivered_on=since,
    )
    city.case.refresh_from_db()
    return city.case


def proposal(**more: Any) -> dict[str, Any]:
    day = TODAY.isoformat()
    told = {"visited_on": day, "visitors": "张三、李四", "consented_on": day, "consented_by": "冉光荣", "members": "1"}
    told |= dict.fromkeys(("dropout", "unsafe_house", "uninsured", "unsafe_water"), "no")
    told |= {f"a-{name}": "0" for name in LINES}
    return told | {"reason": "稳定务工", "a-wage_income": "30000", "seen": "0", "key": "k", "photos": signed()} | more


def signed() -> SimpleUploadedFile:
    """A picture of what the household signed."""
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "JPEG")
    return SimpleUploadedFile("签字.jpg", stream.getvalue(), content_type="image/jpeg")


def text_of(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_conditions_are_shown_with_their_sources_and_proposed_three_times(monitored: Case, at_desk: AtDesk) -> None:
    url = f"/cases/{monitored.number}/elimination/"
    village = at_desk("village")
    said = text_of(village, url)
    for words in ("收入高于当年监测线", "30,000.00元", "收入采集表", "D000002", "提出消除，转民主评议"):
        assert words in said
    for _again in range(3):
        page = village.post(url, proposal(), follow=True).content.decode()
        assert "待民主评议" in page
    assert Elimination.objects.count() == Proposal.objects.count() == EliminationStep.objects.count() == 1
    assert "30,000.00" in page
    assert "提出消除，转民主评议" not in text_of(village, url)
    assert Elimination.objects.get().number in text_of(village, "/today/")


def test_only_the_village_is_given_the_form(monitored: Case, at_desk: AtDesk) -> None:
    url = f"/cases/{monitored.number}/elimination/"
    for who in ("county", "township"):
        said = text_of(at_desk(who), url)
        assert "条件都没有不符合的" in said
        assert "提出消除，转民主评议" not in said
        assert at_desk(who).post(url, proposal()).status_code == 403
    assert not Elimination.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"visitors": "张三"}, "走访人员至少 2 人"),
        ({"uninsured": "yes"}, "不能提出消除"),
        ({"dropout": ""}, "请填写有没有失学辍学"),
        ({"a-wage_income": "5000", "r-wage_income": "误工"}, "不高于当年监测线"),
        ({"a-wage_income": "29000"}, "改动工资性收入的理由"),
        ({"a-wage_income": "很多"}, "不是金额"),
        ({"visited_on": "2999-01-01"}, "走访日期不对"),
        ({"visited_on": "x"}, "没有填对"),
        ({"consented_by": " "}, "请填写签字人"),
        ({"reason": ""}, "请填写消除理由"),
        ({"members": "0"}, "共同生活人数至少为 1"),
        ({"photos": ""}, "农户签字须附 1 张以上照片"),
    ],
)
def test_what_cannot_be_is_said_in_words(monitored: Case, at_desk: AtDesk, wrong: dict[str, Any], words: str) -> None:
    answer = at_desk("village").post(f"/cases/{monitored.number}/elimination/", proposal(**wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Elimination.objects.exists()


def test_a_household_in_which_nobody_can_work_is_never_offered(
    monitored: Case, at_desk: AtDesk, home: Home, city: SimpleNamespace
) -> None:
    departments(home, city.household.pk, labour="无劳动力")
    url = f"/cases/{monitored.number}/elimination/"
    said = text_of(at_desk("village"), url)
    assert "整户无劳动能力兜底保障户" in said
    assert "提出消除，转民主评议" not in said
    assert "整户无劳动能力" in at_desk("village").post(url, proposal()).content.decode()
    assert not Elimination.objects.exists()
    check_conditions(home, TODAY)
    assert ConditionCheck.objects.get(case=monitored).no_labour
    assert monitored.number not in text_of(at_desk("county"), "/eliminations/")
    assert monitored.number in text_of(at_desk("county"), "/eliminations/?group=social_floor")


def test_the_nightly_check_makes_the_list(monitored: Case, at_desk: AtDesk, home: Home, city: SimpleNamespace) -> None:
    everybody = Case.objects.filter(stage="included").count()
    assert check_conditions(home, TODAY) == everybody
    assert check_conditions(home, TODAY) == 0
    assert monitored.number in text_of(at_desk("county"), "/eliminations/")
    assert "有 1 户可能符合风险消除条件" in text_of(at_desk("village"), "/today/")
    for asked, rows in ((monitored.number, 1), (monitored.household_id, 1), ("500-", 0)):
        assert len(at_desk("village").get(f"/eliminations/?q={asked}").context["rows"]) == rows
    departments(home, city.household.pk, wage=100)
    assert check_conditions(home, TODAY, anew=True) == everybody
    assert monitored.number not in text_of(at_desk("county"), "/eliminations/")
    assert sorted(ConditionCheck.objects.get(case=monitored).blocking) == ["income", "new_risks", "stable_income"]


def move(client: Client, what: dict[str, Any]) -> str:
    found = Elimination.objects.get()
    told = {"seen": str(found.version), "key": f"{what['action']}{found.version}"} | what
    return client.post(f"/eliminations/{found.number}/move/", told, follow=True).content.decode()


def test_from_the_review_to_the_roll_back(monitored: Case, at_desk: AtDesk) -> None:
    village, township, county = at_desk("village"), at_desk("township"), at_desk("county")
    village.post(f"/cases/{monitored.number}/elimination/", proposal())
    minutes = {
        "held_on": TODAY.isoformat(),
        "chair": "村支书",
        "present": "30",
        "votes_for": "28",
        "votes_against": "1",
    }
    assert "评议记录" in move(village, {"action": "deliberate", **minutes})
    assert "村内公示" in move(village, {"action": "deliberate", "text": "表决通过", **minutes})
    assert "公示到" in move(village, {"action": "post_up", "place": "公示栏"})
    notice = Notice.objects.get()
    for words in ("风险消除公示", "帮扶消除", "冉光荣", "高笋塘街道办事处反映"):
        assert words in notice.text
    for hidden in ("illness", "因病", "500101", "患有大病", "30000", "30,000"):
        assert hidden not in notice.text
    Notice.objects.update(stands_until=TODAY - timedelta(days=1))
    assert "公示须附 1 张以上照片" in move(village, {"action": "report"})
    proof = {"taken_on": TODAY.isoformat(), "place": "公示栏", "back": "elimination", "photos": signed()}
    shown = village.post(f"/notices/{notice.pk}/proof/", proof, follow=True).content.decode()
    assert "公示照片已保存" in shown
    assert "公示照片 1" in shown
    assert "待乡镇审核" in move(village, {"action": "report"})
    assert "待区县审定" in move(township, {"action": "agree", "reason": "同意"})
    assert "待公告" in move(county, {"action": "approve", "reason": "同意"})
    assert "跟踪监测" in move(village, {"action": "announce", "place": "公示栏"})
    assert Case.objects.get(pk=monitored.pk).stage == "eliminated"
    assert monitored.household.head_name in text_of(county, "/eliminations/?group=watch")
    visit = {"visited_on": TODAY.isoformat(), "visitors": "张三", "findings": "收入稳定", "worrying": "no"}
    assert "收入稳定" in move(village, {"action": "follow_up", **visit})
    assert "走访日期不对" in move(village, {"action": "follow_up", **visit, "visited_on": "x"})
    assert "回退待乡镇审核" in move(village, {"action": "relapse", "main_risk": "illness", "reason": "户主住院"})
    assert "待区县审定" in move(township, {"action": "confirm"})
    assert "重新纳入监测" in move(county, {"action": "roll_back", "reason": "同意回退"})
    case = Case.objects.get(pk=monitored.pk)
    assert (case.stage, case.rolled_back_on) == ("included", TODAY)
    assert "没有选择要办的事项" in move(county, {"action": "nothing"})


def test_the_signature_is_kept_and_the_notice_printed_from_its_page(monitored: Case, at_desk: AtDesk) -> None:
    village = at_desk("village")
    village.post(f"/cases/{monitored.number}/elimination/", proposal())
    found = Elimination.objects.get()
    photo = found.proposals.get().photos.get()
    page = text_of(village, f"/eliminations/{found.number}/")
    assert f"/case-photos/{photo.name}/" in page
    assert village.get(f"/case-photos/{photo.name}/")["Content-Type"] == "image/jpeg"
    assert at_desk("foreign").get(f"/case-photos/{photo.name}/").status_code == 404
    post_up(found, village)
    notice = Notice.objects.get()
    assert f"/notices/{notice.pk}.pdf" in text_of(village, f"/eliminations/{found.number}/")
    paper = text_of_paper(village.get(f"/notices/{notice.pk}.pdf").content)
    assert "风险消除公示" in paper
    assert "冉光荣" in paper


def post_up(found: Elimination, village: Client) -> None:
    minutes = {
        "held_on": TODAY.isoformat(),
        "chair": "村支书",
        "present": "30",
        "votes_for": "28",
        "votes_against": "1",
    }
    move(village, {"action": "deliberate", "text": "表决通过", **minutes})
    assert found.number in text_of(village, "/publicity/?group=post")
    move(village, {"action": "post_up", "place": "公示栏"})
    assert found.number not in text_of(village, "/publicity/?group=post")


def test_the_public_board_takes_objections_against_an_elimination(monitored: Case, at_desk: AtDesk) -> None:
    """Village and township are told; it is not reported before the one took it up or the other had it not taken up."""
    village, township = at_desk("village"), at_desk("township")
    village.post(f"/cases/{monitored.number}/elimination/", proposal())
    found = Elimination.objects.get()
    post_up(found, village)
    notice = Notice.objects.get()
    anybody = Client()
    address = f"/board/{VILLAGE}/objection/{notice.pk}/"
    assert address in text_of(anybody, f"/board/{VILLAGE}/")
    for key in ("one", "one", "two"):
        sent = anybody.post(address, {"text": "收入不实", "contact": "13800000009", "key": key})
        assert "已经收到" in sent.content.decode()
    first, second = OnlineObjection.objects.order_by("pk")
    for client in (village, township):
        assert f"公示收到网上异议：{found.number}" in text_of(client, "/messages/")
        assert "13800000009" in text_of(client, f"/eliminations/{found.number}/")
    Notice.objects.update(posted_on=TODAY - timedelta(days=7), stands_until=TODAY - timedelta(days=1))
    assert "还有网上异议没有办理" in move(village, {"action": "report"})
    assert "不由您" in move(village, {"action": "set_aside", "online": str(first.pk), "reason": "不属实"})
    assert "请填写不予受理的理由" in move(township, {"action": "set_aside", "online": str(first.pk)})
    said = move(township, {"action": "set_aside", "online": str(first.pk), "reason": "查无此事", "key": "t"})
    assert "没有受理的网上异议" in said
    assert "查无此事" in said
    taken = move(village, {"action": "object", "online": str(second.pk)})
    assert "待入户核查" in taken
    assert found.objections.get().text == "收入不实"
    Notice.objects.get(taken_down_on=TODAY)
    assert not OnlineObjection.objects.filter(answer=None).exists()


def test_lists_do_not_ask_more_for_more_households(at_desk: AtDesk, city: SimpleNamespace) -> None:
    client = at_desk("county")

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def add(place: int) -> None:
        case = make_case(make_household(f"H-w{place}", VILLAGE, "向明", 500 + place))
        make_elimination(case)
        other = make_case(make_household(f"H-c{place}", VILLAGE, "向明", 700 + place))
        Case.objects.filter(pk=other.pk).update(stage="included", monitor_type="marginal", included_on=TODAY)
        ConditionCheck.objects.create(case=other, as_of=TODAY, mode="assisted", unfulfilled=0, met=12, no_labour=False)

    add(0)
    urls = ("/eliminations/", "/eliminations/?group=watch", "/today/")
    for _once_for_what_is_kept_in_memory in range(2):
        before = [queries(url) for url in urls]
    for place in range(1, 12):
        add(place)
    assert [queries(url) for url in urls] == before


def test_the_household_signs_a_paper_with_what_is_known(monitored: Case, at_desk: AtDesk) -> None:
    """The page offers it; it says the conditions as data have them, the help, the days of the watch, and leaves room to disagree."""
    url = f"/cases/{monitored.number}/papers/ending.pdf"
    assert url in at_desk("village").get(f"/cases/{monitored.number}/elimination/").content.decode()
    answer = at_desk("village").get(url)
    assert answer["Content-Type"] == "application/pdf"
    text = text_of_paper(answer.content)
    helped = Measure.objects.filter(plan__case=monitored, started_on__isnull=False)[0]
    told = (monitored.number, "收入高于当年监测线", helped.title, "不同意，理由", "签字")
    for words in told:
        assert words in text, words
    assert Entry.objects.filter(action="case_printed", subject=monitored.number).exists()
    Case.objects.filter(pk=monitored.pk).update(stage="collection")
    assert at_desk("village").get(url).status_code == 302
