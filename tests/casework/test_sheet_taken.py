"""A sheet of agreed changes is taken out as it was delivered: agreed by a second person, marked, once, and on record."""

import io
from collections.abc import Mapping

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate
from openpyxl import load_workbook
from register_office import Kind, Office, key_of

from conftest_numbers import number
from shouwang.audit.models import Entry
from shouwang.deliveries.ingest import ingest_file
from shouwang.jobs.outputs import make_export
from shouwang.kernel import china_time
from shouwang.outputs.models import Export
from shouwang.registration import deciding as doing
from shouwang.registration.models import AmendmentSheet
from shouwang.registration.sheets import rows_of, sheets_visible_to
from shouwang.sources.contract import contract
from signed_in import sign_in

COUNTY, FOREIGN = "500101000000", "500102000000"


@pytest.fixture
def sheet(office: Office) -> AmendmentSheet:
    """One death and one correction, delivered."""
    for request in (
        office.propose(Kind.DEATH, members=(key_of("覃小河"),)),
        office.propose(Kind.CORRECTION, members=(key_of("冉二田"),), correct=("labour", "技能劳动力")),
    ):
        doing.agree(request.number, office.order("township"), "同意")
    office.deliver()
    return AmendmentSheet.objects.get()


def asked(office: Office, who: str = "county", **more: str) -> Client:
    client = sign_in(Client(), office.people[who])
    form = {
        "content": "amendment_sheet",
        "subject": "1",
        "area": COUNTY,
        "as_of": str(localdate()),
        "purpose": "报国家系统",
        "key": "k",
    }
    client.told = client.post("/outputs/", form | more)  # type: ignore[attr-defined]
    return client


def sheets(content: bytes) -> Mapping[str, list[list[str]]]:
    book = load_workbook(io.BytesIO(content))
    return {
        page.title: [[str(cell or "") for cell in row] for row in page.iter_rows(values_only=True)] for page in book
    }


def test_it_is_what_was_delivered_marked_and_taken_once(office: Office, sheet: AmendmentSheet) -> None:
    county = asked(office)
    asked(office)
    export = Export.objects.get()
    assert (export.state, export.identities, export.rows, export.subject) == ("requested", True, 2, "1")
    assert county.post(f"/outputs/{export.pk}/file/").status_code == 302
    sign_in(Client(), office.people["city"]).post(f"/outputs/{export.pk}/decide/", {"step": "approve", "key": "d"})
    make_export.call(export.pk)
    content = b"".join(county.post(f"/outputs/{export.pk}/file/").streaming_content)  # type: ignore[attr-defined]
    found = sheets(content)
    assert list(found) == ["农户名册", "人口变动"]
    for source, title in (("household_register", "农户名册"), ("vital_event", "人口变动")):
        heads = [column.header for column in contract(source).columns]
        assert found[title] == [heads, *[[row[head] for head in heads] for row in rows_of(sheet)[source]]]
    assert number(3) in found["农户名册"][1]
    assert number(2) in found["人口变动"][1]
    assert load_workbook(io.BytesIO(content)).properties.title == export.number
    assert county.post(f"/outputs/{export.pk}/file/").status_code == 302
    wanted = ["export_requested", "export_approved", "export_taken"]
    entries = Entry.objects.filter(action__startswith="export_").order_by("sequence")
    assert [each.action for each in entries] == wanted
    assert not Entry.objects.filter(detail__contains=number(3)).exists()
    register = io.BytesIO(content)
    report = ingest_file(settings.HOME, "household_register", register, china_time.today(), name="again.xlsx")
    assert (report.read, report.duplicate) == (1, 1)


def test_who_may_not_take_it_does_not_get_it(office: Office, sheet: AmendmentSheet) -> None:
    for who in ("township", "village", "department"):
        assert asked(office, who).told.status_code in (403, 404), who  # type: ignore[attr-defined]
        assert not sheets_visible_to(office.people[who]).exists()
    asked(office, area=FOREIGN)
    for more in ({"subject": "2"}, {"subject": "一"}, {"subject": ""}, {"purpose": ""}):
        asked(office, **more)
    assert not Export.objects.exists()


def test_the_page_lists_sheets_to_whoever_exports(office: Office, sheet: AmendmentSheet) -> None:
    def page(who: str) -> str:
        return sign_in(Client(), office.people[who]).get("/register-requests/?group=done").content.decode()

    assert "申请下载" in page("county")
    assert "申请下载" not in page("township")
    assert number(3) not in page("county")
