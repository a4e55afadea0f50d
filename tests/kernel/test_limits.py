"""Memory is an amount that is understood or refused; a disk that is too small is told before anything is written."""

from pathlib import Path

import pytest

from shouwang.kernel import limits
from shouwang.kernel.errors import Failure
from shouwang.kernel.limits import database_memory, memory_limit, room_for


@pytest.mark.parametrize(
    ("text", "size"), [("2GB", 2 * 10**9), ("700 mb", 700 * 10**6), ("1.5GiB", 3 * 2**29), ("600MiB", 600 * 2**20)]
)
def test_amounts_of_memory_as_people_write_them(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("SHOUWANG_MEMORY", text)
    assert memory_limit() == size
    assert database_memory(0.5) == f"{size // 2 // 10**6}MB"


def test_without_a_word_it_is_four_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOUWANG_MEMORY", raising=False)
    assert memory_limit() == 4 * 10**9


@pytest.mark.parametrize("text", ["plenty", "", "-2GB", "2", "499MB", "1e3GB"])
def test_what_is_no_amount_is_refused_with_an_example(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SHOUWANG_MEMORY", text)
    with pytest.raises(Failure, match="SHOUWANG_MEMORY"):
        memory_limit()


def test_a_disk_that_is_too_small_is_refused_with_both_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = 3 * 10**9
    monkeypatch.setattr(limits.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    place = tmp_path / "not" / "there"
    assert room_for(10**9, place).words() == "预计占用磁盘 1.0 GB，可用 3.0 GB"
    with pytest.raises(Failure, match=r"预计占用磁盘 2\.6 GB，可用 3\.0 GB"):
        room_for(2_600 * 10**6, place)
