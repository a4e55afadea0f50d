"""What leaves the house: asked for, agreed by a second person where it holds numbers, marked, taken once, gone."""

import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished
from django.db import IntegrityError, close_old_connections, transaction
from django.test import Client
from django.utils.timezone import localdate, now
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook
from small_city import (
    CITY,
    COUNTY,
    FOREIGN_COUNTY,
    TOWNSHIP,
    VILLAGE,
    make_clue,
    make_household,
    make_user,
)

from conftest_numbers import number
from runtime_role import emptied
from shouwang.accounts.models import User
from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.cases.models import Case
from shouwang.exchange.spool import SealedWriter
from shouwang.households.models import Person
from shouwang.jobs import outputs as making
from shouwang.jobs.outputs import limits, make_export, resume
from shouwang.kernel.home import Home
from shouwang.notifications.reading import messages_for
from shouwang.outputs import files
from shouwang.outputs.files import export_files, tidy
from shouwang.outputs.flow import WAYS, Step
from shouwang.outputs.household_form import HOUSEHOLD, PERSON
from shouwang.outputs.models import Export, State
from shouwang.outputs.requesting import Wish, ask_for, decide
from shouwang.outputs.told import Delivered
from shouwang.proceedings.steps import NotOpen, Overtaken
from signed_in import sign_in

TODAY = localdate()
NUMBER, PHONE = number(7), "13800138000"
Desk = Callable[[str], Client]


def made_at_once(export: Export) -> None:
    if export.state == State.APPROVED:
        make_export.call(export.pk)


@pytest.fixture(autouse=True)
def monitored(city: SimpleNamespace, home: Home, monkeypatch: pytest.MonkeyPatch) -> Case:
    """One household under monitoring, its head's numbers sealed; exports are made in the moment."""
    monkeypatch.setattr("shouwang.web.outputs.begin", made_at_once)
    emptied(Export.objects.all())
    sealed = home.sealer().seal(f'{{"id": "{NUMBER}", "phone": "{PHONE}", "address": "二组"}}', "person:11")
    Person.objects.filter(key=11).update(sealed=sealed, id_masked=f"{NUMBER[:6]}********{NUMBER[-4:]}", name="=冉光荣")
    Case.objects.exclude(pk=city.case.pk).update(stage="refused")
    Case.objects.filter(pk=city.case.pk).update(
        stage="included", included_on=date(2021, 7, 2), monitor_type="marginal", risks=["illness", "schooling"]
    )
    return Case.objects.get(pk=city.case.pk)


def asked(client: Client, content: str = "household_form", area: str = COUNTY, **more: str) -> Export:
    fields = {"content": content, "area": area, "as_of": TODAY.isoformat(), "purpose": "", "key": "k"} | more
    response = client.post("/outputs/", fields)
    assert response.status_code == 302, response.content.decode()[:3000]
    return Export.objects.latest("pk")


def with_numbers(at_desk: Desk, key: str = "k") -> Export:
    return asked(at_desk("county"), identities="on", purpose="报送国家系统", key=key)


def agreed(at_desk: Desk, export: Export, step: str = "approve") -> Export:
    at_desk("city").post(f"/outputs/{export.pk}/decide/", {"step": step, "opinion": "同意", "key": "d"})
    export.refresh_from_db()
    return export


