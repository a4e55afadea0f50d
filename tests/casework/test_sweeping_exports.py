"""What a killed process left of an export in memory is taken away; what a living one is writing stays."""

import io
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shouwang.outputs import workbook
from shouwang.outputs.workbook import PREFIX, Mark, marked_book, sweep

MARK = Mark("E1", "向明", "shi", "重庆市 市级", datetime(2021, 6, 1, tzinfo=UTC), "重庆市")


def test_only_what_nobody_writes_any_more_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "IN_MEMORY", tmp_path)
    gone = subprocess.Popen(["true"])
    gone.wait()
    for name in (f"{gone.pid}-abc", "of-before"):
        (tmp_path / f"{PREFIX}{name}").mkdir()
    (tmp_path / "somebody-elses").mkdir()
    stream = io.BytesIO()
    with marked_book(stream, MARK) as book:
        sheet = book.sheet("线索", ["户"])
        assert sweep() == 2
        sheet.write(1, ["H1"])
    assert stream.getvalue().startswith(b"PK")
    assert [each.name for each in tmp_path.iterdir()] == ["somebody-elses"]
