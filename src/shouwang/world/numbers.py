"""Identity numbers by the rules of GB 11643-1999, made for many persons at once and never twice."""

import numpy as np
import polars as pl

from shouwang.kernel.citizen_id import CHECK_CHARACTERS, WEIGHTS
from shouwang.world.draws import Flags, Ints, between, happens, stream

ORDERS = 500
"""Order numbers of one sex for one place and birthday."""
OWN_ORDERS = 400
"""Orders kept for people of the county itself; the rest is split among counties they married into."""
NEWCOMER_ORDERS = 2
COUNTY_CODES = (
    500101, 500102, 500103, 500104, 500105, 500106, 500107, 500108, 500109, 500110, 500111, 500112, 500113, 500114,
    500115, 500116, 500117, 500118, 500119, 500120, 500151, 500152, 500153, 500154, 500155, 500156, 500229, 500230,
    500231, 500233, 500235, 500236, 500237, 500238, 500240, 500241, 500242, 500243,
)  # fmt: skip
STRANGER_PLACES = (510104, 510502, 520103, 440306, 330106, 350203, 420106, 530102)
"""Places that no registered person of a world comes from, so that a stranger's number is free."""


def place_codes(seed: int, county: int, joined: Flags) -> Ints:
    """The place of first registration: the county itself, another county for most of those who married in."""
    rng = stream(seed, "places", county)
    elsewhere = np.array(COUNTY_CODES, dtype=np.int64)[rng.integers(0, len(COUNTY_CODES), len(joined))]
    moved = joined & happens(rng, 0.25, len(joined))
    return np.asarray(np.where(moved, elsewhere, county))


def identity_numbers(seed: int, county: int, places: Ints, births: pl.Series, male: Flags) -> pl.Series:
    """Valid numbers of 18 characters, unique within the world.

    Orders 0–399 of a place are the county's own; each other county uses two of the rest, and whoever finds them
    taken is registered at home instead.
    """
    ymd = births.dt.strftime("%Y%m%d").cast(pl.Int64).to_numpy()
    rank = _rank(places, ymd, male)
    crowded = (places != county) & (rank >= NEWCOMER_ORDERS)
    places = np.where(crowded, county, places)
    rank = _rank(places, ymd, male)
    own = places == county
    start = between(stream(seed, "orders", county), 0, OWN_ORDERS - 1, 1)[0]
    slot = OWN_ORDERS + NEWCOMER_ORDERS * COUNTY_CODES.index(county) + rank
    order = np.where(own, (start + rank * 7 + ymd % 397) % OWN_ORDERS, slot) * 2 + male
    return with_check(places * 10**11 + ymd * 1000 + order)


def with_check(first_17: Ints) -> pl.Series:
    """Numbers of 17 digits with their check character (ISO 7064 MOD 11-2)."""
    total = np.zeros(len(first_17), dtype=np.int64)
    rest = first_17.copy()
    for weight in reversed(WEIGHTS):
        total += rest % 10 * weight
        rest //= 10
    checks = pl.Series(list(CHECK_CHARACTERS), dtype=pl.String).gather(total % 11)
    return pl.Series(first_17).cast(pl.String) + checks


def stranger_numbers(rng: np.random.Generator, size: int, first_day: int) -> pl.Series:
    """Valid numbers of people whom no register of the world knows."""
    places = np.array(STRANGER_PLACES, dtype=np.int64)[rng.integers(0, len(STRANGER_PLACES), size)]
    births = pl.Series(between(rng, first_day - 75 * 365, first_day - 20 * 365, size).astype(np.int32)).cast(pl.Date)
    ymd = births.dt.strftime("%Y%m%d").cast(pl.Int64).to_numpy()
    return with_check(places * 10**11 + ymd * 1000 + rng.integers(0, 1000, size))


def _rank(places: Ints, ymd: Ints, male: Flags) -> Ints:
    """How many of the same place, birthday and sex stand before each row."""
    frame = pl.DataFrame({"p": places, "d": ymd, "m": male})
    return frame.select(pl.int_range(pl.len()).over("p", "d", "m")).to_series().to_numpy().astype(np.int64)
