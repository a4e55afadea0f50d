"""The record of a household as known on a day is what its page showed on that day, over deliveries drawn by lot."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from small_city import make_user

import databases
from conftest_numbers import number
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.rows_about import RowsAbout
from shouwang.households.models import Household
from shouwang.jobs import household_record
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.register import load_register
from shouwang.jobs.worker import copy_once
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.home import Home
from shouwang.kernel.pack import divisions_folder
from shouwang.web import household
from signed_in import sign_in

FIRST = date(2021, 1, 5)
HOUSEHOLDS = ("H1", "H2")
NAMES = ("向小山", "向小河", "冉大田", "覃小花", "彭石头", "田秋菊")
Draw = Callable[[random.Random, date], list[str]]


def villages() -> list[str]:
    return [each.code for each in load_divisions(divisions_folder()).villages("500229")[:2]]


def who(lot: random.Random) -> tuple[str, str]:
    serial = lot.randrange(len(NAMES))
    return number(serial + 1), NAMES[serial]


def day_by(lot: random.Random, on: date) -> str:
    return (on - timedelta(days=lot.randrange(40))).isoformat()


def register(lot: random.Random, on: date) -> list[str]:
    rows = ["户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能"]
    for serial in lot.sample(range(len(NAMES)), 3):
        rows.append(
            f"{lot.choice(HOUSEHOLDS)},{lot.choice(villages())},{lot.choice(['一般农户', '脱贫户'])},{NAMES[serial]},"
            f"{number(serial + 1)},{lot.choice(['户主', '配偶', '子'])},{lot.choice(['健康', '患有大病', ''])},"
            f"{lot.choice(['普通劳动力', '无劳动力'])}"
        )
    return rows


def of_person(header: str, cells: Callable[[random.Random, date], str]) -> Draw:
    def drawn(lot: random.Random, on: date) -> list[str]:
        rows = []
        for _ in range(lot.randrange(1, 3)):
            key, name = who(lot)
            rows.append(f"{key},{name},{cells(lot, on)}")
        return [header, *rows]

    return drawn


def water(lot: random.Random, on: date) -> list[str]:
    restored = lot.choice(["", (on + timedelta(days=lot.randrange(10))).isoformat()])
    whose = lot.choice(["", who(lot)[0]])
    return [
        "行政区划代码,户主证件号码,故障日期,恢复日期",
        f"{lot.choice(villages())},{whose},{day_by(lot, on)},{restored}",
    ]


def income(lot: random.Random, on: date) -> list[str]:
    end = on.replace(day=1) - timedelta(days=1)
    return ["户编号,统计期起,统计期止,工资性收入", f"{lot.choice(HOUSEHOLDS)},2020-01-01,{end},{lot.randrange(9)}000"]


SOURCES: dict[str, Draw] = {
    "household_register": register,
    "vital_event": of_person(
        "证件号码,姓名,变动类型,变动日期", lambda lot, on: f"{lot.choice(['死亡', '迁出'])},{day_by(lot, on)}"
    ),
    "income_statement": income,
    "housing_appraisal": of_person(
        "户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期",
        lambda lot, on: f"{lot.choice('ABCD')},{day_by(lot, on)},",
    ),
    "water_fault": water,
    "medical_enrolment": of_person(
        "证件号码,姓名,参保年度,险种,参保状态", lambda lot, on: f"{on.year},居民,{lot.choice(['正常', '中断'])}"
    ),
    "school_roll": of_person(
        "证件号码,姓名,学段,学籍状态,状态日期",
        lambda lot, on: f"初中,{lot.choice(['在校', '辍学'])},{day_by(lot, on)}",
    ),
    "employment_record": of_person("证件号码,姓名,单位,入职日期,离职日期", lambda lot, on: f"工地,{day_by(lot, on)},"),
    "social_assistance": of_person(
        "证件号码,姓名,救助类别,起始日期,终止日期,金额",
        lambda lot, on: f"农村低保,{day_by(lot, on)},{lot.choice(['', (on + timedelta(days=9)).isoformat()])},300",
    ),
}


@pytest.fixture
def deliver(home: Home, every_area: None) -> Callable[[random.Random, date, str], None]:
    def one(lot: random.Random, on: date, source: str) -> None:
        path = home.path.parent / "file.csv"
        path.write_text("\n".join(SOURCES[source](lot, on)) + "\n", encoding="utf-8")
        ingest_file(home, source, path, on)
        load_register(home)
        load_deliveries(home)
        if lot.random() < 0.5:  # some of what is told lies in sorted copies, some in the lake alone
            copy_once(home)

    return one


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[..., dict[str, Any]]:
    """What a household's page says on a day of the calendar, as far as it is told from deliveries."""

    client = Client()

    def read(today: date, number: str, query: str = "") -> dict[str, Any]:
        if "sessionid" not in client.cookies:
            sign_in(client, make_user("county", "500229000000", "county"))
        monkeypatch.setattr(household, "localdate", lambda: today)
        found = client.get(f"/households/{number}/{query}")
        assert found.status_code == 200
        context = found.context
        if context.get("record") is None:
            return {}
        of = context["household"]
        headed = any(person.relation == "户主" for person in context["record"].persons)
        return {
            "household": (
                of.area_id,
                of.household_type,
                of.head_name if headed else "",
                of.member_count,
                of.delivery,
                of.line,
            ),
            "persons": [
                {name: getattr(person, name) for name in household_record.STORED if name not in ("household", "sealed")}
                for person in context["record"].persons
            ],
            "statements": context["statements"],
            "blocks": context["blocks"],
            "help": [(row.words, row.person, left.left_on if left else None) for _, row, left in context["help"]],
            "line": context["line"],
        }

    return read


