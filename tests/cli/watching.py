"""Watches folders for identity numbers in clear, in files that come and go as well as in those that stay."""

import gzip
import io
import os
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
LONGEST_LOOK = 64 << 20
SETTLED = 100_000_000  # nanoseconds: the clock of a file system stands still for some milliseconds


def in_clear(content: bytes, stem: str) -> bool:
    """Whether the beginning of a number stands in the content, also within what is packed. (GB18030 has digits as ASCII.)"""
    return any(stem.encode(encoding) in each for each in _unpacked(content) for encoding in ENCODINGS)


def _unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                for name in packed.namelist():
                    yield from _unpacked(packed.read(name))
        elif content.startswith(b"\x1f\x8b"):
            yield from _unpacked(gzip.decompress(content))
        elif content.startswith(b"PAR1") and content.endswith(b"PAR1"):
            for column in pq.read_table(io.BytesIO(content)).columns:
                yield str(column.to_pylist()).encode()
                yield from (each for each in column.to_pylist() if isinstance(each, bytes))
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):  # not finished yet: it is looked at again
        return


class Watcher(threading.Thread):
    """Opens every file as soon as it appears and keeps it open, so that one removed meanwhile is still read."""

    def __init__(self, folders: Iterable[Path], stem: str) -> None:
        super().__init__(daemon=True)
        self.folders, self.stem = list(folders), stem
        self.found: set[str] = set()
        self.looked_at = 0
        self._open: dict[tuple[int, int], tuple[str, int, tuple[int, int]]] = {}
        self._read: dict[str, int] = {}
        self._below: dict[str, list[str]] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            time.sleep(0.002)

    def has_opened(self) -> bool:
        """Whether it holds a file at all."""
        return bool(self._open)

    def finish(self) -> set[str]:
        """Ends the watch after a last look at everything; the names of the files in which a number stood."""
        self._stopping.set()
        self.join()
        self._read.clear()
        self.look()
        for _, descriptor, _ in self._open.values():
            os.close(descriptor)
        return self.found

    def look(self) -> None:
        for folder in self.folders:
            self._walk(str(folder))
        for key, (name, descriptor, seen) in list(self._open.items()):
            state = os.fstat(descriptor)
            now = (state.st_size, state.st_mtime_ns)
            if now != seen:
                self._open[key] = (name, descriptor, now)
                self.looked_at += 1
                if in_clear(os.pread(descriptor, LONGEST_LOOK, 0), self.stem):
                    self.found.add(name)
            if state.st_nlink == 0 and now == seen:
                os.close(descriptor)
                del self._open[key]

    def _walk(self, folder: str) -> None:
        """A folder in which nothing came or went since it was read a while after that is not read again."""
        try:
            changed = os.stat(folder).st_mtime_ns
            if self._read.get(folder) != changed:
                with os.scandir(folder) as there:
                    self._below[folder] = [each.path for each in there if self._is_folder(each)]
                if time.time_ns() - changed > SETTLED:
                    self._read[folder] = changed
        except FileNotFoundError:
            return
        for below in self._below[folder]:
            self._walk(below)

    def _is_folder(self, entry: os.DirEntry[str]) -> bool:
        if entry.is_dir(follow_symlinks=False):
            return True
        self._notice(entry.path)
        return False

    def _notice(self, path: str) -> None:
        if self.stem in path:
            self.found.add(path)
        try:
            state = os.lstat(path)
            key = (state.st_dev, state.st_ino)
            if key not in self._open and os.path.isfile(path) and not os.path.islink(path):
                self._open[key] = (path, os.open(path, os.O_RDONLY), (-1, -1))
        except FileNotFoundError:
            return
