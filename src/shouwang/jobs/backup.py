"""A backup of everything that an installation keeps, made while the site runs; verified; restored into a new home.

Nothing in it is in clear that was not in clear at home. The keys are left out unless a passphrase seals them.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from shouwang import __version__
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, replace_file, sync_folder
from shouwang.kernel.keys import NAMES, field_key_name, load_keys

FORMAT = 1
MANIFEST, SEALED_KEYS = "backup.json", "keys.sealed"
# What may be behind the database is copied before it, what may be ahead of it after it: the values decided and the anchors
# are caught up from the database at the next start, the lake is caught up by the next ingest or screening.
BEFORE_DATABASE, AFTER_DATABASE = ("policy", "anchors"), ("lake", "photos", "spool")
FILES = ("shouwang.json", "demo.json", "demo-logins.txt")
PASSED_OVER = (".tmp", ".part")
SHORTEST_PASSPHRASE = 12
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32
SCRYPT_COST, SCRYPT_BLOCK, SCRYPT_LANES = 1 << 16, 8, 1  # 64 MB and a fifth of a second for each guess
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Backup:
    """What lies in a backup; `files` are paths within it with size and SHA-256."""

    made_at: str
    version: str
    database: str
    with_keys: bool
    files: dict[str, tuple[int, str]]

    @property
    def size(self) -> int:
        return sum(size for size, _ in self.files.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "made_at": self.made_at,
            "version": self.version,
            "database": self.database,
            "with_keys": self.with_keys,
            "files": {name: list(told) for name, told in self.files.items()},
        }


@contextmanager
def _for_the_owner_alone() -> Iterator[None]:
    """What is written meanwhile nobody else may read."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@_for_the_owner_alone()
def back_up(home: Home, folder: Path, passphrase: str | None, progress: Progress) -> Backup:
    """Copies the home to `folder`, which appears once it is whole; what a killed backup left is cleared first.

    The site goes on; a file that comes in meanwhile waits in the spool until the copy is done.

    Raises:
        InputError: `folder` is there already or lies within the home, or the passphrase is short.
        Failure: another command holds the home, or the disk is full.
    """
    from django.db import connection, transaction

    from shouwang.audit.record import record

    if folder.exists():
        raise InputError(f"{folder} 已经存在", "换一个还没有的目录；同一份备份不会被覆盖")
    if folder.resolve().is_relative_to(home.path.resolve()):
        raise InputError("备份不能放在数据目录里面", "换到另一块磁盘或另一台机器上的目录")
    if not folder.parent.is_dir():
        raise InputError(f"目录 {folder.parent} 不存在", "先建立它，或换一个位置")
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise InputError(f"口令不足 {SHORTEST_PASSPHRASE} 个字符", "换一个更长的口令，例如一句话")
    staged = folder.with_name(folder.name + ".part")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700)
    files: dict[str, tuple[int, str]] = {}

    def copy(paths: Iterator[Path]) -> None:
        for path in paths:
            name = path.relative_to(home.path).as_posix()
            if (told := _copied(path, staged / name)) is not None:
                files[name] = told
                progress(sum(size for size, _ in files.values()))

    with home.writing():
        copy(home.path / name for name in FILES if (home.path / name).exists())
        copy(_below(home.path, BEFORE_DATABASE))
        if connection.vendor == "sqlite":
            files[home.database.name] = _copied_database(home.database, staged / home.database.name)
        copy(_below(home.path, AFTER_DATABASE))
    if passphrase is not None:
        replace_file(staged / SEALED_KEYS, _sealed_keys(home, passphrase))
        files[SEALED_KEYS] = _told(staged / SEALED_KEYS)
    made = Backup(
        datetime.now(UTC).isoformat(timespec="seconds"), __version__, connection.vendor, passphrase is not None, files
    )
    replace_file(staged / MANIFEST, json.dumps(made.as_json(), ensure_ascii=False, indent=1).encode())
    staged.rename(folder)
    sync_folder(folder.parent)
    with transaction.atomic():
        record(None, "backup_made", files=len(files), size=made.size)
    return made


def verify(folder: Path, progress: Progress) -> Backup:
    """Reads every file of a backup and compares it with the manifest.

    Raises:
        InputError: it is no backup, or of a later version.
        Failure: a file is missing, was changed, or does not belong there; the message names the first.
    """
    backup = _manifest(folder)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if strange := sorted(there - backup.files.keys()):
        raise Failure(f"备份里多出了文件 {strange[0]}", "这份备份被动过，换另一份")
    done = 0
    for name, told in backup.files.items():
        path = folder / name
        if not path.is_file() or path.is_symlink():
            raise Failure(f"备份缺少文件 {name}", "这份备份不完整，换另一份")
        if _told(path) != told:
            raise Failure(f"备份中的文件 {name} 与清单不符", "这份备份已损坏或被改动，换另一份")
        done += told[0]
        progress(done)
    return backup


