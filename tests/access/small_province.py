"""Two counties down to their villages, somebody of every duty at every desk, and something to see in each village."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localdate

from help_rows import make_help
from shouwang.accounts.models import Post, User
from shouwang.amendments.models import Amendment, WhatIf
from shouwang.areas.models import Area
from shouwang.assistance.models import Organisation
from shouwang.cases.models import Case, CasePhoto, CaseStep, Notice, Proof
from shouwang.cases.photos import keep_all
from shouwang.clues.models import Clue, ClueStep, Photo, SavedView, ScreeningRun, Visit
from shouwang.clues.photos import Drawn, keep, seal_photo
from shouwang.declarations.models import Declaration, DeclarationPhoto, DeclarationStep
from shouwang.declarations.taking import context_of
from shouwang.defects.models import Defect
from shouwang.elimination.models import Elimination
from shouwang.exchange.models import Delivery, DeliveryCounty, Upload
from shouwang.households.models import Household, Person
from shouwang.notifications.models import Message
from shouwang.outputs.models import Export
from shouwang.registration.models import RegisterRequest
from shouwang.sweeps.models import Campaign, SweepTask
from shouwang.web.reporting import ticket_of
from waiting_rows import put_in_review

CITY = "500000000000"
COUNTY, OTHER_COUNTY = "500101000000", "500102000000"
TOWNSHIP, SIBLING_TOWNSHIP, OTHER_TOWNSHIP = "500101001000", "500101002000", "500102001000"
VILLAGE, SIBLING_VILLAGE = "500101001001", "500101001002"
NEXT_VILLAGE, OTHER_VILLAGE = "500101002001", "500102001001"
VILLAGES = (VILLAGE, SIBLING_VILLAGE, NEXT_VILLAGE, OTHER_VILLAGE)
PLACES = (CITY, COUNTY, OTHER_COUNTY, TOWNSHIP, SIBLING_TOWNSHIP, OTHER_TOWNSHIP, *VILLAGES)
OWNER = "医保"
DAY = date(2021, 6, 17)

# Who sits at the desk: duty, area, department. The name is what a failing test says.
PEOPLE: dict[str, tuple[str, str, str]] = {
    "city": ("city", CITY, ""),
    "county": ("county", COUNTY, ""),
    "township": ("township", TOWNSHIP, ""),
    "village": ("village", VILLAGE, ""),
    "department": ("department", COUNTY, OWNER),
    "city_department": ("department", CITY, OWNER),
    "another_department": ("department", COUNTY, "水利"),
    "enumerator": ("enumerator", VILLAGE, ""),
    "township_enumerator": ("enumerator", TOWNSHIP, ""),
    "grid_worker": ("grid_worker", VILLAGE, ""),
    "resident_team": ("resident_team", VILLAGE, ""),
    "organisation": ("social_force", COUNTY, ""),
    "system_admin": ("system_admin", CITY, ""),
    "security_admin": ("security_admin", COUNTY, ""),
    "city_security_admin": ("security_admin", CITY, ""),
    "auditor": ("auditor", COUNTY, ""),
    "postless": ("", "", ""),
}
# Whose accounts are managed, or not: beside those above, people of other places.
OTHERS: dict[str, tuple[str, str, str]] = {
    "other_city": ("city", CITY, ""),
    "sibling_county": ("county", OTHER_COUNTY, ""),
    "sibling_township": ("township", SIBLING_TOWNSHIP, ""),
    "other_township": ("township", OTHER_TOWNSHIP, ""),
    "sibling_village": ("village", SIBLING_VILLAGE, ""),
    "next_village": ("village", NEXT_VILLAGE, ""),
    "other_village": ("village", OTHER_VILLAGE, ""),
    "other_grid_worker": ("grid_worker", OTHER_VILLAGE, ""),
    "other_organisation": ("social_force", OTHER_COUNTY, ""),
    "other_department": ("department", OTHER_COUNTY, OWNER),
    "other_auditor": ("auditor", OTHER_COUNTY, ""),
}


@dataclass(frozen=True)
class Thing:
    """Something that an address names: its arguments, where it lies, and words that only it is known by."""

    about: str
    args: list[Any]
    area: str
    marks: tuple[str, ...] = ()
    owner: str = ""
    duty: str = ""
    held_by: str = ""


@dataclass
class Province:
    """Everybody by name, and everything by what it is."""

    users: dict[str, User] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)

    def about(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.about == kind]


def make_areas() -> None:
    for code in PLACES:
        level = 1 if code == CITY else 4 if code in VILLAGES else 2 if code.endswith("000000") else 3
        parent = {1: None, 2: CITY, 3: code[:6] + "000000", 4: code[:9] + "000"}[level]
        scope = code[: {1: 2, 2: 6, 3: 9, 4: 12}[level]]
        Area.objects.create(code=code, name=f"地方{code[2:]}", level=level, parent_id=parent, scope=scope)


def make_province() -> Province:
    made = Province()
    make_areas()
    for name, (duty, area, department) in {**PEOPLE, **OTHERS}.items():
        _make_person(made, name, duty, area, department)
    for place, village in enumerate(VILLAGES):
        _make_household(made, village, f"{'冉向田彭'[place]}光荣{place}")
        name = f"laijian-{village}"
        put_in_review(settings.HOME, 10 + place, name, village, {int(village): "姓名同音；同村"})
        made.things.append(Thing("waiting_row", [10 + place, 2], village, (name,)))
    for number, county in enumerate((COUNTY, OTHER_COUNTY), start=1):
        _make_file(made, number, county, OWNER)
    _make_file(made, 3, OTHER_COUNTY, "水利")
    for name, user in made.users.items():
        view = SavedView.objects.create(user=user, name=f"shitu-{name}.")
        made.things.append(Thing("view", [view.pk], CITY, (view.name,), held_by=name))
    for name in ("county", "village", "auditor", "postless", "sibling_county"):
        made.things.append(_make_message(name, made.users[name]))
    for name, area in (("county", COUNTY), ("sibling_county", OTHER_COUNTY)):
        made.things.append(_make_export(name, made.users[name], area))
    run = ScreeningRun.objects.create(as_of=DAY, known_at=DAY, pack_version="2021.1+abc", households=4)
    made.things += [Thing("run", [run.pk], CITY), Thing("rule", ["medical.high_out_of_pocket"], CITY)]
    made.things += [Thing("parameter", ["income.monitoring_line"], CITY)]
    for name, area in (("other_city", CITY), ("county", COUNTY), ("sibling_county", OTHER_COUNTY)):
        _make_amendment(made, name, area)
    made.things += [Thing("area", [code], code) for code in PLACES]
    return made


def _make_person(made: Province, name: str, duty: str, area: str, department: str) -> None:
    user = User.objects.create(username=f"zhanghao.{name}.", display_name=f"某人{name}", password="!")
    made.users[name] = user
    if not duty:
        return
    post = Post.objects.create(user=user, area_id=area, duty=duty, department=department, starts_on=date(2020, 1, 1))
    marks = (user.username,)
    if duty == "social_force":
        Organisation.objects.create(
            name=f"zuzhi-{name}.", credit_code=f"51500101{area[:6]}0000"[:18], area_id=area, contact="会长", account=user,
            registered_by=user, registered_on=DAY,
        )  # fmt: skip
    made.things.append(Thing("account", [user.pk], area, marks, department, duty, name))
    made.things.append(Thing("post", [user.pk, post.pk], area, marks, department, duty, name))


def _make_export(name: str, user: User, area: str) -> Thing:
    """A request for the household form with identity numbers, which waits for a second person."""
    purpose = f"yongtu-{name}."
    export = Export.objects.create(
        content="household_form", area_id=area, as_of=DAY, identities=True, purpose=purpose, requested_by=user, post="区县",
        state="requested",
    )  # fmt: skip
    return Thing("export", [export.pk], area, (purpose,), held_by=name)


def _make_message(name: str, user: User) -> Thing:
    """What only one person is told, or the colleagues of one desk; the mark stands in its title."""
    post = user.posts.first()
    title = f"xiaoxi-{name}."
    told = {"kind": "task", "title": title, "on": timezone.localdate(), "key": name}
    if post is None or post.duty not in ("city", "county", "township"):
        return Thing("message", [Message.objects.create(user=user, **told).pk], CITY, (title,), held_by=name)
    message = Message.objects.create(area=post.area, permission="dispatch", **told)
    return Thing("message", [message.pk], post.area_id, (title,), held_by=name, duty=post.duty)


def _make_amendment(made: Province, name: str, area: str) -> None:
    """A proposed value with what it would change in a township of each county."""
    amendment = Amendment.objects.create(
        pack="chongqing",
        parameter="income.monitoring_line",
        value="7000",
        valid_from=DAY,
        document=f"yiju-{name}.",
        clause="第二条",
        reason="物价上涨",
        area_id=area,
        proposed_by=made.users[name],
    )
    side = {"before": {"red": 1}, "after": {"red": 2}, "come": {"red": 1}, "go": {}, "graver": 0, "lighter": 0}
    result = {"levels": ["red"], "set": {}, "places": dict.fromkeys((TOWNSHIP, OTHER_TOWNSHIP), side)}
    WhatIf.objects.create(
        amendment=amendment, asked_by=made.users[name], state="done", as_of=DAY, pack_version="x", result=result
    )
    made.things.append(Thing("amendment", [amendment.pk], area, (amendment.document,)))


def _make_household(made: Province, village: str, head: str) -> None:
    number = f"HU-{village}"
    household = Household.objects.create(
        household_no=number,
        area_id=village,
        household_type="一般农户",
        head_name=head,
        member_count=1,
        received_on=date(2021, 1, 5),
        delivery=1,
        line=2,
    )
    clue = Clue.objects.create(
        number=f"{number}-01",
        household=household,
        area_id=village,
        risk_type="illness",
        level="red",
        opened_on=date(2021, 5, 1),
        last_seen_on=DAY,
        rules=["medical.high_out_of_pocket"],
        reasons="个人自付医疗费偏高",
        evidence={},
        owners=f"|{OWNER}|",
        stage="village",
        desk_id=village,
        due_on=DAY,
    )
    person = Person.objects.create(
        key=int(village), household=household, name=f"某人{village}", id_masked="500101********0000", sealed=b"",
        relation="户主", delivery=1, line=2, received_on=DAY,
    )  # fmt: skip
    made.things.append(Thing("person", [person.pk], village))
    asked = RegisterRequest.objects.create(
        number=f"{number}-G01", household=household, area_id=village, kind="correction", stage="register_township",
        proposed_on=DAY, happened_on=DAY, reason="户口簿", desk_id=village[:9] + "000", due_on=DAY,
    )  # fmt: skip
    made.things.append(Thing("register_request", [asked.number], village, (asked.number,)))
    Defect.objects.create(
        rule="household.head", severity=1, household=household, area_id=village, delivery=1, line=2, found_on=DAY,
        values={"members": "1", "heads": "0"},
    )  # fmt: skip
    photo = _make_visit(clue, village)
    case = Case.objects.create(
        number=f"{number}-J01", household=household, area_id=village, stage="collection", opened_on=DAY, desk_id=village
    )
    made.things.append(Thing("case", [case.number], village, (case.number,)))
    notice, case_photo = _make_notice(case)
    made.things.append(Thing("notice", [notice.pk], village))
    made.things.append(Thing("case_paper", [case.number, "statement"], village))
    made.things.append(Thing("standing_notice", [village, _make_standing(case).pk], village))
    made.things.append(Thing("case_photo", [case_photo.name], village, (case_photo.name,)))
    given = make_help(case, DAY, OWNER, f"bang-{village}.")
    made.things.append(Thing("plan", [given.plan.number], village, (given.measures[2].title,)))
    made.things.append(Thing("task", [given.task.number], village, (given.measures[0].title,), OWNER))
    made.things.append(Thing("need", [given.need.number], village, (given.need.text,)))
    made.things.append(Thing("contact", [given.contact.pk], village, (given.contact.name,)))
    made.things.append(Thing("help_photo", [given.photo.name], village, (given.photo.name,)))
    ending = Elimination.objects.create(
        number=f"{number}-X01",
        case=case,
        area_id=village,
        desk_id=village,
        stage="deliberation",
        mode="assisted",
        proposed_on=DAY,
    )
    made.things.append(Thing("elimination", [ending.number], village, (ending.number,)))
    made.things.append(Thing("photo", [photo.name], village, (photo.name,)))
    _make_declaration(made, village)
    _make_sweep(made, household)
    made.things.append(Thing("household", [number], village, (number, head), OWNER))
    made.things.append(Thing("clue", [clue.number], village, (number, head), OWNER))


def _make_declaration(made: Province, village: str) -> None:
    """A report that its village has to match to a household, with a photo; the ticket of the browser that sent it."""
    about, number = f"shenbao-{village}.", village.rjust(16, "9")
    declared = Declaration.objects.create(
        number=number,
        area_id=village,
        stage="village",
        behalf="myself",
        about=about,
        reporter=about,
        risks=["illness"],
        said="住院",
        sealed=settings.HOME.sealer().seal(json.dumps({"phone": "", "id_number": ""}), context_of(number)),
        received_at=timezone.now(),
        desk_id=village,
        due_on=DAY,
        version=1,
        key=number,
    )
    DeclarationStep.objects.create(
        declaration=declared,
        number=1,
        action="pass_down",
        at=timezone.now(),
        on=DAY,
        stage_from="township",
        stage_to="village",
    )
    photo = DeclarationPhoto.objects.create(
        declaration=declared, name=seal_photo(Drawn(b"jpeg", 1, 1)), width=1, height=1, size=4
    )
    made.things.append(Thing("declaration", [number], village, (number, about)))
    made.things.append(Thing("declaration_photo", [photo.name], village, (photo.name,)))
    made.things.append(Thing("poster_village", [village], village))
    made.things.append(Thing("ticket", [ticket_of(declared)], village))
    made.things.append(Thing("receipt", [ticket_of(declared)], village))


def _make_standing(case: Case) -> Notice:
    """A notice that hangs today."""
    step = CaseStep.objects.create(
        case=case, number=2, action="post_up", at=timezone.now(), on=DAY, stage_from="publicity", stage_to="publicity"
    )
    Case.objects.filter(pk=case.pk).update(version=2)
    today = localdate()
    return Notice.objects.create(
        case=case, step=step, kind="publicity", text="公示", posted_on=today, stands_until=today, place="公示栏"
    )


def _make_notice(case: Case) -> tuple[Notice, CasePhoto]:
    """A notice of long ago with a photo of it, sealed in the home."""
    step = CaseStep.objects.create(
        case=case, number=1, action="post_up", at=timezone.now(), on=DAY, stage_from="publicity", stage_to="publicity"
    )
    Case.objects.filter(pk=case.pk).update(version=1)
    notice = Notice.objects.create(
        case=case, step=step, kind="publicity", text="公示", posted_on=DAY, stands_until=DAY, place="公示栏"
    )
    proof = Proof.objects.create(notice=notice, taken_on=DAY, place="公示栏", by=User.objects.all()[0])
    keep_all([Drawn(b"jpeg", 1, 1)], case, proof=proof)
    return notice, CasePhoto.objects.get(proof=proof)


def _make_sweep(made: Province, household: Household) -> None:
    """A running sweep of one village with its household."""
    village = household.area_id
    campaign = Campaign.objects.create(
        number=f"PC{village}",
        title=f"paicha-{village}.",
        area_id=village,
        desk_id=village,
        groups=["all"],
        places=[village],
        starts_on=DAY,
        ends_on=date(2099, 1, 1),
        stage="running",
    )
    task = SweepTask.objects.create(campaign=campaign, household=household, area_id=village, reasons="|all|", batch=1)
    made.things.append(Thing("sweep", [campaign.number], village, (campaign.number, campaign.title)))
    made.things.append(Thing("sweep_task", [task.pk], village))


def _make_visit(clue: Clue, village: str) -> Photo:
    """A clue that was visited, with a photo that lies sealed in the home."""
    step = ClueStep.objects.create(
        clue=clue, number=1, action="visit", at=timezone.now(), on=DAY, stage_from="village", stage_to="village"
    )
    Clue.objects.filter(pk=clue.pk).update(version=1)
    visit = Visit.objects.create(clue=clue, step=step, visited_on=DAY, place=f"院坝{village}", findings="住院")
    return keep(visit, Drawn(b"jpeg", 1, 1))


def _make_file(made: Province, number: int, county: str, owner: str) -> None:
    name = f"wenjian-{number}-{county}.csv"
    delivery = Delivery.objects.create(
        number=number,
        source="medical_settlement",
        source_title="医保结算明细",
        owner=owner,
        file=name,
        received_on=DAY,
        ingested_at=timezone.now(),
        read=5,
        accepted=3,
        duplicate=0,
        quarantined=2,
        area_id=county,
        report={"quarantined_by_reason": {"bad_date": 2}, "sha256": "ab" * 32},
    )
    DeliveryCounty.objects.create(delivery=delivery, area_id=county, rows=3)
    sender = made.users["county" if county == COUNTY else "sibling_county"]
    upload = Upload.objects.create(
        source="medical_settlement",
        file=f"shangchuan-{name}",
        received_on=DAY,
        user=sender,
        area_id=county,
        state=Upload.State.REFUSED,
        message="缺少必需的列",
    )
    made.things.append(Thing("delivery", [number], county, (name,), owner))
    made.things.append(Thing("quarantine", [number], county, (name, f"held-rows-{number}"), owner))
    made.things.append(Thing("upload", [upload.pk], county, (f"shangchuan-{name}",), "office"))
