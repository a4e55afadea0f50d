"""What departments delivered, read for many households at once, is what is read for each alone; over deliveries drawn by lot."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from desks import OTHER_VILLAGE, SIBLING, VILLAGE
from django.conf import settings
from django.db import transaction

import databases
from conftest_numbers import number
from settled import settle
from shouwang.cases.models import Case, Comparison
from shouwang.deliveries.ingest import ingest_file
from shouwang.households.models import Household, RegisterChange
from shouwang.jobs import identification
from shouwang.jobs.handling import identification_requirements
from shouwang.jobs.history import household_histories, household_history
from shouwang.jobs.identification import compare_waiting, delivered_about, delivered_about_all
from shouwang.jobs.register import load_register
from shouwang.jobs.worker import copy_once
from shouwang.kernel.home import Home, init_home

FIRST, TODAY = date(2021, 1, 5), date(2021, 12, 1)
HOUSEHOLDS, PLACES = ("H1", "H2", "H'3"), (VILLAGE, SIBLING, OTHER_VILLAGE)
PEOPLE = {number(serial): f"冉{'甲乙丙丁戊己庚'[serial]}" for serial in range(7)}
HEADERS = {
    "social_assistance": "证件号码,姓名,救助类别,起始日期,终止日期,金额",
    "asset_record": "证件号码,姓名,资产类别,登记日期,估值",
    "medical_enrolment": "证件号码,姓名,参保年度,险种,参保状态",
    "income_statement": "户编号,统计期起,统计期止,工资性收入",
    "water_fault": "行政区划代码,户主证件号码,故障日期,恢复日期",
    "household_register": "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,健康状况,劳动技能",
}


def row(lot: random.Random, source: str, on: date) -> str:
    who = lot.choice(list(PEOPLE))
    day = on - timedelta(days=lot.randrange(60))
    return {
        "social_assistance": f"{who},{PEOPLE[who]},{lot.choice(['农村低保', '临时救助'])},2021-01-01,{lot.choice(['', '2021-06-30'])},300",
        "asset_record": f"{who},{PEOPLE[who]},{lot.choice(['小型客车', '商品房'])},{day},80000",
        "medical_enrolment": f"{who},{PEOPLE[who]},2021,居民,{lot.choice(['正常', '中断'])}",
        "income_statement": f"{lot.choice(HOUSEHOLDS)},2020-01-01,2020-12-{lot.randrange(30, 32)},{lot.randrange(9)}000",
        "water_fault": f"{lot.choice(PLACES)},{lot.choice(['', who])},{day},{lot.choice(['', str(on)])}",
        "household_register": f"{lot.choice(HOUSEHOLDS)},{lot.choice(PLACES)},一般农户,{PEOPLE[who]},{who},"
        f"{lot.choice(['户主', '配偶', '子'])},健康,普通劳动力",
    }[source]


def deliver(home: Home, source: str, lines: list[str], on: date) -> None:
    path = home.path.with_name(f"{source}-{on}.csv")
    path.write_text("\n".join([HEADERS[source], *lines]) + "\n", encoding="utf-8")
    ingest_file(home, source, path, on)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Home]:
    """A home with deliveries over half a year, by lot: people move between households, rows come again and say otherwise."""

    @cache
    def made(drawn: int) -> Home:
        lot, home = random.Random(drawn), init_home(tmp_path_factory.mktemp("delivered") / "home")
        whole = [
            f"{h},{PLACES[0]},一般农户,{n},{k},户主,健康,普通劳动力"
            for h, (k, n) in zip(HOUSEHOLDS, PEOPLE.items(), strict=False)
        ]
        deliver(home, "household_register", whole, FIRST)
        for month in range(1, 7):
            on = FIRST + timedelta(days=30 * month)
            for source in lot.sample(sorted(HEADERS), 4):
                deliver(home, source, list(dict.fromkeys(row(lot, source, on) for _ in range(4))), on)
        return home

    return made


@pytest.fixture(scope="module", params=databases.lots(3))
def registered(
    request: pytest.FixtureRequest, areas_of_the_file: None, delivered: Callable[[int], Home], django_db_blocker: Any
) -> Iterator[None]:
    """The register of such a home; the tests look at it, and the next draw finds it gone."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        load_register(settle(delivered(request.param), patch))
        with django_db_blocker.block():
            yield
        transaction.set_rollback(True)


@pytest.fixture
def drawn(db: None, registered: None) -> None: ...


def test_many_at_once_are_told_as_each_alone(drawn: None) -> None:
    households = list(Household.objects.order_by("pk"))
    at_once = household_histories(settings.HOME, households, TODAY)
    one_by_one = {each.pk: household_history(settings.HOME, each, TODAY) for each in households}
    assert at_once == one_by_one
    copy_once(settings.HOME)
    assert list(settings.HOME.copies.glob("household_register/*.index.arrow"))
    assert at_once == {each.pk: household_history(settings.HOME, each, TODAY) for each in households}
    assert sum(len(event.rows) for events in at_once.values() for event in events) > 20
    assert delivered_about_all(settings.HOME, households, TODAY) == {
        each.pk: delivered_about(settings.HOME, each, TODAY) for each in households
    }
    assert household_histories(settings.HOME, [], TODAY) == {}


@pytest.mark.parametrize("registered", [0], indirect=True)
def test_the_comparison_is_not_blind(drawn: None) -> None:
    """Somebody less in the register's history, and the two tell otherwise."""
    households = list(Household.objects.order_by("pk"))
    at_once = household_histories(settings.HOME, households, TODAY)
    told = next(each for each in at_once.values() if each)
    told.pop()
    assert at_once != {each.pk: household_history(settings.HOME, each, TODAY) for each in households}
    assert RegisterChange.objects.exists()


def test_waiting_cases_are_compared_in_batches(drawn: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for household in Household.objects.order_by("pk"):
        Case.objects.create(
            number=f"{household.pk}-J01", household=household, area_id=household.area_id, desk_id=household.area_id,
            stage="collection", opened_on=TODAY,
        )  # fmt: skip
    asked, cases = identification_requirements(TODAY), Case.objects.count()
    batches: list[int] = []
    whole = identification.household_histories
    monkeypatch.setattr(identification, "AT_ONCE", 2)
    monkeypatch.setattr(
        identification, "household_histories", lambda home, some, on: batches.append(len(some)) or whole(home, some, on)
    )
    assert [compare_waiting(settings.HOME, asked, TODAY), compare_waiting(settings.HOME, asked, TODAY)] == [cases, 0]
    assert batches == [2, 1]
    for kept in Comparison.objects.select_related("case__household"):
        assert kept.rows == delivered_about(settings.HOME, kept.case.household, TODAY).rows
