"""Days on the command line."""

import re
from datetime import date

from shouwang.kernel.errors import InputError

WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_day(text: str, option: str) -> date:
    """A day given on the command line.

    Raises:
        InputError: not a day in the form 2021-06-30; `date.fromisoformat` alone would also take week dates.
    """
    try:
        if not WRITTEN.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} 的日期“{text}”无法识别", "请写成 2021-06-30 的样子") from None
