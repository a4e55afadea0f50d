"""改正: quarantined rows mended in the browser, sent again through the ordinary ingest, told row by row."""

import html
import io
import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from small_city import CITY, COUNTY, FOREIGN_COUNTY

from conftest_numbers import number
from runtime_role import emptied
from shouwang.audit.models import Entry
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import deliveries
from shouwang.exchange.models import Delivery, Upload
from shouwang.exchange.spool import spool_folder
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.uploads import read_upload
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym

MEDICAL = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付"
Desk = Callable[[str], Client]


def wrong_number(serial: int) -> str:
    """A number with a wrong check character."""
    right = number(serial)
    return right[:17] + ("1" if right[17] != "1" else "2")


def delivered(home: Home, area: str, lines: list[str]) -> Delivery:
    content = "\n".join([MEDICAL, *lines]).encode() + b"\n"
    report = ingest_file(home, "medical_settlement", io.BytesIO(content), date(2021, 6, 30), name="结算.csv")
    load_deliveries(home)
    Delivery.objects.filter(pk=report.number).update(area_id=area)
    return Delivery.objects.get(pk=report.number)


@pytest.fixture
def held(home: Home, city: object) -> Delivery:
    """Lines 2 to 4 wait: a day that does not exist, a wrong number, and columns that contradict each other."""
    emptied(Delivery.objects.all())
    return delivered(
        home,
        COUNTY,
        [
            f"S1,{number(1)},向小山,2021-13-01,住院,300.00,200.00,,,100.00",
            f"S2,{wrong_number(2)},覃小河,2021-05-02,住院,300.00,200.00,,,100.00",
            f"S3,{number(3)},冉大田,2021-05-03,住院,999.00,200.00,,,100.00",
        ],
    )


