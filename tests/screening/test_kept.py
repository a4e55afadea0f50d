"""What one screening leaves for the next is believed only where it is whole and tells of the same ground: whatever happened
to it, the next one finds what a full run finds, and says why it had to look at everybody."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from screening.histories import History, of_rules
from screening.random_worlds import RandomWorld
from shouwang.deliveries import lake
from shouwang.deliveries.lake import Lake
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack, load_pack
from shouwang.screening import daily, kept
from shouwang.screening.batch import ClueBatch
from shouwang.screening.daily import screen_daily
from shouwang.screening.run import screen

DAY = timedelta(days=1)
SEED = 6
POLICY = "政策包或审定的数值有变化"


@pytest.fixture(autouse=True)
def _however_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "MOST", 2.0)
    monkeypatch.setattr(lake, "THREADS", 1)


def few_rules(folder: Path | None = None) -> Pack:
    """Nothing here depends on how many rules there are."""
    return of_rules(load_pack(folder), ("accident.casualty", "medical.high_out_of_pocket", "income.below_line"))


class Evening:
    """A home that was screened yesterday and has grown since; `full` is what a full run finds today."""

    def __init__(self, folder: Path) -> None:
        drawn = RandomWorld(SEED, households=14)
        self.day, history = drawn.d, History(folder)
        few = len(drawn.rows) // 50
        history.deliver(drawn.rows[few:], self.day - DAY)
        screen_daily(history.home, few_rules(), self.day - DAY)
        history.deliver(drawn.rows[:few], self.day)
        self.path, self.full = folder, screen(history.home, few_rules(), self.day)

    def copied(self, folder: Path) -> Home:
        shutil.copytree(self.path, folder)
        return Home(folder)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    return Evening(tmp_path_factory.mktemp("evening") / "home")


def found(batch: ClueBatch) -> list[Any]:
    """All that stands, and what is counted."""
    standing = sorted((each.household_no, each.risk_type, each.level, each.division_code) for each in batch.standing())
    return [standing, batch.hits_by_rule, batch.income_unknown, batch.households_screened]


def left(home: Home) -> dict[str, Any]:
    """What lies there for the next run, whatever the files are called."""
    folder = home.lake / "screened"
    state = json.loads((folder / "state.json").read_text())
    tables = {
        table: sorted(map(str, duckdb.connect().execute(f"SELECT * FROM '{folder / file[0]}'").fetchall()))
        for table, file in state["files"].items()
    }
    assert {path.name for path in folder.glob("*.parquet")} == {file[0] for file in state["files"].values()}
    return {"ground": state["ground"], "screened": state["screened"], "tables": tables}


def test_whole_and_of_the_same_ground_it_is_gone_on_from(evening: Evening, tmp_path: Path) -> None:
    batch = screen_daily(evening.copied(tmp_path / "home"), few_rules(), evening.day)
    assert batch.carried
    assert batch.looked.why_everybody == ""
    assert found(batch) == found(evening.full)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _flip(path: Path) -> None:
    """One bit, where the rows are: the file can be read."""
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def _garble(path: Path) -> None:
    path.write_text("{ not what was written")


@pytest.mark.parametrize(
    ("which", "harm", "why"),
    [
        ("state.json", Path.unlink, kept.NOTHING_KEPT),
        ("state.json", _garble, kept.DAMAGED),
        ("state.json", _cut, kept.DAMAGED),
        ("person", Path.unlink, kept.DAMAGED),
        ("hit", _cut, kept.DAMAGED),
        ("superseded", _garble, kept.DAMAGED),
        ("household", _flip, kept.DAMAGED),
    ],
)
def test_what_is_damaged_or_missing_is_said_and_everybody_looked_at(
    which: str, harm: Callable[[Path], None], why: str, evening: Evening, tmp_path: Path
) -> None:
    home = evening.copied(tmp_path / "home")
    folder = home.lake / "screened"
    files = json.loads((folder / "state.json").read_text())["files"]
    harm(folder / (files[which][0] if which in files else which))
    batch = screen_daily(home, few_rules(), evening.day)
    assert (batch.carried, batch.looked.why_everybody) == (None, why)
    assert found(batch) == found(evening.full)
    assert screen_daily(home, few_rules(), evening.day).looked.total == 0  # and the next run goes on from this one


@pytest.fixture(scope="module")
def never_killed(evening: Evening, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = evening.copied(tmp_path_factory.mktemp("never") / "home")
    screen_daily(home, few_rules(), evening.day)
    return left(home)


class Killed(BaseException):
    """Nothing of the program catches it, as nothing catches a kill."""


def _at_the_copy(number: int) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(patch: pytest.MonkeyPatch) -> None:
        whole, seen = Lake.run, [0]

        def run(self: Lake, sql: str) -> Any:
            seen[0] += sql.startswith("COPY")
            if seen[0] == number:
                Path(sql.split(" TO '")[1].partition("'")[0]).write_bytes(b"PAR1 half of it")
                raise Killed
            return whole(self, sql)

        patch.setattr(Lake, "run", run)

    return plant


def _in_the_middle(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(daily, "find_hits", _kill)


def _before_the_state(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept, "replace_file", _kill)


def _after_the_state(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Path, "unlink", _kill)


def _kill(*told: Any, **named: Any) -> Any:
    raise Killed


@pytest.mark.parametrize("plant", [_in_the_middle, _at_the_copy(3), _before_the_state, _after_the_state])
def test_killed_and_run_again_it_is_as_if_never_killed(
    plant: Callable[[pytest.MonkeyPatch], None],
    evening: Evening,
    never_killed: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = evening.copied(tmp_path / "home")
    with monkeypatch.context() as patch:
        plant(patch)
        with pytest.raises(Killed):
            screen_daily(home, few_rules(), evening.day)
    again = screen_daily(home, few_rules(), evening.day)
    assert again.looked.why_everybody == ""
    assert found(again) == found(evening.full)
    assert left(home) == never_killed


def test_two_at_once_do_not_meet(evening: Evening, tmp_path: Path) -> None:
    home = evening.copied(tmp_path / "home")
    before = left(home)
    with FileLock(home.lake / "screened" / "lock"):
        batch = screen_daily(home, few_rules(), evening.day)
    assert (batch.carried, batch.looked.why_everybody) == (None, daily.BUSY)
    assert found(batch) == found(evening.full)
    assert left(home) == before


def _of_which_half_is_touched(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept.Kept, "households", lambda self, lake: 0)


def _of_which_most_come_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kept.Kept, "persons", lambda self, lake: 0)


def _of_values_that_the_day_alone_changes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(daily, "_turns_as_a_whole", lambda *told: True)


@pytest.mark.parametrize(
    ("plant", "why"),
    [
        (_of_which_half_is_touched, daily.MORE_THAN_HALF),
        (_of_which_most_come_anew, daily.REGISTERED_ANEW),
        (_of_values_that_the_day_alone_changes, daily.TURNED),
    ],
)
def test_where_it_is_not_small_work_everybody_is_looked_at(
    plant: Callable[[pytest.MonkeyPatch], None],
    why: str,
    evening: Evening,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = evening.copied(tmp_path / "home")
    with monkeypatch.context() as patch:
        plant(patch)
        batch = screen_daily(home, few_rules(), evening.day)
    assert (batch.carried, batch.looked.why_everybody) == (None, why)
    assert found(batch) == found(evening.full)
    assert screen_daily(home, few_rules(), evening.day).looked.total == 0


def test_a_delivery_that_is_gone(evening: Evening, tmp_path: Path) -> None:
    home = evening.copied(tmp_path / "home")
    [first, *_] = sorted(home.lake.glob("deliveries/*.json"))[3:]
    first.unlink()
    batch = screen_daily(home, few_rules(), evening.day)
    assert batch.looked.why_everybody == "此前的交付与上一次筛查时不同"
    assert found(batch) == found(screen(home, few_rules(), evening.day))


def _another(pack: Pack, folder: Path, file: str, change: tuple[str, str]) -> Pack:
    """The pack with one file changed."""
    shutil.copytree(pack.path, folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    return few_rules(folder)


PARAMETER, RULE = "parameters/medical/high_ordinary.yaml", "rules/medical/high_out_of_pocket.yaml"
LOWER = ("values:\n  2020-01-01: ", "values:\n  2020-01-01: 1 # before: ")


@pytest.mark.parametrize(("file", "change"), [(PARAMETER, LOWER), (RULE, (">= medical.high_ordinary", "> 0"))])
def test_another_parameter_or_rule(file: str, change: tuple[str, str], evening: Evening, tmp_path: Path) -> None:
    home, pack = evening.copied(tmp_path / "home"), _another(few_rules(), tmp_path / "pack", file, change)
    batch = screen_daily(home, pack, evening.day)
    assert (batch.carried, batch.looked.why_everybody) == (None, POLICY)
    assert found(batch) == found(screen(home, pack, evening.day)) != found(evening.full)
    assert screen_daily(home, few_rules(), evening.day).looked.why_everybody == POLICY  # and back again


def test_another_version_of_a_rule_that_finds_the_same(evening: Evening, tmp_path: Path) -> None:
    home, casualty = evening.copied(tmp_path / "home"), "accident.casualty"
    told = "changes: [{since: 2021-01-01, what: 改写说明, ground: {document: other-counties, clause: 公安筛查}}]"
    change = ("version: 1", f"version: 2\n{told}")
    batch = screen_daily(
        home, _another(few_rules(), tmp_path / "pack", "rules/accident/casualty.yaml", change), evening.day
    )
    assert (batch.looked.why_everybody, found(batch)) == (POLICY, found(evening.full))
    assert {each.evidence[casualty]["version"] for each in batch.clues if casualty in each.rules} == {2}


def test_a_parameter_that_has_another_value_from_today_on(evening: Evening, tmp_path: Path) -> None:
    home, lower = evening.copied(tmp_path / "home"), (LOWER[0], f"values:\n  2020-01-01: 20000\n  {evening.day}: 1 # ")
    pack = _another(few_rules(), tmp_path / "pack", PARAMETER, lower)
    eve = screen_daily(home, pack, evening.day - DAY)
    batch = screen_daily(home, pack, evening.day)
    assert (eve.carried, batch.carried) == (None, None)
    assert batch.looked.why_everybody == "参数在两次筛查之间换了数值：medical.high_ordinary"
    assert found(batch) == found(screen(home, pack, evening.day)) != found(evening.full)


def test_another_program(evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_code", lambda: "another")
    batch = screen_daily(evening.copied(tmp_path / "home"), few_rules(), evening.day)
    assert (batch.carried, batch.looked.why_everybody) == (None, "程序已更新")


def test_the_checker_is_checked(evening: Evening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a change of the pack not seen, another clue state would come out, and these tests would say so."""
    monkeypatch.setattr(kept.Ground, "why_not_from", lambda *told: "")
    home, pack = evening.copied(tmp_path / "home"), _another(few_rules(), tmp_path / "pack", PARAMETER, LOWER)
    batch = screen_daily(home, pack, evening.day)
    assert batch.carried
    assert found(batch) != found(screen(home, pack, evening.day))
