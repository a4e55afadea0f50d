"""The household form's columns that departments deliver and the village records: what they show, from which row, as of a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from assisting import bare_measure, bare_plan
from delivering import Send
from django.conf import settings
from offices import make_people

from conftest_numbers import number
from shouwang.accounts.models import User
from shouwang.assistance.contacts import Named, name_contact
from shouwang.assistance.models import ContactKind, Measure
from shouwang.cases.models import Case
from shouwang.households.models import Household, Person
from shouwang.jobs.delivered_form import delivered_of
from shouwang.jobs.outputs import _delivered
from shouwang.jobs.register import load_register
from shouwang.kernel.home import Home
from shouwang.outputs.household_form import HOUSEHOLD, PERSON, homes, row_of, rows_of_persons, sources_of
from shouwang.outputs.told import Delivered
from shouwang.registration.recording import record_facts

VILLAGE = "500101001001"
ON = date(2021, 6, 17)
FILES: Mapping[str, list[str]] = {
    "medical_enrolment": [
        "证件号码,姓名,参保年度,险种,参保状态",
        f"{number(1)},冉大田,2020,居民,正常",
        f"{number(1)},冉大田,2021,居民,正常",
        f"{number(2)},覃小河,2021,居民,中断",
        f"{number(2)},覃小河,2021,职工,正常",
    ],
    "disability_certificate": [
        "证件号码,姓名,残疾类别,残疾等级,发证日期,证件状态",
        f"{number(2)},覃小河,肢体,三级,2019-01-01,有效",
        f"{number(2)},覃小河,肢体,二级,2020-05-01,有效",
    ],
    "social_assistance": [
        "证件号码,姓名,救助类别,起始日期,终止日期,金额",
        f"{number(1)},冉大田,农村低保,2018-03-01,,300",
        f"{number(2)},覃小河,农村低保,2018-03-01,2020-12-31,300",
    ],
    "employment_record": [
        "证件号码,姓名,单位,月工资,入职日期,离职日期",
        f"{number(2)},覃小河,旧厂,2000,2020-03-01,2021-02-10",
        f"{number(2)},覃小河,新厂,3500.50,2021-05-20,",
    ],
    "housing_appraisal": [
        "户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期",
        f"{number(1)},冉大田,D,2020-03-01,2020-09-01",
        f"{number(1)},冉大田,C,2021-03-01,",
    ],
    "water_fault": ["行政区划代码,户主证件号码,故障日期,恢复日期", f"{VILLAGE},,2021-06-01,"],
    "disaster_report": [
        "户主证件号码,户主姓名,灾害种类,发生日期,直接经济损失,房屋损坏",
        f"{number(1)},冉大田,洪涝,2021-05-04,8000,无",
    ],
}


@pytest.fixture(scope="module")
def delivered(areas_of_the_file: None, home_of_the_file: Home, send_for_the_file: Send, django_db_blocker: Any) -> None:
    """A household of two, and every department's file about it: all tests look at it."""
    register = [
        "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能",
        f"H1,{VILLAGE},一般农户,冉大田,{number(1)},户主,健康,普通劳动力",
        f"H1,{VILLAGE},一般农户,覃小河,{number(2)},配偶,残疾,弱劳动力或半劳动力",
    ]
    send_for_the_file("household_register", register)
    for source, lines in FILES.items():
        send_for_the_file(source, lines, on="2021-06-05")
    with django_db_blocker.unblock():
        load_register(home_of_the_file)


@pytest.fixture
def people(db: None, delivered: None) -> dict[str, User]:
    """The household is monitored."""
    Case.objects.create(
        number="H1-J01", household=Household.objects.get(), area_id=VILLAGE, stage="included", opened_on=ON,
        included_on=date(2021, 6, 10), monitor_type="marginal", risks=["natural_disaster"],
    )  # fmt: skip
    return make_people()


def told(on: date = ON, identities: bool = False) -> tuple[dict[str, str], dict[str, dict[str, str]], list[list[str]]]:
    """The household's row and each member's by their heads, and where values come from."""
    cases = Case.objects.select_related("household", "area")
    [home] = homes(cases, on, identities, _delivered(cases, on), ("丧失劳动力", "无劳动力"))
    persons = [dict(zip([each.head for each in PERSON], row, strict=True)) for row in rows_of_persons(home)]
    house = dict(zip([each.head for each in HOUSEHOLD], row_of(home), strict=True))
    return house, {each["姓名"]: each for each in persons}, list(sources_of(home))


