"""The chain: the canonical form of an entry, and the hash that binds it to the one before.

A hash is HMAC-SHA-256 with a key that is derived from the installation's audit key, so whoever can write to the database
and nothing else cannot make a single entry that holds.
"""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

FIELDS = (
    "sequence",
    "at",
    "actor",
    "actor_id",
    "post",
    "action",
    "subject_type",
    "subject",
    "area",
    "detail",
    "result",
    "address",
    "anchored",
    "previous",
)
GENESIS = "0" * 64
_in_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=repr).encode
_SEQUENCE, _AT = FIELDS.index("sequence"), FIELDS.index("at")


def derived_key(audit_key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that a hash of one kind never passes as another's."""
    return hmac.digest(audit_key, f"shouwang audit {purpose}".encode(), "sha256")


def canonical(values: Sequence[Any]) -> bytes:
    """The values of `FIELDS`, in that order, as one JSON list: no two different entries have the same form.

    `at` is a moment with its zone; any other type than text, whole number, null and moment shows in the form as it is.
    """
    plain = list(values)
    moment = plain[_AT]
    if isinstance(moment, datetime):
        plain[_AT] = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return _in_json(plain).encode(errors="surrogatepass")


def hash_of(key: bytes, values: Sequence[Any], sequence: int | None = None) -> str:
    """The hash of an entry; with `sequence`, the hash it would have under that number."""
    if sequence is not None:
        values = [*values[:_SEQUENCE], sequence, *values[_SEQUENCE + 1 :]]
    return hmac.digest(key, canonical(values), "sha256").hex()
