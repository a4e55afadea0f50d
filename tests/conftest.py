"""One throw-away home for the Django side of the tests; each test that needs its own lake takes `home`."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from shouwang.kernel.home import Home, init_home

_SESSION_HOME = Path(tempfile.mkdtemp(prefix="shouwang-tests-"))
atexit.register(shutil.rmtree, _SESSION_HOME, ignore_errors=True)
os.environ["SHOUWANG_HOME"] = str(_SESSION_HOME)
init_home(_SESSION_HOME)

# How long an example takes says how busy the machine is; no test judges that.
hypothesis_settings.register_profile("shouwang", deadline=None)
hypothesis_settings.load_profile("shouwang")


def pytest_configure() -> None:
    """The settings were read before this file: they must not point to a home of the person who runs the tests."""
    from django.conf import settings

    settings.HOME = Home(_SESSION_HOME)
    settings.SECRET_KEY = settings.HOME.keys().django.hex()
    settings.DATABASES["default"]["NAME"] = settings.HOME.database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests of several transactions empty their database, so the triggers against that go; tests/audit looks at them."""
    from django.db import connection

    from shouwang.audit.triggers import GUARDS_AGAINST_DELETION

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name in GUARDS_AGAINST_DELETION:
            cursor.execute(f"DROP TRIGGER {name}")


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What took long to count is kept for a while (docs/desk.md); no test may see another's."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home of this test alone, named by SHOUWANG_HOME and by Django's settings."""
    from django.conf import settings

    made = init_home(tmp_path / "home")
    monkeypatch.setenv("SHOUWANG_HOME", str(made.path))
    monkeypatch.setattr(settings, "HOME", made)
    return made
