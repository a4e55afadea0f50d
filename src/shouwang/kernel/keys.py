"""Secret keys of one installation, and the sealing of sensitive fields with them.

Each key comes from the environment (`SHOUWANG_PSEUDONYM_KEY`, `SHOUWANG_FIELD_KEY`, `SHOUWANG_DJANGO_KEY`,
`SHOUWANG_AUDIT_KEY`, 64 hexadecimal digits each) or, where that is silent, from `keys.env` in the home directory, which
`shouwang init` fills with random ones. There is no default key.

The field key has generations: `SHOUWANG_FIELD_KEY` is the first, `SHOUWANG_FIELD_KEY_2` the second and so on. All of them
open, the latest seals (docs/decisions/0010).
"""

import hmac
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouwang.kernel.errors import Failure, InputError

OURS = "SHOUWANG_"
NAMES = ("SHOUWANG_PSEUDONYM_KEY", "SHOUWANG_FIELD_KEY", "SHOUWANG_DJANGO_KEY", "SHOUWANG_AUDIT_KEY")
# Homes made before this key existed get it from the next `shouwang init`; the other keys are never made anew.
ADDED_LATER = "SHOUWANG_AUDIT_KEY"
FIELD_KEY = "SHOUWANG_FIELD_KEY"
KEY_BYTES, NONCE_BYTES = 32, 12
FEWEST_KINDS = (
    12  # different bytes in a key: 32 random ones have about thirty; fewer than twelve come once in 10^24 keys
)
MARK = b"\xffSWk"  # what begins so names its generation; what was sealed before there were generations is of the first
GENERATION_BYTES = 2
HEAD_BYTES = len(MARK) + GENERATION_BYTES
FIRST = 1


@dataclass(frozen=True)
class Keys:
    """32 bytes each: `pseudonym` names persons in the lake and is the blind index by which a number is looked up,
    `fields` (by generation) seal what is sensitive at rest, `django` signs sessions, `audit` chains the audit's entries.
    """

    pseudonym: bytes
    fields: Mapping[int, bytes]
    django: bytes
    audit: bytes

    def __repr__(self) -> str:
        return "Keys(…)"


def load_keys(path: Path, environ: Mapping[str, str] | None = None) -> Keys:
    """The installation's keys; `path` is its `keys.env`.

    Raises:
        InputError: a key is missing or is not 64 hexadecimal digits.
    """
    if environ is None:
        given = tuple((name, text) for name, text in os.environ.items() if name.startswith(OURS))
        return _loaded(path, _stamp(path), given)
    return _keys(_read(path), environ)


@lru_cache(maxsize=8)
def _loaded(path: Path, _: tuple[int, ...], given: tuple[tuple[str, str], ...]) -> Keys:
    """Each audit entry asks for its key: the file is read again where it is another, or the environment says something else."""
    return _keys(_read(path), dict(given))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _keys(stored: Mapping[str, str], environ: Mapping[str, str]) -> Keys:
    found = {name: _key(environ.get(name) or stored.get(name, ""), name) for name in NAMES if name != FIELD_KEY}
    named = {name: environ.get(name) or stored[name] for name in sorted({*environ, *stored}) if _generation(name)}
    fields = {_generation(name): _key(text, name) for name, text in named.items() if text}
    if not fields:
        _key("", FIELD_KEY)
    return Keys(found[NAMES[0]], fields, found["SHOUWANG_DJANGO_KEY"], found["SHOUWANG_AUDIT_KEY"])


def made_up(keys: Keys) -> list[str]:
    """The names of keys that nobody drew at random: repeated or counted bytes, as examples have them, or one key twice."""
    named = {NAMES[0]: keys.pseudonym, "SHOUWANG_DJANGO_KEY": keys.django, "SHOUWANG_AUDIT_KEY": keys.audit}
    named |= {field_key_name(generation): key for generation, key in keys.fields.items()}
    again = [key for key, times in Counter(named.values()).items() if times > 1]
    return sorted(name for name, key in named.items() if key in again or _is_regular(key))


