"""Accounts by spreadsheet: the template, a report for each line, and lines that are carried out whole or not at all."""

import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate
from small_offices import COUNTY, OTHER_VILLAGE, SIBLING_VILLAGE, TOWNSHIP, VILLAGE

from shouwang.accounts.models import Post, User
from shouwang.jobs import account_sheet
from shouwang.kernel.home import Home
from signed_in import sign_in

MakeUser = Callable[..., User]
TODAY = localdate()
HEAD = ["操作", "用户名", "姓名", "岗位", "区划代码", "部门", "任职起", "任职止"]


@pytest.fixture
def desk(make_user: MakeUser, home: Home) -> Client:
    return sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))


def sheet_of(*rows: list[object]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in [HEAD, *rows]:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return SimpleUploadedFile("账号.xlsx", made.getvalue())


def send(desk: Client, *rows: list[object]) -> list[account_sheet.LineReport]:
    response = desk.post("/users/sheet/", {"file": sheet_of(*rows)})
    assert response.status_code == 200, response.content.decode()
    return response.context["lines"]


def test_the_template_comes_back_filled_in(desk: Client) -> None:
    answer = desk.get("/users/sheet/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book["账号"]
    assert [cell.value for cell in sheet[1]] == HEAD
    codes = [row[0].value for row in book["可用区划代码"].iter_rows(min_row=2)]
    assert codes == [TOWNSHIP, VILLAGE, SIBLING_VILLAGE]
    choices = {str(each.sqref).split(":")[0]: each.formula1 for each in sheet.data_validations.dataValidation}
    assert choices["D2"] == '"村（社区）,调查员,网格员,驻村工作队"'
    for place, value in enumerate(["新增", "cun1", "冉一", "网格员", VILLAGE], start=1):
        sheet.cell(2, place, value)
    filled = io.BytesIO()
    book.save(filled)
    lines = desk.post("/users/sheet/", {"file": SimpleUploadedFile("a.xlsx", filled.getvalue())}).context["lines"]
    assert [line.outcome for line in lines] == ["done"]


def test_each_line_is_done_or_says_why_not(desk: Client, make_user: MakeUser) -> None:
    make_user("elsewhere", OTHER_VILLAGE, "village")
    lines = send(
        desk,
        ["新增", "cun1", "冉一", "村（社区）", VILLAGE, "", "2024-03-05", ""],
        ["", "cun2", "冉二", "grid_worker", SIBLING_VILLAGE, "", "", "2099-12-31"],
        ["新增", "cun3", "冉三", "村（社区）", OTHER_VILLAGE],
        ["新增", "cun4", "冉四", "区县乡村振兴部门", COUNTY],
        ["新增", "cun5", "冉五", "村长", VILLAGE],
        ["新增", "cun6", "冉六", "网格员", VILLAGE, "", "明天"],
        ["新增", "cun7", "", "网格员", VILLAGE],
        ["新增", "cun 8", "冉八", "网格员", VILLAGE],
        ["新增", "elsewhere", "某elsewhere", "网格员", VILLAGE],
        ["删除", "cun1", "冉一", "村（社区）", VILLAGE],
        ["新增", "cun9", "冉九", "网格员", VILLAGE, "医保"],
        ["新增", "cun1", "冉一", "网格员", VILLAGE],
        ["新增", "cun1", "向一", "网格员", VILLAGE],
        ["新增", "500101197003041234", "冉十", "网格员", VILLAGE],
        ["新增", "cun11", "冉十一", "网格员", VILLAGE, "", "2024-03-05", "2024-03-01"],
    )
    assert [line.line for line in lines] == list(range(2, 17))
    assert [line.outcome for line in lines] == ["done", "done"] + ["refused"] * 9 + ["done"] + ["refused"] * 3
    assert all(line.message for line in lines)
    assert "1234" not in lines[13].username[6:]
    assert {line.username for line in lines if line.password} == {"cun1", "cun2"}
    made = User.objects.filter(username__startswith="cun")
    assert set(made.values_list("username", flat=True)) == {"cun1", "cun2"}
    assert all(user.must_change_password for user in made)
    assert Post.objects.filter(user__username="cun1").count() == 2
    assert str(Post.objects.get(user__username="cun2").ends_on) == "2099-12-31"


def test_the_same_sheet_three_times_changes_nothing_more(desk: Client) -> None:
    rows = [["新增", f"cun{n}", f"冉{n}", "网格员", VILLAGE] for n in range(5)]
    first = send(desk, *rows)
    assert [line.outcome for line in first] == ["done"] * 5
    for _ in range(2):
        again = send(desk, *rows)
        assert [line.outcome for line in again] == ["unchanged"] * 5
        assert not [line for line in again if line.password]
    assert Post.objects.filter(duty="grid_worker").count() == 5


def test_initial_passwords_are_shown_once_and_open_the_account(desk: Client) -> None:
    lines = send(desk, ["新增", "cun1", "冉一", "网格员", VILLAGE])
    client = Client()
    client.post("/login/", {"username": "cun1", "password": lines[0].password})
    assert client.get("/clues/")["Location"] == "/account/password/"
    assert lines[0].password not in desk.get("/users/sheet/").content.decode()


def test_posts_end_by_sheet(desk: Client, make_user: MakeUser) -> None:
    make_user("cun", VILLAGE, "village")
    make_user("elsewhere", OTHER_VILLAGE, "village")
    soon = str(TODAY + timedelta(days=30))
    lines = send(
        desk,
        ["结束", "cun", "某cun", "村（社区）", VILLAGE, "", "", soon],
        ["结束", "cun", "某cun", "村（社区）", VILLAGE, "", "", soon],
        ["结束", "cun", "某cun", "网格员", VILLAGE],
        ["结束", "elsewhere", "某elsewhere", "村（社区）", OTHER_VILLAGE],
    )
    assert [line.outcome for line in lines] == ["done", "unchanged", "refused", "refused"]
    assert str(Post.objects.get(user__username="cun").ends_on) == soon
    assert Post.objects.get(user__username="elsewhere").ends_on is None


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "损坏"),
        ("a.csv", "姓名,电话\n冉一,1\n".encode(), "表头"),
        ("a.csv", ",".join(HEAD).encode(), "没有填写任何账号"),
        ("a.csv", b"x" * (account_sheet.LARGEST_SHEET + 1), "2 MB"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"0" * 600, "旧格式"),
        (
            "a.csv",
            ("\n".join([",".join(HEAD), *[f"新增,u{n},冉,网格员,{VILLAGE},,," for n in range(1001)]])).encode(),
            "1000",
        ),
    ],
)
def test_a_file_that_is_no_such_sheet_is_refused_whole(desk: Client, name: str, content: bytes, word: str) -> None:
    response = desk.post("/users/sheet/", {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert word in response.content.decode()
    assert User.objects.count() == 1


def test_the_sheet_leaves_nothing_on_the_disk(desk: Client, home: Home) -> None:
    send(desk, ["新增", "cun1", "冉一", "网格员", VILLAGE])
    assert list((home.path / "spool").iterdir()) == []
