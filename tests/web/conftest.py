"""A small city for the pages: two counties, users of every level, households, clues and deliveries."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.accounts.models import Post, User
from shouwang.areas.models import Area
from shouwang.clues.models import Clue, ScreeningRun
from shouwang.exchange.models import Delivery, DeliveryCounty, Upload
from shouwang.households.models import Household, Person

CITY, COUNTY, TOWNSHIP, VILLAGE = "500000000000", "500101000000", "500101001000", "500101001001"
FOREIGN_COUNTY, FOREIGN_TOWNSHIP, FOREIGN_VILLAGE = "500102000000", "500102001000", "500102001001"
AS_OF = date(2021, 6, 17)
PASSWORD = "a-long-password-of-tests"
RULE = "medical.high_out_of_pocket"


@pytest.fixture
def areas(db: None) -> None:
    """Two counties, each down to one village."""
    for code, name, level, parent in (
        (CITY, "重庆市", 1, None),
        (COUNTY, "万州区", 2, CITY),
        (TOWNSHIP, "高笋塘街道", 3, COUNTY),
        (VILLAGE, "东方广场社区居民委员会", 4, TOWNSHIP),
        (FOREIGN_COUNTY, "涪陵区", 2, CITY),
        (FOREIGN_TOWNSHIP, "敦仁街道", 3, FOREIGN_COUNTY),
        (FOREIGN_VILLAGE, "北门口社区居民委员会", 4, FOREIGN_TOWNSHIP),
    ):
        scope = code[: {1: 2, 2: 6, 3: 9, 4: 12}[level]]
        Area.objects.create(code=code, name=name, level=level, parent_id=parent, scope=scope)


def make_user(name: str, area: str | None, duty: str = "", department: str = "") -> User:
    user = User(username=name, display_name=name)
    user.set_unusable_password()
    user.save()
    if area:
        Post.objects.create(user=user, area_id=area, duty=duty, department=department, starts_on=date(2020, 1, 1))
    return user


def make_household(number: str, area: str, head: str, key: int) -> Household:
    household = Household.objects.create(
        household_no=number,
        area_id=area,
        household_type="脱贫户",
        head_name=head,
        member_count=1,
        received_on=date(2021, 1, 5),
        delivery=1,
        line=2,
    )
    Person.objects.create(
        key=key,
        household=household,
        name=head,
        id_masked="500101********1234",
        sealed=b"",
        sex="男",
        birth_date=date(1970, 3, 4),
        relation="户主",
        health="患有大病",
        labour="普通劳动力",
        delivery=1,
        line=2,
        received_on=date(2021, 1, 5),
    )
    return household


def evidence(person: int) -> dict:
    """What screening stores for one hit of the rule on medical costs."""
    return {
        RULE: {
            "rule": RULE,
            "version": 1,
            "title": "个人自付医疗费用偏高",
            "parameters": {"medical.high_lifted": "5000.00"},
            "facts": {"lifted_out_of_poverty": True, "medical_out_of_pocket": "8240.50"},
            "reason": "近12个月个人自付医疗费合计8240.50元，达到脱贫户预警标准5000元（依据：D000002第17行）",
            "rows": [
                {
                    "source": "medical_settlement",
                    "delivery": "D000002",
                    "line": 17,
                    "person": person,
                    "text": "结算日期2021-03-02，个人自付8240.50元",
                }
            ],
            "rows_total": 1,
        }
    }


def make_clue(household: Household, person: int, level: str = "red", **fields: object) -> Clue:
    found = evidence(person)
    return Clue.objects.create(
        **{
            "number": f"{household.pk}-01",
            "household": household,
            "area_id": household.area_id,
            "risk_type": "illness",
            "level": level,
            "opened_on": date(2021, 5, 1),
            "last_seen_on": AS_OF,
            "rules": [RULE],
            "reasons": found[RULE]["reason"],
            "evidence": found,
            "owners": "|医保|",
        }
        | fields
    )


def make_delivery(number: int, area: str, source: str = "medical_settlement", **fields: object) -> Delivery:
    made = Delivery.objects.create(
        **{
            "number": number,
            "source": source,
            "source_title": "医保结算明细",
            "owner": "医保",
            "file": "结算.csv",
            "received_on": date(2021, 4, 1),
            "ingested_at": timezone.now(),
            "read": 10,
            "accepted": 7,
            "duplicate": 1,
            "quarantined": 2,
            "linked": 6,
            "corrected": 1,
            "report": {"quarantined_by_reason": {"id_check_digit": 2, "bad_date": 1}, "sha256": "ab" * 32},
            "area_id": area,
        }
        | fields
    )
    DeliveryCounty.objects.create(delivery=made, area_id=area, rows=7)
    return made


@pytest.fixture
def city(areas: None) -> SimpleNamespace:
    """Users by level, and one household, clue, delivery and upload of the first county."""
    users = {
        "city": make_user("city", CITY, "city"),
        "county": make_user("county", COUNTY, "county"),
        "township": make_user("township", TOWNSHIP, "township"),
        "village": make_user("village", VILLAGE, "village"),
        "department": make_user("department", COUNTY, "department", "医保"),
        "other_department": make_user("other_department", COUNTY, "department", "水利"),
        "foreign": make_user("foreign", FOREIGN_COUNTY, "county"),
        "postless": make_user("postless", None),
    }
    household = make_household("500101001001-0001", VILLAGE, "冉光荣", 11)
    clue = make_clue(household, 11)
    make_delivery(1, COUNTY, "household_register", quarantined=0, read=8, source_title="农户名册", owner="农业农村")
    delivery = make_delivery(2, COUNTY)
    upload = Upload.objects.create(
        source="medical_settlement",
        file="结算.csv",
        received_on=date(2021, 4, 1),
        user=users["county"],
        area_id=COUNTY,
        state=Upload.State.REFUSED,
        message="缺少必需的列：结算日期",
    )
    run = ScreeningRun.objects.create(
        as_of=AS_OF, known_at=AS_OF, pack_version="2021.1+abc", households=1, hits={RULE: 1}, new={"red": 1}
    )
    return SimpleNamespace(users=users, household=household, clue=clue, delivery=delivery, upload=upload, run=run)


@pytest.fixture
def at_desk(city: SimpleNamespace) -> Callable[[str], Client]:
    """A browser in which a user of the small city is logged in."""

    def log_in(name: str) -> Client:
        client = Client()
        client.force_login(city.users[name])
        return client

    return log_in
