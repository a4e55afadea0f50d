"""Accounts looked after by the level above: what opens, what is refused, and that nobody climbs by it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from bound_phone import enrol
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import localdate
from small_offices import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    PASSWORD,
    SIBLING_TOWNSHIP,
    SIBLING_VILLAGE,
    TOWNSHIP,
    VILLAGE,
)

from shouwang.accounts import managing, sessions
from shouwang.accounts.models import Post, User
from shouwang.accounts.scope import scope_of
from shouwang.audit.models import Entry
from shouwang.kernel.errors import InputError
from signed_in import sign_in

MakeUser = Callable[..., User]
TODAY = localdate()


def opening(area: str, duty: str, name: str = "xin", department: str = "") -> dict[str, str]:
    fields = {"username": name, "display_name": "冉新", "area_code": area, "duty": duty, "starts_on": str(TODAY)}
    return fields | ({"department": department} if department else {})


def said(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_township_opens_a_village_account_that_works_at_once(make_user: MakeUser) -> None:
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    response = desk.post("/users/new/", opening(VILLAGE, "village"))
    password = re.search(r"data-password>([^<]+)<", said(response))
    assert password is not None
    assert password[1] not in said(desk.get("/users/"))
    assert "冉新" in said(desk.get("/users/"))
    village = Client()
    village.post("/login/", {"username": "xin", "password": password[1]})
    assert village.get("/clues/")["Location"] == "/account/password/"
    entry = Entry.objects.filter(action="user_added").order_by("-sequence")[0]
    assert (entry.actor, entry.subject, entry.area) == ("xiang", "xin", VILLAGE)
    assert password[1] not in " ".join(Entry.objects.values_list("detail", flat=True))


def test_the_same_form_three_times_is_one_account(make_user: MakeUser) -> None:
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    for _ in range(3):
        last = desk.post("/users/new/", opening(VILLAGE, "village"))
    assert last.status_code == 422
    assert "已有人使用" in said(last)
    assert User.objects.filter(username="xin").count() == Post.objects.filter(user__username="xin").count() == 1


@pytest.mark.parametrize(
    ("giver", "area", "duty"),
    [
        (("xiang", TOWNSHIP, "township"), SIBLING_TOWNSHIP, "township"),
        (("xiang", TOWNSHIP, "township"), TOWNSHIP, "township"),
        (("xiang", TOWNSHIP, "township"), OTHER_VILLAGE, "village"),
        (("xiang", TOWNSHIP, "township"), COUNTY, "county"),
        (("xiang", TOWNSHIP, "township"), COUNTY, "auditor"),
        (("xian", COUNTY, "county"), VILLAGE, "village"),
        (("xian", COUNTY, "county"), OTHER_TOWNSHIP, "township"),
        (("xian", COUNTY, "county"), COUNTY, "county"),
        (("xian", COUNTY, "county"), CITY, "department"),
        (("xian", COUNTY, "county"), COUNTY, "security_admin"),
        (("shi", CITY, "city"), CITY, "city"),
        (("shi", CITY, "city"), CITY, "auditor"),
        (("shi", CITY, "city"), TOWNSHIP, "township"),
        (("anquan", COUNTY, "security_admin"), OTHER_COUNTY, "auditor"),
        (("anquan", COUNTY, "security_admin"), CITY, "city"),
        (("anquan", COUNTY, "security_admin"), COUNTY, "county"),
        (("anquan", CITY, "security_admin"), VILLAGE, "village"),
    ],
)
def test_nobody_gives_beside_above_or_beyond(
    make_user: MakeUser, giver: tuple[str, str, str], area: str, duty: str
) -> None:
    boss = make_user(*giver)
    department = "医保" if duty == "department" else ""
    response = sign_in(Client(), boss).post("/users/new/", opening(area, duty, department=department))
    assert response.status_code == 422
    with pytest.raises(InputError):
        managing.open_account(
            acting_user=boss, username="x", display_name="某", area_code=area, duty=duty, starts_on=TODAY
        )
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("giver", "area", "duty", "department"),
    [
        (("shi", CITY, "city"), COUNTY, "county", ""),
        (("shi", CITY, "city"), CITY, "department", "教育"),
        (("xian", COUNTY, "county"), SIBLING_TOWNSHIP, "township", ""),
        (("xian", COUNTY, "county"), COUNTY, "department", "医保"),
        (("xiang", TOWNSHIP, "township"), SIBLING_VILLAGE, "grid_worker", ""),
        (("xiang", TOWNSHIP, "township"), TOWNSHIP, "enumerator", ""),
        (("xiang", TOWNSHIP, "township"), VILLAGE, "resident_team", ""),
        (("anquan", CITY, "security_admin"), OTHER_COUNTY, "security_admin", ""),
        (("anquan", CITY, "security_admin"), CITY, "city", ""),
        (("anquan", COUNTY, "security_admin"), COUNTY, "auditor", ""),
    ],
)
def test_what_each_level_gives(
    make_user: MakeUser, giver: tuple[str, str, str], area: str, duty: str, department: str
) -> None:
    response = sign_in(Client(), make_user(*giver)).post("/users/new/", opening(area, duty, department=department))
    assert response.status_code == 200
    given = Post.objects.get(user__username="xin")
    assert (given.area_id, given.duty, given.department) == (area, duty, department)


def test_nobody_manages_himself(make_user: MakeUser) -> None:
    boss = make_user("anquan", CITY, "security_admin")
    desk = sign_in(Client(), boss)
    assert desk.get(f"/users/{boss.pk}/").status_code == 404
    assert desk.post(f"/users/{boss.pk}/password/").status_code == 404
    with pytest.raises(PermissionDenied):
        managing.give_post(boss, acting_user=boss, area_code=CITY, duty="auditor", starts_on=TODAY)
    with pytest.raises(PermissionDenied):
        managing.reset_password(boss, acting_user=boss)
    with pytest.raises(PermissionDenied):
        managing.end_post(boss.posts.get(), acting_user=boss)


def test_a_township_cannot_take_over_a_county_officer_who_also_has_a_village(make_user: MakeUser) -> None:
    officer = make_user("officer", COUNTY, "county")
    village = Post.objects.create(user=officer, area_id=VILLAGE, duty="village", starts_on=TODAY)
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    page = said(desk.get(f"/users/{officer.pk}/"))
    assert "不归您管理" in page
    assert "区县乡村振兴部门" not in page.split("增加岗位")[0]
    for what in ("password", "second-factor", "sessions"):
        assert desk.post(f"/users/{officer.pk}/{what}/").status_code == 403
    assert User.objects.get(pk=officer.pk).check_password(PASSWORD)
    assert desk.post(f"/users/{officer.pk}/posts/{officer.posts.get(duty='county').pk}/end/").status_code == 404
    assert desk.post(f"/users/{officer.pk}/posts/{village.pk}/end/").status_code == 302
    assert scope_of(officer, TODAY).top_area.pk == COUNTY


def test_the_three_administrators_are_three_persons_without_other_duties(make_user: MakeUser) -> None:
    boss = make_user("anquan", CITY, "security_admin")
    auditor = make_user("shenji", CITY, "auditor")
    for duty in ("system_admin", "security_admin", "city"):
        with pytest.raises(InputError, match="兼任"):
            managing.give_post(auditor, acting_user=boss, area_code=CITY, duty=duty, starts_on=TODAY)
    managing.give_post(auditor, acting_user=boss, area_code=COUNTY, duty="auditor", starts_on=TODAY)


def test_a_revoked_post_stops_the_running_session(make_user: MakeUser) -> None:
    cun = make_user("cun", VILLAGE, "village")
    working = sign_in(Client(), cun)
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    assert working.get("/clues/").status_code == 200
    url = f"/users/{cun.pk}/posts/{cun.posts.get().pk}/end/"
    for _ in range(3):
        assert desk.post(url, {}).status_code == 302
    assert working.get("/clues/").status_code == 403
    assert Entry.objects.filter(action="post_revoked", subject="cun").count() == 1
    assert "冉" not in said(desk.get("/users/"))
    assert "cun" in said(desk.get("/users/?state=over"))


def test_a_post_ends_on_its_last_day(make_user: MakeUser) -> None:
    cun, xiang = make_user("cun", VILLAGE, "village"), make_user("xiang", TOWNSHIP, "township")
    post = cun.posts.get()
    desk = sign_in(Client(), xiang)
    url = f"/users/{cun.pk}/posts/{post.pk}/end/"
    past = desk.post(url, {f"end{post.pk}-last_day": str(TODAY - timedelta(days=1))})
    assert past.status_code == 422
    assert "已经过去" in said(past)
    desk.post(url, {f"end{post.pk}-last_day": str(TODAY + timedelta(days=9))})
    assert scope_of(cun, TODAY + timedelta(days=9)).reaches
    assert not scope_of(cun, TODAY + timedelta(days=10)).reaches


def test_a_move_ends_one_post_and_begins_the_next_without_a_gap(make_user: MakeUser) -> None:
    cun, xiang = make_user("cun", VILLAGE, "village"), make_user("xiang", TOWNSHIP, "township")
    post, day = cun.posts.get(), TODAY + timedelta(days=5)
    desk = sign_in(Client(), xiang)
    url, p = f"/users/{cun.pk}/posts/{post.pk}/move/", f"move{post.pk}-"
    assert desk.post(url, {f"{p}area_code": OTHER_VILLAGE, f"{p}from_day": str(day)}).status_code == 422
    assert desk.post(url, {f"{p}area_code": SIBLING_VILLAGE, f"{p}from_day": str(day)}).status_code == 302
    assert [a.pk for a in scope_of(cun, day - timedelta(days=1)).areas] == [VILLAGE]
    assert [a.pk for a in scope_of(cun, day).areas] == [SIBLING_VILLAGE]


def test_a_move_today_takes_effect_at_once(make_user: MakeUser) -> None:
    cun, xiang = make_user("cun", VILLAGE, "village"), make_user("xiang", TOWNSHIP, "township")
    managing.move_post(cun.posts.get(), acting_user=xiang, area_code=SIBLING_VILLAGE, from_day=TODAY)
    assert [a.pk for a in scope_of(cun, TODAY).areas] == [SIBLING_VILLAGE]


def test_resets_end_sessions_and_free_the_phone(make_user: MakeUser) -> None:
    cun, _, _ = enrol(make_user("cun", VILLAGE, "village"))
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    for what in ("password", "second-factor", "sessions"):
        working = sign_in(Client(), User.objects.get(pk=cun.pk))
        assert working.get("/account/").status_code in (200, 302)
        desk.post(f"/users/{cun.pk}/{what}/")
        assert working.get("/account/")["Location"].startswith("/login/"), what
    assert not sessions.has_second_factor(cun)
    assert not User.objects.get(pk=cun.pk).check_password(PASSWORD)
    actions = set(Entry.objects.filter(actor="xiang", subject="cun").values_list("action", flat=True))
    assert {"password_reset", "second_factor_removed", "sessions_ended"} <= actions


def test_an_identity_number_is_no_user_name(make_user: MakeUser) -> None:
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    response = desk.post("/users/new/", opening(VILLAGE, "village", name="500101197003041234"))
    assert "身份证号码" in said(response)
    assert User.objects.count() == 1


def test_somebody_who_left_can_be_called_back_by_whom_he_served(make_user: MakeUser) -> None:
    cun = make_user("cun", VILLAGE, "village", ends_on=date(2020, 12, 31))
    desk = sign_in(Client(), make_user("xiang", TOWNSHIP, "township"))
    fields = {"duty": "grid_worker", "area_code": SIBLING_VILLAGE, "starts_on": str(TODAY)}
    assert desk.post(f"/users/{cun.pk}/posts/", fields).status_code == 302
    assert desk.post(f"/users/{cun.pk}/posts/", fields).status_code == 422
    assert [a.pk for a in scope_of(cun, TODAY).areas] == [SIBLING_VILLAGE]


def test_the_list_does_not_ask_once_a_row(make_user: MakeUser, django_assert_max_num_queries: Callable) -> None:
    xiang = make_user("xiang", TOWNSHIP, "township")
    for number in range(25):
        user = User.objects.create(username=f"cun{number}", password="!")
        Post.objects.create(user=user, area_id=VILLAGE, duty="village", starts_on=TODAY)
    desk = sign_in(Client(), xiang)
    with django_assert_max_num_queries(24):
        assert said(desk.get("/users/")).count("data-label=") == 25
