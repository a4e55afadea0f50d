"""Initial passwords: drawn by lot, handed out on paper, changed at the first login.

A county opens a thousand accounts by one spreadsheet. A slow hash is there for passwords that people choose; these have
80 random bits, which no guessing reaches, so a fast hash keeps them. The first login rehashes, and checking one takes as
long as checking any other, so that the time tells nobody which accounts wait for their owner.
"""

import secrets

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password

ALGORITHM = "initial"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which are misread


def random_password() -> str:
    """Four groups of four: easy to read out, 80 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def hashed(password: str) -> str:
    """What is stored for a password that `random_password` drew."""
    return make_password(password, hasher=ALGORITHM)


class InitialPasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 with few rounds."""

    algorithm = ALGORITHM
    iterations = 1_000

    def verify(self, password: str, encoded: str) -> bool:
        slow = get_hasher("default")
        slow.encode(password, slow.salt())
        return super().verify(password, encoded)
