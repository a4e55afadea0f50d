"""名册变更 on the pages: from the village's form to the county's sheet, each seeing what is theirs to do."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from small_city import VILLAGE, make_defect, make_household, make_register_request

from shouwang.registration.models import RegisterRequest, RequestKind
from web.test_english import data, untranslated

FORM = "/households/NEW-1/register-request/"


@pytest.fixture
def household(city: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(of=make_household("NEW-1", VILLAGE, "田秋菊", 77))


def test_from_the_village_to_the_county(
    city: SimpleNamespace, household: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    village = at_desk("village")
    page = village.get(f"{FORM}?kind=correction&field=labour&person=77").content.decode()
    for said in ("田秋菊", 'name="m-77" value="1" checked', "技能劳动力", "报乡镇审核"):
        assert said in page
    form = {"kind": "correction", "field": "labour", "value": "技能劳动力", "m-77": "1", "key": "k1"}
    wrong = village.post(FORM, form | {"happened_on": "昨天", "reason": "有证书"})
    assert wrong.status_code == 422
    assert "发生日期不对" in wrong.content.decode()
    assert "早得不可能" in village.post(FORM, form | {"happened_on": "0001-01-01", "reason": "有证书"}).content.decode()
    answer = village.post(FORM, form | {"happened_on": "2021-06-01", "reason": "有证书"})
    request = RegisterRequest.objects.get(household="NEW-1")
    assert answer["Location"] == f"/register-requests/{request.number}/"
    shown = at_desk("township").get(answer["Location"]).content.decode()
    for said in ("普通劳动力", "技能劳动力", "有证书", "审核同意", "退回"):
        assert said in shown
    assert [each.number for each, _ in at_desk("township").get("/today/").context["register_requests"]] == [
        city.request.number, request.number
    ]  # fmt: skip
    move = {"action": "agree", "reason": "", "seen": "1", "key": "k2"}
    at_desk("township").post(f"/register-requests/{request.number}/move/", move)
    request.refresh_from_db()
    assert request.stage == "register_agreed"
    agreed = at_desk("county").get(f"/register-requests/{request.number}/").content.decode()
    assert "去编修订单" in agreed
    assert "去编修订单" not in at_desk("township").get(f"/register-requests/{request.number}/").content.decode()
    assert at_desk("county").get("/register-requests/").context["ready"] == 1
    assert "编成名册修订单并读入" in at_desk("county").get("/register-requests/").content.decode()
    assert at_desk("township").get("/register-requests/").context["ready"] == 0
    assert at_desk("foreign").get(f"/register-requests/{request.number}/").status_code == 404


def test_every_form_asks_only_what_is_not_known(household: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    village = at_desk("village")
    for kind in RequestKind.values:
        page = village.get(f"{FORM}?kind={kind}")
        assert page.status_code == 200
        assert ('name="number"' in page.content.decode()) == (kind == "join")
    assert "先选要办的事项" in village.get(FORM).content.decode()
    assert village.get(f"{FORM}?kind=nothing").status_code == 200
    assert at_desk("township").get(FORM).status_code == 404


def test_the_household_leads_there_and_shows_what_is_asked(
    city: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    address = f"/households/{city.household.pk}/"
    assert "提出名册变更" in at_desk("village").get(address).content.decode()
    assert "提出名册变更" not in at_desk("county").get(address).content.decode()
    assert [each.number for each in at_desk("county").get(address).context["requests"]] == [city.request.number]
    assert at_desk("department").get(address).context["requests"] == []
    assert at_desk("department").get("/register-requests/").context["rows"] == []


def test_a_defect_of_the_register_leads_to_the_filled_form(
    household: SimpleNamespace, at_desk: Callable[[str], Client]
) -> None:
    make_defect(household.of)
    url = at_desk("village").get("/defects/").context["rows"][0].url
    assert url == f"{FORM}?kind=correction&field=labour&person=77"
    assert at_desk("village").get(url).status_code == 200
    assert at_desk("county").get("/defects/").context["rows"][0].url == "/households/NEW-1/#members"


def test_nothing_to_deliver_is_said(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    page = at_desk("county").post("/register-requests/sheet/", {"key": "k"}, follow=True).content.decode()
    assert "没有待编入名册的变更" in page
    page = at_desk("county").post(f"/register-requests/{city.request.number}/move/", {"action": "fly"}, follow=True)
    assert "没有选择要办的事项" in page.content.decode()
    page = at_desk("village").post(f"/register-requests/{city.request.number}/move/", {"action": "agree"}, follow=True)
    assert "不由您" in page.content.decode()


def test_queries_do_not_grow_with_the_list(city: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client, counts = at_desk("county"), []
    client.get("/register-requests/")
    for more in (1, 20):
        for place in range(more):
            make_register_request(make_household(f"R-{more}-{place}", VILLAGE, f"农户{place}", 1000 * more + place))
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/register-requests/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_forms_speak_english(household: SimpleNamespace, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("village")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for query in ("", *(f"?kind={kind}" for kind in RequestKind.values), "?kind=correction&field=labour"):
        page = client.get(FORM + query).content.decode()
        assert list(untranslated(page, data())) == [], query
