"""`shouwang backup` and `restore`: a copy of the whole installation, verified, and a home made of it again."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shouwang.cli.output import emit, progress, results
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, open_home

if TYPE_CHECKING:
    from shouwang.jobs.backup import Backup

AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")
PASSPHRASE = typer.Option(None, "--passphrase-file", help="文件的第一行是密钥的口令；没有则不备份密钥")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    folder: Path = typer.Argument(help="备份写到哪个目录，须还不存在"),
    passphrase_file: Path | None = PASSPHRASE,
    verify: bool = typer.Option(False, "--verify", help="只核对已有的备份，不制作"),
    as_json: bool = AS_JSON,
) -> None:
    """备份整个数据目录，网站不用停；密钥只在给出口令时一并加密备份。"""
    from shouwang.jobs import backup as backups

    if verify:
        with progress("核对备份") as tell:
            made = backups.verify(folder, tell)
    else:
        from shouwang.jobs.casework import require_ready

        home = open_home()
        require_ready(home)
        with progress("备份（字节）") as tell:
            made = backups.back_up(home, folder, _passphrase(passphrase_file), tell)
    data = {"folder": str(folder), "made_at": made.made_at, "files": len(made.files), "bytes": made.size}
    data |= {"with_keys": made.with_keys, "database": made.database}
    emit(data, as_json, lambda: _print(made, folder, verify))


def _print(made: "Backup", folder: Path, verified: bool) -> None:
    verb = "备份完好" if verified else "已备份"
    results.print(f"{verb}：{folder}，{len(made.files):,} 个文件，{made.size / (1 << 20):,.1f} MB", markup=False)
    if not made.with_keys:
        results.print("  不含密钥：请另行保管 keys.env 或密钥的环境变量，没有密钥备份打不开")
    if made.database != "sqlite":
        results.print("  不含 PostgreSQL 数据库：请用 pg_dump 在同一时间另行备份")


def restore(
    folder: Path = typer.Argument(help="备份所在的目录"),
    passphrase_file: Path | None = PASSPHRASE,
    as_json: bool = AS_JSON,
) -> None:
    """把备份恢复到 SHOUWANG_HOME 指定的新目录，先核对备份，再核对审计记录。"""
    from shouwang.cli.site import named_home
    from shouwang.jobs import backup as backups

    home = Home(named_home())
    with progress("恢复（字节）") as tell:
        made = backups.restore(folder, home, _passphrase(passphrase_file), tell)
    sound = _looked_over(home) if made.database == "sqlite" else None
    data = {"home": str(home.path), "made_at": made.made_at, "files": len(made.files), "audit_sound": sound}
    emit(data, as_json, lambda: _print_restored(home, made.made_at, sound))
    if sound is False:
        raise Failure("恢复的审计记录与锚点不符", "运行 shouwang audit verify 查看第一处不符，告诉审计管理员")


def _looked_over(home: Home) -> bool:
    """Brings the database up to this version, notes the restoration, and verifies the audit."""
    from shouwang.jobs.casework import prepare

    prepare(home)
    from django.db import transaction

    from shouwang.audit.record import record
    from shouwang.audit.verification import verify

    with transaction.atomic():
        record(None, "backup_restored")
    return verify(home).sound


def _print_restored(home: Home, made_at: str, sound: bool | None) -> None:
    results.print(f"已恢复到 {home.path}，备份制作于 {made_at}", markup=False)
    if sound:
        results.print("  审计记录完好。接着运行 shouwang doctor 检查，再启动网站")
    if sound is None:
        results.print("  接着恢复 PostgreSQL 数据库，运行 shouwang init 和 shouwang audit verify")


def _passphrase(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        raise InputError(f"口令文件 {path} 读不出口令", "第一行写口令，文件只让自己可读") from None
