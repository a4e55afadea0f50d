"""Uploading a file and starting a screening over the pages."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate

from conftest_numbers import number
from shouwang.clues.models import ScreeningRun
from shouwang.exchange.models import Upload
from shouwang.exchange.spool import spool_folder
from shouwang.jobs import uploads
from shouwang.jobs.uploads import read_upload
from shouwang.kernel.home import Home

HEADER = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付\n"


def send(client: Client, content: str = HEADER, **changes: object) -> object:
    file = SimpleUploadedFile("结算.csv", content.encode())
    data = {"source": "medical_settlement", "received_on": "2021-06-01", "file": file}
    return client.post("/uploads/new/", {k: v for k, v in (data | changes).items() if v is not None})


def test_a_file_is_taken_and_refused_in_words(
    home: Home, city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    client = at_desk("county")
    response = send(client, "这不是,一份结算文件\n1,2\n")
    upload = Upload.objects.latest("pk")
    assert response["Location"] == f"/uploads/{upload.pk}/"
    waiting = client.get(response["Location"]).content.decode()
    assert 'data-follow="' in waiting
    assert "http-equiv" in waiting
    read_upload.func(upload.pk)
    refused = client.get(response["Location"]).content.decode()
    assert "这份文件没有接收" in refused
    assert "data-follow" not in refused
    assert list(spool_folder().iterdir()) == []


def test_a_file_that_takes_too_long_is_given_up_and_nothing_of_it_is_kept(
    home: Home, city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = at_desk("county")
    row = f"S1,{number(1)},向小山,2021-05-01,住院,300.00,200.00,,,100.00\n"
    response = send(client, HEADER + row)
    monkeypatch.setattr(uploads, "LONGEST_READING", timedelta(0))
    before = sorted(home.lake.rglob("*"))
    read_upload.func(Upload.objects.latest("pk").pk)
    assert "还没有读完" in client.get(response["Location"]).content.decode()
    assert sorted(home.lake.rglob("*")) == before
    assert list(spool_folder().iterdir()) == []
    monkeypatch.undo()
    send(client, HEADER + row)
    read_upload.func(Upload.objects.latest("pk").pk)
    assert Upload.objects.latest("pk").state == Upload.State.DONE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": None}, "还没有选择文件"),
        ({"source": ""}, "请选择文件的来源"),
        ({"source": "no_such"}, "不能上传这个来源"),
        ({"received_on": "2021-13-01"}, "请写成 2024-03-05"),
        ({"received_on": (localdate() + timedelta(days=1)).isoformat()}, "收到日期不能晚于今天"),
        ({"file": SimpleUploadedFile("空.csv", b"")}, "空的"),
    ],
)
def test_a_wrong_form_says_what_to_do(
    changes: dict, said: str, home: Home, city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    before = Upload.objects.count()
    response = send(at_desk("county"), **changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Upload.objects.count() == before


def test_a_department_offers_only_its_own_sources(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("department").get("/uploads/new/").content.decode()
    assert "医保结算明细" in page
    assert "农户名册" not in page
    assert send(at_desk("department"), source="household_register").status_code == 422


@pytest.mark.parametrize("who", ["township", "village", "postless"])
def test_others_do_not_upload(who: str, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    assert at_desk(who).get("/uploads/new/").status_code == 403
    assert send(at_desk(who)).status_code == 403


def test_a_screening_is_asked_for_once(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("county")
    for _ in range(2):
        response = client.post("/screenings/", {"as_of": "2021-06-17"})
    run = ScreeningRun.objects.get(state=ScreeningRun.State.WAITING)
    assert response["Location"] == f"/screenings/{run.pk}/"
    assert "data-follow" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "请填写截至日期"),
        ("2021-02-30", "请写成"),
        ("2999-01-01", "不能晚于今天"),
        ("0001-01-01", "自2020-01-01起才有数值"),
    ],
)
def test_a_screening_needs_a_day(day: str, said: str, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    response = at_desk("county").post("/screenings/", {"as_of": day})
    assert response.status_code == 422
    assert said in response.content.decode()


@pytest.mark.parametrize("who", ["township", "village", "department", "postless"])
def test_others_start_no_screening(who: str, city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    assert at_desk(who).post("/screenings/", {"as_of": "2021-06-17"}).status_code == 403
