"""The ledger is read once as long as it is the same, and anew as soon as a report is another."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from shouwang.deliveries import ledger
from shouwang.deliveries.ledger import DeliveryReport, commit, deliveries, delivery
from shouwang.kernel.home import init_home


def test_a_report_is_read_once_and_anew_when_it_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = init_home(tmp_path / "home")
    report = DeliveryReport(
        1, "medical_settlement", "a.csv", "0" * 64, 9, date(2021, 6, 17), "2021-06-17T08:00:00+08:00", "utf-8", None, 1
    )
    commit(home, report)
    assert deliveries(home) == [report]
    read, loads = [], ledger.json.loads
    monkeypatch.setattr(ledger.json, "loads", lambda content: read.append(content) or loads(content))
    assert (deliveries(home), delivery(home, "D000001"), read) == ([report], report, [])
    later = replace(report, corrected=3)
    commit(home, later)
    assert (deliveries(home), len(read)) == ([later], 1)
    (home.deliveries / "D000001.json").unlink()
    assert deliveries(home) == []
