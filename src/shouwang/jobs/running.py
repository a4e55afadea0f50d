"""How the installation runs, for whoever keeps it running: processes, queue, disk, versions; nothing about any household."""

import platform
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from filelock import FileLock, Timeout

from shouwang import __version__
from shouwang.clues.models import ScreeningRun
from shouwang.exchange.models import Upload
from shouwang.jobs.doctor import OK, Finding, examine
from shouwang.jobs.policy import current_pack
from shouwang.kernel.errors import ShouwangError
from shouwang.kernel.home import Home
from shouwang.notifications.outbox import Outgoing, outgoing

PARTS = (("lake", _("数据湖")), ("photos", _("走访照片")), ("anchors", _("审计锚定")), ("staging", _("暂存")))


@dataclass(frozen=True)
class Running:
    """One look at the installation. Sizes in bytes; `queue` counts the tasks of the last days by what became of them."""

    worker_runs: bool
    queue: dict[str, int]
    oldest_waiting: datetime | None
    uploads: dict[str, int]
    sizes: list[tuple[str, int]]
    versions: list[tuple[str, str]]
    screening: ScreeningRun | None
    findings: list[Finding]
    outgoing: Outgoing

    @property
    def to_mend(self) -> list[Finding]:
        return [each for each in self.findings if each.state != OK]

    @property
    def sound(self) -> list[Finding]:
        return [each for each in self.findings if each.state == OK]


def look(home: Home) -> Running:
    """How things stand now."""
    from django_tasks_db.models import DBTaskResult

    tasks = DBTaskResult.objects.all()
    waiting = tasks.filter(status="READY").order_by("enqueued_at").values_list("enqueued_at", flat=True)
    return Running(
        worker_runs=_worker_runs(home),
        queue=dict(Counter(tasks.order_by().values_list("status", flat=True))),
        oldest_waiting=waiting.first(),
        uploads=dict(Counter(Upload.objects.order_by().values_list("state", flat=True))),
        sizes=[(gettext("业务数据库"), _size(home.database))]
        + [(title, _size(home.path / name)) for name, title in PARTS],
        versions=_versions(),
        screening=ScreeningRun.objects.filter(state=ScreeningRun.State.DONE).order_by("-created_at").first(),
        findings=examine(home),
        outgoing=outgoing(now()),
    )


def _worker_runs(home: Home) -> bool:
    """The background process holds its lock for as long as it lives."""
    try:
        with FileLock(home.path / "worker.lock", timeout=0):
            return False
    except Timeout:
        return True


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file()) if path.is_dir() else 0


def _versions() -> list[tuple[str, str]]:
    import django
    import duckdb

    try:
        pack = f"{gettext(current_pack().title)} {current_pack().version}"
    except ShouwangError as problem:
        pack = problem.message
    return [
        (gettext("守望"), __version__),
        (gettext("政策包"), pack),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("DuckDB", duckdb.__version__),
        ("SQLite", sqlite3.sqlite_version),
    ]
