"""Builders of what the pages show: users, households, clues and deliveries of a small city."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localdate

from help_rows import make_help
from shouwang.accounts.models import Post, User
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.assistance.models import Organisation
from shouwang.cases.models import Case, CaseStep, Notice
from shouwang.clues.models import Clue, ClueStep, Photo, Visit
from shouwang.clues.photos import Drawn, keep, seal_photo
from shouwang.declarations.allowances import phone_key
from shouwang.declarations.codes import digest_of
from shouwang.declarations.models import Declaration, DeclarationPhoto, DeclarationStep, OneTimeCode
from shouwang.declarations.taking import context_of
from shouwang.defects.models import Defect
from shouwang.elimination.models import Elimination, EliminationStep
from shouwang.exchange.models import Delivery, DeliveryCounty
from shouwang.households.models import Household, Person
from shouwang.jobs.policy import current_pack
from shouwang.jobs.quality import BY_ID
from shouwang.notifications.models import Message
from shouwang.outputs.models import Export
from shouwang.registration.models import RegisterRequest, RegisterRequestStep
from shouwang.sweeps.models import Campaign, CampaignStep, SweepTask

CITY, COUNTY, TOWNSHIP, VILLAGE = "500000000000", "500101000000", "500101001000", "500101001001"
FOREIGN_COUNTY, FOREIGN_TOWNSHIP, FOREIGN_VILLAGE = "500102000000", "500102001000", "500102001001"
AS_OF = date(2021, 6, 17)
RULE = "medical.high_out_of_pocket"


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


def make_case(household: Household) -> Case:
    """A case that waits for the village to collect what it needs."""
    case = Case.objects.create(
        number=f"{household.pk}-J01",
        household=household,
        area_id=household.area_id,
        stage="collection",
        opened_on=AS_OF,
        desk_id=household.area_id,
        arrived_on=AS_OF,
        due_on=AS_OF,
        version=1,
    )
    CaseStep.objects.create(
        case=case, number=1, action="open", at=timezone.now(), on=AS_OF, stage_from="collection", stage_to="collection"
    )
    return case


def make_declaration(
    stage: str = "township", number: str = "1234567890123459", phone: str = "13800000001"
) -> Declaration:
    """A report with a telephone and a photo; on the township's desk unless it still waits for its code, 123456."""
    waits = stage == "unverified"
    made = Declaration.objects.create(
        number=number,
        area_id=VILLAGE,
        stage=stage,
        behalf="myself",
        about="冉光荣",
        reporter="冉光荣",
        place="二组",
        risks=["illness"],
        said="住院花了三万多",
        sealed=settings.HOME.sealer().seal(json.dumps({"phone": phone, "id_number": ""}), context_of(number)),
        phone_key=phone_key(phone),
        received_at=timezone.now(),
        verified_at=None if waits else timezone.now(),
        desk_id=None if waits else TOWNSHIP,
        due_on=None if waits else AS_OF,
        version=1,
        key=number,
    )
    DeclarationStep.objects.create(
        declaration=made, number=1, action="receive", at=timezone.now(), on=AS_OF, stage_from=stage, stage_to=stage
    )
    DeclarationPhoto.objects.create(declaration=made, name=seal_photo(Drawn(b"jpeg", 1, 1)), width=1, height=1, size=4)
    OneTimeCode.objects.create(
        declaration=made, digest=digest_of(made, "123456"), expires_at=timezone.now() + timedelta(minutes=9)
    )
    return made


def standing(case: Case) -> Notice:
    """A notice that hangs today, made once."""
    found = case.notices.filter(kind="publicity").first()
    if found is None:
        step = CaseStep.objects.create(
            case=case,
            number=2,
            action="post_up",
            at=timezone.now(),
            on=AS_OF,
            stage_from="publicity",
            stage_to="publicity",
        )
        today = localdate()
        found = Notice.objects.create(
            case=case, step=step, kind="publicity", text="公示", posted_on=today, stands_until=today, place="公示栏"
        )
    return found


