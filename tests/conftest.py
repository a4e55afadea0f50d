"""One throw-away home for the Django side of the tests; each test that needs its own lake takes `home`.

`SHOUWANG_TEST_DATABASE=postgresql` runs the casework on a throw-away PostgreSQL server, as the runtime role and behind its row
policies (`runtime_role.py`); default is SQLite in memory.
"""

import atexit
import gc
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from bench.postgresql import NOTHING_IS_KEPT, throw_away, url_at
from filelock import FileLock
from hypothesis import settings as hypothesis_settings

import clock
import databases
import migrated
import processes
import runtime_role
from settled import settle
from shouwang.jobs.by_thread import keep_by_thread
from shouwang.kernel.home import Home, init_home
from shouwang.tables.acting import everywhere_by_default

clock.set_back()
DATABASE = databases.chosen()
FOR_LITTLE = {**NOTHING_IS_KEPT, "jit": "off", "autovacuum": "off"}  # tables of a few rows, gone within minutes
HAS_TIME = databases.time_left()
_SERVER = ExitStack()
_TABLES = ExitStack()  # held while this process makes its tables: of many the first makes them, the others copy
_SESSION_HOME = Path(tempfile.mkdtemp(prefix="shouwang-tests-"))
atexit.register(shutil.rmtree, _SESSION_HOME, ignore_errors=True)
os.environ["SHOUWANG_HOME"] = str(_SESSION_HOME)
# The hundreds of processes that tests start compile everything once, and so do those that run tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
init_home(_SESSION_HOME)

# How long an example takes says how busy the machine is; no test judges that.
hypothesis_settings.register_profile("shouwang", deadline=None)
hypothesis_settings.load_profile("shouwang")


def pytest_configure(config: pytest.Config) -> None:
    """The settings were read before this file: they must not point to a home of the person who runs the tests."""
    from django.conf import settings

    hands_out = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if not hands_out:
        gc.disable()  # until everything is imported (`pytest_collection_finish`): nothing of that is ever garbage
    settings.HOME = Home(_SESSION_HOME)
    settings.CACHES["shared"]["LOCATION"] = settings.HOME.counted  # of this process: each test empties it
    settings.SECRET_KEY = settings.HOME.keys().django.hex()
    _hash_passwords_quickly()
    _start_the_site_once()
    _look_at_the_pack_once()
    _empty_without_permissions()
    everywhere_by_default()  # what a test sets up and looks at; a request of its browser says for itself where it acts
    if DATABASE == "postgresql":
        _take_postgresql(hands_out=hands_out)
    elif DATABASE == "sqlite":
        settings.DATABASES["default"]["NAME"] = settings.HOME.database
    else:
        raise pytest.UsageError(f"SHOUWANG_TEST_DATABASE is {DATABASE}: sqlite and postgresql are known")
    keep_by_thread()  # as the site does before it answers


def _hash_passwords_quickly() -> None:
    """The slow hash is the real one, at its smallest; processes that tests start hash as slowly as the product does."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def _start_the_site_once() -> None:
    """A server starts once and answers many; so do the browsers of the tests, as long as none changes a setting."""
    from django.conf import settings
    from django.test.client import ClientHandler

    inner, started = ClientHandler.load_middleware, {}

    def load_middleware(handler: ClientHandler, is_async: bool = False) -> None:
        now = settings._wrapped
        if id(now) not in started:
            inner(handler, is_async)
            started[id(now)] = now, handler  # both are kept, so that no other settings get this number
        _, first = started[id(now)]
        vars(handler).update({name: value for name, value in vars(first).items() if name.startswith("_")})

    ClientHandler.load_middleware = load_middleware


def _look_at_the_pack_once() -> None:
    """Nobody edits the project's own pack while its tests run; a pack in another folder is looked at each time, as ever."""
    from shouwang.kernel.pack import pack_folder
    from shouwang.policy import pack

    own, looked_at = str(pack_folder()), pack._stamps
    stamps = list(looked_at(own))
    pack._stamps = lambda folder: iter(stamps) if folder == own else looked_at(folder)


def _empty_without_permissions() -> None:
    """After a test of several transactions Django empties the tables, and would fill in its permissions, which nobody asks
    for here, all anew."""
    from django.core.management.commands.flush import Command

    inner = Command.handle
    Command.handle = lambda self, **options: inner(self, **options | {"inhibit_post_migrate": True})


