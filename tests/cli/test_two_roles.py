"""An installation on PostgreSQL as docs/operations.md makes it: the owner has the tables, the site asks as somebody else.

The tables are copied from those of the tests: to make them takes ten seconds, and that the owner may is seen from the first statement.
"""

import json
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from bench.postgresql import USER, url_at

import processes
from migrated import TEMPLATE
from shouwang.jobs.row_policies import FUNCTIONS

pytestmark = [
    pytest.mark.django_db,  # their tables are copied
    pytest.mark.skipif(
        os.environ.get("SHOUWANG_TEST_DATABASE") != "postgresql",
        reason="about PostgreSQL: SHOUWANG_TEST_DATABASE=postgresql",
    ),
]
EMPTY, DATABASE, OWNER, SITE = "no_tables", "two_roles", "two_roles_owner", "two_roles_site"


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Path:
    """The tests' own server, with a database of the owner's and two roles that may do nothing more."""
    server = Path(os.environ["SHOUWANG_TEST_SERVER"])
    with psycopg.connect(url_at(server, "postgres"), autocommit=True) as link:
        link.execute(f"CREATE ROLE {OWNER} LOGIN")
        link.execute(f"CREATE ROLE {SITE} LOGIN")
        link.execute(f"CREATE DATABASE {EMPTY} OWNER {OWNER}")
        link.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE {TEMPLATE}")
    with psycopg.connect(url_at(server, DATABASE), autocommit=True) as link:
        for (table,) in link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            link.execute(f"ALTER TABLE {table} OWNER TO {OWNER}")
        for name in FUNCTIONS:
            link.execute(f"ALTER FUNCTION {name} OWNER TO {OWNER}")
    return server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two") / "home"


def shouwang(home: Path, words: list[str], site: str, owner: str = "") -> subprocess.CompletedProcess[str]:
    environ = {"SHOUWANG_HOME": str(home), "SHOUWANG_DATABASE_URL": site, "SHOUWANG_DATABASE_OWNER_URL": owner}
    return processes.run(processes.SHOUWANG, *words, environ=environ)


def findings(home: Path, role: str, server: Path) -> dict[str, str]:
    told = json.loads(shouwang(home, ["doctor", "--json"], url_at(server, DATABASE, role)).stdout)
    return {each["check"]: each["state"] for each in told["findings"]}


def test_only_the_owner_makes_tables(server: Path, home: Path) -> None:
    alone = shouwang(home, ["init"], url_at(server, EMPTY, SITE))
    assert alone.returncode == 1
    assert "SHOUWANG_DATABASE_OWNER_URL" in alone.stderr


def test_the_site_asks_as_somebody_else(server: Path, home: Path) -> None:
    site, owner = url_at(server, DATABASE, SITE), url_at(server, DATABASE, OWNER)
    made = shouwang(home, ["init"], site, owner)
    assert made.returncode == 0, made.stderr

    with psycopg.connect(site) as link:
        assert link.execute("SELECT count(*) FROM areas_area").fetchone() != (0,)
        owners = link.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [(OWNER,)]
    told = findings(home, SITE, server)
    assert told["row_policies"] == "ok"
    assert "runtime_role" not in told
    added = shouwang(home, ["user", "add", "wang", "--name", "王", "--area", "500101000000", "--duty", "county"], site)
    assert added.returncode == 0, added.stderr

    for role, why in ((OWNER, "OWNER"), (USER, "SUPERUSER")):
        assert findings(home, role, server)["runtime_role"] == "insecure"
        refused = shouwang(home, ["serve", "--port", "48123"], url_at(server, DATABASE, role))
        assert refused.returncode == 2
        assert why in refused.stderr

    with psycopg.connect(url_at(server, DATABASE), autocommit=True) as link:
        link.execute("ALTER TABLE households_person DISABLE ROW LEVEL SECURITY")
    assert findings(home, SITE, server)["row_policies"] == "broken"
    assert shouwang(home, ["init"], site, owner).returncode == 0
    assert findings(home, SITE, server)["row_policies"] == "ok"