def make_notice(case: Case) -> Notice:
    """A notice of long ago that still hangs."""
    step = case.steps.get(number=1)
    return Notice.objects.create(
        case=case, step=step, kind="announcement", text="公告", posted_on=AS_OF, stands_until=AS_OF, place="公示栏"
    )


def make_elimination(case: Case) -> Elimination:
    """The case's household is not monitored any more, and watched by the village."""
    Case.objects.filter(pk=case.pk).update(
        stage="eliminated",
        monitor_type="marginal",
        risks=["illness"],
        included_on=date(2020, 9, 1),
        eliminated_on=AS_OF,
        elimination_mode="assisted",
        due_on=None,
    )
    ending = Elimination.objects.create(
        number=f"{case.household_id}-X01",
        case=case,
        area_id=case.area_id,
        stage="watch",
        mode="assisted",
        proposed_on=AS_OF,
        eliminated_on=AS_OF,
        watched_until=date(2022, 6, 17),
        desk_id=case.area_id,
        arrived_on=AS_OF,
        due_on=date(2021, 9, 17),
        version=1,
        case_version=case.version,
    )
    EliminationStep.objects.create(
        elimination=ending,
        number=1,
        action="propose",
        at=timezone.now(),
        on=AS_OF,
        stage_from="inspection",
        stage_to="watch",
    )
    return ending


def make_campaign(household: Household, stage: str = "running") -> Campaign:
    """A sweep of the county that goes to one household."""
    made = Campaign.objects.create(
        number=f"PC-{stage}",
        title="秋季集中排查",
        area_id=COUNTY,
        desk_id=COUNTY,
        groups=["single", "lifted"],
        places=[COUNTY],
        starts_on=AS_OF,
        ends_on=date(2099, 1, 1),
        stage=stage,
        version=1,
    )
    CampaignStep.objects.create(
        campaign=made, number=1, action="plan", at=timezone.now(), on=AS_OF, stage_from=stage, stage_to=stage
    )
    if stage == "running":
        SweepTask.objects.create(
            campaign=made, household=household, area_id=household.area_id, reasons="|single|", batch=1
        )
    return made


def bring_to_village(clue: Clue, desk: str = VILLAGE) -> Clue:
    """As if it had been dispatched long ago."""
    Clue.objects.filter(pk=clue.pk).update(stage="village", desk_id=desk, due_on=AS_OF, version=1)
    ClueStep.objects.create(
        clue=clue, number=1, action="dispatch", at=timezone.now(), on=AS_OF, stage_from="township", stage_to="village"
    )
    clue.refresh_from_db()
    return clue


def make_visit(clue: Clue) -> Photo:
    """A visit to a clue that is with the village, with a photo sealed in the home."""
    Clue.objects.filter(pk=clue.pk).update(version=2)
    step = ClueStep.objects.create(
        clue=clue, number=2, action="visit", at=timezone.now(), on=AS_OF, stage_from="village", stage_to="village"
    )
    visit = Visit.objects.create(
        clue=clue, step=step, visited_on=AS_OF, visitors=["张三", "李四"], place="二组", findings="户主住院"
    )
    return keep(visit, Drawn(b"jpeg", 1, 1))


