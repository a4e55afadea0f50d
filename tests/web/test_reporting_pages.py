"""The public pages of self-reports, as an old telephone sends them: no script, no login, and nothing told about anybody."""

import io
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import localdate
from PIL import Image
from small_city import COUNTY, FOREIGN_VILLAGE, TOWNSHIP, VILLAGE

from shouwang.areas.models import Area
from shouwang.audit.models import Entry
from shouwang.declarations.models import Declaration, DeclarationPhoto, OneTimeCode
from shouwang.notifications.models import Message
from shouwang.notifications.sms import words_of

URLENCODED = "application/x-www-form-urlencoded"
TOLD = {"who": "myself", "risk": ["illness", "unsafe_water"], "reporter": "冉光荣", "phone": "138 0000 0001"}


@pytest.fixture
def phone(city: SimpleNamespace) -> Client:
    """A browser of its own that checks forms as the site does."""
    return Client(enforce_csrf_checks=True)


def send(browser: Client, url: str, /, **fields: object) -> object:
    """What the form on a page sends, with its token and key."""
    page = browser.get(url).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    key = re.search(r'name="key" value="([^"]+)"', page)
    hidden = {"csrfmiddlewaretoken": token[1] if token else "", "key": key[1] if key else ""}
    return browser.post(url.partition("?")[0], hidden | fields)


def picture() -> SimpleUploadedFile:
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(
        stream, "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"
    )
    return SimpleUploadedFile("IMG_1.jpg", stream.getvalue(), "image/jpeg")


def test_from_the_poster_to_the_receipt_and_the_state(phone: Client) -> None:
    first = phone.get(f"/report/{VILLAGE}/").content.decode()
    assert "东方广场" in first
    assert "<script" not in first
    answer = send(phone, f"/report/{VILLAGE}/?who=myself", **TOLD, photos=[picture()])
    assert answer.status_code == 302
    found = Declaration.objects.order_by("-pk")[0]
    assert (found.stage, found.about, found.risks) == ("unverified", "冉光荣", ["illness", "unsafe_water"])
    assert DeclarationPhoto.objects.filter(declaration=found).count() == 1
    assert send(phone, answer["Location"], code="000000").status_code in (302, 422)
    message = Message.objects.filter(kind="relay").order_by("-pk")[0]
    code = re.findall(r"\d{6}", (words_of(message) or ("", ""))[1])[0]
    done = send(phone, answer["Location"], code=code)
    assert done.status_code == 302
    receipt = phone.get(done["Location"])
    shown = re.search(r"(\d{4} ){3}\d{4}", receipt.content.decode())
    assert shown is not None
    assert shown[0].replace(" ", "") == found.number
    state = send(phone, "/report/state/", number=shown[0], digits="0001")
    assert "等乡镇受理" in state.content.decode()


def test_going_back_and_sending_again_is_one_report_and_other_words_are_another(phone: Client) -> None:
    page = f"/report/{VILLAGE}/?who=anonymous"
    told = TOLD | {"who": "anonymous", "about": "彭春兴"}
    receipts = {send(phone, page, **told, key=key)["Location"].split(":")[0] for key in ("first", "again")}
    assert len(receipts) == 1
    assert send(phone, page, **told | {"said": "房子也裂了"}, key="again")["Location"].split(":")[0] not in receipts
    stranger = send(Client(enforce_csrf_checks=True), page, **told, key="first")["Location"]
    assert stranger.split(":")[0] not in receipts


def test_what_cannot_be_shown_is_said_in_a_villagers_words(phone: Client, at_desk: Callable[[str], Client]) -> None:
    for address in ("/report/500102999999/", "/board/500102999999/", "/report/code/old/"):
        page = phone.get(address)
        assert page.status_code == 404
        assert "重新扫一扫村里海报上的二维码" in page.content.decode()
        assert "岗位" not in page.content.decode()
    assert "再填一次" in phone.post(f"/report/{VILLAGE}/", TOLD).content.decode()
    phone.get(f"/report/{VILLAGE}/?who=myself")
    too_much = {f"x{n}": "长" * 100_000 for n in range(10)}
    assert "少写一些" in phone.post(f"/report/{VILLAGE}/", urlencode(too_much), URLENCODED).content.decode()
    desk = at_desk("township").post("/declarations/new/", urlencode(too_much), URLENCODED)
    assert (desk.status_code, "没有收下" in desk.content.decode()) == (400, True)


