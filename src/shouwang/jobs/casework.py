"""Setting Django up on a home, for commands and workers."""

import logging
import os
from collections.abc import Callable

from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home

logger = logging.getLogger(__name__)


def connect(home: Home) -> None:
    """Sets Django up on the home's casework database. A process belongs to one home.

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
    if settings.HOME.path != home.path:
        raise InputError(f"本进程已打开数据目录 {settings.HOME.path}", "每个命令只用一个数据目录")


def prepare(home: Home) -> None:
    """Makes the casework database and its areas, or brings them up to this version; again changes nothing."""
    connect(home)
    from django.core.management import call_command

    from shouwang.jobs.areas import load_areas

    if passed_over():
        raise Failure("业务数据库停在首次发布之前的一个中间版本", "这样的库只可能用于试用：改用新的数据目录")
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
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
