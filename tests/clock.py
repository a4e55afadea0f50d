"""Tests that begin late in the evening live two hours earlier, to the end: whoever runs over midnight has two days for "today".

The other processes that tests start learn it from their environment (`fork_server.py`). PostgreSQL and browsers keep the time of
the machine; nothing that is tested asks them what day it is.
"""

import os
import time
from datetime import datetime, timedelta

from shouwang.kernel.china_time import BEIJING

BEHIND = "SHOUWANG_TEST_CLOCK_BEHIND"  # seconds
LATE = 22  # o'clock in China; no run of the tests takes two hours
EARLIER = timedelta(hours=2)


def behind(now: datetime) -> timedelta:
    """How far the tests live behind the clock when they begin `now`."""
    return EARLIER if now.astimezone(BEIJING).hour >= LATE else timedelta(0)


def set_back() -> None:
    """In this process and all it starts. The first process decides, the others follow."""
    told = os.environ.setdefault(BEHIND, str(behind(datetime.now(BEIJING)).total_seconds()))
    if float(told):
        import time_machine

        time_machine.travel(time.time() - float(told)).start()