def form_of(client: Client, delivery: Delivery) -> dict[str, str]:
    """The form as the browser would send it untouched."""
    page = client.get(reverse("mend", args=[delivery.number])).content.decode()
    inputs = re.findall(r'name="([cv]-[^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in inputs}


def send(client: Client, delivery: Delivery, form: dict[str, str]) -> str:
    """Sends it, lets the worker read what waits, and gives what the page that follows says."""
    answer = client.post(reverse("mend", args=[delivery.number]), form)
    said = client.get(answer["Location"]).content.decode()
    for upload in Upload.objects.filter(state=Upload.State.WAITING):
        read_upload.func(upload.pk)
    return said


def page_of(client: Client, delivery: int) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", client.get(reverse("delivery", args=[delivery])).content.decode())


def test_reasons_stand_beside_their_cells_and_numbers_are_masked(held: Delivery, at_desk: Desk) -> None:
    page = at_desk("county").get(reverse("mend", args=[held.number])).content.decode()
    assert f"{number(1)[:6]}********{number(1)[-4:]}" in page
    for planted in (number(1), wrong_number(2), number(3)):
        assert planted not in page
    cell = page[page.index('id="c-2-3"') :][:900]
    assert "2021-13-01" in cell
    assert "日期读不懂" in cell
    assert "校验" in page[page.index('id="c-3-1"') :][:900]
    assert "几栏之间对不上" in page
    assert Entry.objects.filter(action="quarantine_viewed", subject=held.label).exists()


def test_a_reason_finds_its_cell_under_the_name_that_the_file_has_for_it(
    home: Home, held: Delivery, at_desk: Desk
) -> None:
    row = f"S9,{wrong_number(2)},覃小河,2021-05-02,住院,300.00,200.00,,,100.00"
    content = f"{MEDICAL.replace('证件号码', '公民身份号码')}\n{row}\n".encode()
    report = ingest_file(home, "medical_settlement", io.BytesIO(content), date(2021, 6, 30), name="另一份.csv")
    load_deliveries(home)
    Delivery.objects.filter(pk=report.number).update(area_id=COUNTY)
    page = at_desk("county").get(reverse("mend", args=[report.number])).content.decode()
    cell = page[page.index('id="c-2-1"') :][:300]
    assert "证件号码校验不符" in cell
    assert wrong_number(2) not in page


def test_mended_rows_are_accepted_and_the_rest_wait_with_new_reasons(home: Home, held: Delivery, at_desk: Desk) -> None:
    client, before = at_desk("county"), (home.deliveries / f"{held.label}.json").read_bytes()
    form = form_of(client, held)
    form |= {"c-2-3": "2021-05-01", "c-3-1": wrong_number(7), "c-4-5": "300.00"}
    assert "已提交 3 行" in send(client, held, form)
    report = deliveries(home)[-1]
    assert (report.read, report.accepted, report.quarantined) == (3, 2, 1)
    assert report.mended == {held.label: (2, 4)}
    told = page_of(client, report.number)
    assert re.search(rf"{held.label} 第 2 行 第 2 行 已接收", told)
    assert re.search(rf"{held.label} 第 3 行 第 3 行 仍待改正 证件号码：证件号码校验不符", told)
    old = page_of(client, held.number)
    assert "2 行已改正，1 行还在等" in old
    assert (home.deliveries / f"{held.label}.json").read_bytes() == before
    left = form_of(client, held)
    assert {name for name in left if name.startswith("v-")} == {"v-3"}
    assert left["c-3-1"].endswith(wrong_number(7)[-4:])
    assert "已改正" in old
    assert "已提交 1 行" in send(client, held, left | {"c-3-1": number(2)})
    assert deliveries(home)[-1].accepted == 1
    assert "没有等待改正的行" in client.get(reverse("mend", args=[held.number])).content.decode()
    actions = Entry.objects.filter(action="quarantine_mended").values_list("subject", "actor")
    assert list(actions) == [(held.label, "county")] * 2


def test_an_untouched_masked_cell_keeps_what_lies_sealed(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("county")
    send(client, held, form_of(client, held) | {"c-2-3": "2021-05-01"})
    with Lake(home, None) as lake:
        people = lake.run(lake.versions("medical_settlement", ("person",))).fetchall()
    assert people == [(pseudonym(home.keys(), number(1)),)]


def test_a_masked_cell_is_left_alone_or_written_whole(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("county")
    form = form_of(client, held)
    said = send(client, held, form | {"c-3-1": form["c-3-1"][:-1] + "5", "c-2-3": "2021-05-01"})
    assert "第3行未提交：“证件号码”有遮盖的字符" in said
    assert deliveries(home)[-1].mended == {held.label: (2,)}


def test_nothing_changed_is_not_sent_unless_ticked(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("county")
    assert "没有改动" in send(client, held, form_of(client, held))
    assert len(deliveries(home)) == 1
    assert "已提交 1 行" in send(client, held, form_of(client, held) | {"again-3": "1"})
    assert deliveries(home)[-1].quarantined == 1


def test_the_same_form_three_times_is_one_delivery(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("county")
    form = form_of(client, held) | {"c-2-3": "2021-05-01"}
    url = reverse("mend", args=[held.number])
    assert client.post(url, form)["Location"] == client.post(url, form)["Location"]
    assert Upload.objects.filter(file__contains=held.label).count() == 1
    assert "第2行已经改正" not in send(client, held, form)
    assert "第2行已经改正" in send(client, held, form)
    assert len(deliveries(home)) == 2
    assert Entry.objects.filter(action="quarantine_mended").count() == 1


def test_who_mends_what_somebody_else_just_mended_is_told(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("county")
    form = form_of(client, held)
    send(client, held, form | {"c-2-3": "2031-01-01"})
    assert "刚有人改正过" in send(client, held, form | {"c-2-3": "2021-05-01"})
    assert len(deliveries(home)) == 2


def test_the_mended_spreadsheet_does_the_same(home: Home, held: Delivery, at_desk: Desk) -> None:
    client = at_desk("department")
    send(client, held, form_of(client, held) | {"c-2-3": "2021-05-01", "c-3-1": wrong_number(7)})
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("quarantine-download", args=[held.number])).content))
    sheet = book.active
    names = [cell.value for cell in sheet[1]]
    lines = {row[1].value: row for row in sheet.iter_rows(min_row=2)}
    assert sorted(lines) == ["3", "4"]
    assert lines["3"][names.index("证件号码")].value == wrong_number(7)
    lines["3"][names.index("证件号码")].value = number(2)
    content = io.BytesIO()
    book.save(content)
    file = SimpleUploadedFile("改好.xlsx", content.getvalue())
    client.post(
        reverse("upload"), {"source": "medical_settlement", "received_on": "2021-07-01", "file": file}, follow=True
    )
    read_upload.func(Upload.objects.latest("pk").pk)
    assert "2 行已改正，1 行还在等" in page_of(client, held.number)
    assert "仍待改正" in page_of(client, deliveries(home)[-1].number)


def test_a_file_of_another_county_mends_nothing_here(home: Home, held: Delivery, at_desk: Desk) -> None:
    row = f"{held.label},2,S1,{number(1)},向小山,2021-05-01,住院,300.00,200.00,,,100.00"
    content = f"原交付,原行号,{MEDICAL}\n{row}\n".encode()
    report = ingest_file(home, "medical_settlement", io.BytesIO(content), date(2021, 7, 1), name="他县.csv")
    load_deliveries(home)
    client = at_desk("county")
    for area, left in ((FOREIGN_COUNTY, {"v-2", "v-3", "v-4"}), (CITY, {"v-3", "v-4"}), (COUNTY, {"v-3", "v-4"})):
        Delivery.objects.filter(pk=report.number).update(area_id=area)
        assert {name for name in form_of(client, held) if name.startswith("v-")} == left


def test_the_city_mends_what_came_by_the_command_line(home: Home, held: Delivery, at_desk: Desk) -> None:
    Delivery.objects.filter(pk=held.number).update(area_id=None)
    client = at_desk("city")
    send(client, held, form_of(client, held) | {"c-2-3": "2021-05-01", "c-3-1": wrong_number(7)})
    assert Delivery.objects.get(pk=held.number + 1).area_id == CITY
    assert {name for name in form_of(client, held) if name.startswith("v-")} == {"v-3", "v-4"}
    told = page_of(client, held.number + 1)
    assert "第 2 行 已接收" in told
    assert "仍待改正" in told


@pytest.mark.parametrize(("who", "status"), [("foreign", 404), ("other_department", 404), ("township", 404)])
def test_others_neither_see_nor_send(home: Home, held: Delivery, at_desk: Desk, who: str, status: int) -> None:
    client, url = at_desk(who), reverse("mend", args=[held.number])
    assert client.get(url).status_code == status
    assert client.post(url, {"v-2": f"{held.label}.2", "c-2-3": "2021-05-01"}).status_code == status
    assert len(deliveries(home)) == 1


def test_no_identity_number_lies_in_clear_after_mending(
    home: Home, held: Delivery, at_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    client = at_desk("county")
    form = form_of(client, held) | {"c-2-3": "2021-05-01", "c-3-1": number(2)}
    client.post(reverse("mend", args=[held.number]), form)
    planted = [each.encode() for each in (number(1), number(2), wrong_number(2), number(3))]

    def in_clear() -> list[str]:
        files = [path for root in (home.path, elsewhere) for path in root.rglob("*") if path.is_file()]
        assert files
        return [path.name for path in files if any(each in path.read_bytes() for each in planted)]

    assert [path.suffix for path in spool_folder().iterdir()] == [".sealed"]
    assert in_clear() == []
    read_upload.func(Upload.objects.latest("pk").pk)
    assert deliveries(home)[-1].accepted == 2
    assert in_clear() == []
    assert list(spool_folder().iterdir()) == []
    (elsewhere / "planted").write_bytes(planted[0])
    assert in_clear() == ["planted"]
