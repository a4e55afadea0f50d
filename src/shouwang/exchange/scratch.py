"""A temporary file that can be read only by the process that writes it.

The web server parks long request bodies and long pages in temporary files before the site sees them. Those hold
department files and personal data, so they are enciphered with a key that lives and dies with the open file.
"""

import os
import secrets
import tempfile

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


class ScratchFile:
    """The part of a file object that waitress uses, over AES-256-CTR.

    A stretch is never written twice under one counter: waitress only appends, and truncating draws a new key.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by close()
        self._fresh()

    def _fresh(self) -> None:
        self._key, self._start = secrets.token_bytes(32), secrets.randbits(64) << 64

    def _apply(self, position: int, piece: bytes) -> bytes:
        block, within = divmod(position, BLOCK)
        counter = (self._start + block).to_bytes(BLOCK, "big")
        stream = Cipher(algorithms.AES(self._key), modes.CTR(counter)).encryptor()
        return stream.update(b"\0" * within + piece)[within:]

    def write(self, clear: bytes) -> int:
        position = self._file.tell()
        if position != self._file.seek(0, os.SEEK_END):
            raise ValueError("a scratch file is only appended to")
        return self._file.write(self._apply(position, bytes(clear)))

    def read(self, size: int = -1) -> bytes:
        position = self._file.tell()
        return self._apply(position, self._file.read(size))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readline(self, size: int = -1) -> bytes:
        raise NotImplementedError("request bodies are read in blocks")

    def flush(self) -> None:
        self._file.flush()

    def truncate(self, size: int = 0) -> int:
        if size:
            raise ValueError("a scratch file is only emptied as a whole")
        self._fresh()
        return self._file.truncate(0)

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed
