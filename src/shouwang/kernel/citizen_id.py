"""Citizen identity numbers (公民身份号码): 17 digits and a check character, GB 11643-1999, ISO 7064 MOD 11-2.

Six digits place, eight digits birth date, three digits order (odd: male), one check character.
The place says where the person was first registered and is not checked: counties come and go.
"""

import re
from datetime import date, timedelta

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
LENGTH = 18
OLD_LENGTH = 15
EARLIEST_YEAR = 1850
# 18 characters, also written in groups, or 15 digits; \d takes full-width digits too.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:\d{6}[ \-]?\d{8}[ \-]?\d{3}[\dXxＸｘ]|\d{15})(?!\d)")


def check_digit(first_17: str) -> str:
    """The check character that belongs to 17 digits."""
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True)) % 11]


def has_format(number: str) -> bool:
    """Whether a text is 17 ASCII digits and a digit or X."""
    return (
        len(number) == LENGTH
        and number.isascii()
        and number[:17].isdigit()
        and (number[17].isdigit() or number[17] == "X")
    )


def is_valid(number: str) -> bool:
    """Whether an 18-character number has the right form, a real birth date and its own check character."""
    return has_format(number) and birth_date(number) is not None and check_digit(number[:17]) == number[17]


def birth_date(number: str) -> date | None:
    """The birth date that an 18-character number states, or None where no such day exists."""
    try:
        day = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return day if day.year >= EARLIEST_YEAR else None


def sex(number: str) -> str:
    """男 or 女, from the last digit of the order number."""
    return "男" if int(number[16]) % 2 else "女"


def upgrade(number: str) -> str:
    """The 18-character form of a 15-digit number, whose century is the twentieth (GB 11643-1989)."""
    first_17 = number[:6] + "19" + number[6:]
    return first_17 + check_digit(first_17)


def mask(number: str) -> str:
    """How a number is shown: place and last four, the birth date hidden."""
    return f"{number[:6]}********{number[-4:]}" if len(number) == LENGTH else "*" * len(number)


def completed_years(born: date, day: date) -> int:
    """Age in completed years (周岁); who was born on 29 February turns on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def first_day_at_age(born: date, years: int) -> date:
    """The first day on which somebody is `years` old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return born.replace(year=born.year + years, day=28) + timedelta(days=1)


def mask_identity_numbers(text: str) -> str:
    """The text with everything that looks like an identity number reduced to its place."""
    return _IDENTITY_NUMBER.sub(lambda found: found[0][:6] + "************", text)
