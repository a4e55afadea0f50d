"""Files on their way in, sealed while they arrive: no byte of a department file lies on the disk in clear.

A spool file is the mark of its key's generation (`kernel.keys`), a 16-byte random name, then frames of `FRAME` clear
bytes (the last may be shorter), each a 12-byte nonce and the AES-256-GCM ciphertext. A frame is bound to its file, its
place and whether it is the last, so frames can be neither swapped nor cut off unnoticed.
"""

import io
import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from shouwang.accounts.scope import scope_of
from shouwang.kernel.errors import Failure
from shouwang.kernel.keys import HEAD_BYTES, Sealer, generation_of, head_of

FRAME = 1 << 20
NAME_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
SEALED_FRAME = NONCE_BYTES + FRAME + TAG_BYTES
LARGEST_FILE = 200 << 20


def spool_folder() -> Path:
    folder: Path = settings.HOME.path / "spool"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def spool_files() -> list[Path]:
    """The files that wait to be read."""
    return sorted(spool_folder().glob("*.sealed"))


def _place(name: bytes, index: int, last: bool) -> bytes:
    return b"spool" + name + index.to_bytes(8, "big") + bytes([last])


class SealedWriter:
    """Takes clear bytes and leaves sealed ones; the file counts once `finish` has returned."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self.path, self.size = path, 0
        self._cipher, self._index = sealer.cipher(sealer.generation), 0
        self._name = head_of(sealer.generation) + secrets.token_bytes(NAME_BYTES)
        self._held = bytearray()
        self._stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._stream.write(self._name)

    def write(self, clear: bytes) -> None:
        self._held += clear
        self.size += len(clear)
        while len(self._held) > FRAME:  # one byte more than a frame: this one is not the last
            self._seal(bytes(self._held[:FRAME]), last=False)
            del self._held[:FRAME]

    def finish(self) -> None:
        self._seal(bytes(self._held), last=True)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def abandon(self) -> None:
        self._stream.close()
        self.path.unlink(missing_ok=True)

    def _seal(self, clear: bytes, *, last: bool) -> None:
        nonce = os.urandom(NONCE_BYTES)
        self._stream.write(nonce + self._cipher.encrypt(nonce, clear, _place(self._name, self._index, last)))
        self._index += 1


class _SealedReader(io.RawIOBase):
    """Clear bytes of a spool file at any position; one frame in memory."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._stream = path.open("rb")
        self._name = self._stream.read(HEAD_BYTES + NAME_BYTES)
        self._cipher = sealer.cipher(generation_of(self._name))
        body = path.stat().st_size - len(self._name)
        self._frames = -(-body // SEALED_FRAME)
        self._size = body - self._frames * (NONCE_BYTES + TAG_BYTES)
        self._position, self._opened, self._clear = 0, -1, b""
        if self._frames < 1 or self._size < 0:
            raise Failure(_("暂存的上传文件不完整"), _("请重新上传该文件"))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self._size:
            return 0
        index, within = divmod(self._position, FRAME)
        if index != self._opened:
            self._clear, self._opened = self._open(index), index
        piece = self._clear[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _open(self, index: int) -> bytes:
        self._stream.seek(len(self._name) + index * SEALED_FRAME)
        sealed = self._stream.read(SEALED_FRAME)
        place = _place(self._name, index, index == self._frames - 1)
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except InvalidTag:
            raise Failure(_("暂存的上传文件无法打开：密钥不符或内容被改动"), _("请重新上传该文件")) from None


def open_sealed(path: Path, sealer: Sealer) -> BinaryIO:
    """A spool file as a stream of clear bytes that can be read and sought; nothing clear is written anywhere."""
    return io.BufferedReader(_SealedReader(path, sealer), FRAME)


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """What a page finds in `request.FILES`. Unless `keep` is called the spool file goes when the request ends."""

    def __init__(self, path: Path, sealer: Sealer, name: str, size: int) -> None:
        super().__init__(open_sealed(path, sealer), name, "application/octet-stream", size)
        self.path, self._kept = path, False

    def keep(self) -> str:
        """Lets the spool file outlive the request; returns its name in the spool folder."""
        self._kept = True
        return self.path.name

    def close(self) -> None:
        super().close()
        if not self._kept:
            self.path.unlink(missing_ok=True)


class SealingUploadHandler(FileUploadHandler):
    """Seals each file while it arrives. Whoever may not upload sends into the void, and so does a file too large.

    A file beyond `LARGEST_FILE` is left out of `request.FILES`; the page says so, see `too_large`.
    """

    _writer: SealedWriter | None = None

    def new_file(self, *args: Any, **named: Any) -> None:
        super().new_file(*args, **named)
        user = getattr(self.request, "user", None)
        if user is None or not scope_of(user, localdate()).can_send_files:
            raise SkipFile
        if too_large(self.request):
            raise SkipFile
        self._sealer = settings.HOME.sealer()
        self._writer = SealedWriter(spool_folder() / f"{secrets.token_hex(16)}.sealed", self._sealer)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._writer is None:
            return
        self._writer.write(raw_data)
        if self._writer.size > LARGEST_FILE:
            self._writer.abandon()
            self._writer = None
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise SkipFile

    def file_complete(self, file_size: int) -> SealedUpload | None:
        if self._writer is None:
            return None
        writer, self._writer = self._writer, None
        writer.finish()
        return SealedUpload(writer.path, self._sealer, self.file_name or "", file_size)

    def upload_interrupted(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
            self._writer = None


def too_large(request: Any) -> bool:
    """Whether a request brings, or brought, a file beyond the limit."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    return announced > LARGEST_FILE + FRAME or getattr(request, "upload_too_large", False)


def too_large_message() -> str:
    return _("文件超过 {megabytes} MB，未接收。请拆成几个文件分别上传，或请管理员用命令 shouwang ingest 读入。").format(
        megabytes=LARGEST_FILE >> 20
    )