def make_amendment(user: User, area: str, **fields: object) -> Amendment:
    """A proposed monitoring line whose what-if is done: one clue more, one less in a township of each county."""
    amendment = Amendment.objects.create(
        **{
            "pack": "chongqing",
            "parameter": "income.monitoring_line",
            "value": "7000",
            "valid_from": date(2022, 7, 1),
            "document": "关于调整监测范围的通知",
            "document_number": "渝乡振发〔2022〕9号",
            "clause": "第二条",
            "reason": "物价上涨",
            "area_id": area,
            "proposed_by": user,
        }
        | fields
    )
    told = {"before": {"red": 3}, "after": {"red": 3}, "come": {"red": 1}, "go": {"red": 1}, "graver": 2, "lighter": 0}
    places = {TOWNSHIP: told, FOREIGN_TOWNSHIP: told | {"come": {"yellow": 5}, "after": {"red": 3, "yellow": 4}}}
    WhatIf.objects.create(
        amendment=amendment,
        asked_by=user,
        state="done",
        as_of=AS_OF,
        pack_version=current_pack().version,
        result={"levels": ["red", "orange", "yellow"], "set": {}, "places": places},
    )
    return amendment


def make_export(user: User, area: str, **fields: object) -> Export:
    """A request for the household form with identity numbers, which waits for a second person."""
    told = {
        "content": "household_form",
        "as_of": localdate(),
        "identities": True,
        "purpose": "填报",
        "state": "requested",
    }
    return Export.objects.create(area_id=area, requested_by=user, post="万州区", **(told | fields))


def make_message(area: str, permission: str = "dispatch", **fields: object) -> Message:
    """What the office of an area was told today."""
    told = {"kind": "due", "title": "2 条线索今天到期", "link": "/today/", "on": localdate(), "key": "due"}
    return Message.objects.create(area_id=area, permission=permission, **(told | fields))


def make_helped_household() -> SimpleNamespace:
    """An included household, can work, with a plan to draw up, a task of 医保 and a published need."""
    household = make_household("500101001001-0002", VILLAGE, "向桂花", 12)
    case = Case.objects.create(
        number=f"{household.pk}-J01",
        household=household,
        area_id=VILLAGE,
        stage="included",
        monitor_type="unstable",
        risks=["illness"],
        opened_on=AS_OF,
        included_on=AS_OF,
        desk_id=VILLAGE,
    )
    return make_help(case, localdate(), "医保", "")


def make_organisation(registered_by: User) -> User:
    """A registered organisation's account."""
    user = make_user("organisation", COUNTY, "social_force")
    Organisation.objects.create(
        name="爱心协会",
        credit_code="515001010000000001",
        area_id=COUNTY,
        contact="会长",
        account=user,
        registered_by=registered_by,
        registered_on=AS_OF,
    )
    return user


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


def make_defect(household: Household, rule: str = "labour.child_able", **fields: object) -> Defect:
    """A defect of the household's first member as a check leaves it."""
    found = BY_ID[rule]
    person = household.persons.first()
    values = dict.fromkeys(found.columns(), "11") | {"name": person.name if person else ""}
    return Defect.objects.create(
        **{
            "rule": rule,
            "severity": found.severity,
            "household": household,
            "area_id": household.area_id,
            "person_key": person.key if person and found.of == "member" else 0,
            "values": values,
            "delivery": 1,
            "line": 2,
            "found_on": AS_OF,
        }
        | fields
    )


def make_register_request(household: Household, **fields: object) -> RegisterRequest:
    """A correction that waits for the township."""
    person = household.persons.first()
    line = (
        {"key": person.key, "name": person.name, "changes": {"labour": ["普通劳动力", "技能劳动力"]}} if person else {}
    )
    request = RegisterRequest.objects.create(
        **{
            "number": f"{household.pk}-G01",
            "household": household,
            "area_id": household.area_id,
            "kind": "correction",
            "stage": "register_township",
            "proposed_on": AS_OF,
            "happened_on": AS_OF,
            "reason": "看过培训证书",
            "lines": [line] if line else [],
            "desk_id": TOWNSHIP,
            "arrived_on": AS_OF,
            "due_on": AS_OF,
            "version": 1,
        }
        | fields
    )
    RegisterRequestStep.objects.create(
        request=request, number=1, action="propose", at=timezone.now(), on=AS_OF, stage_from="register_township",
        stage_to="register_township",
    )  # fmt: skip
    return request
