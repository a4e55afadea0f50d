"""The home directory: made once, private, one writer at a time, never half written."""

import stat
from pathlib import Path

import pytest

from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import init_home, open_home
from shouwang.kernel.keys import load_keys, pseudonym


def test_making_it_again_keeps_the_keys(tmp_path: Path) -> None:
    first = init_home(tmp_path / "h").keys()
    assert init_home(tmp_path / "h").keys() == first
    assert stat.S_IMODE((tmp_path / "h" / "keys.env").stat().st_mode) == 0o600
    assert "…" in repr(first)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    home = init_home(tmp_path)
    given = {"SHOUWANG_PSEUDONYM_KEY": "ab" * 32}
    assert load_keys(home.keys_file, given).pseudonym == b"\xab" * 32
    with pytest.raises(InputError, match="SHOUWANG_FIELD_KEY"):
        load_keys(home.keys_file, {"SHOUWANG_FIELD_KEY": "short"})


def test_two_homes_name_the_same_person_differently(tmp_path: Path) -> None:
    one, other = init_home(tmp_path / "a"), init_home(tmp_path / "b")
    assert pseudonym(one.keys(), "11010519491231002X") != pseudonym(other.keys(), "11010519491231002X")


def test_an_unknown_home_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="shouwang init"):
        open_home(tmp_path / "nowhere")


def test_a_second_writer_waits_and_then_is_told(tmp_path: Path) -> None:
    home = init_home(tmp_path)
    with home.writing(), pytest.raises(Failure, match="正在使用"), home.writing(patience_seconds=0.1):
        pass


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path) -> None:
    home = init_home(tmp_path)
    home.staging.mkdir()
    (home.staging / "half").write_text("x")
    with home.writing():
        assert list(home.staging.iterdir()) == []


def test_a_sealed_text_opens_only_in_its_place(tmp_path: Path) -> None:
    sealer = init_home(tmp_path).sealer()
    sealed = sealer.seal("向小山", "person:1")
    assert "向小山".encode() not in sealed
    assert sealer.unseal(sealed, "person:1") == "向小山"
    with pytest.raises(Failure):
        sealer.unseal(sealed, "person:2")
