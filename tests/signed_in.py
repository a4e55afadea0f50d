"""A browser in which somebody is signed in, their second factor given: what most tests start from."""

import html
import re
import time

import pyotp
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from shouwang.accounts import sessions
from shouwang.accounts.models import User
from shouwang.accounts.session_store import SessionStore


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Signs in without password and code; the session is the one that the login page would have made."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: user._meta.pk.value_to_string(user),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            sessions.BEGAN: sessions.now(),
            sessions.SEEN: sessions.now(),
            sessions.FACTOR: second_factor,
        }
    )
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def phone_code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows for a secret, so many steps of 30 seconds from now.

    At the very end of a step it waits for the next, as people do: the code is to be used within a second.
    """
    left = 30 - time.time() % 30
    if left < 1:
        time.sleep(left)
    totp = pyotp.TOTP(secret.replace(" ", ""))
    return totp.generate_otp(sessions.now() // 30 + steps)


def shown_secret(page: str) -> str:
    """The secret that the page for setting up a second factor spells out beside its QR code."""
    found = re.search(r"data-secret>([^<]+)<", page)
    assert found is not None
    return html.unescape(found[1])
