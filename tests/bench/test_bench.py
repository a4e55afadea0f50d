"""The benchmark runs at a small size, and finds out where a peer does not agree with the product."""

import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from bench.from_files import FILES_SCANNED, TAKEN_IN, require_every_row, table_from_files
from bench.growth import chart, exponent
from bench.peers import PEERS, differing_clues, fingerprint, require_same
from bench.processes import Measured, measured
from bench.runs import Runs

from bench import runs

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_a_small_benchmark_from_beginning_to_end(tmp_path: Path) -> None:
    """It ends well only where every peer finds the very same clues."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench", "--persons", "1000", "--months", "1", "--runs", "1", "--folder", str(tmp_path),
         "--peers", "duckdb,polars,pandas,orm"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    printed = (tmp_path / "1000-1m" / "result.md").read_text()
    for each in (
        "CSV, UTF-8",
        "CSV, GB18030",
        "xlsx",
        "shouwang screen",
        "DuckDB",
        "Polars",
        "pandas",
        "bare scan",
        "ORM",
        "from files to clues",
    ):
        assert each in printed
    assert pl.read_csv(tmp_path / "1000-1m" / "clues.csv").height > 5
    kept = json.loads((tmp_path / "1000-1m" / "result.json").read_text())["1000"]
    assert all(run["cpu_seconds"] > 0 and run["peak_mb"] > 20 for run in kept.values())
    assert (tmp_path / "1000-1m" / "growth.svg").read_text().startswith("<svg")


OURS = pl.DataFrame({"household_no": ["1", "2"], "risk_type": ["illness"] * 2, "level": ["yellow", "orange"]})


def test_a_clue_of_one_alone_or_of_another_level_is_found() -> None:
    assert differing_clues(OURS, OURS.reverse()) == []
    assert fingerprint(OURS) != fingerprint(OURS.head(1))
    assert differing_clues(OURS, OURS.head(1)) == [("2", "illness", "orange")]
    other = OURS.with_columns(level=pl.Series(["yellow", "red"]))
    assert differing_clues(OURS, other) == [("2", "illness", "orange"), ("2", "illness", "red")]
    assert differing_clues(OURS, pl.concat([OURS, OURS.head(1)])), "a clue that stands twice"


def test_a_peer_that_differs_ends_the_benchmark(tmp_path: Path) -> None:
    theirs = tmp_path / "peer.parquet"
    OURS.head(1).write_parquet(theirs)
    with pytest.raises(
        SystemExit, match=r"product and a peer differ in 1 clues, for example \('2', 'illness', 'orange'\)"
    ):
        require_same(OURS, theirs, "a peer")
    theirs.with_suffix(".json").write_text('["1"]')
    require_same(OURS, theirs, "a peer that looked at household 1 alone")


def test_a_scan_that_did_not_see_every_row_ends_the_benchmark() -> None:
    require_every_row('{"read": 12, "in_workbooks": 2}', "10\n")
    with pytest.raises(SystemExit, match="the bare scan of the files saw 9 rows"):
        require_every_row('{"read": 12, "in_workbooks": 2}', "9\n")


def test_the_whole_job_is_measured_by_both_scans_and_by_that_of_the_rows_at_rest() -> None:
    seconds = {TAKEN_IN: 90.0, "screening": 10.0, FILES_SCANNED: 4.0, "scan": 1.0}
    runs = {name: Measured(each, each, 1, '{"read": 7000}') for name, each in seconds.items()}
    _, row = table_from_files({2_000: runs, 20_000: {"screening": runs["screening"]}}, "screening", "scan")
    assert row == ("2,000 persons", "7,000", "90.00", "10.00", "4.00", "1.00", "20.0", "100.0")


def test_a_peer_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    spark = next(peer for peer in PEERS if peer.name == "pyspark")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install" in spark.lacking()


def test_growth_is_the_power_of_the_size() -> None:
    assert exponent([(1_000, 2.0), (10_000, 20.0), (100_000, 200.0)]) == pytest.approx(1)
    assert exponent([(1_000, 1.0), (10_000, 100.0)]) == pytest.approx(2)
    assert exponent([(1_000, 1.0)]) is None
    drawn = chart({"a & b": [(1_000, 0.5), (10_000, 7)], "c": [(1_000, 1)]}, "work")
    assert drawn.count("<circle") == 3
    assert "a &amp; b" in drawn


def test_no_name_lies_on_another() -> None:
    drawn = chart({"high": [(10, 1.2), (100, 1.2)], "low": [(10, 1.1), (100, 1.1)], "left": [(10, 1.15)]}, "work")
    places = {name: float(y) for y, name in re.findall(r'y="([\d.]+)" fill="#\w+">(\w+)<', drawn)}
    assert places["low"] - places["high"] >= 15  # pixels downwards
    assert places["high"] < places["left"] < places["low"] + 15


def test_what_a_process_starts_is_measured_with_it() -> None:
    """Half a second of work and fifty megabytes, in a child that nobody waits for."""
    child = "x = bytearray(60_000_000)\nimport time\nwhile time.process_time() < 0.5: pass"
    parent = f"import subprocess, sys\nwith subprocess.Popen([sys.executable, '-c', {child!r}]): pass"
    found = measured([sys.executable, "-c", parent])
    assert found.cpu_seconds >= 0.4
    assert found.peak_mb > 60


def test_a_kept_run_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", "import time; print(time.time())"]
    began: list[int] = []
    first = Runs(tmp_path).measured("clock", 0, command, before=lambda: began.append(1))
    assert Runs(tmp_path).measured("clock", 0, command, before=lambda: began.append(2)) == first
    assert Runs(tmp_path).measured("clock", 1, command).output != first.output
    monkeypatch.setattr(runs, "measured_of", lambda: "other code")
    assert Runs(tmp_path).measured("clock", 0, command).output != first.output
    assert began == [1]
