"""The directory that holds everything one installation keeps. Two homes never meet."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.keys import Keys, Sealer, load_keys, write_random_keys

FORMAT = 1
DEFAULT_HOME = "shouwang-home"


@dataclass(frozen=True)
class Home:
    """Paths within one home directory."""

    path: Path

    @property
    def lake(self) -> Path:
        return self.path / "lake"

    @property
    def deliveries(self) -> Path:
        return self.lake / "deliveries"

    @property
    def staging(self) -> Path:
        return self.path / "staging"

    @property
    def database(self) -> Path:
        return self.path / "shouwang.sqlite3"

    @property
    def spill(self) -> Path:
        """Where screenings put down what does not fit into their memory; empty when none runs."""
        return self.path / "spill"

    @property
    def counted(self) -> Path:
        """What was counted ahead; numbers that are counted anew where it is missing."""
        return self.path / "counted"

    @property
    def copies(self) -> Path:
        """The lake once more, sorted by whom rows are about; made anew where it is missing."""
        return self.path / "copies"

    @property
    def keys_file(self) -> Path:
        return self.path / "keys.env"

    def rows(self, source: str) -> Path:
        return self.lake / "rows" / source

    def keys(self) -> Keys:
        return load_keys(self.keys_file)

    def sealer(self) -> Sealer:
        return Sealer(self.keys().fields)

    def is_ready(self) -> bool:
        return (self.path / "shouwang.json").exists()

    @property
    def demonstration_plan(self) -> Path:
        """Written by `shouwang demo` before anything else: all people of this home are synthetic."""
        return self.path / "demo.json"

    def is_demonstration(self) -> bool:
        return self.demonstration_plan.exists()

    @contextmanager
    def writing(self, patience_seconds: float = 600) -> Iterator[None]:
        """One writer at a time. What an earlier writer left unfinished is cleared first.

        Raises:
            Failure: another command has held the home for longer than `patience_seconds`.
        """
        try:
            with FileLock(self.path / "lock", timeout=patience_seconds):
                if self.staging.exists():
                    shutil.rmtree(self.staging)
                self.staging.mkdir(parents=True)
                try:
                    yield
                finally:
                    shutil.rmtree(self.staging, ignore_errors=True)
        except Timeout:
            raise Failure("另一个守望命令正在使用本数据目录", "等它结束后再试") from None


def init_home(path: Path) -> Home:
    """Makes the directory and its keys; running it again changes nothing."""
    home = Home(path)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (home.deliveries, home.lake / "rows", home.lake / "quarantine", home.lake / "review", home.spill):
        folder.mkdir(parents=True, exist_ok=True)
    write_random_keys(home.keys_file)
    marker = path / "shouwang.json"
    if not marker.exists():
        replace_file(marker, json.dumps({"format": FORMAT}).encode())
    return home


def open_home(path: Path | None = None) -> Home:
    """The home that `SHOUWANG_HOME` (or `path`) names.

    Raises:
        InputError: it was never initialised, or by a later version.
    """
    home = Home((path or Path(os.environ.get("SHOUWANG_HOME", DEFAULT_HOME))).absolute())
    marker = home.path / "shouwang.json"
    if not marker.exists():
        raise InputError(
            f"数据目录 {home.path} 尚未建立", "先运行 shouwang init，或用 SHOUWANG_HOME 指向已有的数据目录"
        )
    if json.loads(marker.read_text())["format"] > FORMAT:
        raise InputError(f"数据目录 {home.path} 由更新的版本建立", "升级本程序后再用")
    return home


def replace_file(path: Path, content: bytes) -> None:
    """Writes the whole file or nothing, and has it on disk before returning."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Makes renames within a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
