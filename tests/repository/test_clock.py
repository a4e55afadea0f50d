"""The tests' own clock: no day ends while they run."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest

import processes
from clock import BEHIND, EARLIER, behind

TELL = "import time; print(time.time())"


@pytest.mark.parametrize(
    ("begun", "expected"),
    [("13:59", timedelta(0)), ("14:00", EARLIER), ("15:59", EARLIER), ("16:00", timedelta(0)), ("04:00", timedelta(0))],
)
def test_who_begins_late_lives_earlier(begun: str, expected: timedelta) -> None:
    now = datetime.fromisoformat(f"2026-11-27T{begun}:00").replace(tzinfo=UTC)
    assert behind(now) == expected


@pytest.mark.parametrize("seconds", ["0.0", "7200.0", "172800.0"])
def test_a_process_that_a_test_starts_lives_as_early(seconds: str) -> None:
    own = float(os.environ[BEHIND])
    told = processes.run(TELL, environ={BEHIND: seconds}, ends=0).stdout.split()
    assert abs(time.time() + own - float(seconds) - float(told[0])) < 60
