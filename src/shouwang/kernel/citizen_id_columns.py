"""Citizen identity numbers, a whole column at once. Apart from `citizen_id`, so that a command that reads no file loads no dataframes."""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from shouwang.kernel.citizen_id import CHECK_CHARACTERS, EARLIEST_YEAR, LENGTH, WEIGHTS, mask_identity_numbers

_DIGITS_IN_A_ROW = r"\d{6}[ \-]?\d{8}[ \-]?\d{1,4}"

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_CHECKS = np.frombuffer(CHECK_CHARACTERS.encode(), dtype=np.uint8)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int32)


def as_bytes(numbers: pl.Series) -> Bytes:
    """ASCII texts of 18 characters each, none missing, as an array of shape (n, 18)."""
    texts = numbers.to_arrow()
    if not len(texts):
        return np.zeros((0, LENGTH), dtype=np.uint8)
    return np.frombuffer(texts.buffers()[2], dtype=np.uint8)[: LENGTH * len(texts)].reshape(-1, LENGTH)


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


def mask_in_texts(texts: pl.Series) -> pl.Series:
    """A column of texts with everything in it that looks like an identity number reduced to its place."""
    suspects = texts.str.contains(_DIGITS_IN_A_ROW).fill_null(False)
    if not suspects.any():
        return texts
    masked = texts.filter(suspects).map_elements(mask_identity_numbers, return_dtype=pl.String)
    return texts.scatter(suspects.arg_true(), masked)
