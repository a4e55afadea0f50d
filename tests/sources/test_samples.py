"""Every source's own samples go in as its notes say."""

from datetime import date
from pathlib import Path

import pytest
import yaml

import shouwang.sources
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.quarantine import quarantined_rows
from shouwang.kernel.home import Home, init_home
from shouwang.sources.contract import contracts

FOLDER = Path(shouwang.sources.__file__).parent
RECEIVED = date(2021, 6, 30)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path)


@pytest.mark.parametrize("source", contracts())
def test_good_sample_is_taken_whole(home: Home, source: str) -> None:
    report = ingest_file(home, source, FOLDER / source / "samples" / "good.csv", RECEIVED)
    assert (report.encoding, report.header_line, report.skipped_lines) == ("gb18030", 2, (6,))
    assert (report.read, report.quarantined) == (3, 0)


@pytest.mark.parametrize("source", contracts())
def test_bad_sample_is_quarantined_for_the_reasons_expected(home: Home, source: str) -> None:
    samples = FOLDER / source / "samples"
    report = ingest_file(home, source, samples / "bad.csv", RECEIVED)
    expected = yaml.safe_load((samples / "bad.expected.yaml").read_text(encoding="utf-8"))
    found = {row.line: sorted(row.reasons) for row in quarantined_rows(home, report.number)}
    assert found == expected
    assert report.read == report.accepted + report.duplicate + report.quarantined


def test_sixteen_sources_each_with_notes() -> None:
    assert len(contracts()) == 16
    assert all((FOLDER / source / "notes.md").exists() for source in contracts())
