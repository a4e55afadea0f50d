"""Identity numbers at the door: each becomes a keyed pseudonym, and only that goes further."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import polars as pl

from shouwang.deliveries.ledger import deliveries
from shouwang.kernel.home import Home
from shouwang.kernel.keys import Keys
from shouwang.linkage.names import canonical_names

BLOCK = 64
# HMAC-SHA-256 (RFC 2104) written out in SQL, so that a million numbers take a second; equal to kernel.keys.pseudonym.
_PERSON = """
    select i, (('0x' || substr(sha256($outer || unhex(sha256($inner || number::BLOB))), 1, 16))::UBIGINT >> 1)::BIGINT p
    from numbers where number is not null order by i
"""


class ThreadConnections:
    """An in-memory DuckDB for each thread that asks."""

    def __init__(self) -> None:
        self._local = threading.local()

    def get(self) -> duckdb.DuckDBPyConnection:
        connection: duckdb.DuckDBPyConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = duckdb.connect(config={"threads": 1})
        return connection


class Pseudonyms:
    """Names persons by the keyed hash of their number."""

    def __init__(self, keys: Keys, connections: ThreadConnections) -> None:
        padded = np.frombuffer(keys.pseudonym.ljust(BLOCK, b"\0"), dtype=np.uint8)
        self._keys = {"inner": (padded ^ 0x36).tobytes(), "outer": (padded ^ 0x5C).tobytes()}
        self._connections = connections

    def of(self, numbers: pl.Series) -> pl.Series:
        """`kernel.keys.pseudonym` of each number; null stays null."""
        frame = pl.DataFrame({"i": pl.Series(range(len(numbers)), dtype=pl.Int64), "number": numbers})
        connection = self._connections.get()
        connection.register("numbers", frame.to_arrow())
        found = pl.DataFrame(pl.from_arrow(connection.sql(_PERSON, params=self._keys).to_arrow_table()))
        connection.unregister("numbers")
        if found.height == len(numbers):
            return found["p"].alias("person")
        return frame.join(found, on="i", how="left", maintain_order="left")["p"].alias("person")

    def of_all(self, numbers: Sequence[str]) -> list[int]:
        """The pseudonyms of numbers none of which is missing."""
        persons: list[int] = self.of(pl.Series(numbers, dtype=pl.String)).to_list()
        return persons


@dataclass
class RegisteredPersons:
    """The register as it was known on a day: who has a number in it, under which name, in which village."""

    home: Home
    known_at: date
    connection: duckdb.DuckDBPyConnection

    @cached_property
    def frame(self) -> pl.DataFrame:
        """person, name, division_code, birth_date, sex, household_no: a person once, as delivered last."""
        reports = deliveries(self.home, self.known_at, "household_register")
        files = [
            str(self.home.rows("household_register") / f"{each.label}.parquet") for each in reports if each.accepted
        ]
        if not files:
            columns: dict[str, Any] = {"person": pl.Int64, "birth_date": pl.Date}
            texts = dict.fromkeys(
                ("name", "division_code", "sex", "household_no", "id_birth_date", "id_sex"), pl.String
            )
            return pl.DataFrame(schema=columns | texts)
        query = """
            select person, name, division_code, birth_date, sex, household_no
            from read_parquet($files)
            qualify row_number() over (partition by person order by received_on desc, delivery desc, line desc) = 1
        """
        return pl.DataFrame(pl.from_arrow(self.connection.sql(query, params={"files": files}).to_arrow_table()))

    @cached_property
    def _sorted(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.sort(self.frame["person"].to_numpy())

    def loaded(self) -> "RegisteredPersons":
        """Reads the register now, so that several threads may ask afterwards."""
        assert self._sorted is not None
        assert self.named is not None
        return self

    def has(self, persons: pl.Series) -> pl.Series:
        """Whether each person is registered; null is not."""
        keys = persons.fill_null(-1).to_numpy()
        if not len(self._sorted):
            return pl.Series(np.zeros(len(keys), dtype=bool))
        places = np.searchsorted(self._sorted, keys).clip(max=len(self._sorted) - 1)
        return pl.Series(self._sorted[places] == keys)

    @cached_property
    def named(self) -> pl.DataFrame:
        """person, name (canonical), division_code."""
        frame = self.frame.select("person", "name", "division_code")
        return frame.with_columns(canonical_names(frame["name"]).alias("name"))
