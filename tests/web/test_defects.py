"""数据问题: found by the job, told in words to whoever can mend them, gone once mended."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from small_city import FOREIGN_VILLAGE, VILLAGE, make_defect, make_household, make_user

from conftest_numbers import number, village
from runtime_role import emptied
from shouwang.assistance.models import Measure, Plan
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.clues.models import Clue, ClueStep
from shouwang.defects.models import Defect, QualityCheck
from shouwang.deliveries.ingest import ingest_file
from shouwang.jobs.quality import BY_ID, RULES, check_quality, refresh_quality, words_of
from shouwang.jobs.register import load_register
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.home import Home
from shouwang.kernel.pack import divisions_folder
from shouwang.web.worklist_sheet import MOST_ROWS
from signed_in import sign_in
from web.test_english import data, untranslated

REGISTER = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能"
CHILD = number(2, "20180501")


@pytest.fixture
def deliver(home: Home, db: None) -> Callable[[date, list[str]], None]:
    from shouwang.jobs.areas import load_areas

    load_areas()

    def one(on: date, rows: list[str], source: str = "household_register", header: str = REGISTER) -> None:
        path = home.path.parent / f"{source}.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        assert ingest_file(home, source, path, on).quarantined == 0
        load_register(home)

    return one


def row(who: str, key: str, relation: str, labour: str) -> str:
    return f"H1,{village()},一般农户,{who},{key},{relation},健康,{labour}"


def standing() -> set[tuple[str, date]]:
    return {(each.rule, each.found_on) for each in Defect.objects.all()}


def test_found_at_night_and_gone_when_mended(home: Home, deliver: Callable[[date, list[str]], None]) -> None:
    first, second, third = date(2021, 6, 1), date(2021, 6, 2), date(2021, 6, 5)
    deliver(first, [row("向小山", number(1), "配偶", "普通劳动力"), row("向小河", CHILD, "子", "普通劳动力")])
    found = refresh_quality(home, first)
    assert found is not None
    assert (found.households, found.defects) == (1, 2)
    assert found.by_rule["household.head"] == 1
    assert standing() == {("household.head", first), ("labour.child_able", first)}
    assert refresh_quality(home, first) is None  # nothing has changed since
    deliver(second, [row("向小河", CHILD, "子", "技能劳动力")])
    assert refresh_quality(home, second) is not None
    assert standing() == {("household.head", first), ("labour.child_able", first)}
    assert Defect.objects.get(rule="labour.child_able").values["labour"] == "技能劳动力"
    deliver(third, [row("向小山", number(1), "户主", "普通劳动力")])
    refresh_quality(home, third)
    assert standing() == {("labour.child_able", first)}
    deliver(third, [row("向小河", CHILD, "子", "无劳动力")])
    refresh_quality(home, third)
    assert standing() == set()
    assert QualityCheck.objects.count() == 4


def test_many_defects_ask_as_few_questions_and_move_with_their_household(
    home: Home, deliver: Callable[[date, list[str]], None]
) -> None:
    def asked(on: date) -> int:
        with CaptureQueriesContext(connection) as questions:
            check_quality(home, on)
        return len(questions)

    on = date(2021, 6, 1)
    deliver(on, [row("向小河", CHILD, "户主", "普通劳动力")])
    few = asked(on)
    every = [f"J{n},{village()},一般农户,向小河,{number(n, '20180501')},户主,健康,普通劳动力" for n in range(10, 60)]
    deliver(on, every)
    assert asked(on) == few
    assert Defect.objects.filter(rule="labour.child_able").count() == 51
    assert QualityCheck.objects.latest("pk").by_rule["labour.child_able"] == 51
    elsewhere = load_divisions(divisions_folder()).villages("500230")[0].code  # of another county
    moved = row("向小河", CHILD, "户主", "普通劳动力").replace(village(), elsewhere)
    deliver(date(2021, 6, 2), [moved])
    check_quality(home, date(2021, 6, 2))
    defect = Defect.objects.get(rule="labour.child_able", household="H1")
    assert (defect.area_id, defect.found_on, defect.delivery) == (elsewhere, on, 3)


def test_the_policy_and_cases_count_too(home: Home, deliver: Callable[[date, list[str]], None]) -> None:
    on = date(2021, 6, 1)
    deliver(on, [row("向小山", number(1), "户主", "普通劳动力")])
    refresh_quality(home, on)
    assert standing() == set()
    Case.objects.create(
        number="H1-J01", household_id="H1", area_id=village(), stage="included", opened_on=on, included_on=on,
        monitor_type="marginal", risks=["illness"],
    )  # fmt: skip
    check_quality(home, on)
    assert standing() == {("monitored.illness_nobody_ill", on)}
    Case.objects.update(stage="refused")
    check_quality(home, on)
    assert standing() == set()


def test_an_income_below_the_line_is_explained_by_a_decision_until_new_income_is_delivered(
    home: Home, deliver: Callable[..., None]
) -> None:
    """By a refused case, or by a dismissed clue of a rule on income; a dismissed clue about something else explains nothing."""
    on, below = date(2021, 6, 10), ("income.lifted_below_line", date(2021, 6, 10))
    head = row("向小山", number(1), "户主", "普通劳动力").replace("一般农户", "脱贫户")

    def income(end: str, received: date) -> None:
        deliver(received, [f"H1,2020-06-01,{end},100"], "income_statement", "户编号,统计期起,统计期止,工资性收入")

    deliver(date(2021, 6, 1), [head])
    income("2021-05-31", date(2021, 6, 1))
    check_quality(home, on)
    assert standing() == {below}
    clue = dismissed("medical.high_out_of_pocket", date(2021, 6, 5))
    check_quality(home, on)
    assert standing() == {below}
    Clue.objects.update(rules=["income.below_line"])
    check_quality(home, on)
    assert standing() == set()
    income("2021-06-30", date(2021, 7, 6))
    check_quality(home, date(2021, 7, 8))
    assert {rule for rule, _day in standing()} == {"income.lifted_below_line"}
    assert "2021-07-06" in words_of(Defect.objects.get())
    Case.objects.create(
        number="H1-J01", household_id="H1", area_id=village(), stage="refused", opened_on=clue.opened_on,
        refused_on=date(2021, 7, 7), risks=["illness"],
    )  # fmt: skip
    check_quality(home, date(2021, 7, 8))
    assert standing() == set()


def dismissed(rule: str, day: date) -> Clue:
    clue = Clue.objects.create(
        number="H1-01", household_id="H1", area_id=village(), risk_type="other", level="yellow", state="dismissed",
        stage="closed", opened_on=day, last_seen_on=day, reasons="…", rules=[rule],
    )  # fmt: skip
    ClueStep.objects.create(
        clue=clue, number=1, action="agree", stage_from="township_review", stage_to="closed", at=now(), on=day
    )
    return clue


def test_whoever_has_no_help_a_month_after_inclusion_is_a_defect(
    home: Home, deliver: Callable[[date, list[str]], None]
) -> None:
    on, first = date(2021, 7, 1), date(2021, 6, 1)
    deliver(first, [row("向小山", number(1), "户主", "普通劳动力")])
    case = Case.objects.create(
        number="H1-J01", household_id="H1", area_id=village(), stage="included", opened_on=first, included_on=first,
        monitor_type="marginal", risks=["other"],
    )  # fmt: skip
    check_quality(home, on)
    assert standing() == set()
    late = date(2021, 7, 2)
    check_quality(home, late)
    assert standing() == {("monitored.without_help", late)}
    assert "2021-06-01" in words_of(Defect.objects.get())
    plan = Plan.objects.create(number="H1-B01", case=case, area_id=village(), stage="plan_running", opened_on=first)
    Measure.objects.create(
        plan=plan, number=1, category="health", title="大病救治", owner_id=village(), in_charge="村支书",
        fund_source="sector_policy", due_on=late, state="measure_running", started_on=late,
    )  # fmt: skip
    check_quality(home, late)
    assert standing() == set()


def test_a_household_that_the_desk_does_not_have_yet_waits(
    home: Home, deliver: Callable[[date, list[str]], None]
) -> None:
    on = date(2021, 6, 1)
    deliver(on, [row("向小山", number(1), "配偶", "普通劳动力")])
    from shouwang.households.models import Household

    emptied(Household.objects.all())
    check_quality(home, on)
    assert standing() == set()


def sheet(content: bytes) -> list[list[str]]:
    """The cells of the only sheet of a spreadsheet."""
    rows = openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True)
    return [list(row) for row in rows]


@pytest.fixture
def defects(city: SimpleNamespace) -> list[Defect]:
    foreign = make_household("FOREIGN-1", FOREIGN_VILLAGE, "彭外人", 99)
    make_defect(foreign)
    rules = ["labour.child_able", "household.head", "land.too_much"]
    return [make_defect(city.household, rule) for rule in rules]


def test_the_list_is_worst_first_and_of_ones_own_area(defects: list[Defect], at_desk: Callable[[str], Client]) -> None:
    for who in ("city", "county", "township", "village"):
        page = at_desk(who).get("/defects/")
        listed = [each.defect.rule for each in page.context["rows"] if each.defect.household.area_id == VILLAGE]
        assert listed == ["household.head", "labour.child_able", "land.too_much"]
        assert ("FOREIGN-1" in page.content.decode()) == (who == "city")
    assert at_desk("department").get("/defects/").context["rows"] == []
    assert [each.defect.household_id for each in at_desk("foreign").get("/defects/").context["rows"]] == ["FOREIGN-1"]
    assert at_desk("foreign").get(f"/defects/?area={VILLAGE}").status_code == 404


def test_filters_and_counts_stand_in_the_address(defects: list[Defect], at_desk: Callable[[str], Client]) -> None:
    page = at_desk("city").get("/defects/?rule=labour.child_able")
    assert {each.defect.rule for each in page.context["rows"]} == {"labour.child_able"}
    assert {rule.id: count for rule, count in page.context["rules"]} == {
        "household.head": 1, "labour.child_able": 2, "land.too_much": 1
    }  # fmt: skip
    assert {area.name: count for area, count in page.context["below"]} == {"万州区": 1, "涪陵区": 1}
    page = at_desk("county").get("/defects/?severity=1")
    assert [each.defect.rule for each in page.context["rows"]] == ["household.head"]
    assert "现有 11 人，其中户主 11 人" in page.content.decode()
    for strange in ("?rule=nothing", "?severity=x", "?severity=9"):
        assert len(at_desk("county").get(f"/defects/{strange}").context["rows"]) == 3


def test_each_defect_leads_to_where_it_is_mended(
    defects: list[Defect], city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    make_defect(city.household, "monitored.illness_nobody_ill", values={"members": "1"})
    make_defect(city.household, "eliminated.below_line")
    page = at_desk("village").get("/defects/")
    leading = {each.defect.rule: each.url for each in page.context["rows"]}
    assert leading["eliminated.below_line"] == f"/cases/{city.case.number}/"
    assert leading["household.head"].startswith(f"/households/{city.household.pk}/")
    for url in leading.values():
        assert at_desk("village").get(url.partition("#")[0]).status_code == 200


def test_household_and_first_page_ask_for_it(
    defects: list[Defect], city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    village = at_desk("village")
    assert [each.rule.id for each in village.get(f"/households/{city.household.pk}/").context["defects"]] == [
        "household.head", "labour.child_able", "land.too_much"
    ]  # fmt: skip
    today = village.get("/today/")
    assert [each.rule.id for each in today.context["defects"]] == [
        "household.head",
        "labour.child_able",
        "land.too_much",
    ]
    assert "档案里要改的数据" in today.content.decode()
    assert at_desk("county").get("/today/").context["defects"] == []


def test_the_sheet_holds_what_the_filters_find(defects: list[Defect], at_desk: Callable[[str], Client]) -> None:
    answer = at_desk("county").get("/defects/export.xlsx?severity=1")
    rows = sheet(answer.content)
    assert rows[1][:4] == ["严重", "户主不是一人", "500101001001-0001", "冉光荣"]
    assert len(rows) == 2
    entry = Entry.objects.get(action="defects_exported")
    assert '"rows":1' in entry.detail
    assert at_desk("village").get("/defects/export.xlsx").status_code == 403
    assert "没有可以导出的内容" in at_desk("department").get("/defects/export.xlsx", follow=True).content.decode()


def test_too_long_a_list_is_not_exported(
    defects: list[Defect], at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwang.web.worklist_sheet.MOST_ROWS", 2)
    assert MOST_ROWS > 2
    answer = at_desk("county").get("/defects/export.xlsx")
    assert answer.status_code == 302
    assert not Entry.objects.filter(action="defects_exported").exists()


def test_queries_do_not_grow_with_the_list(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client, counts = at_desk("county"), []
    client.get("/defects/")
    for more in (1, 25):
        for place in range(more):
            household = make_household(f"NEW-{more}-{place}", VILLAGE, f"农户{place}", 1000 * more + place)
            make_defect(household)
            make_defect(household, "eliminated.below_line")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/defects/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_every_rule_speaks_english(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    for rule in RULES:
        make_defect(city.household, rule.id)
    client = at_desk("county")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for address in ("/defects/", "/defects/?rule=household.head", f"/households/{city.household.pk}/"):
        page = client.get(address).content.decode()
        assert list(untranslated(page, data())) == []
    assert len(BY_ID) == len(RULES)


def test_an_enumerator_reads_and_exports_nothing(defects: list[Defect]) -> None:
    client = sign_in(Client(), make_user("enumerator", VILLAGE, "enumerator"))
    assert len(client.get("/defects/").context["rows"]) == 3
    assert client.get("/defects/export.xlsx").status_code == 403
