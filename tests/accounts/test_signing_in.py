"""Logging in as people do: password, code, sessions that end, posts that stop, and accounts that must not work."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from bound_phone import enrol
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from small_offices import CITY, COUNTY, PASSWORD, VILLAGE

from shouwang.accounts import sessions
from shouwang.accounts.models import KnownDevice, Post, User
from shouwang.kernel.home import Home
from signed_in import phone_code, shown_secret, sign_in

MakeUser = Callable[..., User]
STRONG = "yi-ju-zhi-you-zi-ji-zhi-dao-de-hua"


def log_in(client: Client, name: str, password: str = PASSWORD, onward: str = "") -> HttpResponse:
    return client.post("/login/", {"username": name, "password": password, "next": onward})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def say(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_village_needs_no_second_factor_but_may_have_one(make_user: MakeUser) -> None:
    make_user("cun", VILLAGE, "village")
    client = Client()
    assert log_in(client, "cun")["Location"] == "/"
    assert is_in(client)
    page = say(client.get("/account/second-factor/"))
    assert "<svg" in page
    codes = say(client.post("/account/second-factor/", {"code": phone_code(shown_secret(page), -1)}))
    assert codes.count("<li>") >= 10
    again = Client()
    assert log_in(again, "cun")["Location"] == "/login/code/"
    assert not is_in(again)
    assert again.post("/login/code/", {"code": phone_code(shown_secret(page))})["Location"] == "/"
    assert is_in(again)


@pytest.mark.parametrize(
    ("area", "duty", "department"),
    [
        (CITY, "city", ""),
        (COUNTY, "county", ""),
        (COUNTY, "department", "医保"),
        (COUNTY, "security_admin", ""),
        (CITY, "auditor", ""),
        (CITY, "system_admin", ""),
    ],
)
def test_these_must_bind_a_phone_before_anything_opens(
    make_user: MakeUser, area: str, duty: str, department: str
) -> None:
    make_user("user", area, duty, department)
    client = Client()
    log_in(client, "user")
    for url in ("/", "/account/", "/policy/", "/clues/", "/users/"):
        assert client.get(url)["Location"] == "/account/second-factor/"
    page = say(client.get("/account/second-factor/"))
    assert "不正确" in say(client.post("/account/second-factor/", {"code": "000 000"}))
    client.post("/account/second-factor/", {"code": phone_code(shown_secret(page))})
    assert is_in(client)


def test_the_code_is_asked_for_and_leads_on(make_user: MakeUser) -> None:
    _, secret, recovery = enrol(make_user("county", COUNTY, "county"))
    client = Client()
    assert log_in(client, "county", onward="/clues/?level=red")["Location"] == "/login/code/"
    assert client.get("/clues/")["Location"].startswith("/login/")
    assert "不正确" in say(client.post("/login/code/", {"code": "123456"}))
    code = phone_code(secret)
    assert client.post("/login/code/", {"code": code})["Location"] == "/clues/?level=red"
    assert is_in(client)
    other = Client()
    log_in(other, "county")
    assert "已经用过" in say(other.post("/login/code/", {"code": code}))
    assert other.post("/login/code/", {"code": recovery[0]})["Location"] == "/"


def test_the_login_leads_nowhere_else(make_user: MakeUser) -> None:
    make_user("cun", VILLAGE, "village")
    assert log_in(Client(), "cun", onward="https://example.com/")["Location"] == "/"


def test_half_a_login_is_nothing_after_five_minutes_or_a_new_password(
    make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    client = Client()
    log_in(client, "county")
    user.session_epoch += 1
    user.save()
    assert client.post("/login/code/", {"code": phone_code(secret)})["Location"] == "/login/"
    log_in(client, "county")
    session = client.session
    session["half_way"] |= {"at": session["half_way"]["at"] - 301}
    session.save()
    assert client.post("/login/code/", {"code": phone_code(secret)})["Location"] == "/login/"


def test_guessing_codes_is_slowed_down_where_it_happens(make_user: MakeUser) -> None:
    _, secret, _ = enrol(make_user("county", COUNTY, "county"))
    thief, owner = Client(REMOTE_ADDR="10.0.0.9"), Client(REMOTE_ADDR="10.0.0.1")
    log_in(thief, "county")
    for _ in range(6):
        said = say(thief.post("/login/code/", {"code": "123123"}))
    assert "秒后再试" in said
    assert "秒后再试" in say(thief.post("/login/code/", {"code": phone_code(secret)}))
    log_in(owner, "county")
    assert owner.post("/login/code/", {"code": phone_code(secret, 1)})["Location"] == "/"


def test_an_attacker_who_knows_a_name_cannot_lock_its_owner_out(make_user: MakeUser) -> None:
    make_user("cun", VILLAGE, "village")
    owner = Client(REMOTE_ADDR="10.0.0.1")
    assert log_in(owner, "cun")["Location"] == "/"
    cookie = owner.cookies["known_device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie.value not in KnownDevice.objects.get().digest
    owner.post("/logout/")
    for number in range(30):  # a crowd, and the owner's own address among it
        log_in(Client(REMOTE_ADDR="10.0.0.1" if number % 3 == 0 else f"10.1.0.{number}"), "cun", "guess")
    assert "秒后再试" in say(log_in(Client(REMOTE_ADDR="10.0.0.1"), "cun"))
    assert log_in(owner, "cun")["Location"] == "/"
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    assert log_in(elsewhere, "cun")["Location"] == "/", "the first try from a new place is free"


def test_a_stolen_device_cookie_is_good_for_its_user_alone(make_user: MakeUser) -> None:
    make_user("cun", VILLAGE, "village")
    make_user("xiang", "500101001000", "township")
    client = Client(REMOTE_ADDR="10.0.0.1")
    log_in(client, "cun")
    client.post("/logout/")
    for _ in range(6):
        said = say(log_in(client, "xiang", "guess"))
    assert "秒后再试" in said
    assert "秒后再试" in say(log_in(Client(REMOTE_ADDR="10.0.0.1"), "xiang"))


def test_a_login_renews_the_session_key(make_user: MakeUser) -> None:
    _, secret, _ = enrol(make_user("county", COUNTY, "county"))
    client = Client()
    log_in(client, "county")
    before = client.session.session_key
    client.post("/login/code/", {"code": phone_code(secret)})
    assert client.session.session_key not in (None, before)


def age(client: Client, **seconds: int) -> None:
    session = client.session
    for name, more in seconds.items():
        session[name] -= more
    session.save()


def test_an_idle_session_ends_and_use_keeps_it(make_user: MakeUser) -> None:
    client = sign_in(Client(), make_user("cun", VILLAGE, "village"))
    age(client, seen=settings.SESSION_IDLE_SECONDS - 60)
    assert client.get("/clues/", headers={"X-Fragment": "1"}).status_code == 200  # a page that asks by itself
    age(client, seen=120)
    answer = client.get("/clues/")
    assert answer["Location"].startswith("/login/?next=/clues/")
    assert "没有操作" in say(client.get("/login/"))
    client = sign_in(Client(), User.objects.get())
    age(client, seen=settings.SESSION_IDLE_SECONDS - 60)
    assert is_in(client)
    age(client, seen=120)
    assert is_in(client)


def test_no_session_outlives_the_working_day(make_user: MakeUser) -> None:
    client = sign_in(Client(), make_user("cun", VILLAGE, "village"))
    age(client, began=settings.SESSION_LIFE_SECONDS - 60)
    assert is_in(client)
    age(client, began=120)
    assert not is_in(client)
    assert "最长时限" in say(client.get("/login/"))


def test_a_session_without_clocks_is_over(make_user: MakeUser) -> None:
    client = Client()
    client.force_login(make_user("cun", VILLAGE, "village"))
    assert not is_in(client)


@pytest.mark.parametrize("end", ["revoked", "ended", "disabled"])
def test_a_post_that_ended_stops_at_the_next_request(make_user: MakeUser, end: str) -> None:
    user = make_user("county", COUNTY, "county")
    client = sign_in(Client(), user)
    assert client.get("/clues/").status_code == 200
    if end == "revoked":
        Post.objects.update(revoked_at=timezone.now())
    elif end == "ended":
        Post.objects.update(ends_on=timezone.localdate() - timedelta(days=2))
    else:
        User.objects.update(is_active=False)
    assert client.get("/clues/").status_code == (302 if end == "disabled" else 403)
    assert client.get("/households/anything/").status_code == (302 if end == "disabled" else 404)


def test_a_post_that_asks_for_a_second_factor_asks_in_the_running_session(make_user: MakeUser) -> None:
    user = make_user("cun", VILLAGE, "village")
    client = sign_in(Client(), user, second_factor=False)
    assert client.get("/clues/").status_code == 200
    Post.objects.create(user=user, area_id=COUNTY, duty="county", starts_on=date(2020, 1, 1))
    assert client.get("/clues/")["Location"] == "/account/second-factor/"
    enrol(user)
    assert client.get("/clues/")["Location"] == "/login/code/"


def test_an_initial_password_must_be_changed_and_then_hashes_slowly(make_user: MakeUser) -> None:
    user = make_user("cun", VILLAGE, "village", must_change_password=True)
    assert identify_hasher(user.password).algorithm == "initial"
    client, other = Client(), Client()
    log_in(client, "cun")
    log_in(other, "cun")
    assert identify_hasher(User.objects.get().password).algorithm == "argon2"
    assert client.get("/clues/")["Location"] == "/account/password/"
    said = say(client.post("/account/password/", {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}))
    assert "相同" in said
    said = say(client.post("/account/password/", {"old": "wrong", "new": STRONG, "again": STRONG}))
    assert "不正确" in said
    said = say(client.post("/account/password/", {"old": PASSWORD, "new": STRONG, "again": "other"}))
    assert "不一样" in said
    for weak in ("1234567890", "password123", "cun", "short-one"):
        assert client.post("/account/password/", {"old": PASSWORD, "new": weak, "again": weak}).status_code == 422
    changed = client.post("/account/password/", {"old": PASSWORD, "new": STRONG, "again": STRONG})
    assert changed["Location"] == "/account/"
    assert client.get("/clues/").status_code == 200
    assert not is_in(other), "other sessions rest on the old password"
    assert log_in(Client(), "cun", STRONG)["Location"] == "/"


def test_other_sessions_end_on_request(make_user: MakeUser) -> None:
    user = make_user("cun", VILLAGE, "village")
    client, other = sign_in(Client(), user), sign_in(Client(), user)
    assert is_in(other)
    client.post("/account/sessions/end/")
    assert is_in(client)
    assert not is_in(other)


def test_unbinding_a_phone_takes_a_code_and_whoever_must_binds_the_next(make_user: MakeUser) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    client = sign_in(Client(), user)
    client.post("/account/second-factor/remove/", {"code": "123456"})
    assert sessions.has_second_factor(user)
    client.post("/account/second-factor/remove/", {"code": phone_code(secret)})
    assert not sessions.has_second_factor(user)
    assert client.get("/clues/")["Location"] == "/account/second-factor/"


def test_new_recovery_codes_take_a_code(make_user: MakeUser) -> None:
    user, secret, old = enrol(make_user("county", COUNTY, "county"))
    client = sign_in(Client(), user)
    assert client.post("/account/recovery-codes/", {"code": "123456"}).status_code == 302
    shown = say(client.post("/account/recovery-codes/", {"code": phone_code(secret)}))
    assert "恢复码" in shown
    assert old[0] not in shown


def test_a_demonstration_account_opens_a_demonstration_home_alone(make_user: MakeUser, home: Home) -> None:
    make_user("shi", CITY, "city", demonstration=True)
    assert "不正确" in say(log_in(Client(), "shi"))
    home.demonstration_plan.write_text("{}")
    client = Client()
    assert log_in(client, "shi")["Location"] == "/"
    assert client.get("/clues/").status_code == 200, "name and password are enough where nobody is real"
    make_user("real", COUNTY, "county")
    other = Client()
    log_in(other, "real")
    assert other.get("/clues/")["Location"] == "/account/second-factor/"


def test_a_session_of_a_demonstration_account_needs_the_demonstration_home(make_user: MakeUser, home: Home) -> None:
    home.demonstration_plan.write_text("{}")
    client = Client()
    make_user("shi", CITY, "city", demonstration=True)
    log_in(client, "shi")
    home.demonstration_plan.unlink()
    assert client.get("/clues/").status_code == 302


def test_no_account_is_there_before_somebody_makes_one(db: None) -> None:
    assert not User.objects.exists()
