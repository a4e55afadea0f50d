"""帮扶 as people do it in the browser: drawn up, agreed, given to a department and to an organisation, confirmed, visited."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from small_city import COUNTY, FOREIGN_VILLAGE, VILLAGE, make_household, make_user

from help_rows import filled_in, make_help
from runtime_role import emptied
from shouwang.assistance.models import Contact, DepartmentTask, FollowUp, Measure, Need, Organisation, Plan
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.clues.models import Clue
from shouwang.notifications.models import Message
from shouwang.notifications.sms import words_of
from signed_in import sign_in

AtDesk = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("home")
TODAY = localdate()


def move(client: Client, kind: str, matter: Plan | DepartmentTask | Need, action: str, **form: object) -> str:
    """Sends a step as its page would; gives what the next page says."""
    matter.refresh_from_db()
    told = {"action": action, "seen": matter.version, "key": f"{action}{matter.version}"} | form
    return client.post(f"/{kind}/{matter.number}/move/", told, follow=True).content.decode()


def draw_up(city: SimpleNamespace, at_desk: AtDesk, **changes: str) -> Client:
    client, plan = at_desk("village"), city.help.plan
    form = filled_in(client.get(f"/plans/{plan.number}/draft/")) | changes
    city.answer = client.post(f"/plans/{plan.number}/draft/", form, follow=True)
    plan.refresh_from_db()
    return client


def test_a_plan_goes_from_the_village_to_help(city: SimpleNamespace, at_desk: AtDesk) -> None:
    plan = city.help.plan
    assert "待制定帮扶计划" in at_desk("village").get("/today/").content.decode()
    draw_up(city, at_desk)
    assert plan.stage == "plan_audit"
    proposed = plan.measures.filter(state="proposed")
    assert [each.entry for each in proposed] == ["serious_illness_care", "household_industry"]
    assert [each.department for each in proposed] == ["医保", "农业农村"]
    assert "正在帮扶" not in at_desk("township").get(f"/plans/{plan.number}/").content.decode()
    assert "待区县审定" in move(at_desk("township"), "plans", plan, "agree")
    assert "正在帮扶" in move(at_desk("county"), "plans", plan, "approve")
    tasks = DepartmentTask.objects.filter(measure__in=proposed.model.objects.filter(plan=plan, state="planned"))
    assert {task.department for task in tasks} == {"医保", "农业农村"}
    village = at_desk("village")
    assert "落实到位" in move(village, "plans", plan, "deliver", measure=3, day=TODAY.isoformat(), reason="已发放")
    assert Measure.objects.get(plan=plan, number=3).state == "delivered"
    plan.refresh_from_db()
    assert plan.first_helped_on == TODAY
    assert Entry.objects.filter(action="plan_viewed", subject=plan.number).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"p2": ""}, "有劳动能力，至少要有一项"),
        ({"p0-due_on": "x"}, "不是日期"),
        ({"p0-amount": "很多"}, "金额不对"),
        ({"p0-in_charge": ""}, "责任人"),
        ({"o0-title": "慰问", "o0-category": "", "o0-due_on": TODAY.isoformat(), "o0-in_charge": "甲"}, "没有选择类别"),
        ({"p0-owner": "500102000000|"}, "责任单位"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    city: SimpleNamespace, at_desk: AtDesk, changes: dict[str, str], said: str
) -> None:
    draw_up(city, at_desk, **changes | {"p1-title": "自己写的措施"})
    assert city.answer.status_code == 422
    page = city.answer.content.decode()
    assert said in page
    assert "自己写的措施" in page
    assert city.help.plan.stage == "drafting"


def test_a_departure_needs_a_reason_that_the_approvers_read(city: SimpleNamespace, at_desk: AtDesk) -> None:
    more = {
        "o0-title": "住房修缮", "o0-category": "housing_safety", "o0-due_on": TODAY.isoformat(), "o0-in_charge": "村支书",
        "o0-fund": "bridging_fund",
    }  # fmt: skip
    draw_up(city, at_desk, **more)
    assert "只有“因病”一项风险" in city.answer.content.decode()
    assert 'name="why-stacking"' in city.answer.content.decode()
    draw_up(city, at_desk, **more, **{"why-stacking": "房顶漏雨，户主出院后无法居住"})
    assert city.help.plan.stage == "plan_audit"
    assert "房顶漏雨" in at_desk("township").get(f"/plans/{city.help.plan.number}/").content.decode()


def test_a_department_sees_its_task_and_not_the_household(city: SimpleNamespace, at_desk: AtDesk) -> None:
    task, client = city.help.task, at_desk("department")
    assert "大病救治" in client.get("/today/").content.decode()
    page = client.get(f"/tasks/{task.number}/").content.decode()
    assert "向桂花" in page
    assert city.help.plan.number + '/"' not in page
    for elsewhere in (f"/plans/{city.help.plan.number}/", f"/cases/{city.help.plan.case.number}/"):
        assert client.get(elsewhere).status_code in (403, 404)
    assert at_desk("other_department").get(f"/tasks/{task.number}/").status_code == 404
    assert "部门办理中" in move(client, "tasks", task, "accept_task")
    wrong = move(client, "tasks", task, "report_task", day=TODAY.isoformat(), paid="很多", reason="已报销")
    assert "实际金额不对" in wrong
    said = move(client, "tasks", task, "report_task", day=TODAY.isoformat(), paid="1,200.50", reason="已报销")
    assert "待村确认" in said
    assert "已办结" in move(at_desk("village"), "tasks", task, "confirm_task")
    measure = Measure.objects.get(pk=task.measure_id)
    assert (measure.state, str(measure.amount), measure.started_on) == ("delivered", "1200.50", TODAY)


def test_what_a_department_returns_the_county_gives_to_another(city: SimpleNamespace, at_desk: AtDesk) -> None:
    task = city.help.task
    move(at_desk("department"), "tasks", task, "return", reason="不属医保")
    assert "待区县处理" in at_desk("county").get(f"/tasks/{task.number}/").content.decode()
    assert "请选择部门" in move(at_desk("county"), "tasks", task, "reassign", department="天文", reason="改派")
    assert "待部门接收" in move(at_desk("county"), "tasks", task, "reassign", department="水利", reason="改派")
    assert at_desk("department").get(f"/tasks/{task.number}/").status_code == 404
    assert at_desk("other_department").get(f"/tasks/{task.number}/").status_code == 200


def test_an_organisation_reads_a_need_and_never_whose(city: SimpleNamespace, at_desk: AtDesk) -> None:
    need, client = city.help.need, at_desk("organisation")
    assert client.get("/").url == "/needs/"
    for page in ("/needs/", f"/needs/{need.number}/"):
        said = client.get(page).content.decode()
        assert "轮椅" in said
        for secret in ("向桂花", city.help.plan.number, "500101001001-0002", VILLAGE, "东方广场", "因病"):
            assert secret not in said
    assert client.get("/households/").status_code == client.get("/overview/").status_code - 200 + 403
    assert "待区县对接" in move(client, "needs", need, "pledge", reason="捐一辆轮椅")
    assert "待落实" in move(at_desk("county"), "needs", need, "match")
    assert "东方广场" in client.get(f"/needs/{need.number}/").content.decode()
    assert "待村确认收到" in move(client, "needs", need, "hand_over", day=TODAY.isoformat(), reason="轮椅送到")
    assert "已收到" in move(at_desk("village"), "needs", need, "confirm_need")
    assert Measure.objects.get(pk=need.measure_id).state == "delivered"
    other = make_user("other_organisation", COUNTY, "social_force")
    Organisation.objects.create(
        name="别的", credit_code="515001010000000009", area_id=COUNTY, contact="甲", account=other,
        registered_by=other, registered_on=TODAY,
    )  # fmt: skip
    stranger = Client()
    sign_in(stranger, other)
    assert stranger.get(f"/needs/{need.number}/").status_code == 404
    assert "轮椅" not in stranger.get("/needs/").content.decode()


def test_the_village_asks_and_the_county_reads_it_first(city: SimpleNamespace, at_desk: AtDesk) -> None:
    emptied(Need.objects.all())
    plan, client = city.help.plan, at_desk("village")
    asked = {"action": "raise_need", "measure": "2", "people": "1", "wanted_by": TODAY.isoformat()}
    named = client.post(f"/plans/{plan.number}/move/", asked | {"text": "向桂花要轮椅"}, follow=True).content.decode()
    assert "姓名或户编号" in named
    phone = client.post(
        f"/plans/{plan.number}/move/", asked | {"text": "轮椅，13900000000"}, follow=True
    ).content.decode()
    assert "证件号码或电话" in phone
    client.post(f"/plans/{plan.number}/move/", asked | {"text": "轮椅一辆"})
    need = Need.objects.get()
    assert need.stage == "need_raised"
    assert at_desk("organisation").get(f"/needs/{need.number}/").status_code == 404
    assert "待社会力量认领" in move(at_desk("county"), "needs", need, "publish", text="轮椅一辆（可折叠）")
    assert "可折叠" in at_desk("organisation").get("/needs/").content.decode()


def test_contacts_are_named_for_many_and_the_telephone_is_sealed(city: SimpleNamespace, at_desk: AtDesk) -> None:
    client, case = at_desk("township"), city.help.plan.case
    assert "缺联系人或待确认 <b>1</b>" in client.get("/contacts/").content.decode()
    form = {
        "case": [case.pk],
        "kind": "monitoring_contact",
        "name": "钱进",
        "unit": "镇政府",
        "phone": "139",
        "key": "k",
    }
    assert "联系电话不对" in client.post("/contacts/", form).content.decode()
    client.post("/contacts/", form | {"phone": "13912345678"})
    made = Contact.objects.get(name="钱进")
    assert made.phone_masked == "139****5678"
    assert b"13912345678" not in bytes(made.sealed)
    assert "13912345678" not in client.get(f"/plans/{city.help.plan.number}/").content.decode()
    assert "13912345678" in client.post(f"/contacts/{made.pk}/phone/", {"reason": "约走访"}).content.decode()
    assert Entry.objects.filter(action="value_unmasked").count() == 1
    assert "每户都有联系人" in client.get("/contacts/").content.decode()
    again = form | {"phone": "13900000001", "name": "李红", "key": "k2"}
    client.post("/contacts/", again)
    assert Contact.objects.get(name="钱进").to == TODAY
    assert at_desk("foreign").post("/contacts/", again | {"key": "k3"}).status_code == 403


def test_the_village_of_a_moved_household_confirms_contacts_and_names_who_is_responsible(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    plan, client = city.help.plan, at_desk("village")
    emptied(Contact.objects.all())
    for kind in ("assistance_contact", "monitoring_contact"):
        Contact.objects.create(case=plan.case, kind=kind, name="张明", since=TODAY, key=kind, area_id=FOREIGN_VILLAGE)
    listed = client.get("/contacts/").content.decode()
    assert listed.count("原村确定，待确认") == 2
    assert "原村确定，待确认" in client.get(f"/plans/{plan.number}/").content.decode()
    assert "没有选择农户" in client.post("/contacts/", {"confirm": "1"}).content.decode()
    said = client.post("/contacts/", {"confirm": "1", "case": [plan.case_id]}, follow=True).content.decode()
    assert "已确认 2 位联系人继续联系" in said
    assert "待确认</span>" not in said
    assert client.post("/contacts/", {"confirm": "1", "case": [plan.case_id]}).status_code == 422
    Measure.objects.filter(plan=plan).update(in_charge="", state="planned")
    assert "责任人待确定" in client.get(f"/plans/{plan.number}/").content.decode()
    number = plan.measures.first().number
    named = {"action": "in_charge", "measure": number, "name": "罗支书", "key": "c1"}
    assert "罗支书" in client.post(f"/plans/{plan.number}/move/", named, follow=True).content.decode()


def test_a_visit_may_find_something_new(city: SimpleNamespace, at_desk: AtDesk) -> None:
    plan, client = city.help.plan, at_desk("village")
    Plan.objects.filter(pk=plan.pk).update(visit_due_on=date(2021, 1, 1))
    assert "逾期未走访 1 户" in client.get("/today/").content.decode()
    assert plan.number in client.get("/plans/?group=unvisited").content.decode()
    form = {"visited_on": TODAY.isoformat(), "visitors": "张三、李四", "situation": "worse", "findings": "又摔伤住院"}
    said = client.post(f"/plans/{plan.number}/visit/", form | {"new_risk": "accident", "key": "k"}, follow=True)
    clue = Clue.objects.get(household=plan.case.household)
    assert f"新的线索 {clue.number}" in said.content.decode()
    assert FollowUp.objects.get(situation="worse").clue_number == clue.number
    plan.refresh_from_db()
    assert plan.visit_due_on is not None
    assert TODAY + timedelta(days=27) < plan.visit_due_on < TODAY + timedelta(days=32)
    assert (
        client.post(f"/plans/{plan.number}/visit/", form | {"visited_on": "2100-01-01", "key": "k2"}).status_code == 422
    )


def test_what_is_owed_stands_on_the_days_page_and_late_rises_to_the_office_above(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    plan, measure, far = city.help.plan, city.help.measures[2], TODAY + timedelta(days=40)
    Plan.objects.filter(pk=plan.pk).update(
        stage="plan_running", desk=None, due_on=None, visit_due_on=far, help_due_on=far
    )
    Measure.objects.filter(plan=plan).update(due_on=far, owner_id=VILLAGE)
    village, township, county = at_desk("village"), at_desk("township"), at_desk("county")

    def today(client: Client) -> str:
        return client.get("/today/").content.decode()

    assert measure.title not in today(village)
    Measure.objects.filter(pk=measure.pk).update(due_on=TODAY)
    assert f"措施落实：{measure.title}" in today(village)
    assert "逾期上报到本单位" not in today(township)
    Measure.objects.filter(pk=measure.pk).update(due_on=TODAY - timedelta(days=1))
    Plan.objects.filter(pk=plan.pk).update(visit_due_on=TODAY - timedelta(days=30))
    assert "措施逾期 1 户" in today(village)
    assert "帮扶走访" in today(village)
    assert "逾期上报到本单位 1 户" in today(township)
    assert "逾期上报到本单位 1 户" in today(county)  # the visit
    assert f"措施落实：{measure.title}" not in today(township)
    for client, groups in ((township, ("risen", "delayed", "unvisited")), (village, ("delayed", "unvisited"))):
        for group in groups:
            assert plan.number in client.get(f"/plans/?group={group}").content.decode()
    assert "逾期上报到本单位" not in village.get("/plans/?group=risen").content.decode()
    assert plan.number not in at_desk("foreign").get("/plans/?group=risen").content.decode()
    assert "逾期 1 天" in village.get(f"/plans/{plan.number}/").content.decode()
    urging = 'name="action" value="urge"'
    Plan.objects.filter(pk=plan.pk).update(desk=VILLAGE)
    assert urging not in village.get(f"/plans/{plan.number}/").content.decode()
    shown = township.get(f"/plans/{plan.number}/")
    assert urging in shown.content.decode()
    told = {"action": "urge", "reason": "请抓紧走访", "seen": plan.version, "key": shown.context["key"]}
    said = township.post(f"/plans/{plan.number}/move/", told, follow=True).content.decode()
    assert "上级已经催办" in said
    assert urging not in said
    assert "逾期上报到本单位" not in today(township)


@pytest.mark.parametrize(
    "page",
    [
        "/plans/",
        "/plans/?group=delayed",
        "/plans/?group=risen",
        "/plans/?group=unvisited",
        "/tasks/",
        "/needs/",
        "/contacts/?all=1",
        "/today/",
    ],
)
def test_queries_do_not_grow_with_the_list(page: str, city: SimpleNamespace, at_desk: AtDesk) -> None:
    client = at_desk("county")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(page).status_code == 200
        return len(captured)

    few = 0
    for place in range(12):
        few = few or (asked() if place == 1 else 0)
        household = make_household(f"H-{place}", VILLAGE, f"农户{place}", 100 + place)
        case = Case.objects.create(
            number=f"{household.pk}-J01", household=household, area_id=VILLAGE, stage="included", monitor_type="unstable",
            risks=["illness"], opened_on=TODAY, included_on=TODAY, desk_id=VILLAGE,
        )  # fmt: skip
        given = make_help(case, date(2021, 5, 1), "医保", str(place), number=f"XQ500101-9{place:04}")
        assert given.need.pk
    assert asked() <= few + 1


def test_the_clock_of_the_first_help_stands_on_the_plan_in_the_list_and_on_todays_page(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    plan = city.help.plan
    for days, said in ((3, "还有 3 天"), (0, "今天到期"), (-2, "已逾期 2 天")):
        Plan.objects.filter(pk=plan.pk).update(help_due_on=TODAY + timedelta(days=days))
        page = at_desk("village").get(f"/plans/{plan.number}/").content.decode()
        assert "从线索算起" in page
        assert said in page
    assert plan.number in at_desk("township").get("/plans/?group=unhelped").content.decode()
    assert "逾期没有帮扶 1 户" in at_desk("township").get("/today/").content.decode()
    Plan.objects.filter(pk=plan.pk).update(first_helped_on=TODAY)
    assert plan.number not in at_desk("township").get("/plans/?group=unhelped").content.decode()
    assert "逾期没有帮扶" not in at_desk("township").get("/today/").content.decode()


def test_many_plans_are_agreed_to_at_once_each_by_itself(city: SimpleNamespace, at_desk: AtDesk) -> None:
    plan = city.help.plan
    draw_up(city, at_desk)
    township = at_desk("township")
    listed = township.get("/plans/").content.decode()
    pick = f"{plan.version}:{plan.number}"
    assert f'value="{pick}"' in listed
    assert 'name="pick"' not in at_desk("village").get("/plans/").content.decode()
    for _again in range(3):
        page = township.post(
            "/plans/decide/", {"pick": [pick, "1:nothing", "nonsense", "1:a\nb"], "key": "all", "reason": "同意"}
        ).content.decode()
        assert "1 件已办理，3 件没有动" in page
        assert page.count("没有这一件") == 3
        assert "/plans/nothing/" not in page
    plan.refresh_from_db()
    assert (plan.stage, plan.steps.filter(action="agree").count()) == ("plan_approval", 1)
    county = at_desk("county")
    page = county.post("/plans/decide/", {"pick": f"{plan.version}:{plan.number}", "key": "more"}).content.decode()
    assert "1 件已办理，0 件没有动" in page
    plan.refresh_from_db()
    assert plan.stage == "plan_running"
    assert county.post("/plans/decide/", {"key": "none"}).status_code == 422


def test_whoever_is_named_is_told_once_by_a_text_message(city: SimpleNamespace, at_desk: AtDesk) -> None:
    form = {"case": city.help.plan.case.pk, "kind": "assistance_contact", "name": "张明", "unit": "村委会"}
    for _again in range(3):
        at_desk("village").post("/contacts/", form | {"phone": "13800000008", "key": "k"})
    told = Message.objects.filter(kind="relay", area_id=VILLAGE)
    phone, words = words_of(told.get()) or ("", "")
    assert phone == "13800000008"
    assert "1 户监测对象的帮扶联系人" in words
    assert "向桂花" not in words
    at_desk("village").post("/contacts/", form | {"phone": "023-58000000", "key": "l"})
    assert told.count() == 1
    assert Contact.objects.get(to=None).phone_masked.startswith("023")


def test_the_board_of_an_organisation_comes_in_pages_and_asks_no_more_for_many(
    city: SimpleNamespace, at_desk: AtDesk
) -> None:
    client, first = at_desk("organisation"), city.help.need

    def queries(url: str = "/needs/") -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    for _once_for_what_is_kept_in_memory in range(2):
        few = queries()
    for place in range(40):
        household = make_household(f"H-{place}", VILLAGE, f"农户{place}", 100 + place)
        case = Case.objects.create(
            number=f"{household.pk}-J01", household=household, area_id=VILLAGE, stage="included", monitor_type="unstable",
            risks=["illness"], opened_on=TODAY, included_on=TODAY, desk_id=VILLAGE,
        )  # fmt: skip
        make_help(case, date(2021, 5, 1), "医保", str(place), number=f"XQ500101-9{place:04}")
    assert queries() == few
    pages = [client.get(f"/needs/?page={page}").content.decode() for page in (1, 2)]
    assert [page.count('class="row-link"') for page in pages] == [30, 11]
    assert "农户" not in "".join(pages)
    Need.objects.exclude(pk=first.pk).update(stage="need_pledged", organisation=Organisation.objects.get())
    own = client.get("/needs/?group=own").content.decode()
    assert own.count('class="row-link"') == 30
    assert first.number not in own
    assert client.get("/needs/").content.decode().count('class="row-link"') == 1
    assert queries("/needs/?group=own") <= few
