"""What a command may take of the machine: memory within a limit that is set, disk only where there is enough of it."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from shouwang.kernel.errors import Failure

MEMORY = "4GB"
"""What one command holds at most, all told; `SHOUWANG_MEMORY` says otherwise."""
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
LEAST_MEMORY = 500 * UNITS["MB"]
LARGE = 100 * UNITS["MB"]  # from here on people are told beforehand what a piece of work takes of the disk
LEFT_FREE = UNITS["GB"] // 2
"""A disk is never filled to the brim: the database and the record of the audit are written to it too."""


def memory_limit() -> int:
    """Bytes that one command may hold.

    Raises:
        Failure: `SHOUWANG_MEMORY` is no amount of memory, or less than any command needs.
    """
    text = os.environ.get("SHOUWANG_MEMORY", MEMORY)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]I?B)", text.replace(" ", "").upper())
    size = int(float(found[1]) * UNITS[found[2]]) if found else 0
    if size < LEAST_MEMORY:
        raise Failure(f"内存上限设置不被接受：{text}", "把 SHOUWANG_MEMORY 写成 800MB 或 2GB 的样子，至少 500MB")
    return size


def database_memory(share: float) -> str:
    """A share of the limit as DuckDB takes it; what DuckDB does not get is for the rows that pass through Python."""
    return f"{int(memory_limit() * share) // UNITS['MB']}MB"


@dataclass(frozen=True)
class Room:
    """What a piece of work will take of a disk and what is free there, in bytes."""

    wanted: int
    free: int

    @property
    def is_large(self) -> bool:
        return self.wanted >= LARGE

    def words(self) -> str:
        return f"预计占用磁盘 {size_words(self.wanted)}，可用 {size_words(self.free)}"


def room_for(wanted: int, place: Path) -> Room:
    """Room for so many bytes on the disk of a place, which need not be there yet.

    Raises:
        Failure: there is less; nothing was begun. What takes nothing has always room.
    """
    there = next(each for each in (place, *place.absolute().parents) if each.exists())
    room = Room(wanted, shutil.disk_usage(there).free)
    if wanted and room.free < wanted + LEFT_FREE:
        raise Failure(f"磁盘空间不够：{room.words()}，未作任何改动", "清理磁盘或换更大的磁盘后再试")
    return room


def size_words(size: int) -> str:
    """Bytes as people write them: 12 MB, 3.4 GB."""
    return f"{size / UNITS['GB']:.1f} GB" if size >= UNITS["GB"] else f"{-(-size // UNITS['MB'])} MB"
