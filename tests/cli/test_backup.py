"""A backup made while the site works, verified against every kind of damage, and made a home again."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_command_line import result, run

from conftest_numbers import number, village
from processes import SHOUWANG, Popen
from shouwang.jobs.backup import MANIFEST, verify
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home
from shouwang.kernel.keys import load_keys

PASSPHRASE = "只有自己知道的一句长话 2021"


@pytest.fixture(scope="module")
def made(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """An installation with a register, a user, and its backup with keys; commands went on while it was made."""
    folder = tmp_path_factory.mktemp("backup")
    home = Path(shutil.copytree(fresh_home, folder / "home"))
    register = folder / "名册.csv"
    rows = [f"H{i},{village()},脱贫户,向小山,{number(i)},户主" for i in range(1, 4)]
    register.write_text("\n".join(["户编号,行政区划代码,户类型,姓名,证件号码,与户主关系", *rows]), encoding="utf-8")
    result(run(home, "ingest", "household_register", str(register), "--received-on", "2021-01-05", "--json"))
    (folder / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    add = ["user", "add", "wang", "--name", "王主任", "--area", "500229000000", "--duty", "county"]
    adding = Popen(SHOUWANG, *add, environ={"SHOUWANG_HOME": str(home)}, stdout=subprocess.DEVNULL)
    words = ["backup", str(folder / "copy"), "--passphrase-file", str(folder / "passphrase"), "--json"]
    told = result(run(home, *words))
    assert adding.wait() == 0
    return SimpleNamespace(folder=folder, home=home, copy=folder / "copy", told=told, passphrase=folder / "passphrase")


@pytest.fixture
def copy(made: SimpleNamespace, tmp_path: Path) -> Path:
    """A copy of the backup to do harm to."""
    return Path(shutil.copytree(made.copy, tmp_path / "copy"))


def test_a_backup_becomes_a_home_again(made: SimpleNamespace, tmp_path: Path) -> None:
    assert made.told["with_keys"] is True
    assert result(run(made.home, "backup", str(made.copy), "--verify", "--json"))["files"] == made.told["files"]
    again = tmp_path / "again"
    told = result(run(again, "restore", str(made.copy), "--passphrase-file", str(made.passphrase), "--json"))
    assert told["audit_sound"] is True
    assert Home(again).keys() == Home(made.home).keys()
    assert result(run(again, "audit", "verify", "--json"))["sound"] is True
    assert result(run(again, "doctor", "--json"))["healthy"] is True
    taken = {path.name for path in again.rglob("*.parquet")}
    assert taken == {path.name for path in made.home.rglob("*.parquet")}
    assert "不是空的" in run(again, "restore", str(made.copy)).stderr
    assert {path.stat().st_mode & 0o077 for path in made.copy.rglob("*")} == {0}


def test_keys_are_never_in_a_backup_in_clear(made: SimpleNamespace, tmp_path: Path) -> None:
    keys = load_keys(made.home / "keys.env", {})
    secrets = [keys.pseudonym, keys.django, keys.audit, *keys.fields.values()]
    for path in made.copy.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [1 for secret in secrets if secret in content or secret.hex().encode() in content], path
    (tmp_path / "wrong").write_text("另一句只有自己知道的话\n", encoding="utf-8")
    refused = run(tmp_path / "again", "restore", str(made.copy), "--passphrase-file", str(tmp_path / "wrong"))
    assert (refused.returncode, "口令不对" in refused.stderr) == (2, True)
    without = run(tmp_path / "again", "restore", str(made.copy))
    assert (without.returncode, "没有可用的密钥" in without.stderr) == (2, True)
    assert not (tmp_path / "again").exists()


def changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a byte of the database": lambda copy: changed(copy / "shouwang.sqlite3"),
    "a byte of the lake": lambda copy: changed(next((copy / "lake/rows").rglob("*.parquet"))),
    "a file less": lambda copy: next((copy / "lake/deliveries").iterdir()).unlink(),
    "a file more": lambda copy: (copy / "lake/more.parquet").write_bytes(b""),
    "a link": lambda copy: link_away(copy / "shouwang.json"),
    "cut": lambda copy: (copy / "shouwang.json").write_bytes(b"{"),
}


def link_away(path: Path) -> None:
    path.rename(path.with_name("away"))
    path.symlink_to(path.with_name("away"))
    shutil.move(path.with_name("away"), path.parent.parent / "away")
    path.unlink()
    path.symlink_to(path.parent.parent / "away")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_nothing_is_restored(
    damage: str, copy: Path, made: SimpleNamespace, tmp_path: Path
) -> None:
    verify(copy, lambda done: None)
    DAMAGES[damage](copy)
    with pytest.raises(Failure):
        verify(copy, lambda done: None)
    refused = run(tmp_path / "again", "restore", str(copy), "--passphrase-file", str(made.passphrase))
    assert refused.returncode == 1
    assert not (tmp_path / "again").exists()


def test_an_unfinished_backup_or_a_foreign_folder_is_none(copy: Path, made: SimpleNamespace) -> None:
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(manifest | {"files": {"../escape": [0, ""]}}))
    with pytest.raises(InputError, match="备份以外"):
        verify(copy, lambda done: None)
    (copy / MANIFEST).write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(InputError, match="更新的版本"):
        verify(copy, lambda done: None)
    (copy / MANIFEST).unlink()
    with pytest.raises(InputError, match="不是完整的备份"):
        verify(copy, lambda done: None)
    for folder, words in ((copy, "已经存在"), (made.home / "inside", "里面"), (copy / "no" / "where", "不存在")):
        refused = run(made.home, "backup", str(folder))
        assert (refused.returncode, words in refused.stderr) == (2, True)


def test_a_killed_backup_is_made_again(made: SimpleNamespace, tmp_path: Path) -> None:
    left = tmp_path / "copy.part"
    (left / "lake").mkdir(parents=True)
    (left / "lake" / "half").write_bytes(b"half")
    result(run(made.home, "backup", str(tmp_path / "copy"), "--json"))
    assert not left.exists()
    assert verify(tmp_path / "copy", lambda done: None).with_keys is False
