"""The navigation of a phone: what a duty does most stands there at once, everything else behind 更多, and nothing is lost."""

from types import SimpleNamespace

import pytest
from django.test import Client
from small_city import COUNTY, TOWNSHIP, VILLAGE, make_user

from shouwang.web.frame import MOST_ON_A_PHONE, MOST_USED, SECTIONS
from signed_in import sign_in

PLACES = {
    "city": "500000000000",
    "county": COUNTY,
    "township": TOWNSHIP,
    "village": VILLAGE,
    "department": COUNTY,
    "enumerator": VILLAGE,
    "grid_worker": VILLAGE,
    "resident_team": VILLAGE,
    "social_force": COUNTY,
    "system_admin": COUNTY,
    "security_admin": COUNTY,
    "auditor": COUNTY,
}
# What a phone shows at once, written down once more.
FIRST = {
    "city": ["今日", "总览", "线索", "监测"],
    "county": ["今日", "总览", "线索", "监测"],
    "township": ["今日", "线索", "申报", "监测"],
    "village": ["今日", "线索", "监测", "帮扶"],
    "resident_team": ["今日", "线索", "监测", "帮扶"],
    "grid_worker": ["今日", "线索", "排查", "帮扶"],
    "enumerator": ["今日", "线索", "排查", "帮扶"],
    "department": ["今日", "线索", "帮扶", "交付"],
}


@pytest.mark.parametrize("duty", PLACES)
def test_a_phone_shows_what_is_done_most_and_keeps_the_rest(duty: str, city: SimpleNamespace) -> None:
    client = sign_in(Client(), make_user(f"on-the-way-{duty}", PLACES[duty], duty, "医保" * (duty == "department")))
    response = client.get("/account/")
    frame = response.context["frame"]
    first = [str(each.title) for each in frame.sections if each.first]
    assert len(first) + bool(frame.rest) <= MOST_ON_A_PHONE
    assert first == FIRST.get(duty, [str(each.title) for each in frame.sections])
    page = response.content.decode()
    for each in frame.rest:
        assert page.count(f'<a href="{each.url}"') >= 2  # in the row of a desk, and behind 更多
    assert ("更多" in page) is bool(frame.rest)


def test_nobody_is_led_to_what_is_never_theirs(city: SimpleNamespace) -> None:
    """A department has no cases, mends no register; whoever sees no household has no overview."""
    department = sign_in(Client(), make_user("bumen", COUNTY, "department", "医保")).get("/households/")
    titles = [str(each.title) for each in department.context["frame"].sections]
    assert ("总览" in titles, "监测" in titles) == (True, False)
    assert "/register-requests/" not in department.content.decode()
    assert "/register-requests/" in sign_in(Client(), city.users["county"]).get("/households/").content.decode()
    for duty in ("social_force", "system_admin"):
        page = sign_in(Client(), make_user(f"led-{duty}", COUNTY, duty)).get("/overview/")
        assert "总览" not in [str(each.title) for each in page.context["frame"].sections]
        assert "您的岗位不查看农户和线索" in page.content.decode()


def test_a_page_behind_more_is_marked_there(city: SimpleNamespace) -> None:
    client = sign_in(Client(), make_user("on-the-way", VILLAGE, "village"))
    assert 'class="here"' in client.get("/policy/").content.decode()
    assert 'class="here"' not in client.get("/clues/").content.decode()


def test_what_is_used_most_are_sections_in_their_order() -> None:
    order = [name for _, _, name, _ in SECTIONS]
    for permission, names in MOST_USED:
        assert len(names) == MOST_ON_A_PHONE - 1, permission
        assert sorted(names, key=order.index) == list(names), permission
