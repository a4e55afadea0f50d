"""Anchors: number and hash of the chain's head, noted outside the database after every commit.

One line an anchor in `anchors/<year>-<month>.txt` of the home, and again in a second place where `SHOUWANG_ANCHOR_DIR`
names one: sequence, hash, time, and a MAC over these and the MAC of the line before. Lines are only ever added. What the
MAC cannot show, that the last lines were cut off, the entries show: each names the last anchor of its time.
"""

import hmac
import io
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from shouwang.kernel.home import sync_folder

logger = logging.getLogger(__name__)
FILES = "????-??.txt"
NO_MAC = "0" * 64
LONGEST_LINE = 400
_LINE = re.compile(r"(?P<sequence>[0-9]{1,18}) (?P<hash>[0-9a-f]{64}) (?P<at>[0-9TZ:.+-]{20,40}) (?P<mac>[0-9a-f]{64})")


@dataclass(frozen=True)
class Anchor:
    """One line: the head of the chain at a moment after it was committed."""

    sequence: int
    hash: str
    at: str
    mac: str

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash} {self.at} {self.mac}"


@dataclass(frozen=True)
class Broken:
    """A line that is not what was written, or not after what was written: `after` is the last sound anchor before it."""

    file: str
    line: int
    after: int


@dataclass(frozen=True)
class AnchorFiles:
    """The anchor files of one home. `key` is for anchors alone; `second` is the second place, if there is one."""

    folder: Path
    key: bytes
    second: Path | None = None

    def last(self) -> Anchor | None:
        """The last complete line, without asking whether it is true; None where there is none."""
        for path in reversed(_files(self.folder)):
            with path.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - 2 * LONGEST_LINE))
                complete = stream.read().split(b"\n")[:-1]
            if complete:
                return _parsed(complete[-1]) or Anchor(0, "", "", NO_MAC)
        return None

    def add(self, sequence: int, digest: str) -> bool:
        """Notes the head, durably, unless an anchor of this number or a later one is there.

        Raises:
            OSError: the line could not be written; the head stays without an anchor until the next one.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with FileLock(self.folder / "lock"):
            last = self.last()
            if last is not None and last.sequence >= sequence:
                return False
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            mac = self._mac(last.mac if last else NO_MAC, sequence, digest, at)
            files = _files(self.folder)
            path = self.folder / max([f"{at[:7]}.txt", *(each.name for each in files[-1:])])
            _append(path, f"{Anchor(sequence, digest, at, mac)}\n".encode())
            if self.second:
                self._copy(self.second)
        return True

    def lines(self) -> Iterator[Anchor | Broken]:
        """All anchors in order, in constant memory; ends at the first that is broken."""
        before, reached = NO_MAC, 0
        for path in _files(self.folder):
            with path.open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    if not line.endswith(b"\n"):
                        break  # a crash while it was being written: it never counted
                    anchor = _parsed(line[:-1])
                    if anchor is None or anchor.sequence <= reached or not self._is_true(anchor, before):
                        yield Broken(path.name, number, reached)
                        return
                    yield anchor
                    before, reached = anchor.mac, anchor.sequence

    def difference(self) -> Broken | None:
        """Where the second place first says something else than the home; None where they agree or there is only one.

        The second place may lag behind (it was out of reach); it can never be ahead.
        """
        if self.second is None or not self.second.is_dir():
            return None
        reached = 0
        for copy in _files(self.second):
            own = self.folder / copy.name
            with copy.open("rb") as theirs, own.open("rb") if own.exists() else open(os.devnull, "rb") as ours:
                for number, line in enumerate(theirs, 1):
                    if not line.endswith(b"\n"):
                        break
                    if line != ours.readline(LONGEST_LINE):
                        return Broken(copy.name, number, reached)
                    anchor = _parsed(line[:-1])
                    reached = anchor.sequence if anchor else reached
        return None

    def _is_true(self, anchor: Anchor, before: str) -> bool:
        mac = self._mac(before, anchor.sequence, anchor.hash, anchor.at)
        return hmac.compare_digest(mac, anchor.mac)

    def _mac(self, before: str, sequence: int, digest: str, at: str) -> str:
        return hmac.digest(self.key, f"{before} {sequence} {digest} {at}".encode(), "sha256").hex()

    def _copy(self, second: Path) -> None:
        """Adds to the second place what it lacks. What is there and not here is evidence, and stays."""
        try:
            second.mkdir(mode=0o700, parents=True, exist_ok=True)
            for own in _files(self.folder):
                copy = second / own.name
                have, there = own.stat().st_size, copy.stat().st_size if copy.exists() else 0
                if there > have:
                    logger.error("the second place of the audit anchors is ahead of the home: %s", own.name)
                    return
                if there < have:
                    with own.open("rb") as stream:
                        stream.seek(there)
                        _append(copy, stream.read(), mend=False)
        except OSError as problem:
            logger.error("the second place of the audit anchors cannot be written: %s", problem.strerror)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(FILES))


def _parsed(line: bytes) -> Anchor | None:
    found = _LINE.fullmatch(line.decode("ascii", "replace"))
    return Anchor(int(found["sequence"]), found["hash"], found["at"], found["mac"]) if found else None


def _append(path: Path, content: bytes, *, mend: bool = True) -> None:
    """Adds to the end of a file and has it on disk; a line that a crash left half written goes first."""
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with io.FileIO(descriptor, "r+") as stream:
        if mend:
            _drop_half_line(stream)
        stream.write(content)
        os.fsync(stream.fileno())
    if is_new:
        sync_folder(path.parent)


def _drop_half_line(stream: io.FileIO) -> None:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - LONGEST_LINE))
    tail = stream.read()
    if tail and not tail.endswith(b"\n"):
        stream.truncate(size - len(tail) + tail.rfind(b"\n") + 1)
