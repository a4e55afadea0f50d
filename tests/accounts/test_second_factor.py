"""Codes from the phone: as the standard computes them, each accepted once, the secret readable nowhere."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from bound_phone import enrol
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from small_offices import COUNTY, VILLAGE

from shouwang.accounts import second_factor
from shouwang.accounts.models import RecoveryCode, SecondFactor, User
from shouwang.kernel.errors import Failure, InputError
from signed_in import phone_code

# RFC 6238, appendix B, SHA-1: the last six of the eight digits.
STANDARD = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"}
STANDARD_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("seconds", "code"), STANDARD.items())
def test_codes_are_those_of_the_standard(seconds: int, code: str, make_user, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("county", COUNTY, "county")
    sealed = settings.HOME.sealer().seal(STANDARD_SECRET, second_factor.context_of(user.pk))
    factor = SecondFactor.objects.create(user=user, sealed=sealed, confirmed_at=timezone.now())
    moment = datetime.fromtimestamp(seconds, UTC)
    assert second_factor._accept(factor, code, moment)
    assert not second_factor._accept(factor, code, moment)
    assert not second_factor._accept(factor, code, moment + timedelta(seconds=90))


def test_a_code_counts_one_step_aside_and_no_further(make_user) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    SecondFactor.objects.update(last_step=-1)
    assert not second_factor.is_right(user, phone_code(secret, -2))
    assert not second_factor.is_right(user, phone_code(secret, 2))
    assert second_factor.is_right(user, phone_code(secret, -1))
    assert second_factor.is_right(user, phone_code(secret, 1))


def test_a_code_is_accepted_once_and_none_before_it_any_more(make_user) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    code = phone_code(secret, 1)
    assert second_factor.is_right(user, code)
    for _ in range(3):
        assert not second_factor.is_right(user, code)
    assert not second_factor.is_right(user, phone_code(secret))
    assert not second_factor.is_right(user, "")
    assert not second_factor.is_right(user, "１２３４５６")


@pytest.mark.django_db(transaction=True)
def test_the_same_code_ten_times_at_once_is_accepted_once(make_user) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    code, answers = phone_code(secret, 1), []

    def try_it() -> None:
        while True:
            try:
                answers.append(second_factor.is_right(User.objects.get(pk=user.pk), code))
                return connection.close()
            except OperationalError:  # the tests' database in memory does not wait for its lock
                time.sleep(0.01)

    threads = [threading.Thread(target=try_it) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 9 + [True]


def test_the_secret_is_sealed_for_its_user_alone(make_user) -> None:
    user, secret, _ = enrol(make_user("county", COUNTY, "county"))
    other = make_user("village", VILLAGE, "village")
    stored = bytes(SecondFactor.objects.get(user=user).sealed)
    assert secret.encode() not in stored
    assert pyotp.TOTP(secret).byte_secret() not in stored
    SecondFactor.objects.create(user=other, sealed=stored, confirmed_at=timezone.now())
    with pytest.raises(Failure):
        second_factor.is_right(other, phone_code(secret, 1))


def test_recovery_codes_work_once_and_are_stored_as_hashes(make_user) -> None:
    user, _, codes = enrol(make_user("county", COUNTY, "county"))
    other, _, _ = enrol(make_user("village", VILLAGE, "village"))
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]
    assert not second_factor.is_right(other, codes[0])
    assert second_factor.is_right(user, f" {codes[0].upper()} ")
    assert not second_factor.is_right(user, codes[0])
    fresh = second_factor.renew_recovery_codes(acting_user=user)
    assert not second_factor.is_right(user, codes[1])
    assert second_factor.is_right(user, fresh[0].replace("-", ""))


def test_a_second_factor_counts_only_once_it_was_confirmed(make_user) -> None:
    user = make_user("county", COUNTY, "county")
    secret = second_factor.propose(user)
    assert second_factor.propose(user) == secret
    assert second_factor.second_factor_of(user) is None
    assert not second_factor.is_right(user, phone_code(secret))
    with pytest.raises(InputError):
        second_factor.confirm("000000" if phone_code(secret) != "000000" else "111111", acting_user=user)
    second_factor.confirm(phone_code(secret), acting_user=user)
    with pytest.raises(InputError):
        second_factor.propose(user)
    assert not second_factor.is_right(user, phone_code(secret)), "the code that confirmed it is used up"


def test_the_address_for_the_phone_names_user_and_system(make_user) -> None:
    user = make_user("county", COUNTY, "county")
    secret = second_factor.propose(user)
    read = pyotp.parse_uri(second_factor.address_for_phone(user, secret))
    assert (read.name, read.issuer, read.secret) == ("county", "守望", secret)
