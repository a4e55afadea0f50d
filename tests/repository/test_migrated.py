"""The database that the tests keep is another one as soon as a migration, or what migrations use, says something else."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import migrated


def test_an_edited_or_added_migration_makes_another_database(tmp_path: Path) -> None:
    first, second = tmp_path / "0001_initial.py", tmp_path / "0002_more.py"
    first.write_text("operations = []", encoding="utf-8")
    kept = migrated.kept_at(tmp_path, [first])
    assert kept == migrated.kept_at(tmp_path, [first])
    second.write_text("operations = []", encoding="utf-8")
    assert migrated.kept_at(tmp_path, [first, second]) != kept
    first.write_text("operations = [1]", encoding="utf-8")
    assert migrated.kept_at(tmp_path, [first]) != kept


def test_what_migrations_import_is_told_apart_too() -> None:
    files = migrated.made_from()
    used = {
        migrated.CODE / package / f"{name}.py"
        for file in files
        if "migrations" in file.parts
        for package, name in re.findall(r"^from shouwang\.(\w+) import (\w+)$", file.read_text(encoding="utf-8"), re.M)
    }
    assert len(files) > 30
    assert used
    assert used <= set(files)
    assert all(
        "import shouwang" not in file.read_text(encoding="utf-8") for file in files if "migrations" in file.parts
    )


def test_it_is_kept_whole_and_taken_up_whole(tmp_path: Path) -> None:
    kept = tmp_path / "folder" / "made.sqlite3"
    with closing(sqlite3.connect(":memory:")) as made, closing(sqlite3.connect(":memory:")) as taken:
        made.execute("CREATE TABLE clue (number TEXT)")
        migrated.keep(kept, made)
        migrated.keep(kept, made)
        migrated.take_up(kept, taken)
        assert taken.execute("SELECT name FROM sqlite_master").fetchall() == [("clue",)]
    assert [each.name for each in kept.parent.iterdir()] == ["made.sqlite3"]
