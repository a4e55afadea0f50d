"""Rows of earlier versions are there, and right, when an installation on PostgreSQL is brought up to this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from shouwang.kernel.home import Home

PROGRAM = Path(__file__).with_name("older_rows.py")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL: SHOUWANG_TEST_DATABASE=postgresql")
@pytest.mark.django_db(transaction=True)
def test_rows_of_earlier_versions_are_moved(home: Home) -> None:
    """PostgreSQL alone changes no table over whose rows a constraint still waits; `make test-postgresql` comes here."""
    known = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE older TEMPLATE template0")
    url = f"postgresql://{known['USER']}@/older?host={known['HOST']}"
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "shouwang.settings", "SHOUWANG_DATABASE_URL": url}
    ended = subprocess.run([sys.executable, PROGRAM], env=environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {
        "clues": [["H1-01", "2021-05-04", "screening", "自付偏高"]],
        "answers": [["属实", True, ""], ["不属实", False, "与本户无关"]],
        "told": ["1234567890123459"],
    }
