"""Random draws that can be repeated: each topic of each county has its own stream, so no order of work changes them."""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NO_DAY = 0
"""Day number that stands for "no date"; nothing in a world happens on 1970-01-01."""
NO_AMOUNT = -1
"""Amount in fen that stands for an empty cell."""


def stream(seed: int, *topic: str | int) -> np.random.Generator:
    """The random stream of one topic, e.g. `stream(7, "families", 500229)`."""
    words = [part if isinstance(part, int) else zlib.crc32(part.encode()) for part in topic]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def happens(rng: np.random.Generator, chance: float | Floats, size: int) -> Flags:
    """Independent yes or no, `chance` being one number or one a row."""
    return np.asarray(rng.random(size) < chance)


def between(rng: np.random.Generator, low: int | Ints, high: int | Ints, size: int) -> Ints:
    """Whole numbers from `low` to `high`, both included."""
    return np.asarray(rng.integers(low, high, size, endpoint=True), dtype=np.int64)


def pick(rng: np.random.Generator, shares: Sequence[float], size: int) -> Ints:
    """Indexes drawn by shares that need not add up to one."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.asarray(np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(shares) - 1))


def words(choices: Sequence[str], index: Ints) -> pl.Series:
    """The chosen words as a text column."""
    return pl.Series(choices, dtype=pl.String).gather(index)


def fen(yuan: Floats) -> Ints:
    """Amounts in fen, as departments round them: to whole jiao."""
    return np.asarray(np.rint(yuan * 10).astype(np.int64) * 10)


def days(numbers: Ints) -> pl.Series:
    """Day numbers since 1970 as a date column; `NO_DAY` becomes null."""
    column = pl.Series(numbers.astype(np.int32), dtype=pl.Int32)
    return column.set(column == NO_DAY, None).cast(pl.Date)