def test_without_its_token_a_form_is_refused(phone: Client) -> None:
    before = Declaration.objects.count()
    assert phone.post(f"/report/{VILLAGE}/", TOLD).status_code == 403
    assert phone.post("/report/appeal/", {"number": "1"}).status_code == 403
    assert Declaration.objects.count() == before


def test_pages_stay_in_no_cache_run_no_script_and_in_no_frame(phone: Client) -> None:
    for url in (f"/report/{VILLAGE}/", f"/report/{VILLAGE}/?who=parent", "/report/state/"):
        response = phone.get(url)
        assert response["Cache-Control"] == "no-store"
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"
        assert not re.search(r"<script|\bstyle=|\bon\w+=", response.content.decode())


@pytest.mark.parametrize("code", ["500101001999", TOWNSHIP, "0", "x", "500101001001'"])
def test_what_is_no_village_does_not_exist(code: str, phone: Client) -> None:
    assert phone.get(f"/report/{code}/").status_code == 404


def test_the_poster_of_a_merged_village_leads_to_its_successor(phone: Client) -> None:
    """Posters hang for years: the old code opens the new village's page, which says so, and the report is that village's."""
    old = Area.objects.get(pk=VILLAGE)
    Area.objects.filter(pk=VILLAGE).update(valid_to=localdate(), successor=FOREIGN_VILLAGE)
    new = Area.objects.get(pk=FOREIGN_VILLAGE)
    new.save()  # the tree is read anew
    for url in (f"/report/{VILLAGE}/", f"/report/{VILLAGE}/?who=myself", f"/board/{VILLAGE}/"):
        assert f"{old.name}已并入{new.name}" in phone.get(url).content.decode()
    assert "已并入" not in phone.get(f"/report/{FOREIGN_VILLAGE}/").content.decode()
    send(phone, f"/report/{VILLAGE}/?who=myself", **TOLD)
    assert Declaration.objects.latest("pk").area_id == FOREIGN_VILLAGE
    Area.objects.filter(pk=FOREIGN_VILLAGE).update(valid_to=localdate())
    new.refresh_from_db()
    new.save()
    assert phone.get(f"/report/{VILLAGE}/").status_code == 404