def test_posts_and_grants_of_the_plan_stand_in_the_columns_of_who_has_them(people: Mapping[str, User]) -> None:
    """What is active on the day, of that member alone, with the plan that says so."""
    case, on = Case.objects.get(), date(2021, 6, 17)
    plan = bare_plan(case, on)
    head, wife = Person.objects.get(name="冉大田"), Person.objects.get(name="覃小河")
    for member, category, title, entry, state in (
        (head, "public_post", "护林员", "", "measure_running"),
        (head, "public_post", "保洁员", "", "ended"),
        (wife, "education_aid", "雨露计划职业教育补助", "vocational_grant", "delivered"),
    ):
        made = bare_measure(plan, state, begun=on, ended=on if state == "ended" else None)
        Measure.objects.filter(pk=made.pk).update(member=member, category=category, title=title, entry=entry)
    _, members, sources = told(on)
    assert [(each["公益性岗位"], each["雨露计划"]) for each in (members["冉大田"], members["覃小河"])] == [
        ("护林员", ""),
        ("", "雨露计划职业教育补助"),
    ]
    assert ["H1", "冉大田", "公益性岗位", f"帮扶计划 {plan.number} 第1项（2021-06-17起）"] in sources
    assert told(date(2021, 6, 16))[1]["冉大田"]["公益性岗位"] == ""


def test_what_departments_delivered_stands_in_its_column_with_its_row(people: Mapping[str, User]) -> None:
    house, members, sources = told()
    assert {name: house[name] for name in ("住房鉴定等级", "是否危房", "是否饮水安全", "自然灾害子类")} == {
        "住房鉴定等级": "C",
        "是否危房": "是",
        "是否饮水安全": "否",
        "自然灾害子类": "洪涝",
    }
    asked = (
        "参加城乡居民医保",
        "参加职工医保",
        "残疾类别和等级",
        "是否享受低保",
        "务工单位",
        "务工月工资",
        "务工时间（月）",
        "务工开始时间",
        "证件类型",
    )
    assert [members["冉大田"][name] for name in asked] == ["是", "否", "", "是", "", "", "", "", "居民身份证"]
    # January and February at the old place, May and June at the new one
    assert [members["覃小河"][name] for name in asked] == [
        "否",
        "是",
        "肢体二级",
        "否",
        "新厂",
        "3500.50",
        "4",
        "202105",
        "居民身份证",
    ]
    assert ["H1", "", "住房鉴定等级", "住房城乡建设《农房鉴定》D000006 第3行"] in sources
    assert ["H1", "覃小河", "残疾类别和等级", "残联《残疾人证》D000003 第3行"] in sources
    assert {tuple(each[:3]) for each in sources if each[1] == "冉大田"} == {
        ("H1", "冉大田", head) for head in ("参加城乡居民医保", "参加职工医保", "是否享受低保")
    }


def test_what_was_not_received_by_the_day_is_not_told(people: Mapping[str, User]) -> None:
    house, members, sources = told(date(2021, 6, 4))
    assert house["住房鉴定等级"] == members["冉大田"]["参加城乡居民医保"] == ""
    assert sources == []


def test_nobody_elses_rows_are_read(people: Mapping[str, User]) -> None:
    found = delivered_of(settings.HOME, [1, 2, 3], ["500101001002"], ON)
    assert found == Delivered({}, {})


def test_what_the_village_recorded_stands_in_its_column_as_of_the_day(people: Mapping[str, User]) -> None:
    facts = {"farmland": "3.5", "toilet": "旱厕", "house_structure": "土木", "bank_account": "6222020200112233445"}
    for day, area in ((date(2021, 6, 12), "3.5"), (date(2021, 6, 16), "4")):
        record_facts(
            "H1", facts | {"farmland": area}, "入户看过", acting_user=people["village"], on=day, key=f"form-{day}"
        )
    house, _, sources = told(date(2021, 6, 13))
    assert (house["耕地面积"], house["是否有卫生厕所"], house["住房结构"]) == ("3.5", "否", "土木")
    assert told()[0]["耕地面积"] == "4"
    [source] = [each[3] for each in sources if each[2] == "耕地面积"]
    assert source.startswith("村里登记：入户看过（2021-06-12，")
    assert told(date(2021, 6, 11))[0]["耕地面积"] == ""
    assert house["银行账号"] == "****3445"
    assert told(identities=True)[0]["银行账号"] == "6222020200112233445"


def test_telephones_of_whoever_looks_after_leave_only_where_numbers_may(people: Mapping[str, User]) -> None:
    named = Named(ContactKind.ASSISTANCE, "王帮扶", "农业农村局", "13912345678")
    name_contact([Case.objects.get().pk], named, acting_user=people["village"], on=ON, key="form")
    assert told()[0]["帮扶联系人电话"] == "139****5678"
    assert told(identities=True)[0]["帮扶联系人电话"] == "13912345678"
    assert told()[0]["帮扶联系人"] == "王帮扶"
    assert told()[0]["监测联系人电话"] == ""
