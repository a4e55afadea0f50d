"""A file that came over the desk: accepted sealed, read by the worker, told row by row."""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django_tasks import task

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport, label
from shouwang.exchange.models import Delivery, Upload
from shouwang.exchange.spool import SealedUpload, open_sealed, spool_files, spool_folder
from shouwang.jobs.deliveries import load_deliveries
from shouwang.jobs.register import load_register
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.kernel.home import Home, open_home
from shouwang.sources.contract import contract

logger = logging.getLogger(__name__)
LONGEST_NAME = 255
LONGEST_READING = timedelta(minutes=30)
"""Others wait behind it. The largest file that is taken in is read in a few minutes."""
UNFINISHED = (Upload.State.WAITING, Upload.State.READING)
BROKEN = "程序内部出错，文件未接收，已记入日志。请联系管理员。"


def take_in(file: SealedUpload, *, acting_user: User, source: str, received_on: date) -> Upload:
    """Keeps a sealed file and queues it for reading; the same file that still waits is not kept a second time.

    Raises:
        PermissionDenied: the user's posts do not bring in files of that department.
        InputError: no such source, or the day of receipt lies ahead.
    """
    owner = contract(source).owner
    scope = scope_of(acting_user, localdate())
    if not scope.may_upload(owner):
        raise PermissionDenied
    if received_on > localdate():
        raise InputError(
            _("收到日期 {received_on} 晚于今天").format(received_on=received_on), _("填写部门实际交来文件的日期")
        )
    told = {
        "source": source,
        "file": mask_identity_numbers(file.name or "")[-LONGEST_NAME:],
        "received_on": received_on,
        "user": acting_user,
        "size": file.size or 0,
    }
    before = _waiting_already(file, told)
    if before is not None:
        return before
    with transaction.atomic():
        upload = Upload.objects.create(**told, area=scope.upload_area(owner), spool=file.path.name)
        record(acting_user, "file_uploaded", upload, source=source, file=upload.file, received_on=received_on)
        read_upload.enqueue(upload.pk)
    file.keep()
    return upload


def _waiting_already(file: SealedUpload, told: dict[str, Any]) -> Upload | None:
    """The upload of the very same bytes that is not yet read: the form was sent again."""
    for upload in Upload.objects.filter(**told, state__in=UNFINISHED).exclude(spool=""):
        path = spool_folder() / upload.spool
        if path.exists() and _digest(path) == _digest(file.path):
            return upload
    return None


def _digest(path: Path) -> bytes:
    with open_sealed(path, open_home().sealer()) as stream:
        return hashlib.file_digest(stream, "sha256").digest()


@task()
def read_upload(upload_id: int) -> None:
    """Worker: reads one waiting file. Done again after a kill it ends as if it had never been killed."""
    upload = Upload.objects.select_related("user").filter(pk=upload_id, state__in=UNFINISHED).first()
    if upload is None:
        return
    Upload.objects.filter(pk=upload_id).update(state=Upload.State.READING, rows_done=0)
    try:
        _read(open_home(), upload)
    except ShouwangError as problem:
        _finish(
            upload,
            Upload.State.REFUSED,
            f"{problem.message}。{problem.advice}" if problem.advice else problem.message,
        )
    except Exception as problem:
        logger.error("upload %s ended with %s", upload_id, type(problem).__name__, exc_info=True)
        _finish(upload, Upload.State.REFUSED, BROKEN)


def _read(home: Home, upload: Upload) -> None:
    path = spool_folder() / upload.spool
    if not path.exists():
        raise InputError("暂存的文件不见了", "请重新上传")
    with open_sealed(path, home.sealer()) as stream:
        report = ingest_file(
            home, upload.source, stream, upload.received_on, name=upload.file, progress=_told(upload.pk)
        )
    own = report.same_as is None or _was_taken_by(upload, report)
    if own:
        Upload.objects.filter(pk=upload.pk).update(delivery=report.number, rows_done=report.read)
    load_register(home)
    load_deliveries(home)
    if own:
        Delivery.objects.filter(pk=report.number, uploaded_by=None).update(uploaded_by=upload.user, area=upload.area)
    message = "" if own else f"与交付 {label(report.number)} 的文件完全相同，没有新内容。"
    upload.delivery = report.number
    _finish(upload, Upload.State.DONE, message, rows_done=report.read)


def _was_taken_by(upload: Upload, report: DeliveryReport) -> bool:
    """Whether an earlier, killed attempt at this very upload already took the file."""
    listed = Delivery.objects.filter(pk=report.number).first()
    return (
        report.file == upload.file
        and report.ingested_at >= upload.created_at.astimezone().isoformat(timespec="seconds")
        and (listed is None or listed.uploaded_by_id in (None, upload.user_id))
    )


def _finish(upload: Upload, state: str, message: str, rows_done: int | None = None) -> None:
    changes = {"state": state, "message": message, "finished_at": now(), "delivery": upload.delivery, "spool": ""}
    if rows_done is not None:
        changes["rows_done"] = rows_done
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**changes)
        if state == Upload.State.REFUSED:
            record(upload.user, "file_refused", upload, file=upload.file, message=message)
    (spool_folder() / upload.spool).unlink(missing_ok=True)


def _told(upload_id: int) -> Callable[[int], None]:
    """Writes how many rows are done onto the upload, about once a second; a file that takes too long is given up."""
    begun = last = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal last
        if time.monotonic() - begun > LONGEST_READING.total_seconds():
            raise InputError(
                f"读了{LONGEST_READING.total_seconds() / 60:.0f}分钟还没有读完，已停止，没有接收任何一行",
                "请拆分成较小的文件再上传",
            )
        if time.monotonic() - last >= 1:
            last = time.monotonic()
            Upload.objects.filter(pk=upload_id).update(rows_done=rows)

    return tell


def resume() -> None:
    """Queues again what an earlier worker left, and clears the spool of files that no upload waits for."""
    waiting = list(Upload.objects.filter(state__in=UNFINISHED).order_by("pk"))
    kept = {upload.spool for upload in waiting}
    for path in spool_files():
        if path.name not in kept and time.time() - path.stat().st_mtime > 3600:
            path.unlink(missing_ok=True)
    for upload in waiting:
        read_upload.enqueue(upload.pk)