@pytest.mark.parametrize("seed", databases.lots(2))
def test_a_day_looked_back_at_is_the_day_as_it_was(seed: int, deliver: Any, page: Any) -> None:
    lot, shown = random.Random(seed), {}
    days = [FIRST + timedelta(days=20 * step) for step in range(3)]
    for day in days:
        for source in ["household_register", *lot.sample(list(SOURCES), 2)]:
            deliver(lot, day, source)
        for found in Household.objects.all():
            shown[day, found.pk] = page(day, found.pk)
    later = days[-1] + timedelta(days=1)
    for (day, pk), then in shown.items():
        assert page(later, pk, f"?on={day}") == then, (day, pk)
    first_seen = {pk: min(day for day, number in shown if number == pk) for _, pk in shown}
    for pk, day in first_seen.items():
        assert page(later, pk, f"?on={day - timedelta(days=1)}") == {}


def test_the_comparison_sees_what_came_later(deliver: Any, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a record that takes what was delivered later for known."""
    lot = random.Random(0)
    for step, source in enumerate(
        ["household_register", "household_register", "income_statement", "household_register"]
    ):
        deliver(lot, FIRST + timedelta(days=20 * step), source)
        if step == 0:
            before = {each.pk: page(FIRST, each.pk) for each in Household.objects.all()}
    later, asked = FIRST + timedelta(days=90), f"?on={FIRST}"
    assert all(page(later, pk, asked) == then for pk, then in before.items())
    monkeypatch.setattr(household_record, "RowsAbout", lambda home, on: RowsAbout(home))
    assert any(page(later, pk, asked) != then for pk, then in before.items())


FILES = {
    "household_register": (
        date(2021, 1, 5),
        [
            "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,劳动技能",
            f"H1,{{village}},一般农户,向小山,{number(1)},户主,普通劳动力",
        ],
    ),
    "income_statement": (date(2021, 2, 1), ["户编号,统计期起,统计期止,工资性收入", "H1,2020-01-01,2020-12-31,9000"]),
    "housing_appraisal": (
        date(2021, 3, 1),
        ["户主证件号码,户主姓名,鉴定等级,鉴定日期,整治完成日期", f"{number(1)},向小山,C,2021-02-20,"],
    ),
    "vital_event": (date(2021, 4, 1), ["证件号码,姓名,变动类型,变动日期", f"{number(2)},向小河,死亡,2021-03-28"]),
}


@pytest.fixture
def told(home: Home, every_area: None) -> Client:
    again = (
        date(2021, 3, 15),
        [
            "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,劳动技能",
            f"H1,{{village}},脱贫户,向小山,{number(1)},户主,弱劳动力或半劳动力",
            f"H1,{{village}},脱贫户,向小河,{number(2)},子,",
        ],
    )
    files = [*[(source, *each) for source, each in FILES.items()], ("household_register", *again)]
    for source, on, lines in sorted(files, key=lambda each: each[1]):
        path = home.path.parent / f"{source}.csv"
        path.write_text("\n".join(lines).format(village=villages()[0]) + "\n", encoding="utf-8")
        ingest_file(home, source, path, on)
    load_register(home)
    load_deliveries(home)
    return sign_in(Client(), make_user("county", "500229000000", "county"))


def test_between_two_days_each_change_is_told_with_its_source(told: Client) -> None:
    page = told.get("/households/H1/?on=2021-04-02&since=2021-02-15")
    changed = {
        (each.part, each.field, each.difference.about, each.difference.before, each.difference.after)
        for each in page.context["differences"]
    }
    assert changed == {
        ("户", "户类型", "", "一般农户", "脱贫户"),
        ("成员", "劳动技能", "向小山", "普通劳动力", "弱劳动力或半劳动力"),
        ("成员", "在册", "向小河", "", "死亡 2021-03-28"),
        ("住房", "", "", "", "鉴定等级 C，鉴定日期 2021年2月20日"),
    }
    assert all(each.difference.delivery for each in page.context["differences"])
    assert "D000003" in page.content.decode()
    assert told.get("/households/H1/?on=2021-02-20&since=2021-02-10").context["differences"] == []


def test_a_day_that_is_none_is_said_to_be_so(told: Client) -> None:
    for asked, said in (
        ("?on=昨天", "不是日期"),
        ("?on=2021-02-30", "不是日期"),
        ("?on=2999-01-01", "还没有到"),
        ("?on=2021-02-01&since=2021-03-01", "须早于"),
    ):
        page = told.get(f"/households/H1/{asked}")
        assert page.status_code == 200
        assert said in page.content.decode(), asked
    assert "名册里还没有这一户" in told.get("/households/H1/?on=2020-12-31").content.decode()


def test_a_department_learns_no_health_from_the_past(told: Client) -> None:
    from shouwang.clues.models import Clue

    found = Household.objects.get(pk="H1")
    Clue.objects.create(
        number="H1-01", household=found, area_id=found.area_id, risk_type="illness", level="red", rules=[], reasons="",
        opened_on=date(2021, 6, 3), last_seen_on=date(2021, 6, 3), evidence={}, owners="|住房城乡建设|",
    )  # fmt: skip
    client = sign_in(Client(), make_user("housing", "500229000000", "department", "住房城乡建设"))
    page = client.get("/households/H1/?on=2021-04-02&since=2021-02-15")
    assert page.context["differences"] is None
    assert [each.title for each in page.context["blocks"]] == ["住房"]
    assert page.context["statements"] == []
