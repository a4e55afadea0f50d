"""Whatever is wrong with a file, a pack, a home or the machine is told in words, and the home stays as it was."""

import errno
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import OperationalError

from conftest_numbers import number
from shouwang.cli.failures import in_words
from shouwang.cli.main import run
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import deliveries
from shouwang.kernel.home import Home
from shouwang.policy.pack import load_pack

HEADER = "结算单号,证件号码,姓名,结算日期,医疗类别,费用总额,基本医保支付,大病保险支付,医疗救助支付,个人自付\n"
ENROLMENT = "证件号码,姓名,参保年度,险种,参保状态\n"
Said = Callable[..., tuple[object, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command: exit code, standard output, standard error."""

    def _said(*words: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            run(words)
        return ended.value.code, *capsys.readouterr()

    return _said


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped pack that this installation works by."""
    copy = tmp_path / "pack"
    shutil.copytree(load_pack().path, copy)
    monkeypatch.setenv("SHOUWANG_POLICY", str(copy))
    return copy


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("空.csv", b"", "空.csv：这是空文件"),
        ("空.xlsx", b"", "空.xlsx：这是空文件"),
        ("名册.csv", (ENROLMENT + "1,2,3,4,5\n").encode(), "像是“参保名册”"),
        ("半.parquet", b"PAR1" + b"\0" * 200, "只传了一半"),
        ("半.xlsx", b"PK\x03\x04" + b"\0" * 200, "只传了一半"),
        ("半.csv", (HEADER + "S1,5002").encode(), "最后一行不完整"),
        ("名.parquet", HEADER.encode(), "内容与扩展名 .parquet 不符"),
    ],
)
def test_files_that_cannot_be_read(
    name: str, content: bytes, message: str, said: Said, home: Home, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    code, _, err = said("ingest", "medical_settlement", str(tmp_path / name), "--received-on", "2021-06-05")
    assert code == 2
    assert message in err
    assert "办法：" in err
    assert not [path for path in home.lake.rglob("*") if path.is_file()]


def test_a_folder_is_no_file(said: Said, home: Home, tmp_path: Path) -> None:
    assert said("ingest", "medical_settlement", str(tmp_path))[::2] == (
        2,
        f"错误：{tmp_path} 是目录，不是文件\n办法：写出其中的文件名；没有读入任何文件\n",
    )


def test_a_file_name_of_an_older_system_is_readable(home: Home, tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path / "x").removesuffix(b"x") + "医保.csv".encode("gb18030")))
    path.write_text(HEADER, encoding="utf-8")
    assert ingest_file(home, "medical_settlement", path, date(2021, 6, 5)).file == "医保.csv"
    assert [each.file for each in deliveries(home)] == ["医保.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "medical_settlement", __file__),
        ("quarantine", "export", "D000001", "out.xlsx"),
        ("screen", "--as-of", "2021-06-17"),
        ("screen", "--as-of", "2021-06-17", "--dry-run", "--json"),
        ("explain", "H1", "--as-of", "2021-06-17"),
        ("whatif", "--as-of", "2021-06-17", "--set", "income.monitoring_line=7000"),
        ("user", "add", "a", "--name", "甲", "--area", "500000000000", "--duty", "city"),
        ("serve",),
    ],
)
def test_a_home_never_initialised(
    words: tuple[str, ...], said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOUWANG_HOME", str(tmp_path / "never"))
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert err == (
        f"错误：数据目录 {tmp_path / 'never'} 尚未建立\n"
        "办法：先运行 shouwang init，或用 SHOUWANG_HOME 指向已有的数据目录\n"
    )
    assert not (tmp_path / "never").exists()


def test_a_home_that_cannot_be_made(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHOUWANG_HOME", str(tmp_path / "file" / "home"))
    code, out, err = said("init")
    assert (code, out) == (1, "")
    assert f"应为目录的地方是一个文件：{tmp_path / 'file' / 'home'}" in err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "parameters/income/monitoring_line.yaml",
            "title: [\n",
            "income/monitoring_line.yaml 不是正确的 YAML：第 2 行",
        ),
        ("levels.yaml", b"\xff\xff", "levels.yaml 不是正确的 YAML：编码"),
        ("levels.yaml", "- 1\n", "levels.yaml 的内容不完整"),
        ("rules/income/below_line.yaml", "title: x\n", "income.below_line"),
        ("divisions/changes.yaml", None, "缺少行政区划文件"),
    ],
)
def test_a_broken_pack(
    name: str, content: str | bytes | None, message: str, said: Said, home: Home, pack: Path
) -> None:
    (pack / name).unlink()
    if content is not None:
        (pack / name).write_bytes(content.encode() if isinstance(content, str) else content)
    code, out, _ = said("policy", "check")
    assert code == 1
    assert message in out
    if content is not None:
        code, out, err = said("screen", "--as-of", "2021-06-17", "--json")
        assert (code, out) == (2, "")
        assert message in err


def test_an_empty_register_is_said(said: Said, home: Home) -> None:
    code, out, _ = said("screen", "--as-of", "2021-06-17", "--dry-run")
    assert code == 0
    assert "先用 shouwang ingest household_register 读入农户名册" in out


def test_the_machine_refuses_in_words() -> None:
    told = in_words(OSError(errno.ENOSPC, "No space left on device", "/srv/home/lake"))
    assert told.exit_code == 1
    assert told.message == "读写失败，磁盘已满：/srv/home/lake"
    assert told.advice.startswith("腾出空间")


def test_the_database_refuses_in_words() -> None:
    told = in_words(OperationalError("database or disk is full"))
    assert told.exit_code == 1
    assert "业务数据库拒绝了操作" in told.message


def test_a_fault_of_the_program_shows_no_identity_number(capsys: pytest.CaptureFixture[str]) -> None:
    told = in_words(ValueError(f"row of {number(1)}"))
    trace = capsys.readouterr().err
    assert told.exit_code == 1
    assert "ValueError" in told.message + trace
    assert number(1) not in told.message + trace
