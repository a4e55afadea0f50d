"""Setting Django up on a home, for commands and workers."""

import logging
import os
from collections.abc import Callable

from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home
from shouwang.tables.acting import everywhere_by_default

logger = logging.getLogger(__name__)


def connect(home: Home) -> None:
    """Sets Django up on the home's casework database. A process belongs to one home.

    A command and the worker work for the whole city, and this is where it is said. What answers requests takes it back before the
    first of them (`serving.settle`).

    Raises:
        InputError: this process already works on another home.
    """
    import django
    from django.apps import apps
    from django.conf import settings

    if not apps.ready:
        os.environ["SHOUWANG_HOME"] = str(home.path)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.settings")
        django.setup()
        everywhere_by_default()
    if settings.HOME.path != home.path:
        raise InputError(f"本进程已打开数据目录 {settings.HOME.path}", "每个命令只用一个数据目录")


def prepare(home: Home) -> None:
    """Makes the casework database and its areas, or brings them up to this version; again changes nothing.

    On PostgreSQL as the owner of its tables, who puts up the row policies too and gives the runtime role its rights.

    Raises:
        Failure: the tables would have to be changed, and whoever is connected may not.
    """
    connect(home)
    from django.core.management import call_command
    from django.db import connection

    from shouwang.jobs.areas import load_areas
    from shouwang.jobs.rights import as_owner, give_rights, may_make_tables, role
    from shouwang.jobs.row_policies import raise_wall

    runtime = role()
    with as_owner():
        if passed_over():
            raise Failure("业务数据库停在首次发布之前的一个中间版本", "这样的库只可能用于试用：改用新的数据目录")
        if pending_migrations() and not may_make_tables():
            raise Failure(
                f"数据库角色 {runtime} 不能建表", "运行 shouwang init 时用 SHOUWANG_DATABASE_OWNER_URL 写明表的属主"
            )
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        if connection.vendor == "postgresql" and may_make_tables():
            raise_wall(connection)
            if role() != runtime:
                give_rights(connection, runtime)
        if home.database.exists():
            home.database.chmod(0o600)
        load_areas()


def require_ready(home: Home) -> None:
    """Raises Failure where the database was never made or is older than this version."""
    connect(home)
    if pending_migrations():
        raise Failure("业务数据库尚未建立或版本较旧", "先运行 shouwang init")


def anchor_after_start() -> None:
    """Anchors the head of the audit where the program was killed between a commit and its anchor."""
    from shouwang.audit.record import anchor_head

    try:
        anchor_head()
    except OSError as problem:
        logger.error("the audit could not be anchored: %s", problem.strerror)


def pending_migrations() -> list[str]:
    """Names of the migrations that the database still lacks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(leaves)
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan] + passed_over()


def passed_over() -> list[str]:
    """Apps whose first migration can neither be run nor counts as run (decision 0022): Django leaves them out in silence."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    there = loader.applied_migrations
    return sorted(
        app
        for (app, name), first in loader.replacements.items()
        if (app, name) not in there and 0 < sum(each in there for each in first.replaces) < len(first.replaces)
    )


def catch_up(home: Home, progress: Callable[[int], None] | None = None) -> None:
    """Brings the desk's register and list of deliveries up to the lake, and the decided values up to the desk."""
    require_ready(home)
    from shouwang.jobs.deliveries import load_deliveries
    from shouwang.jobs.policy import write_decided_after_start
    from shouwang.jobs.register import load_register

    write_decided_after_start(home)
    load_register(home, progress)
    load_deliveries(home)
