"""What was known on a day: the last version of each key, in order of receipt, not of ingest."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert not any((home.path / "spill").rglob("*.tmp"))
    assert not any((home.path / "spill").rglob("*.block"))
    lake._database.cache_clear()
    assert not any((home.path / "spill").iterdir())


def test_lakes_share_what_takes_long_to_open_and_no_table(tmp_path: Path) -> None:
    home = ExampleWorld([row("A", 1, date(2021, 6, 1)), row("B", 2, date(2021, 6, 2))]).build(tmp_path / "home")
    lake._database.cache_clear()
    with Lake(home, date(2021, 6, 1)) as first, Lake(home, None) as second:
        for each, expected in ((first, [(1,)]), (second, [(2,)])):
            select = f"SELECT {each.coded(SOURCE, 'care_type')} FROM ({each.versions(SOURCE, ('care_type',))}) AS r"
            each.store("own", select)
            assert each.run("SELECT count(*) FROM own WHERE care_type = '住院'").fetchall() == expected
        assert first.run("SELECT count(*) FROM own").fetchall() == [(1,)]
    with Lake(home, None) as third, pytest.raises(Failure, match="own"):
        third.run("FROM own")
    assert lake._database.cache_info().misses == 1


def test_a_lake_reads_its_own_home_whoever_was_asked_before(tmp_path: Path) -> None:
    homes = [ExampleWorld([row("A", amount, date(2021, 6, 1))]).build(tmp_path / f"{amount}") for amount in (1, 2)]
    with Lake(homes[0], None) as first, Lake(homes[1], None) as second:
        for each, own, other in ((first, *homes), (second, *reversed(homes))):
            path = "{}/D000001.parquet"
            assert each.run(f"FROM '{path.format(own.rows(SOURCE))}'").fetchall()
            with pytest.raises(Failure, match="Permission"):
                each.run(f"FROM '{path.format(other.rows(SOURCE))}'")
    assert [amounts(home, None) for home in homes] == [[("A", 1)], [("A", 2)]]


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    day = date(2021, 6, 1)
    home, other = (ExampleWorld([row("A", amount, day)]).build(tmp_path / f"{amount}") for amount in (1, 2))
    assert amounts(home, None) == [("A", 1)]
    replaced = home.rows(SOURCE) / "D000001.parquet"
    replaced.write_bytes((other.rows(SOURCE) / "D000001.parquet").read_bytes())
    assert amounts(home, None) == [("A", 2)]


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


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return init_home(tmp_path_factory.mktemp("empty") / "home")


@given(values=st.lists(st.one_of(st.none(), st.integers(-3, 12), st.integers(-(2**63), 2**63 - 1)), max_size=40))
def test_what_stands_there_several_times_is_found_and_nothing_else(empty: Home, values: list[int | None]) -> None:
    listed = ", ".join(f"({'NULL' if value is None else repr(str(value))}::BIGINT)" for value in [*values, None, None])
    with Lake(empty, None) as asked:
        found = asked.repeated("v", f"SELECT v FROM (VALUES {listed}) AS t(v)")
        told = sorted(row[0] for row in asked.run(f"SELECT v FROM {found}").fetchall()) if found else []
    assert told == sorted({value for value in values if value is not None and values.count(value) > 1})


def test_a_code_is_kept_in_little_room_and_reads_as_the_text_that_it_is(tmp_path: Path, empty: Home) -> None:
    home = ExampleWorld([row("A", 1, date(2021, 6, 1)), row("B", 2, date(2021, 6, 1))]).build(tmp_path / "home")
    with Lake(home, None) as asked:
        rows = asked.versions(SOURCE, ("settlement_no", "care_type"))
        columns = ", ".join(asked.coded(SOURCE, name) for name in ("settlement_no", "care_type"))
        assert asked.store("kept", f"SELECT {columns} FROM ({rows}) AS r") == 2
        assert asked.run("SELECT * FROM kept ORDER BY ALL").fetchall() == [("A", "住院"), ("B", "住院")]
        assert asked.run("SELECT count(*) FROM kept WHERE care_type IN ('住院', '没有这一类')").fetchall() == [(2,)]
        kinds = [kind for _, kind, *_ in asked.run("DESCRIBE kept").fetchall()]
        assert kinds[0] == "VARCHAR"
        assert kinds[1].startswith("ENUM")
    with Lake(empty, None) as nothing:
        assert nothing.coded(SOURCE, "care_type") == "care_type"
