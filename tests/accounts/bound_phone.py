"""Somebody whose phone is bound."""

from shouwang.accounts import second_factor
from shouwang.accounts.models import User
from signed_in import phone_code


def enrol(user: User) -> tuple[User, str, list[str]]:
    """The user, the phone's secret, and the recovery codes. The code of the step before last is the one used up."""
    secret = second_factor.propose(user)
    codes = second_factor.confirm(phone_code(secret, -1), acting_user=user)
    return user, secret, codes
