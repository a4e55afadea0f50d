"""Every form of the site is sent three times, as an impatient finger or a bad network does: it is one record.

Built from the table of addresses: a form that nobody thought of fails the suite.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate
from PIL import Image
from small_city import (
    AS_OF,
    CITY,
    COUNTY,
    TOWNSHIP,
    VILLAGE,
    make_clue,
    make_elimination,
    make_household,
    make_notice,
    standing,
)

from addresses import ADDRESSES
from help_rows import filled_in
from shouwang.assistance.models import Plan
from shouwang.cases.models import Case
from shouwang.clues.models import Clue, ClueStep, SavedView
from shouwang.declarations.models import Declaration
from shouwang.policy.pack import load_pack
from shouwang.web.reporting import ticket_of

# Signing in and out, and what belongs to one's own account: no records but the user's own state.
OWN_STATE = {
    "login",
    "login-code",
    "language",
    "logout",
    "password",
    "second-factor",
    "second-factor-remove",
    "recovery-codes",
    "sessions-end",
    "households",  # looks a number up and keeps nothing
}
# Forms whose own tests send them three times.
ELSEWHERE = {
    "users-sheet": "tests/accounts/test_account_sheet.py",
    "review-row": "tests/web/test_review_pages.py",
    "parameter": "tests/web/test_policy_pages.py",
    "mend": "tests/web/test_mending_pages.py",
    "outputs": "tests/web/test_outputs.py",
    "elimination-propose": "tests/web/test_elimination_pages.py",
    "register-sheet": "tests/casework/test_register_requests.py",
}
# What may grow by the sending itself: the audit notes every request, a session keeps what is ticked.
NOISE = {"audit.Entry", "audit.Head", "sessions.Session"}
TODAY = localdate()
# What a village collects of a household without income.
COLLECTED = {
    "consented_on": TODAY.isoformat(),
    "consented_by": "冉光荣",
    "members": "2",
    "nothing-else": "1",
    "monitor_type": "unstable",
    "main_risk": "illness",
    "reason": "户主住院",
}
PROOF = {"taken_on": "2021-06-17", "place": "公示栏", "key": "k"}
FOLLOWED = {
    "visited_on": TODAY.isoformat(),
    "visitors": "张三",
    "situation": "worse",
    "findings": "又住院",
    "new_risk": "accident",
    "key": "k",
}
# What a cadre finds in a home, item by item of the checklist.
LOOKED_AT = {
    "key": "k",
    "visited_on": TODAY.isoformat(),
    **{f"answer-{item.id}": "well" for item in load_pack().checklist.items},
    "answer-water": "trouble",
    "note-water": "水管断了",
}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Form:
    """Who sends what where; `leaves` says whether a record is left behind at all."""

    who: str
    url: str
    fields: Callable[[], dict[str, Any]]
    leaves: bool = True


@cache
def _asked_of_tables() -> dict[str, str]:
    """A question of all rows for each table; passwords are drawn anew and times move on."""
    return {
        model._meta.label: f"SELECT {', '.join(named)} FROM {connection.ops.quote_name(model._meta.db_table)}"
        for model in apps.get_models()
        if model._meta.label not in NOISE and model._meta.managed
        and (
            named := [
                connection.ops.quote_name(field.column)
                for field in model._meta.concrete_fields
                if field.name not in ("password", "session_epoch", "last_login")
            ]
        )
    }  # fmt: skip


def records() -> dict[str, list[str]]:
    """Everything that is in the database, row by row."""
    found = {}
    with connection.cursor() as cursor:
        for label, question in _asked_of_tables().items():
            cursor.execute(question)
            found[label] = sorted(map(str, cursor.fetchall()))
    return found


def picture() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", stream.getvalue(), "image/jpeg")


def settlements() -> SimpleUploadedFile:
    return SimpleUploadedFile("结算.csv", "结算单号,证件号码\nS1,x\n".encode(), "text/csv")


def at(clue: Clue, stage: str, desk: str) -> Clue:
    Clue.objects.filter(pk=clue.pk).update(stage=stage, desk_id=desk)
    clue.refresh_from_db()
    return clue


def decidable(case: Case) -> str:
    """The case as it is picked at the township, after its notice has stood."""
    standing(case)
    Case.objects.filter(pk=case.pk).update(stage="township_audit", desk_id=TOWNSHIP, version=2)
    return f"2:{case.number}"


def submitted(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    told = {"conclusion": "confirm", "reason": "属实", "seen": city.clue.version, "key": "before"}
    assert at_desk("village").post(f"/clues/{city.clue.number}/finding/", told).status_code == 302
    city.clue.refresh_from_db()
    assert city.clue.stage == "township_review"


def refused(city: SimpleNamespace) -> Declaration:
    """The report as if two of the township had closed it."""
    Declaration.objects.filter(pk=city.declaration.pk).update(stage="closed", closed_reason="不是农户的困难")
    found: Declaration = city.declaration
    return found


def form_of(name: str, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> Form:
    """A form as its page would send it, after whatever has to be there before."""
    clue, account, post = city.clue, city.account, city.post
    once = {"key": "drawn when the form was shown", "seen": clue.version}
    opening = {"duty": "township", "area_code": TOWNSHIP, "starts_on": TODAY.isoformat()}
    end, move = f"end{post.pk}-", f"move{post.pk}-"

    def plain(who: str, url: str, leaves: bool = True, **fields: Any) -> Form:
        return Form(who, url, lambda: dict(fields), leaves)

    def visit() -> dict[str, Any]:
        told = {"visited_on": TODAY.isoformat(), "visitors": "张三、李四", "place": "二组", "findings": "住院"}
        return told | once | {"photos": [picture()]}

    if name in ("clues-pick", "clues-dispatch"):
        mine = at(make_clue(make_household("H-9", VILLAGE, "向明", 21), 21, opened_on=AS_OF), "county", COUNTY)
        ClueStep.objects.create(
            clue=mine, number=1, action="arrive", at="2021-06-17T00:00Z", on=AS_OF, stage_from="new", stage_to="county"
        )
        Clue.objects.filter(pk=mine.pk).update(version=1)
        told = {"what": "keep", "shown": str(mine.pk), "pick": [mine.pk]}
        if name == "clues-pick":
            return plain("county", "/clues/picked/", leaves=False, **told)
        city.ticked = told
        return plain("county", "/clues/dispatch/", level="3", key="k")
    if name == "clues-help-first":
        Clue.objects.filter(pk=clue.pk).update(risk_type="accident")
        return plain("township", "/clues/help-first/", number=clue.number, reason="车祸", key="k")
    if name == "board-objection":
        url = f"/board/{VILLAGE}/objection/{standing(city.case).pk}/"
        return plain("postless", url, text="家里有车", contact="二组", key="k")
    if name == "cases-decide":
        return plain("township", "/cases/decide/", pick=decidable(city.case), key="k")
    if name == "plans-decide":
        Plan.objects.filter(pk=city.help.plan.pk).update(stage="plan_audit", desk_id=TOWNSHIP)
        return plain("township", "/plans/decide/", pick=f"{city.help.plan.version}:{city.help.plan.number}", key="k")
    if name == "register-request-new":
        told = {
            "kind": "correction",
            "field": "health",
            "value": "健康",
            "happened_on": "2021-06-01",
            "reason": "体检结果",
        }
        spare = make_household("NEW-1", VILLAGE, "田秋菊", 77)
        return plain("village", f"/households/{spare.pk}/register-request/", key="k", **told, **{"m-77": "1"})
    if name == "clue-review":
        submitted(city, at_desk)
        return plain(
            "township", f"/clues/{clue.number}/review/", action="agree", reason="同意", key="k", seen=city.clue.version
        )
    if name == "plan-draft":
        page = at_desk("village").get(f"/plans/{city.help.plan.number}/draft/")
        city.drafted = filled_in(page) | {"key": "k"}
    if name == "view-drop":
        view = SavedView.objects.create(user=city.users["county"], name="旧的")
        return plain("county", f"/views/{view.pk}/drop/")
    if name == "elimination-move":
        ending = make_elimination(city.case)
        told = {"action": "relapse", "main_risk": "illness", "reason": "户主住院", "key": "k", "seen": "1"}
        return plain("village", f"/eliminations/{ending.number}/move/", **told)
    person = city.household.persons.get()
    notice = make_notice(city.case)
    forms = {
        "user-new": plain("county", "/users/new/", username="xinren", display_name="新人", **opening),
        "user-password": plain("county", f"/users/{account.pk}/password/"),
        "user-second-factor": plain("county", f"/users/{account.pk}/second-factor/", leaves=False),
        "user-sessions": plain("county", f"/users/{account.pk}/sessions/", leaves=False),
        "post-give": plain(
            "county", f"/users/{account.pk}/posts/", duty="department", area_code=COUNTY, department="水利", **{
                "starts_on": TODAY.isoformat()
            }
        ),
        "post-end": plain(
            "county", f"/users/{account.pk}/posts/{post.pk}/end/", **{
                end + "last_day": (TODAY + timedelta(days=9)).isoformat()
            }
        ),
        "post-move": plain(
            "county", f"/users/{account.pk}/posts/{post.pk}/move/", **{
                move + "area_code": city.second_township, move + "from_day": (TODAY + timedelta(days=9)).isoformat()
            }
        ),
        "clue-rules": plain("county", "/clues/rules/", area=COUNTY, level="red", risk_type="", to_level="3"),
        "view-keep": plain("county", "/views/", name="红色", query="level=red"),
        "clue-move": plain(
            "township", f"/clues/{clue.number}/move/", action="reassign", to=city.second_village, reason="迁居", **once
        ),
        "clue-visit": Form("village", f"/clues/{clue.number}/visit/", visit),
        "clue-finding": plain(
            "village", f"/clues/{clue.number}/finding/", conclusion="confirm", reason="属实", **once
        ),
        "case-collect": Form(
            "village",
            f"/cases/{city.case.number}/collect/",
            lambda: COLLECTED | {"key": "k", "seen": "1", "photos": [picture()]},
        ),
        "notice-proof": Form("village", f"/notices/{notice.pk}/proof/", lambda: PROOF | {"photos": [picture()]}),
        "publicity": plain("village", "/publicity/", area=VILLAGE, phone="58000000", place="村委会"),
        "notice-down": plain("village", f"/notices/{notice.pk}/down/"),
        "case-move": plain(
            "township", f"/cases/{city.case.number}/move/", action="help_first", reason="房屋倒塌", key="k", seen="1"
        ),
        "report": Form(
            "postless",
            f"/report/{VILLAGE}/",
            lambda: {"who": "anonymous", "risk": "illness", "about": "冉光荣", "key": "drawn with the form"},
        ),
        "report-code": plain("postless", f"/report/code/{ticket_of(city.unverified)}/", code="123456"),
        "report-state": plain(
            "postless", "/report/state/", leaves=False, number=city.declaration.number, digits="0001"
        ),
        "report-appeal": plain(
            "postless", "/report/appeal/", number=refused(city).number, digits="0001", text="不同意"
        ) if name == "report-appeal" else plain("postless", "/report/appeal/"),
        "declaration": plain("township", f"/declarations/{city.declaration.number}/", leaves=False, reason="核对"),
        "declaration-move": plain(
            "township", f"/declarations/{city.declaration.number}/move/", action="link", household=city.household.pk,
            risk="illness", insider="yes", key="k", seen="1"
        ),
        "declaration-new": plain(
            "township", "/declarations/new/", place=VILLAGE, way="paper", behalf="myself", reporter="冉光荣", risk="illness",
            heard_on=TODAY.isoformat(), key="k",
        ),
        "household-report": plain(
            "village", f"/households/{city.household.pk}/report/", how="call", risk="unsafe_water", said="断水三天",
            heard_on=TODAY.isoformat(), key="k",
        ),
        "plan-draft": Form("village", f"/plans/{city.help.plan.number}/draft/", lambda: city.drafted),
        "plan-move": plain(
            "village", f"/plans/{city.help.plan.number}/move/", action="begin", measure="3", day=TODAY.isoformat(), key="k"
        ),
        "follow-up": Form("village", f"/plans/{city.help.plan.number}/visit/", lambda: FOLLOWED | {"photos": [picture()]}),
        "contacts": plain(
            "township", "/contacts/", case=[city.help.plan.case_id], kind="monitoring_contact", name="张明", unit="镇政府",
            phone="13900000000", key="k",
        ),
        "contact-phone": plain("township", f"/contacts/{city.help.contact.pk}/phone/", leaves=False, reason="约定走访"),
        "task-move": plain(
            "department", f"/tasks/{city.help.task.number}/move/", action="accept_task", key="k", seen="0"
        ),
        "need-move": plain(
            "organisation", f"/needs/{city.help.need.number}/move/", action="pledge", reason="捐一辆轮椅", key="k", seen="0"
        ),
        "organisations": plain(
            "county", "/organisations/", name="蓝天志愿队", credit_code="51500101000000009X", contact="队长", username="lantian"
        ),
        "sweep-new": plain(
            "county", "/sweeps/new/", title="秋季排查", group="single", starts_on=TODAY.isoformat(),
            ends_on=TODAY.isoformat(), key="k",
        ),
        "sweep-move": plain(
            "county", f"/sweeps/{city.campaign.number}/move/", action="close", reason="另行组织", key="k", seen="1"
        ),
        "sweep-task": plain("village", f"/sweeps/households/{city.campaign.tasks.get().pk}/", **LOOKED_AT),
        "household-facts": plain(
            "village", f"/households/{city.household.pk}/record/", farmland="3.5", source="入户查看", key="k"
        ),
        "register-request-move": plain(
            "township", f"/register-requests/{city.request.number}/move/", action="agree", reason="属实", key="k", seen="1"
        ),
        "unmask": plain("county", f"/persons/{person.pk}/unmask/", leaves=False, what="nothing", reason="入户前联系"),
        "upload": Form(
            "county",
            "/uploads/new/",
            lambda: {"source": "medical_settlement", "received_on": "2021-06-01", "file": settlements()},
        ),
        "amendment-whatif": plain("county", f"/policy/amendments/{city.amendment.pk}/whatif/"),
        "amendment-step": plain(
            "county", f"/policy/amendments/{city.amendment.pk}/step/", step="withdraw", reason="已有新文件", key="k"
        ),
        "output-decide": plain("city", f"/outputs/{city.export.pk}/decide/", step="decline", opinion="用途不清", key="k"),
        "output-take": plain("county", f"/outputs/{city.export.pk}/file/", leaves=False),
        "channels": plain("county", "/channels/", title="我的", address="wecombot://BOTKEY0123", area=""),
        "messages-read": plain("county", "/messages/read/", last=str(city.message.pk)),
        "screenings": plain("county", "/screenings/", as_of="2021-06-17"),
    }  # fmt: skip
    return forms[name]


TRIED = sorted(
    name for name, address in ADDRESSES.items() if address.sending and name not in OWN_STATE and name not in ELSEWHERE
)


@pytest.fixture
def wider(city: SimpleNamespace) -> SimpleNamespace:
    """One more township and village, where posts and clues may go."""
    from shouwang.areas.models import Area

    city.second_township, city.second_village = "500101002000", "500101001002"
    Area.objects.create(code="500101002000", name="太白街道", level=3, parent_id=COUNTY, scope="500101002")
    Area.objects.create(code="500101001002", name="王家坡社区", level=4, parent_id=TOWNSHIP, scope="500101001002")
    assert Area.objects.get(pk=CITY).level == 1
    return city


@pytest.mark.parametrize("name", TRIED)
def test_a_form_sent_three_times_is_one_record(
    name: str, wider: SimpleNamespace, at_desk: Callable[[str], Client], home: object
) -> None:
    form = form_of(name, wider, at_desk)
    client = at_desk(form.who)
    if hasattr(wider, "ticked"):
        client.post("/clues/picked/", wider.ticked)
    before = records()
    first = client.post(form.url, form.fields())
    assert first.status_code in (200, 302), first.content.decode()[:2000]
    once = records()
    if name != "user-password":  # its record is the password itself
        assert (once != before) == form.leaves
    for _ in range(2):
        client.post(form.url, form.fields())
    assert records() == once


def test_a_form_that_makes_a_record_each_time_would_be_seen(wider: SimpleNamespace) -> None:
    before = records()
    make_household("H-planted", VILLAGE, "向明", 99)
    once = records()
    assert once != before
    Clue.objects.filter(pk=wider.clue.pk).update(due_on=date(2022, 1, 1))
    assert records() != once


def test_forms_that_are_tried_elsewhere_are_tried_there() -> None:
    for name, place in ELSEWHERE.items():
        assert ADDRESSES[name].sending
        text = (ROOT / place).read_text(encoding="utf-8")
        assert re.search(r"def test_\w*three_times", text), place
