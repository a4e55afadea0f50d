"""A database with all migrations in it, since making it takes several seconds: a SQLite file is kept from one run of the tests
to the next, on a PostgreSQL server that is gone after the run one database is the template of the others.

It is kept under what it was made from, so a migration that was added or edited makes another; Django looks all the same
whether one is missing.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from shouwang.kernel.home import Home

TEMPLATE = "migrated"
ROOT = Path(__file__).parents[1]
CODE = ROOT / "src" / "shouwang"
# What migrations do is written here and in the versions of what is installed.
BESIDE_MIGRATIONS = (CODE / "audit" / "triggers.py", CODE / "settings.py", ROOT / "pyproject.toml")


def made_from() -> list[Path]:
    return [*sorted(CODE.glob("*/migrations/*.py")), *BESIDE_MIGRATIONS]


def kept_at(folder: Path, files: Iterable[Path]) -> Path:
    told = sha256()
    for file in files:
        told.update(str(file).encode() + file.read_bytes())
    return folder / f"{told.hexdigest()[:16]}.sqlite3"


def take_up(kept: Path, into: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(kept)) as known:
        known.backup(into)


def keep(kept: Path, made: sqlite3.Connection) -> None:
    """Puts it there whole or not at all, however many processes do."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as written:
        made.backup(written)
    unfinished.replace(kept)


def put_into(home: Home, kept: Path) -> None:
    """Whatever opens the database of this home first finds the tables there, where they were made before."""
    if kept.exists():
        shutil.copyfile(kept, home.database)


def template(connection: Any) -> str | None:
    """The name of the database that a new one on this server is a copy of; None where nobody has made it yet."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        return TEMPLATE if cursor.fetchone() else None


def keep_as_template(connection: Any) -> None:
    """Copies the database of this connection, unless it is a copy itself. A database is copied while nobody uses it."""
    if template(connection) is None:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE {TEMPLATE} TEMPLATE "{connection.settings_dict["NAME"]}"')
