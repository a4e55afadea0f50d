"""Sealing under generations of the field key: all of them open, the latest seals, nothing opens elsewhere."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.keys import (
    HEAD_BYTES,
    MARK,
    NONCE_BYTES,
    Sealer,
    add_field_key,
    generation_of,
    is_in_file,
    load_keys,
    made_up,
    remove_field_key,
    write_random_keys,
)

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))


def sealed_of_old(clear: str, context: str, nonce: bytes = bytes(12)) -> bytes:
    """As it was sealed before there were generations."""
    return nonce + AESGCM(FIRST).encrypt(nonce, clear.encode(), context.encode())


@given(st.text(), st.text())
def test_what_is_sealed_opens_in_its_place(clear: str, context: str) -> None:
    one, both = Sealer({1: FIRST}), Sealer({1: FIRST, 2: SECOND})
    assert both.unseal(one.seal(clear, context), context) == clear
    assert both.unseal(both.seal(clear, context), context) == clear
    assert both.unseal(sealed_of_old(clear, context), context) == clear


@pytest.mark.parametrize("start", [b"", MARK, MARK + b"\0\1", MARK + b"\0\2"])
def test_what_is_older_than_generations_opens_however_its_nonce_begins(start: bytes) -> None:
    sealed = sealed_of_old("冉大山", "person:1", start.ljust(12, b"\0"))
    assert Sealer({1: FIRST, 2: SECOND}).unseal(sealed, "person:1") == "冉大山"


def test_nothing_opens_elsewhere_changed_or_without_its_key() -> None:
    both = Sealer({1: FIRST, 2: SECOND})
    sealed = both.seal("冉大山", "person:1")
    assert generation_of(sealed) == 2
    as_first = sealed[: len(MARK)] + b"\0\1" + sealed[len(MARK) + 2 :]
    for wrong, sealer, context in (
        (sealed, both, "person:2"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), both, "person:1"),
        (as_first, Sealer({1: SECOND, 2: SECOND}), "person:1"),  # the generation is bound in as well
        (sealed, Sealer({1: FIRST}), "person:1"),
        (b"", both, "person:1"),
    ):
        with pytest.raises(Failure):
            sealer.unseal(wrong, context)
    with pytest.raises(Failure, match="第 2 代密钥不在"):
        Sealer({1: FIRST}).unseal(sealed, "person:1")


def test_resealing_changes_only_what_is_older() -> None:
    one, both = Sealer({1: FIRST}), Sealer({1: FIRST, 2: SECOND})
    old = one.seal("冉大山", "person:1")
    new = both.reseal(old, "person:1")
    assert (generation_of(new), both.unseal(new, "person:1")) == (2, "冉大山")
    assert both.reseal(new, "person:1") is new
    assert both.reseal(b"", "person:1") == b""


def test_generations_come_from_file_and_environment(tmp_path: Path) -> None:
    path = tmp_path / "keys.env"
    write_random_keys(path)
    assert set(load_keys(path, {}).fields) == {1}
    add_field_key(path, 2)
    both = load_keys(path, {}).fields
    assert set(both) == {1, 2}
    assert both[1] != both[2]
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keys(path, {"SHOUWANG_FIELD_KEY_3": "ab" * 32}).fields[3] == bytes.fromhex("ab" * 32)
    remove_field_key(path, 1)
    assert load_keys(path, {}).fields == {2: both[2]}
    assert not is_in_file(path, 1)
    assert is_in_file(path, 2)
    remove_field_key(path, 2)
    with pytest.raises(InputError, match="SHOUWANG_FIELD_KEY"):
        load_keys(path, {})
    with pytest.raises(InputError, match="SHOUWANG_FIELD_KEY_2"):
        load_keys(path, {"SHOUWANG_FIELD_KEY": "ab" * 32, "SHOUWANG_FIELD_KEY_2": "short"})


def test_keys_do_not_show_themselves(tmp_path: Path) -> None:
    path = tmp_path / "keys.env"
    write_random_keys(path)
    keys = load_keys(path, {name: value for name, value in os.environ.items() if "KEY" not in name})
    assert repr(keys) == "Keys(…)"


def test_keys_that_nobody_drew_are_named(tmp_path: Path) -> None:
    write_random_keys(tmp_path / "keys.env")
    drawn = load_keys(tmp_path / "keys.env", {})
    assert made_up(drawn) == []
    for key in (bytes(32), b"\x42" * 32, b"change-me-change-me-change-me-ch", FIRST, SECOND, bytes(range(62, -2, -2))):
        assert made_up(replace(drawn, django=key)) == ["SHOUWANG_DJANGO_KEY"]
    assert made_up(replace(drawn, fields={1: drawn.fields[1], 2: drawn.audit})) == [
        "SHOUWANG_AUDIT_KEY",
        "SHOUWANG_FIELD_KEY_2",
    ]


def test_a_file_of_keys_that_changes_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.env"
    write_random_keys(path)
    first = load_keys(path)
    assert load_keys(path) is first
    add_field_key(path, 2)
    assert set(load_keys(path).fields) == {1, 2}
    monkeypatch.setenv("SHOUWANG_AUDIT_KEY", "cd" * 32)
    assert load_keys(path).audit == bytes.fromhex("cd" * 32) != first.audit
    path.unlink()
    with pytest.raises(InputError):
        load_keys(path)


def test_many_sealed_at_once_open_like_those_sealed_alone() -> None:
    both = Sealer({1: FIRST, 2: SECOND})
    sealed = both.seal_many(["冉大山", "冉大山"], ["person:1", "person:2"], 2)
    assert [both.unseal(each, f"person:{who}") for who, each in enumerate(sealed, start=1)] == ["冉大山"] * 2
    nonces = [each[HEAD_BYTES:][:NONCE_BYTES] for each in sealed]
    assert len(set(nonces)) == 2, "one nonce twice under a key would give both away"
    with pytest.raises(Failure):
        both.unseal(sealed[0], "person:2")
    with pytest.raises(ValueError, match="zip"):
        both.seal_many(["冉大山"], ["person:1"], 2)