def _is_regular(key: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return len(set(key)) < FEWEST_KINDS or len(steps) == 1


def _key(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise InputError(f"缺少密钥 {name}，或它不是64位十六进制数", "运行 shouwang init，或在环境变量中设置该密钥")
    return key


def field_key_name(generation: int) -> str:
    """The name of a generation of the field key: SHOUWANG_FIELD_KEY, SHOUWANG_FIELD_KEY_2, …"""
    return FIELD_KEY if generation == FIRST else f"{FIELD_KEY}_{generation}"


def _generation(name: str) -> int:
    """The generation of the field key that a name stands for; 0 for other names."""
    if name == FIELD_KEY:
        return FIRST
    end = name.removeprefix(f"{FIELD_KEY}_")
    return (
        int(end) if end != name and end.isascii() and end.isdigit() and 1 < int(end) < 1 << 8 * GENERATION_BYTES else 0
    )


def write_random_keys(path: Path) -> None:
    """Fills `path` with fresh keys, readable by its owner alone; an existing file only gets what was added later."""
    if path.exists() and (_read(path).get(ADDED_LATER) or os.environ.get(ADDED_LATER)):
        return
    names = (ADDED_LATER,) if path.exists() else NAMES
    before = path.read_text().rstrip("\n") + "\n" if path.exists() else ""
    text = before + "".join(f"{name}={secrets.token_hex(32)}\n" for name in names)
    _write(path, text)


def add_field_key(path: Path, generation: int) -> None:
    """Adds a random field key to `path`. Every process that asks for its keys from now on seals with it."""
    _write(path, f"{path.read_text().rstrip()}\n{field_key_name(generation)}={secrets.token_hex(KEY_BYTES)}\n")


def remove_field_key(path: Path, generation: int) -> None:
    """Takes one field key out of `path`; what is still sealed with it opens no more."""
    name = field_key_name(generation)
    kept = [line for line in path.read_text().splitlines() if line.split("=", 1)[0].strip() != name]
    _write(path, "\n".join(kept) + "\n")


def is_in_file(path: Path, generation: int) -> bool:
    """Whether a field key comes from `path`, not from the environment."""
    name = field_key_name(generation)
    return name in _read(path) and not os.environ.get(name)


def _write(path: Path, text: str) -> None:
    """The whole file or nothing, readable by its owner alone."""
    temporary = path.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.rename(path)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def pseudonym(keys: Keys, id_number: str) -> int:
    """The key under which a person stands in the lake: the first 63 bits of HMAC-SHA-256 of the 18-digit number."""
    digest = hmac.digest(keys.pseudonym, id_number.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


class Sealer:
    """Seals with AES-256-GCM under the latest generation of the field key, and opens what any of them sealed.

    `context` says what is sealed and of whom; it is bound in as associated data, so that nothing opens elsewhere. What is
    sealed begins with its mark and generation, then the nonce and the ciphertext.
    """

    def __init__(self, fields: Mapping[int, bytes]) -> None:
        self._ciphers = {generation: AESGCM(key) for generation, key in fields.items()}
        self.generation = max(fields)

    def seal(self, text: str, context: str) -> bytes:
        return self.seal_bytes(text.encode(), context)

    def unseal(self, sealed: bytes, context: str) -> str:
        """Raises Failure where the text was sealed with another key or for another place."""
        return self.unseal_bytes(sealed, context).decode()

    def seal_bytes(self, clear: bytes, context: str) -> bytes:
        head = head_of(self.generation)
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + self._ciphers[self.generation].encrypt(nonce, clear, head + context.encode())

    def seal_many(self, texts: Iterable[str], contexts: Iterable[str], count: int) -> list[bytes]:
        """`seal` for each of `count` texts and contexts: the machine is asked for chance once."""
        head, encrypt = head_of(self.generation), self._ciphers[self.generation].encrypt
        chance = os.urandom(NONCE_BYTES * count)
        nonces = (chance[at : at + NONCE_BYTES] for at in range(0, len(chance), NONCE_BYTES))
        return [
            head + nonce + encrypt(nonce, text.encode(), head + context.encode())
            for nonce, text, context in zip(nonces, texts, contexts, strict=True)
        ]

    def unseal_bytes(self, sealed: bytes, context: str) -> bytes:
        """Raises Failure as `unseal` does."""
        generation, about = generation_of(sealed), context.encode()
        with suppress(InvalidTag, KeyError, ValueError):
            if sealed.startswith(MARK):
                head, body = sealed[:HEAD_BYTES], sealed[HEAD_BYTES:]
                return self._ciphers[generation].decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], head + about)
        with suppress(InvalidTag, KeyError, ValueError):  # by chance a nonce of old may begin as the mark does
            return self._ciphers[FIRST].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
        missing = "" if generation in self._ciphers else f"，第 {generation} 代密钥不在"
        name = field_key_name(generation)
        raise Failure(f"加密内容无法打开：密钥不符或内容被改动{missing}", f"核对 {name} 是否为写入时的密钥")

    def reseal(self, sealed: bytes, context: str) -> bytes:
        """The same under the latest generation; the very same bytes where that sealed it."""
        if not sealed or generation_of(sealed) == self.generation:
            return sealed
        return self.seal_bytes(self.unseal_bytes(sealed, context), context)

    def cipher(self, generation: int) -> AESGCM:
        """For what is sealed in frames. Raises Failure where there is no such generation any more."""
        if generation not in self._ciphers:
            name = field_key_name(generation)
            raise Failure(f"第 {generation} 代密钥不在，加密内容无法打开", f"在密钥文件或环境变量中补上 {name}")
        return self._ciphers[generation]


def head_of(generation: int) -> bytes:
    return MARK + generation.to_bytes(GENERATION_BYTES, "big")


def generation_of(sealed: bytes) -> int:
    """The generation that sealed something, by how it begins."""
    return int.from_bytes(sealed[len(MARK) : HEAD_BYTES], "big") if sealed.startswith(MARK) else FIRST
