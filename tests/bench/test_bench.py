"""The benchmark runs at a small size, and finds out where product and pandas do not agree."""

import subprocess
import sys
from pathlib import Path

import polars as pl
from bench.__main__ import differing_clues

ROOT = Path(__file__).parents[2]


def test_a_small_benchmark_from_beginning_to_end(tmp_path: Path) -> None:
    """It ends well only where the pandas version finds the very same clues."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench", "--persons", "1000", "--runs", "1", "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    printed = (tmp_path / "1000" / "result.md").read_text()
    for each in ("CSV, UTF-8", "CSV, GB18030", "xlsx", "shouwang screen", "pandas", "bare scan"):
        assert each in printed
    clues = pl.read_csv(tmp_path / "1000" / "clues.csv")
    assert clues.height > 5


def test_a_clue_of_one_alone_or_of_another_level_is_found() -> None:
    ours = pl.DataFrame({"household_no": ["1", "2"], "risk_type": ["illness"] * 2, "level": ["yellow", "orange"]})
    assert differing_clues(ours, ours) == []
    assert differing_clues(ours, ours.head(1)) == [("2", "illness", "orange")]
    other = ours.with_columns(level=pl.Series(["yellow", "red"]))
    assert differing_clues(ours, other) == [("2", "illness", "orange"), ("2", "illness", "red")]
