"""Whoever guesses must wait; nobody who only knows a name can make its owner wait."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shouwang.accounts import patience
from shouwang.accounts.models import LoginTry
from shouwang.accounts.patience import Place, forgive, place_of, take_a_try, waiting_seconds

pytestmark = pytest.mark.django_db
HOME, OFFICE = place_of("10.0.0.1"), place_of("10.0.0.1", known_device=7)


def fail(place: Place, times: int, name: str = "county") -> int:
    """How many tries were let through."""
    return sum(take_a_try(name, place) for _ in range(times))


def later(seconds: float) -> None:
    """Lets time pass."""
    for record in LoginTry.objects.all():
        record.last_at -= timedelta(seconds=seconds)
        record.save()


def test_waits_grow_at_one_place_and_end() -> None:
    assert fail(HOME, 10) == 5
    assert 0 < waiting_seconds("county", HOME) <= 2
    later(2)
    assert waiting_seconds("county", HOME) == 0
    assert take_a_try("county", HOME)
    assert waiting_seconds("county", HOME) == 4
    for _ in range(20):
        later(3600)
        take_a_try("county", HOME)
    assert waiting_seconds("county", HOME) == patience.LONGEST_WAIT.total_seconds()
    later(patience.FORGOTTEN_AFTER.total_seconds())
    assert waiting_seconds("county", HOME) == 0


def test_another_place_another_name_and_a_known_device_do_not_wait() -> None:
    fail(place_of("10.0.0.9"), 50)
    assert waiting_seconds("county", HOME) == 0
    assert waiting_seconds("city", place_of("10.0.0.9")) == 0
    fail(HOME, 50)
    assert waiting_seconds("county", OFFICE) == 0
    assert take_a_try("county", OFFICE)


def test_a_hundred_addresses_slow_strangers_down_but_no_known_device() -> None:
    for number in range(patience.MANY_FAILURES):
        assert fail(place_of(f"10.0.1.{number}"), 1) == 1
    stranger = place_of("10.0.2.1")
    assert fail(stranger, 5) == 1, "a stranger's first try is free, also for the owner away from home"
    assert waiting_seconds("county", stranger) >= 59
    assert fail(OFFICE, 5) == 5
    assert 0 < waiting_seconds("county", OFFICE) <= 2


def test_failures_at_known_devices_make_no_stranger_suspicious() -> None:
    for device in range(10):
        fail(place_of("10.0.0.1", known_device=device), 5)
    assert fail(HOME, 4) == 4


def test_the_right_password_forgives_what_failed_here() -> None:
    fail(HOME, 5)
    forgive("county", HOME)
    assert waiting_seconds("county", HOME) == 0
    assert fail(HOME, 5) == 5


def test_codes_and_passwords_are_counted_apart() -> None:
    fail(HOME, 10)
    assert waiting_seconds("county", HOME, LoginTry.Step.CODE) == 0


def test_a_network_of_ipv6_is_one_place() -> None:
    assert place_of("2001:db8:1:2::1") == place_of("2001:db8:1:2:ffff::9") != place_of("2001:db8:1:3::1")
    assert place_of("nonsense").name == "nonsense"


def test_old_tries_are_swept_away() -> None:
    fail(HOME, 3)
    LoginTry.objects.update(last_at=timezone.now() - timedelta(days=2))
    fail(place_of("10.0.0.2"), 1)
    assert LoginTry.objects.count() == 1
