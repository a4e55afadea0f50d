"""The bench of the desk at its smallest: every page is asked for and answered, and the report tells what went wrong."""

import tempfile
from pathlib import Path

import pytest
from bench.desk import made_from, measure, report, times_of
from bench.desk_load import MIX
from bench.postgresql import NoServer, programs


@pytest.fixture(scope="module")
def server() -> None:
    try:
        programs()
    except NoServer as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("server")
@pytest.mark.long
def test_a_small_city_is_asked_for_every_page_without_an_error_and_kept() -> None:
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        folder.chmod(0o711)  # PostgreSQL's own user goes there too
        found = measure(folder, households=12_000, clues=600, rate=16, seconds=4)
        (filled,) = folder.glob("*/filled.json")
        made = filled.stat().st_mtime_ns
        assert measure(folder, households=12_000, clues=600, rate=8, seconds=0) == {}
        assert filled.stat().st_mtime_ns == made
    times = {each.kind: each for each in times_of(found["told"])}
    assert len(found["told"]) == 64
    assert times["all"].errors == 0
    assert times.keys() <= {*MIX, "all"}
    assert found["cpu"]["site"] > 0
    assert "row by row" in report(found)


def test_a_city_of_another_size_or_of_other_code_is_filled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    known = made_from(12_000, 600)
    assert made_from(12_000, 600) == known
    assert made_from(12_000, 601) != known
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"other code")
    assert made_from(12_000, 600) != known


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
