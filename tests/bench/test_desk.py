"""The bench of the desk at its smallest: every page is asked for and answered, and the report tells what went wrong."""

from pathlib import Path

import pytest
from bench.desk import measure, report, times_of
from bench.desk_load import MIX
from bench.postgresql import NoServer, programs


@pytest.fixture(scope="module")
def server() -> None:
    try:
        programs()
    except NoServer as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("server")
def test_a_small_city_is_asked_for_every_page_without_an_error(tmp_path: Path) -> None:
    found = measure(tmp_path, households=12_000, clues=600, rate=8, seconds=8)
    times = {each.kind: each for each in times_of(found["told"])}
    assert len(found["told"]) == 64
    assert times["all"].errors == 0
    assert times.keys() <= {*MIX, "all"}
    assert found["cpu"]["site"] > 0
    assert "row by row" in report(found)


def test_what_is_no_page_is_an_error_and_has_no_time() -> None:
    told = [{"kind": "clue", "seconds": place / 1000, "status": 200} for place in range(1, 101)]
    told += [
        {"kind": "clue", "seconds": 9.0, "status": 500},
        {"kind": "today", "seconds": 30.0, "status": "TimeoutError"},
    ]
    clue, today, whole = times_of(told)
    assert (clue.kind, len(clue.milliseconds), clue.errors) == ("clue", 100, 1)
    assert (clue.at(0.5), clue.at(0.95), clue.at(0.99)) == (51, 96, 100)
    assert (today.errors, whole.errors) == (1, 2)
