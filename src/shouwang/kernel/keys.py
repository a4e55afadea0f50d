"""Secret keys of one installation, and the sealing of sensitive fields with them.

Each key comes from the environment (`SHOUWANG_PSEUDONYM_KEY`, `SHOUWANG_FIELD_KEY`, `SHOUWANG_DJANGO_KEY`,
`SHOUWANG_AUDIT_KEY`, 64 hexadecimal digits each) or, where that is silent, from `keys.env` in the home directory, which
`shouwang init` fills with random ones. There is no default key.
"""

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shouwang.kernel.errors import Failure, InputError

NAMES = ("SHOUWANG_PSEUDONYM_KEY", "SHOUWANG_FIELD_KEY", "SHOUWANG_DJANGO_KEY", "SHOUWANG_AUDIT_KEY")
# Homes made before this key existed get it from the next `shouwang init`; the other keys are never made anew.
ADDED_LATER = "SHOUWANG_AUDIT_KEY"
NONCE_BYTES = 12


@dataclass(frozen=True)
class Keys:
    """32 bytes each: `pseudonym` names persons in the lake, `field` seals text at rest, `django` signs sessions,
    `audit` chains the entries of the audit.
    """

    pseudonym: bytes
    field: bytes
    django: bytes
    audit: bytes

    def __repr__(self) -> str:
        return "Keys(…)"


def load_keys(path: Path, environ: Mapping[str, str] | None = None) -> Keys:
    """The installation's keys; `path` is its `keys.env`.

    Raises:
        InputError: a key is missing or is not 64 hexadecimal digits.
    """
    environ = os.environ if environ is None else environ
    stored = _read(path)
    found = []
    for name in NAMES:
        text = environ.get(name) or stored.get(name, "")
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise InputError(f"缺少密钥 {name}，或它不是64位十六进制数", "运行 shouwang init，或在环境变量中设置该密钥")
        found.append(key)
    return Keys(*found)


def write_random_keys(path: Path) -> None:
    """Fills `path` with fresh keys, readable by its owner alone; an existing file only gets what was added later."""
    if path.exists() and (_read(path).get(ADDED_LATER) or os.environ.get(ADDED_LATER)):
        return
    names = (ADDED_LATER,) if path.exists() else NAMES
    before = path.read_text().rstrip("\n") + "\n" if path.exists() else ""
    text = before + "".join(f"{name}={secrets.token_hex(32)}\n" for name in names)
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
    """Seals short texts with AES-256-GCM; `context` binds a text to its place, so that it opens nowhere else."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())

    def unseal(self, sealed: bytes, context: str) -> str:
        """Raises Failure where the text was sealed with another key or for another place."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()).decode()
        except InvalidTag:
            raise Failure(
                "加密内容无法打开：密钥不符或内容被改动", "核对 SHOUWANG_FIELD_KEY 是否为写入时的密钥"
            ) from None
