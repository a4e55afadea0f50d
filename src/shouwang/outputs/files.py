"""The files of exports: sealed from the first byte, taken once within their time, and removed."""

import io
import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from shouwang.accounts.models import User
from shouwang.accounts.scope import scope_of
from shouwang.audit.record import record
from shouwang.exchange.spool import SealedWriter, open_sealed
from shouwang.outputs.flow import Step, may
from shouwang.outputs.models import Export, State
from shouwang.outputs.reading import export_visible_to
from shouwang.outputs.requesting import Limits, tell_ready, told, valid_for
from shouwang.proceedings.steps import NotOpen

BEING_WRITTEN_SECONDS = 3600
"""A file that is younger and belongs to no export yet may still be written."""


def export_folder() -> Path:
    folder: Path = settings.HOME.path / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def export_files() -> list[Path]:
    """The files that wait to be taken."""
    return sorted(export_folder().glob("*.sealed"))


def keep(export: Export, made: BinaryIO, limits: Limits) -> None:
    """Seals what was made and lets it be taken from now on. Done again for the same export, only one file stays."""
    path = export_folder() / f"{secrets.token_hex(16)}.sealed"
    writer = SealedWriter(path, settings.HOME.sealer())
    try:
        while piece := made.read(1 << 20):
            writer.write(piece)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    with transaction.atomic():
        changed = Export.objects.filter(pk=export.pk, state=State.APPROVED).update(
            state=State.READY, file=path.name, size=writer.size, ready_until=valid_for(limits)
        )
        if changed:
            export.refresh_from_db()
            tell_ready(export)
    if not changed:
        path.unlink(missing_ok=True)


def take(pk: int, *, acting_user: User) -> tuple[Export, BinaryIO]:
    """The file, once: in the audit before the first byte leaves; the sealed file is removed when it is closed.

    Raises:
        Export.DoesNotExist: the user may not know of it.
        NotOpen: it is not the user's, is not ready, was taken already, or its time is over.
    """
    found = export_visible_to(acting_user, pk)
    if not may(acting_user, scope_of(acting_user, localdate()), found, Step.TAKE):
        raise NotOpen(_("只有申请人本人可以下载"), _("需要时自己提出申请"))
    path = export_folder() / found.file
    if found.state == State.READY and not path.is_file():
        raise NotOpen(_("文件已不在服务器上"), _("需要时重新申请"))
    with transaction.atomic():
        mine = Export.objects.filter(pk=pk, state=State.READY, ready_until__gt=now())
        if not mine.update(state=State.TAKEN, taken_at=now()):
            found.refresh_from_db()
            raise NotOpen(_("这份导出现在“{state}”，不能下载").format(state=_state_of(found)), _("需要时重新申请"))
        found.refresh_from_db()
        record(acting_user, "export_taken", found, **told(found))
    return found, _Leaving(path)


def _state_of(export: Export) -> str:
    over = export.state == State.READY
    return str((State.EXPIRED if over else State(export.state)).label)


class _Leaving(io.BufferedReader):
    """A sealed file that is gone once it was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(open_sealed(path, settings.HOME.sealer()).detach(), 1 << 20)  # type: ignore[attr-defined]

    def close(self) -> None:
        super().close()
        self._path.unlink(missing_ok=True)


def tidy(at: datetime | None = None) -> int:
    """Ends what nobody took in time and removes files that belong to no export that waits; returns how many exports ended."""
    over = Export.objects.filter(state=State.READY, ready_until__lte=at or now())
    ended = 0
    for export in over.select_related("area"):
        with transaction.atomic():
            if Export.objects.filter(pk=export.pk, state=State.READY).update(state=State.EXPIRED):
                record(None, "export_expired", export, area=export.area)
                ended += 1
    waiting = set(Export.objects.filter(state=State.READY).values_list("file", flat=True))
    for path in export_files():
        if path.name not in waiting and time.time() - path.stat().st_mtime > BEING_WRITTEN_SECONDS:
            path.unlink(missing_ok=True)
    return ended