def content_of(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def shut(response: Any) -> None:
    """As the server does at the end, and the connection stays: it is within the transaction of the test."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def sheets(content: bytes) -> dict[str, list[list[str]]]:
    book = load_workbook(io.BytesIO(content))
    return {
        sheet.title: [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
    }


def test_the_form_comes_out_ready_to_upload(at_desk: Desk) -> None:
    export = asked(at_desk("county"))
    assert export.state == "ready"
    found = sheets(content_of(at_desk("county").post(f"/outputs/{export.pk}/file/")))
    assert list(found) == ["说明", "监测对象信息表", "家庭成员信息表", "数据来源"]
    heads, row = found["监测对象信息表"]
    told = dict(zip(heads, row, strict=True))
    assert heads == [each.head for each in HOUSEHOLD]
    assert told["识别时间"] == "202107"
    assert (told["监测对象类型"], told["致贫返贫风险1"], told["致贫返贫风险2"]) == ("边缘易致贫户", "因病", "因学")
    assert (told["区县"], told["风险是否已消除"], told["整户无劳动能力"]) == ("万州区", "否", "否")
    member = dict(zip(*found["家庭成员信息表"], strict=True))
    assert list(member) == [each.head for each in PERSON]
    assert (member["与户主关系"], member["健康状况"], member["出生日期"]) == ("户主", "患有大病", "19700304")


def test_no_cell_is_a_formula(at_desk: Desk) -> None:
    export = asked(at_desk("county"))
    book = load_workbook(io.BytesIO(content_of(at_desk("county").post(f"/outputs/{export.pk}/file/"))))
    cell = book["家庭成员信息表"]["B2"]
    assert (cell.value, cell.data_type) == ("=冉光荣", "s")


def test_without_consent_numbers_stay_masked(at_desk: Desk) -> None:
    export = asked(at_desk("county"))
    with zipfile.ZipFile(io.BytesIO(content_of(at_desk("county").post(f"/outputs/{export.pk}/file/")))) as packed:
        text = b"".join(packed.read(name) for name in packed.namelist()).decode(errors="replace")
    assert f"{NUMBER[:6]}********{NUMBER[-4:]}" in text
    for secret in (NUMBER, PHONE, "二组"):
        assert secret not in text


def test_with_numbers_a_second_person_agrees_and_it_is_taken_once(city: SimpleNamespace, at_desk: Desk) -> None:
    export = with_numbers(at_desk)
    assert export.state == "requested"
    county, cityoffice = at_desk("county"), at_desk("city")
    assert "file" not in str(export_files())
    assert county.post(f"/outputs/{export.pk}/file/").status_code == 302
    assert any("等待审批" in each.title for each in messages_for(city.users["city"], TODAY))
    assert export.number in cityoffice.get("/outputs/").content.decode()
    agreed(at_desk, export)
    assert (export.state, str(export.decided_by)) == ("ready", "city")
    assert any("可以下载" in each.title for each in messages_for(city.users["county"], TODAY))
    assert cityoffice.post(f"/outputs/{export.pk}/file/").status_code == 302
    [file] = export_files()
    assert NUMBER.encode() not in file.read_bytes()
    response = county.post(f"/outputs/{export.pk}/file/")
    assert response["Content-Disposition"] == f'attachment; filename="{export.number}.xlsx"'
    found = sheets(content_of(response))
    shut(response)
    assert dict(zip(*found["家庭成员信息表"], strict=True))["证件号码"] == NUMBER
    assert dict(zip(*found["监测对象信息表"], strict=True))["联系电话"] == PHONE
    assert export_files() == []
    assert county.post(f"/outputs/{export.pk}/file/").status_code == 302
    done = list(
        Entry.objects.filter(action__startswith="export_").order_by("sequence").values_list("action", flat=True)
    )
    assert done == ["export_requested", "export_approved", "export_taken"]
    assert not Entry.objects.filter(detail__contains=NUMBER).exists()


def test_every_sheet_is_marked(at_desk: Desk) -> None:
    export = asked(at_desk("county"))
    content = content_of(at_desk("county").post(f"/outputs/{export.pk}/file/"))
    book = load_workbook(io.BytesIO(content))
    assert (book.properties.title, book.properties.creator) == (export.number, "county")
    for sheet in book:
        assert export.number in sheet.oddHeader.center.text
        assert "county" in sheet.oddHeader.center.text
        assert "万州区" in sheet.oddHeader.center.text
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for place in (1, 2, 3, 4):
            assert b"<picture " in packed.read(f"xl/worksheets/sheet{place}.xml")


def test_a_register_is_printed_with_its_mark(at_desk: Desk) -> None:
    for who, content, area in (("village", "case_register", VILLAGE), ("township", "clue_register", TOWNSHIP)):
        export = asked(at_desk(who), content, area, key=content)
        assert (export.state, export.problem) == ("ready", "")
        response = at_desk(who).post(f"/outputs/{export.pk}/file/")
        assert response["Content-Type"] == "application/pdf"
        assert content_of(response).startswith(b"%PDF")


def test_the_mark_of_a_register_stands_on_its_pages(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from shouwang.outputs import registers

    handed: list[dict] = []
    monkeypatch.setattr(registers, "pdf", lambda template, data: handed.append(data) or b"%PDF")
    export = asked(at_desk("county"), "case_register")
    [data] = handed
    assert data["mark"].startswith(export.number)
    assert data["stamp"] == f"{export.number}  county"
    assert data["rows"][0][2:8] == ["500101001001-0001", "冉光荣", "1", "边缘易致贫户", "因病", "2021-07"]
    assert data["rows"][0][1] == "高笋塘街道 东方广场社区居民委员会"


@pytest.mark.parametrize(
    ("who", "content", "area", "allowed"),
    [
        ("city", "household_form", CITY, True),
        ("county", "household_form", TOWNSHIP, True),
        ("county", "household_form", FOREIGN_COUNTY, False),
        ("county", "household_form", CITY, False),
        ("township", "household_form", TOWNSHIP, False),
        ("township", "case_register", TOWNSHIP, True),
        ("township", "case_register", COUNTY, False),
        ("village", "clue_register", VILLAGE, True),
        ("department", "case_register", COUNTY, False),
    ],
)
def test_who_takes_out_what(who: str, content: str, area: str, allowed: bool, at_desk: Desk) -> None:
    fields = {"content": content, "area": area, "as_of": TODAY.isoformat(), "key": "k"}
    response = at_desk(who).post("/outputs/", fields)
    assert (response.status_code == 302) is allowed
    assert Export.objects.exists() is allowed


# Who decides on a request of the county office, and of a colleague in the city: written down once more.
DECIDERS = {"city": True, "colleague": True, "county": False, "township": False, "foreign": False, "department": False}


@pytest.mark.parametrize("who", DECIDERS)
@pytest.mark.parametrize("state", State.values)
def test_every_step_by_everybody_in_every_state(who: str, state: str, city: SimpleNamespace, home: Home) -> None:
    people = city.users | {"colleague": make_user("colleague", COUNTY, "county")}
    export = Export.objects.create(
        content="household_form", area_id=COUNTY, as_of=TODAY, purpose="报送", requested_by=people["county"],
        post="万州区", state=state, identities=state in ("requested", "withdrawn"), file="none.sealed",
        ready_until=now() + timedelta(hours=1),
    )  # fmt: skip
    for step, way in WAYS.items():
        own = step in (Step.WITHDRAW, Step.TAKE)
        expected = (
            state == {"approve": "requested", "decline": "requested", "withdraw": "requested", "take": "ready"}[step]
        )
        expected = expected and (who == "county" if own else DECIDERS[who])
        with transaction.atomic():
            try:
                if step == Step.TAKE:
                    writer = SealedWriter(files.export_folder() / f"{step}-{who}.sealed", home.sealer())
                    writer.finish()
                    Export.objects.filter(pk=export.pk).update(file=writer.path.name)
                    files.take(export.pk, acting_user=people[who])
                else:
                    decide(export.pk, step, acting_user=people[who], opinion="理由")
                took = True
            except (NotOpen, Overtaken, Export.DoesNotExist):
                took = False
            transaction.set_rollback(True)
        assert took is expected, (who, state, step, way)


def test_nobody_agrees_to_their_own(city: SimpleNamespace, at_desk: Desk) -> None:
    export = with_numbers(at_desk)
    page = at_desk("county").post(f"/outputs/{export.pk}/decide/", {"step": "approve", "key": "x"}, follow=True)
    assert "不能审批自己的申请" in page.content.decode()
    export.refresh_from_db()
    assert export.state == "requested"
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(state="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(decided_by=city.users["county"])


def test_declining_says_why(at_desk: Desk) -> None:
    export = with_numbers(at_desk)
    here = f"/outputs/{export.pk}/decide/"
    assert "请填写审批意见" in at_desk("city").post(here, {"step": "decline", "key": "1"}, follow=True).content.decode()
    at_desk("city").post(here, {"step": "decline", "opinion": "用途不清", "key": "2"})
    export.refresh_from_db()
    assert (export.state, export.opinion) == ("declined", "用途不清")
    assert Entry.objects.filter(action="export_declined").count() == 1
    assert "用途不清" in at_desk("county").get(f"/outputs/{export.pk}/").content.decode()


def test_a_request_sent_three_times_is_one(at_desk: Desk) -> None:
    for _ in range(3):
        with_numbers(at_desk)
    assert Export.objects.count() == 1
    with_numbers(at_desk, key="another")
    assert Export.objects.count() == 2


def test_a_link_expires_and_its_file_is_removed(at_desk: Desk) -> None:
    export = agreed(at_desk, with_numbers(at_desk))
    assert timedelta(minutes=59) < export.ready_until - now() <= timedelta(minutes=60)
    Export.objects.filter(pk=export.pk).update(ready_until=now())
    page = at_desk("county").post(f"/outputs/{export.pk}/file/", follow=True).content.decode()
    assert "不能下载" in page
    assert "已过期" in page
    assert len(export_files()) == 1
    assert [tidy(), tidy()] == [1, 0]
    for path in export_files():
        os.utime(path, (0, 0))
    tidy()
    assert export_files() == []
    export.refresh_from_db()
    assert export.state == "expired"
    assert Entry.objects.filter(action="export_expired").count() == 1


def test_a_file_that_is_still_being_written_stays(home: Home) -> None:
    path = files.export_folder() / "new.sealed"
    path.write_bytes(b"x")
    tidy()
    assert path.exists()


def test_too_many_rows_and_too_many_times(
    city: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, at_desk: Desk
) -> None:
    make_clue(make_household("H-2", VILLAGE, "向明", 21), 21)
    client = at_desk("county")
    small = SimpleNamespace(**{**limits(TODAY).__dict__, "most_rows": 1})
    monkeypatch.setattr("shouwang.web.outputs.limits", lambda on: small)
    fields = {"content": "clue_register", "area": COUNTY, "as_of": TODAY.isoformat(), "key": "1"}
    assert "一次最多导出 1 条，现有 2 条" in client.post("/outputs/", fields, follow=True).content.decode()
    few = SimpleNamespace(**{**limits(TODAY).__dict__, "a_day": 2})
    monkeypatch.setattr("shouwang.web.outputs.limits", lambda on: few)
    for key in ("2", "3"):
        client.post("/outputs/", fields | {"key": key})
    assert "达到上限" in client.post("/outputs/", fields | {"key": "4"}, follow=True).content.decode()
    assert Export.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"as_of": (TODAY + timedelta(days=1)).isoformat()}, "还没有到"),
        ({"as_of": "昨天"}, "截至日期"),
        ({"content": "everything"}, "内容"),
        ({"identities": "on"}, "请填写用途"),
        ({"as_of": "2021-01-01"}, "没有可以导出的内容"),
    ],
)
def test_nonsense_is_refused_in_words(more: dict[str, str], said: str, at_desk: Desk) -> None:
    fields = {"content": "household_form", "area": COUNTY, "as_of": TODAY.isoformat(), "key": "k"} | more
    assert said in at_desk("county").post("/outputs/", fields, follow=True).content.decode()
    assert not Export.objects.exists()


def test_as_of_a_day(at_desk: Desk, monitored: Case) -> None:
    Person.objects.create(
        key=21, household_id=monitored.household_id, name="冉小二", id_masked="", sealed=b"", relation="之子",
        delivery=1, line=3, received_on=date(2021, 8, 1), left_on=date(2021, 10, 1), left_kind="死亡",
    )  # fmt: skip
    Case.objects.filter(pk=monitored.pk).update(
        stage="eliminated", eliminated_on=date(2022, 3, 5), elimination_mode="assisted"
    )
    for day, members, over in (("2021-07-15", 1, "否"), ("2021-09-01", 2, "否"), ("2022-04-01", 1, "是")):
        export = asked(at_desk("county"), key=day, as_of=day)
        found = sheets(content_of(at_desk("county").post(f"/outputs/{export.pk}/file/")))
        told = dict(zip(*found["监测对象信息表"], strict=True))
        assert len(found["家庭成员信息表"]) == members + 1
        assert (told["风险是否已消除"], told["家庭人口数"]) == (over, str(members))
        assert told["风险消除时间"] == ("202203" if over == "是" else "")


def test_who_lost_the_post_meanwhile_gets_nothing(city: SimpleNamespace, at_desk: Desk) -> None:
    export = with_numbers(at_desk)
    city.users["county"].posts.update(ends_on=TODAY - timedelta(days=1))
    agreed(at_desk, export)
    assert export.state == "broken"
    assert "不能导出" in export.problem
    assert export_files() == []
    assert Entry.objects.filter(action="export_broken").count() == 1


def test_killed_while_making_it_is_made_again(
    city: SimpleNamespace, at_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwang.web.outputs.begin", making.begin)
    export = asked(at_desk("county"))
    assert export.state == "approved"
    assert "正在生成" in at_desk("county").get(f"/outputs/{export.pk}/").content.decode()
    DBTaskResult.objects.all().delete()
    resume()
    assert [each.args_kwargs["args"] for each in DBTaskResult.objects.all()] == [[export.pk]]
    for _ in range(3):
        make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.state, len(export_files())) == ("ready", 1)


def test_nothing_of_it_lies_on_the_disk_in_clear(at_desk: Desk) -> None:
    agreed(at_desk, with_numbers(at_desk))
    for path in settings.HOME.path.rglob("*"):
        if path.is_file() and path.suffix == ".sealed":
            assert NUMBER.encode() not in path.read_bytes()
            assert not path.read_bytes().startswith(b"PK")


def test_the_county_does_not_see_what_others_asked_for(city: SimpleNamespace, at_desk: Desk) -> None:
    export = with_numbers(at_desk)
    for who in ("foreign", "township", "village"):
        assert at_desk(who).get(f"/outputs/{export.pk}/").status_code == 404
        assert at_desk(who).post(f"/outputs/{export.pk}/decide/", {"step": "approve"}).status_code == 404
    assert at_desk("department").get("/outputs/").status_code == 403


def test_queries_do_not_grow_with_the_households(city: SimpleNamespace, at_desk: Desk, home: Home) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from shouwang.outputs.household_form import homes
    from shouwang.outputs.reading import monitored as all_monitored

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            found = list(homes(all_monitored(Area.objects.get(pk=COUNTY), TODAY), TODAY, False, Delivered()))
        assert found
        return len(captured)

    few = queries()
    for place in range(30):
        household = make_household(f"H-{place}", VILLAGE, "向明", 100 + place)
        Case.objects.create(
            number=f"H-{place}-J01", household=household, area_id=VILLAGE, stage="included", opened_on=TODAY,
            included_on=TODAY, monitor_type="marginal",
        )  # fmt: skip
    assert queries() <= few


def test_asking_takes_the_users_own_words_masked(city: SimpleNamespace, home: Home) -> None:
    user: User = city.users["county"]
    wish = Wish("household_form", Area.objects.get(pk=COUNTY), TODAY, True, f"核对 {NUMBER}")
    assert NUMBER not in ask_for(wish, limits(TODAY), acting_user=user).purpose
    assert sign_in(Client(), user).get("/outputs/").status_code == 200
