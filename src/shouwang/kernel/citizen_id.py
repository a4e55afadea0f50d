"""Citizen identity numbers (公民身份号码): 17 digits and a check character, GB 11643-1999, ISO 7064 MOD 11-2.

Six digits place, eight digits birth date, three digits order (odd: male), one check character.
The place says where the person was first registered and is not checked: counties come and go.
"""

import re
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
LENGTH = 18
OLD_LENGTH = 15
EARLIEST_YEAR = 1850
# 18 characters, also written in groups, or 15 digits; \d takes full-width digits too.
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(?:\d{6}[ \-]?\d{8}[ \-]?\d{3}[\dXxＸｘ]|\d{15})(?!\d)")
_DIGITS_IN_A_ROW = r"\d{6}[ \-]?\d{8}[ \-]?\d{1,4}"

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_CHECKS = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)


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


def as_bytes(numbers: pl.Series) -> Bytes:
    """ASCII texts of 18 characters each, none missing, as an array of shape (n, 18)."""
    texts = numbers.to_arrow()
    if not len(texts):
        return np.zeros((0, LENGTH), dtype=np.uint8)
    return np.frombuffer(texts.buffers()[2], dtype=np.uint8)[: LENGTH * len(texts)].reshape(-1, LENGTH)


def has_format_many(numbers: Bytes) -> Flags:
    """`has_format` for each row of (n, 18) ASCII codes."""
    digits = (numbers >= ord("0")) & (numbers <= ord("9"))
    last = digits[:, 17] | (numbers[:, 17] == ord("X"))
    return np.asarray(digits[:, :17].all(axis=1) & last)


def check_digit_fits_many(numbers: Bytes) -> Flags:
    """Whether each row's last character is the check character of the 17 digits before it."""
    sums = np.zeros(len(numbers), dtype=np.int16)
    for place, weight in enumerate(WEIGHTS):
        sums += (numbers[:, place] - ord("0")).astype(np.int16) * weight
    return np.asarray(_CHECKS[sums % 11] == numbers[:, 17])


def birth_date_exists_many(numbers: Bytes, latest: date) -> Flags:
    """Whether each row states a real day between the year 1850 and `latest`."""
    digits = numbers[:, 6:14].astype(np.int32) - ord("0")
    years = digits[:, :4] @ np.array([1000, 100, 10, 1], dtype=np.int32)
    months = digits[:, 4] * 10 + digits[:, 5]
    days = digits[:, 6] * 10 + digits[:, 7]
    real_month = (months >= 1) & (months <= 12)
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    longest = _MONTH_DAYS[np.where(real_month, months, 0)] + ((months == 2) & leap)
    past = years * 10000 + months * 100 + days <= int(latest.strftime("%Y%m%d"))
    return np.asarray(real_month & (days >= 1) & (days <= longest) & (years >= EARLIEST_YEAR) & past)


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


def mask_in_texts(texts: pl.Series) -> pl.Series:
    """A column of texts with everything in it that looks like an identity number reduced to its place."""
    suspects = texts.str.contains(_DIGITS_IN_A_ROW).fill_null(False)
    if not suspects.any():
        return texts
    masked = texts.filter(suspects).map_elements(mask_identity_numbers, return_dtype=pl.String)
    return texts.scatter(suspects.arg_true(), masked)
