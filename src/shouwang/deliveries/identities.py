"""Identity numbers at the door: each becomes a keyed pseudonym, and only that goes further."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

import numpy as np
import polars as pl

from shouwang.deliveries.key_map import REGISTER, KeyMap, key_map
from shouwang.deliveries.ledger import deliveries
from shouwang.kernel.home import Home
from shouwang.kernel.keys import Keys

BLOCK, DIGEST_BYTES = 64, 32
"""Bytes of a block of SHA-256, to which HMAC fills its key (RFC 2104), and of what comes out."""


class Pseudonyms:
    """Names persons by the keyed hash of their number, many at once: the key goes through the hash only once."""

    def __init__(self, keys: Keys) -> None:
        padded = keys.pseudonym.ljust(BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, numbers: pl.Series) -> pl.Series:
        """`kernel.keys.pseudonym` of each number; null stays null."""
        inner_of, outer_of, digests = self._inner.copy, self._outer.copy, []
        for number in numbers.drop_nulls().cast(pl.Binary):
            inner = inner_of()
            inner.update(number)
            outer = outer_of()
            outer.update(inner.digest())
            digests.append(outer.digest())
        first_bytes = np.frombuffer(b"".join(digests), dtype=">u8")[:: DIGEST_BYTES // 8]
        persons = pl.Series("person", (first_bytes >> 1).astype(np.int64))
        if len(persons) == len(numbers):
            return persons
        all_of_them = pl.Series("person", [None], dtype=pl.Int64).new_from_index(0, len(numbers))
        return all_of_them.scatter(numbers.is_not_null().arg_true(), persons)

    def of_all(self, numbers: Sequence[str]) -> list[int]:
        """The pseudonyms of numbers none of which is missing."""
        persons: list[int] = self.of(pl.Series(numbers, dtype=pl.String)).to_list()
        return persons


@dataclass
class RegisteredPersons:
    """The register as it was known on a day: who has a number in it, under which name, in which village."""

    home: Home
    known_at: date
    keep: bool = False
    """Whether the map may take the place of the kept one; only who holds the home's lock says so."""

    @cached_property
    def map(self) -> KeyMap:
        reports = deliveries(self.home, self.known_at, REGISTER)
        return key_map(self.home, [each for each in reports if each.accepted], self.keep)

    def load(self) -> None:
        """Reads the register now, so that several threads may ask afterwards."""
        assert self.map is not None
