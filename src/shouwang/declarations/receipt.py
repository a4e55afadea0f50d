"""Receipt numbers: sixteen digits, so that they can be read aloud and typed on any telephone; fifteen are drawn at random, the
last one tells a slip of the tongue (ISO/IEC 7064, MOD 11,10)."""

import secrets

DIGITS = 16


def draw() -> str:
    """A new number; one in 10^15, so nobody comes upon another's by trying."""
    drawn = "".join(secrets.choice("0123456789") for _ in range(DIGITS - 1))
    return drawn + check_digit(drawn)


def check_digit(digits: str) -> str:
    """The digit that makes a number whole; it notices every single wrong digit and almost every two that changed places."""
    product = 10
    for each in digits:
        total = (product + int(each)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def read(written: str) -> str | None:
    """The number that somebody wrote, whatever stands between its digits; None where it is none."""
    digits = "".join(each for each in written if each in "0123456789")
    whole = len(digits) == DIGITS and check_digit(digits[:-1]) == digits[-1]
    return digits if whole else None


def in_groups(number: str) -> str:
    """As it is shown and read aloud: 1234 5678 9012 3456."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
