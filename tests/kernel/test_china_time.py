"""The day is China's, wherever the server stands."""

import pytest
import time_machine

from shouwang import settings
from shouwang.kernel import china_time


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2021-06-30T15:59:59Z", "2021-06-30"),
        ("2021-06-30T16:00:00Z", "2021-07-01"),
        ("2021-12-31T16:00Z", "2022-01-01"),
    ],
)
def test_the_day_begins_at_midnight_in_beijing(moment: str, day: str) -> None:
    with time_machine.travel(moment):
        assert str(china_time.today()) == day


def test_pages_keep_the_same_time() -> None:
    assert settings.TIME_ZONE == "Asia/Shanghai"