def _take_postgresql(*, hands_out: bool) -> None:
    """One server for all processes that run tests; Django's connection is told of it before anybody has used it."""
    from django.db import connections

    from shouwang.settings import database

    if "SHOUWANG_TEST_SERVER" not in os.environ:
        os.environ["SHOUWANG_TEST_SERVER"] = str(_SERVER.enter_context(throw_away(FOR_LITTLE)).folder)
    if hands_out:
        return
    known = connections.databases["default"]
    known.update(database(Home(_SESSION_HOME), url_at(Path(os.environ["SHOUWANG_TEST_SERVER"]), "shouwang")))
    known["CONN_MAX_AGE"] = 0
    del connections["default"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if not databases.runs_on(DATABASE, item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    if databases.comes_second():
        items[:] = databases.in_turn(items, DATABASE, databases.number_of("SHOUWANG_TEST_TURN") or 0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if not HAS_TIME() and databases.on_both(DATABASE, item):
        pytest.skip("no time is left for it: run it by hand")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector of garbage looks through it no more, which is a tenth of the time."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure() -> None:
    gc.unfreeze()
    _SERVER.close()


@pytest.fixture(scope="session")
def migrated_database(pytestconfig: pytest.Config) -> Path:
    """Where a SQLite database with all migrations is kept, if one was made."""
    return migrated.kept_at(pytestconfig.rootpath / ".pytest_cache" / "migrated", migrated.made_from())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any, migrated_database: Path
) -> Iterator[None]:
    """Fills the database before Django looks which migrations are missing."""
    from django.db import connection

    with ExitStack() as held:
        if DATABASE == "postgresql":
            _TABLES.enter_context(FileLock(Path(os.environ["SHOUWANG_TEST_SERVER"]) / "tables.lock", timeout=300))
            with django_db_blocker.unblock():
                connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template(connection)
        else:
            migrated_database.parent.mkdir(parents=True, exist_ok=True)
            _TABLES.enter_context(FileLock(migrated_database.with_suffix(".lock"), timeout=300))
        if DATABASE == "sqlite" and migrated_database.exists():
            memory = sqlite3.connect(connection.creation._get_test_db_name(), uri=True)
            migrated.take_up(migrated_database, held.enter_context(closing(memory)))
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, migrated_database: Path) -> Iterator[None]:
    """Tests of several transactions empty their database, so the triggers against that go; tests/audit looks at them."""
    from django.db import connection

    from shouwang.audit.triggers import GUARDS_AGAINST_DELETION, taking_down

    with django_db_blocker.unblock():
        if DATABASE == "postgresql":
            runtime_role.prepare(connection)
            migrated.keep_as_template(connection)
        elif not migrated_database.exists():
            migrated.keep(migrated_database, connection.connection)
        _TABLES.close()
        with connection.cursor() as cursor:
            for statement in taking_down(connection.vendor, GUARDS_AGAINST_DELETION[connection.vendor]):
                cursor.execute(statement)
            if DATABASE == "sqlite":
                # The table of its notes is there from now on: made in a transaction, SQLite would read all tables anew after
                # each savepoint that is taken back.
                cursor.execute("ANALYZE")
    with runtime_role.taken_on(connection) if DATABASE == "postgresql" else nullcontext():
        yield


KEEPING = {"shouwang.clues.landscape", "shouwang.web.overview", "shouwang.web.paging"}


@pytest.fixture(scope="module")
def rows_of_the_file(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around the tests of one file: what a fixture of the whole file makes in it, each of them finds as it was made.

    A test that asks for `db` takes back its own alone. Not for files with tests of several transactions, which empty tables.
    """
    from django.db import transaction

    forget()
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
    yield
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
    forget()


@pytest.fixture
def tables_owner(db: None) -> Iterator[None]:
    """For tests of what the owner of the tables does, whom the runtime role's rights do not bind."""
    with runtime_role.owner():
        yield


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What took long to count is kept for a while (docs/desk.md); no test may see another's, and none its own because the machine
    is slow."""
    forget()
    for name in KEEPING & sys.modules.keys():
        monkeypatch.setattr(sys.modules[name], "LONG_SECONDS", 3600.0)


def forget() -> None:
    from django.core.cache import caches

    from shouwang.areas import tree

    for each in caches.all(initialized_only=True):
        each.clear()
    tree.forget()


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> Path:
    """A home as `shouwang init` leaves it. Whoever writes into one copies it, which takes a hundredth of the time.

    Migrations that were made once are taken over here too; that `init` makes them all, `casework/test_doctor.py` sees.
    """
    made = tmp_path_factory.mktemp("fresh") / "home"
    migrated.put_into(init_home(made), migrated_database)
    processes.run(processes.SHOUWANG, "init", environ={"SHOUWANG_HOME": str(made)}, ends=0)
    return made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home of this test alone, named by SHOUWANG_HOME and by Django's settings."""
    return settle(init_home(tmp_path / "home"), monkeypatch)


@pytest.fixture(scope="module")
def home_of_the_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for all tests of a file, which look at it and leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        yield settle(init_home(tmp_path_factory.mktemp("file") / "home"), patch)


@pytest.fixture
def home_as_made(home_of_the_file: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """What was put into the home of the file, in a home of this test alone: what it does to it no other test sees."""
    return settle(
        Home(Path(shutil.copytree(home_of_the_file.path, tmp_path / "home", dirs_exist_ok=True))), monkeypatch
    )


@pytest.fixture
def home_with_tables(home: Home, migrated_database: Path) -> Home:
    """For processes that a test starts: they find the tables made."""
    migrated.put_into(home, migrated_database)
    return home