@_for_the_owner_alone()
def restore(folder: Path, home: Home, passphrase: str | None, progress: Progress) -> Backup:
    """Verifies a backup and makes a home of it, which appears once it is whole.

    Raises:
        InputError: the home is there already; the keys are neither in the backup under this passphrase nor in the environment.
        Failure: as `verify`.
    """
    if home.path.exists() and any(home.path.iterdir()):
        raise InputError(f"数据目录 {home.path} 不是空的", "恢复只写入新的目录：用 SHOUWANG_HOME 指向还没有的目录")
    backup = verify(folder, progress)
    keys = _opened_keys(folder, passphrase) if backup.with_keys and passphrase is not None else None
    if keys is None:
        _require_keys_of_environment(home, backup)
    staged = home.path.with_name(home.path.name + ".part")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(mode=0o700, parents=True)
    for name in backup.files:
        if name != SEALED_KEYS:
            _copied(folder / name, staged / name)
    if keys is not None:
        (staged / home.keys_file.name).touch(mode=0o600)
        (staged / home.keys_file.name).write_text(keys)
    for empty in ("lake/deliveries", "lake/rows", "lake/quarantine", "lake/review"):
        (staged / empty).mkdir(parents=True, exist_ok=True)
    if home.path.exists():
        home.path.rmdir()
    staged.rename(home.path)
    sync_folder(home.path.parent)
    return backup


def _below(root: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix not in PASSED_OVER:
                yield path


def _copied(source: Path, target: Path) -> tuple[int, str] | None:
    """Size and digest of what was copied; None where the file went away meanwhile, as a file does that was read."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as stream:
            written = os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            with written:
                while piece := stream.read(1 << 20):
                    written.write(piece)
                    digest.update(piece)
                    size += len(piece)
                written.flush()
                os.fsync(written.fileno())
    except FileNotFoundError:
        return None
    return size, digest.hexdigest()


def _copied_database(source: Path, target: Path) -> tuple[int, str]:
    """A copy as of one moment, while others read and write."""
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
    return _told(target)


def _told(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        return path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(folder: Path) -> Backup:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        if told["format"] > FORMAT:
            raise InputError("这份备份由更新的版本制作", "升级本程序后再恢复")
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in told["files"].items()}
        if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
            raise InputError(f"{folder} 的清单指向备份以外的文件", "这份备份被动过，换另一份")
        return Backup(told["made_at"], told["version"], told["database"], told["with_keys"], files)
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder} 不是完整的备份", "核对目录；名字以 .part 结尾的是没有做完的备份") from None


def _sealed_keys(home: Home, passphrase: str) -> bytes:
    keys = home.keys()
    fixed = dict(zip(NAMES, (keys.pseudonym, None, keys.django, keys.audit), strict=True))
    named = {name: key for name, key in fixed.items() if key is not None}
    named |= {field_key_name(generation): key for generation, key in keys.fields.items()}
    text = "".join(f"{name}={key.hex()}\n" for name, key in named.items())
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    return salt + nonce + AESGCM(_from_passphrase(passphrase, salt)).encrypt(nonce, text.encode(), SEALED_KEYS.encode())


def _require_keys_of_environment(home: Home, backup: Backup) -> None:
    try:
        load_keys(home.keys_file)
    except InputError as missing:
        how = (
            "用 --passphrase-file 给出制作备份时的口令"
            if backup.with_keys
            else "备份不含密钥：先在环境变量中设置各个密钥"
        )
        raise InputError(f"没有可用的密钥：{missing.message}", how) from None


def _opened_keys(folder: Path, passphrase: str) -> str:
    sealed = (folder / SEALED_KEYS).read_bytes()
    salt, nonce = sealed[:SALT_BYTES], sealed[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    try:
        cipher = AESGCM(_from_passphrase(passphrase, salt))
        return cipher.decrypt(nonce, sealed[SALT_BYTES + NONCE_BYTES :], SEALED_KEYS.encode()).decode()
    except (InvalidTag, ValueError):
        raise InputError("口令不对，密钥打不开", "核对制作备份时所用的口令") from None


def _from_passphrase(passphrase: str, salt: bytes) -> bytes:
    kdf = Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_COST, r=SCRYPT_BLOCK, p=SCRYPT_LANES)
    return kdf.derive(passphrase.encode())
