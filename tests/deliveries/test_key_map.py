"""The register's key map: what is kept between runs says the same as what is made anew, after any order of deliveries."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from conftest_numbers import number, village
from shouwang.deliveries import key_map as module
from shouwang.deliveries.identities import RegisteredPersons
from shouwang.deliveries.key_map import KeyMap
from shouwang.deliveries.ledger import deliveries
from shouwang.kernel import limits
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home
from shouwang.kernel.keys import pseudonym

HEAD = "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系"
DAYS = ("2021-01-05", "2021-03-05", "2021-02-05", "2021-04-05")
JOBS = "证件号码,姓名,单位,入职日期,离职日期,欠薪月数"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every map is worth keeping."""
    monkeypatch.setattr(module, "WORTH_KEEPING", 1)


def people(home: Home, day: str, keep: bool = False) -> list[tuple[object, ...]]:
    found = RegisteredPersons(home, date.fromisoformat(day), keep).map
    return [row for part in found.iter_slices(2) for row in part.rows()]


def files(home: Home) -> set[str]:
    return {str(path.relative_to(home.path / "register")) for path in (home.path / "register").glob("*/person.npy")}


def person(home: Home, serial: int) -> int:
    return pseudonym(home.keys(), number(serial))


def test_a_kept_map_says_what_a_new_one_says(home: Home, send, kept: None) -> None:
    """One delivery after the other, the third of an earlier day than the second; names change and people are added."""
    for place, day in enumerate(DAYS, start=1):
        lines = [
            f"H{n},{village()},一般农户,{'向冉覃'[n % 3]}{'甲乙丙丁'[place - 1]},{number(n)},户主"
            for n in range(place + 2)
        ]
        send("household_register", [HEAD, *lines], on=day)
        before = people(home, day, keep=True)
        assert before == people(home, day)
        assert len(files(home)) == 1
    kept_there, names = people(home, DAYS[3]), {row[0]: row[1] for row in people(home, DAYS[1])}
    assert files(home) == {"4/person.npy"}
    assert names[person(home, 4)] == "冉丙", "delivered late, but known by then"
    assert names[person(home, 3)] == "向乙", "what was received later counts"
    (home.path / "register" / module.MARKER).unlink()
    assert people(home, DAYS[3]) == kept_there


def test_an_earlier_day_is_answered_without_touching_the_kept_map(home: Home, send, kept: None) -> None:
    for day, name in (("2021-01-05", "向小山"), ("2021-03-05", "向大山")):
        send("household_register", [HEAD, f"H1,{village()},一般农户,{name},{number(1)},户主"], on=day)
        people(home, day, keep=True)
    assert [row[1] for row in people(home, "2021-02-01", keep=True)] == ["向小山"]
    assert files(home) == {"2/person.npy"}


@pytest.mark.parametrize("name", ["person.npy", "texts.parquet"])
def test_a_map_that_is_not_whole_is_made_anew(home: Home, send, register, kept: None, name: str) -> None:
    whole = people(home, "2021-06-30", keep=True)
    path: Path = home.path / "register" / "1" / name
    path.write_bytes(path.read_bytes()[:-20])
    assert people(home, "2021-06-30", keep=True) == whole


def test_ingest_merges_what_the_register_brought_since(home: Home, send, register, kept: None) -> None:
    assert send("employment_record", [JOBS, f"{number(3)},冉大田,甲厂,2021-02-01,,"]).linked == 1
    first = files(home)
    late = send("employment_record", [JOBS, f"{number(4)},冉三田,甲厂,2021-02-01,,"], on="2021-06-29")
    assert (late.unregistered, files(home)) == (1, first), "the map as it was kept was enough"
    send("household_register", [HEAD, f"H3,{village()},一般农户,冉三田,{number(4)},户主"])
    assert send("employment_record", [JOBS, f"{number(4)},冉三田,乙厂,2021-02-02,,"]).linked == 1
    assert files(home) != first
    assert len(deliveries(home)) == 5


def test_questions_in_any_order_and_about_nobody() -> None:
    persons = np.array([3, 7, 9])
    arrays = {name: np.zeros(3, dtype) for name, dtype in module.COLUMNS.items()} | {"person": persons}
    found = KeyMap((1,), arrays, pl.Series(["男"]))
    asked = pl.Series([9, 4, None, 3, 10, 1, 9], dtype=pl.Int64)
    assert found.has(asked).to_list() == [True, False, False, True, False, False, True]
    assert found.rows_of(asked)["person"].to_list() == [3, 9]
    assert module.EMPTY.has(asked).any() is False
    assert module.EMPTY.rows_of(asked).is_empty()


def test_a_file_that_the_disk_cannot_hold_is_refused_whole(home: Home, send, register, monkeypatch) -> None:
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100}))
    with pytest.raises(Failure, match="磁盘空间不够"):
        send("employment_record", [JOBS, f"{number(3)},冉大田,甲厂,2021-02-01,,"])
    assert len(deliveries(home)) == 1
