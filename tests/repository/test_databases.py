"""A test that asks the database runs on SQLite and on PostgreSQL, unless it says why not."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from databases import (
    FIRST,
    POSTGRESQL,
    SQLITE,
    asks_the_database,
    drawn,
    file_of,
    in_turn,
    lots,
    on_both,
    runs_on,
    time_left,
)

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "testing.md"


def collected(*fixtures: str, **markers: dict[str, str]) -> Any:
    marks = {name: getattr(pytest.mark, name)(**told).mark for name, told in markers.items()}
    return SimpleNamespace(nodeid="", fixturenames=list(fixtures), get_closest_marker=marks.get)


@pytest.mark.parametrize(
    ("test", "on_postgresql"),
    [
        (collected("db"), True),
        (collected("client", "transactional_db"), True),
        (collected("rows_of_the_file", "django_db_setup"), True),
        (collected(django_db={}), True),
        (collected("tmp_path"), False),
        (collected("db", sqlite={}), False),
        (collected("db", once={"because": "words"}), False),
    ],
)
def test_what_asks_the_database_runs_on_both(test: Any, on_postgresql: bool) -> None:
    assert (runs_on(SQLITE, test), runs_on(POSTGRESQL, test)) == (True, on_postgresql)


def of_files(*paths: str, fixture: str = "db") -> list[Any]:
    """Two tests of each file."""
    made = [collected(fixture) for _ in paths for _ in "ab"]
    for place, test in enumerate(made):
        test.nodeid = f"tests/{paths[place // 2]}::{'ab'[place % 2]}"
    return made


def test_what_databases_decide_comes_first_and_the_others_from_where_the_turn_begins() -> None:
    tests = of_files(
        "repository/test_x.py", "casework/test_deciding_at_once.py", "web/test_a.py", "web/test_b.py", "web/test_c.py"
    )
    first, others = tests[:4], tests[4:]
    assert in_turn(tests, POSTGRESQL, 0) == tests
    assert in_turn(tests, POSTGRESQL, 1)[:4] == first
    assert in_turn(tests, POSTGRESQL, 1)[4:] == others[2:] + others[:2]
    assert {FIRST.search(f"tests/{file.relative_to(TESTS)}") is None for file in TESTS.rglob("test_*.py")} == {
        True,
        False,
    }


@pytest.mark.parametrize("turn", [0, 1, 7])
def test_what_runs_on_sqlite_alone_comes_before_what_ran_on_postgresql(turn: int) -> None:
    asking, beside = of_files("web/test_a.py"), of_files("web/test_a.py", fixture="tmp_path")
    alone = of_files("repository/test_x.py", "web/test_b.py", fixture="tmp_path")
    assert in_turn([*asking, *beside, *alone], SQLITE, turn) == [*alone, *beside, *asking]
    assert [on_both(SQLITE, test) for test in (*asking, *alone)] == [True] * 2 + [False] * 4


@pytest.mark.parametrize("turn", [0, 7, 1234])
def test_where_time_suffices_for_half_of_them_three_turns_have_had_all(turn: int) -> None:
    tests = of_files(*(f"web/test_{number}.py" for number in range(60)))
    turns = [in_turn(tests, POSTGRESQL, each) for each in range(turn, turn + 3)]
    had = {file_of(test) for each in turns for test in each[: len(tests) // 2]}
    assert had == {file_of(test) for test in tests}


@pytest.mark.parametrize(
    ("examples", "on_sqlite", "on_postgresql"), [(1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 2, 2), (20, 13, 7)]
)
def test_what_is_drawn_is_shared_and_none_gets_nothing(examples: int, on_sqlite: int, on_postgresql: int) -> None:
    assert (drawn(examples, SQLITE), drawn(examples, POSTGRESQL)) == (on_sqlite, on_postgresql)
    assert {*lots(examples, SQLITE), *lots(examples, POSTGRESQL)} == set(range(examples))


def test_nobody_is_left_out_without_a_reason() -> None:
    with pytest.raises(pytest.UsageError, match="says why"):
        runs_on(SQLITE, collected("db", once={}))


def test_without_such_a_fixture_the_database_is_shut() -> None:
    from shouwang.accounts.models import User

    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.count()


def test_a_test_of_this_very_run_is_told_by_its_fixtures(db: None, request: pytest.FixtureRequest) -> None:
    assert asks_the_database(request.node)


def left_out(folder: Path) -> set[str]:
    """The files whose tests run on one database."""
    said = re.compile(r"pytest\.mark\.once\(because=|@once\b")
    files = [file for file in folder.rglob("test_*.py") if file.name != Path(__file__).name]
    return {file.relative_to(folder).as_posix() for file in files if said.search(file.read_text(encoding="utf-8"))}


def test_the_page_lists_what_runs_on_one_database() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## On one database", 1)[1].split("\n## ", 1)[0]
    named = re.compile(r"`([a-z_/]+/test_\w+\.py)`")
    listed = {name for item in section.split("\n- ")[1:] for name in named.findall(item.split(":")[0])}
    assert listed == left_out(TESTS)


def test_a_file_that_the_page_does_not_know_is_seen(tmp_path: Path) -> None:
    (tmp_path / "test_words.py").write_text('pytestmark = pytest.mark.once(because="words")\n')
    (tmp_path / "test_rows.py").write_text("def test_rows(db): ...\n")
    assert left_out(tmp_path) == {"test_words.py"}


@pytest.mark.parametrize(("given", "left"), [("", True), ("60", True), ("0", False)])
def test_what_finds_no_time_is_skipped(given: str, left: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_TEST_SECONDS", given)
    assert time_left()() is left


def test_time_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_TEST_SECONDS", "soon")
    with pytest.raises(pytest.UsageError, match="soon"):
        time_left()
