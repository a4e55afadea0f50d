"""What was known on a day: the last version of each key, in order of receipt, not of ingest."""

from datetime import date
from pathlib import Path

import pytest

from shouwang.deliveries import lake
from shouwang.deliveries.lake import Lake
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home, init_home
from shouwang.screening.example_world import ExampleRow, ExampleWorld

SOURCE = "medical_settlement"


def row(number: str, amount: int, received_on: date, ingested: int = 0) -> ExampleRow:
    values = {"settlement_no": number, "settled_on": date(2021, 1, 1), "care_type": "住院", "out_of_pocket": amount}
    return ExampleRow(SOURCE, received_on, values, "甲", delivered=ingested)


def amounts(home: Home, known_at: date | None) -> list[tuple[str, int]]:
    with Lake(home, known_at) as lake:
        sql = lake.versions(SOURCE, ("settlement_no", "out_of_pocket"))
        return sorted((number, int(amount)) for number, amount in lake.run(sql).fetchall())


def test_the_last_received_counts_even_if_ingested_first(tmp_path: Path) -> None:
    late, early = row("A", 900, date(2021, 6, 10), 0), row("A", 100, date(2021, 6, 1), 1)
    home = ExampleWorld([late, early, row("B", 5, date(2021, 6, 1), 1)]).build(tmp_path / "home")
    assert amounts(home, None) == [("A", 900), ("B", 5)]
    assert amounts(home, date(2021, 6, 9)) == [("A", 100), ("B", 5)]
    assert amounts(home, date(2021, 5, 31)) == []


def test_of_one_day_the_later_delivery_counts_then_the_later_line(tmp_path: Path) -> None:
    day = date(2021, 6, 1)
    home = ExampleWorld([row("A", 1, day, 0), row("A", 2, day, 1), row("A", 3, day, 1)]).build(tmp_path / "home")
    assert amounts(home, None) == [("A", 3)]


def test_content_that_returns_is_the_last_version(tmp_path: Path) -> None:
    rows = [row("A", 1, date(2021, 6, 1)), row("A", 2, date(2021, 6, 2)), row("A", 1, date(2021, 6, 3))]
    home = ExampleWorld(rows).build(tmp_path / "home")
    assert amounts(home, None) == [("A", 1)]
    assert amounts(home, date(2021, 6, 2)) == [("A", 2)]


def test_a_delivery_without_its_rows_stops_the_screening(tmp_path: Path) -> None:
    home = ExampleWorld([row("A", 1, date(2021, 6, 1))]).build(tmp_path / "home")
    (home.rows(SOURCE) / "D000001.parquet").unlink()
    with pytest.raises(Failure, match="D000001"):
        amounts(home, None)


def test_a_broken_file_is_a_failure_in_words(tmp_path: Path) -> None:
    home = ExampleWorld([row("A", 1, date(2021, 6, 1))]).build(tmp_path / "home")
    (home.rows(SOURCE) / "D000001.parquet").write_bytes(b"PAR1 half")
    with pytest.raises(Failure, match="读取数据目录失败"):
        amounts(home, None)


def test_an_empty_home_has_typed_empty_sources(tmp_path: Path) -> None:
    assert amounts(init_home(tmp_path / "home"), None) == []


def test_what_memory_does_not_hold_goes_to_the_disk_of_a_home_that_never_spilled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "MEMORY_SHARE", 0.01)
    monkeypatch.setenv("SHOUWANG_MEMORY", "4GB")
    home = init_home(tmp_path / "home")
    with Lake(home, date(2021, 1, 1)) as small:
        small.store("many", "SELECT range AS n, hash(range) AS h FROM range(6000000)")
        assert small.run("SELECT count(*), sum(n) FROM many").fetchall() == [(6_000_000, 17_999_997_000_000)]
        assert any((home.path / "spill").rglob("*.tmp")) or any((home.path / "spill").rglob("*.block"))
    assert not any((home.path / "spill").iterdir())


def test_what_a_killed_screening_spilled_is_cleared(tmp_path: Path) -> None:
    home = init_home(tmp_path / "home")
    abandoned = home.path / "spill" / "99999999-0"
    abandoned.mkdir(parents=True)
    (abandoned / "x.tmp").write_bytes(b"1")
    with Lake(home, None) as lake:
        lake.run("SELECT 1")
        assert not abandoned.exists()


def test_a_memory_limit_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_MEMORY", "plenty")
    with pytest.raises(Failure, match="SHOUWANG_MEMORY"), Lake(init_home(tmp_path / "home"), None) as lake:
        lake.run("SELECT 1")