def test_what_is_wrong_is_said_and_what_was_written_stays(phone: Client) -> None:
    answer = send(phone, f"/report/{VILLAGE}/?who=parent", **TOLD | {"who": "parent", "said": "摔伤了", "about": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写有困难的人的姓名" in page
    assert "摔伤了" in page
    assert re.search(r'value="illness" checked', page)


def test_too_many_or_too_large_photos_are_told(phone: Client) -> None:
    page = send(phone, f"/report/{VILLAGE}/?who=myself", **TOLD, photos=[picture() for _ in range(4)])
    assert "最多传 3 张照片" in page.content.decode()
    from shouwang.web import reporting

    huge = SimpleUploadedFile("a.jpg", b"x" * 100, "image/jpeg")
    large, reporting.LARGEST_REQUEST = reporting.LARGEST_REQUEST, 50
    try:
        page = send(phone, f"/report/{VILLAGE}/?who=myself", **TOLD, photos=[huge])
    finally:
        reporting.LARGEST_REQUEST = large
    assert "照片太大" in page.content.decode()


def test_nothing_tells_whether_somebody_is_known(phone: Client, city: SimpleNamespace) -> None:
    """A receipt that is none, one of somebody else and wrong digits answer alike."""
    answers = set()
    for number, digits in (
        ("1111222233334444", "0001"),
        (city.declaration.number, "9999"),
        ("x", ""),
        ("00000", "0001"),
    ):
        response = send(phone, "/report/state/", number=number, digits=digits)
        page = re.sub(r'value="[^"]*"', "", response.content.decode())
        answers.add((response.status_code, page))
    assert len(answers) == 1


def test_a_ticket_that_was_not_signed_opens_nothing(phone: Client, city: SimpleNamespace) -> None:
    for ticket in ("1", f"{city.unverified.pk}:x:y", "eyJ9"):
        assert phone.get(f"/report/code/{ticket}/").status_code == 404
        assert phone.get(f"/report/receipt/{ticket}/").status_code == 404


def test_another_code_comes_and_past_three_the_desk_calls(phone: Client, city: SimpleNamespace) -> None:
    from shouwang.web.reporting import ticket_of

    url = f"/report/code/{ticket_of(city.unverified)}/"
    said = [send(phone, url, again="1").content.decode() for _ in range(3)]
    assert ["新的验证码已经发出" in page for page in said] == [True, True, False]
    assert "您的申报不会丢" in said[2]
    assert OneTimeCode.objects.get(declaration=city.unverified).sent == 3


def test_an_answer_is_appealed_once(phone: Client, city: SimpleNamespace) -> None:
    Declaration.objects.filter(pk=city.declaration.pk).update(stage="closed", closed_reason="不是农户的困难")
    state = send(phone, "/report/state/", number=city.declaration.number, digits="0001").content.decode()
    assert "不是农户的困难" in state
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', state)[0]
    told = {"csrfmiddlewaretoken": token, "number": city.declaration.number, "digits": "0001", "text": "我家真的困难"}
    for _ in range(2):
        page = phone.post("/report/appeal/", told).content.decode()
        assert "已经收到您的申诉" in page
    assert Declaration.objects.get(pk=city.declaration.pk).stage == "appealed"
    assert phone.post("/report/appeal/", told | {"digits": "0009"}).status_code == 422


def test_the_township_matches_it_to_a_household(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    desk, url = at_desk("township"), f"/declarations/{city.declaration.number}/"
    page = desk.get(url).content.decode()
    assert city.household.pk in page  # proposed by the name
    assert "138****0001" in page
    assert "13800000001" not in page
    assert "13800000001" in desk.post(url, {"reason": "核对情况"}).content.decode()
    assert desk.post(url, {"reason": " "}).status_code == 422
    told = {"action": "link", "household": city.household.pk, "risk": "schooling", "insider": "yes", "key": "k"}
    assert desk.post(f"{url}move/", told).status_code == 302
    assert city.household.clues.filter(risk_type="schooling").exists()
    found = Declaration.objects.get(pk=city.declaration.pk)
    assert (found.stage, found.insider) == ("linked", True)
    assert "正在核实" in desk.get(url).content.decode()
    assert Entry.objects.filter(action="value_unmasked").count() == 1


def test_posters_are_a_page_for_each_village(
    city: SimpleNamespace, at_desk: Callable[[str], Client], settings: Any
) -> None:
    import pypdfium2

    response = at_desk("township").get("/declarations/posters.pdf")
    assert response["Content-Type"] == "application/pdf"
    book = pypdfium2.PdfDocument(response.content)
    assert len(book) == 1
    text = book[0].get_textpage().get_text_bounded()
    assert f"/report/{VILLAGE}/" in text
    assert "扫码告诉政府" in text
    assert "村里正在公示谁家" in text
    settings.SITE_URL = "https://shouwang.example"
    printed = pypdfium2.PdfDocument(at_desk("township").get("/declarations/posters.pdf").content)[0].get_textpage()
    assert f"https://shouwang.example/report/{VILLAGE}/" in printed.get_text_range()
    assert at_desk("township").get("/declarations/posters.pdf?village=500102001001").status_code == 404
    assert len(pypdfium2.PdfDocument(at_desk("city").get("/declarations/posters.pdf").content)) == 2
    assert len(pypdfium2.PdfDocument(at_desk("city").get(f"/declarations/posters.pdf?area={COUNTY}").content)) == 1
    assert at_desk("county").get("/declarations/posters.pdf?area=500102000000").status_code == 404


def test_one_file_for_all_villages_of_a_county(
    city: SimpleNamespace, at_desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from shouwang.areas.models import Area
    from shouwang.web import declarations

    drawn: list[int] = []
    monkeypatch.setattr(declarations, "pdf", lambda template, data: drawn.append(len(data["posters"])) or b"%PDF")
    Area.objects.bulk_create(
        Area(code=f"500101001{n}", name=f"第{n}村", level=4, parent_id=TOWNSHIP, scope=f"500101001{n}")
        for n in range(200, 450)
    )
    assert at_desk("county").get("/declarations/posters.pdf").status_code == 200
    assert drawn == [251]
    monkeypatch.setattr(declarations, "MOST_POSTERS", 250)
    page = at_desk("county").get("/declarations/posters.pdf", follow=True).content.decode()
    assert "请选一个区县分别印" in page
    assert drawn == [251]


def test_the_list_asks_as_often_for_many(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from small_city import make_declaration

    from shouwang.declarations import receipt

    desk = at_desk("township")
    desk.get("/declarations/")
    with CaptureQueriesContext(connection) as few:
        desk.get("/declarations/")
    for _ in range(12):
        make_declaration(number=receipt.draw())
    with CaptureQueriesContext(connection) as many:
        page = desk.get("/declarations/")
    assert len(page.context["rows"]) == 13
    assert len(many) == len(few)
