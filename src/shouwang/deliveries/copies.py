"""Sorted copies of the lake: the rows of a source once more, sorted by whom they are about, for whoever asks about a few people.

The lake lies by county and is read by columns; a page about one household would read a column of every file for a dozen rows. A
copy is two Arrow files: the rows in blocks, and the index, which says for each person, household, village or row in review at
which places its rows lie. A copy holds several deliveries (`layout`), is never changed, and counts once its index is there. What
lies in no copy is read from the lake, so copies may be missing, be removed or be made anew at any time.
"""

import hashlib
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from filelock import FileLock, Timeout

from shouwang.deliveries.key_map import REGISTER
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import DeliveryReport, deliveries, when_changed
from shouwang.kernel.home import Home, sync_folder
from shouwang.kernel.limits import room_for
from shouwang.sources.contract import Contract, contract

FORMAT = 1
BLOCK_ROWS = 512
MOST_ROWS = 10_000_000
"""Deliveries are put together up to so many rows; a single one may have more."""
EASED = 4
"""A copy is made anew together with what came after it once that has a quarter of its rows: each row is copied a few times at
most, and a source lies in a handful of copies."""
ROWS, INDEX = ".rows.arrow", ".index.arrow"
BYTES_A_ROW = 250
WITHHELD = ("phone", "address", "id_number")
"""Columns of contracts that lie sealed in the lake and in no copy."""
ROW = ("delivery", "line", "received_on", "key")
LINKED = ("person", "link")
OF_REGISTER = ("content", "id_masked")
WATER = "water_fault"
BY_HOUSEHOLD, BY_VILLAGE, BY_PLACE = "by_household", "by_village", "by_place"
Row = dict[str, Any]


def columns_of(of: Contract) -> tuple[str, ...]:
    """What a copy holds of a source."""
    told = tuple(column.field for column in of.columns if column.field not in WITHHELD)
    return (*ROW, *(LINKED if of.has("id_number") else ()), *told, *(OF_REGISTER if of.source == REGISTER else ()))


def text_key(text: str) -> int:
    """Under which number a household or a village stands in an index; whoever finds a row still compares the text."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[8:], "little", signed=True)


def place_key(delivery: int, line: int) -> int:
    """Under which number a row in review stands in an index, to be found once people have said whom it is about."""
    return (delivery << 32) | line


@dataclass(frozen=True)
class Part:
    """The deliveries of one source that one copy holds; `name` is that of its files, another for other contents."""

    source: str
    numbers: tuple[int, ...]
    rows: int
    name: str


def layout(reports: Iterable[DeliveryReport]) -> dict[str, list[Part]]:
    """How the deliveries lie in copies: of each source, in the order of their numbers, none much smaller than the next."""
    ordered = sorted((each for each in reports if each.accepted), key=lambda each: (each.source, each.number))
    parts = {}
    for source, delivered in groupby(ordered, key=lambda each: each.source):
        stack: list[list[DeliveryReport]] = []
        for report in delivered:
            stack.append([report])
            while len(stack) > 1 and _rows(stack[-2]) <= EASED * _rows(stack[-1]):
                if _rows(stack[-2]) + _rows(stack[-1]) > MOST_ROWS:
                    break
                last = stack.pop()
                stack[-1] += last
        parts[source] = [_part(source, held) for held in stack]
    return parts


def _rows(held: Sequence[DeliveryReport]) -> int:
    return sum(each.accepted for each in held)


def _part(source: str, held: Sequence[DeliveryReport]) -> Part:
    told = [str(FORMAT), *(f"{each.number} {each.sha256} {each.accepted} {each.ingested_at}" for each in held)]
    name = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    return Part(source, tuple(each.number for each in held), _rows(held), name)


def keep_copies(lake: Lake) -> int:
    """Makes the copies that are missing and removes those of which nobody asks any more; how many were made.

    `lake` is that of now. Killed, it is run again: a copy without its index does not count. Where another process does the same
    nothing is done.

    Raises:
        Failure: the disk has no room, or a file of the lake cannot be read.
    """
    home = lake.home
    home.copies.mkdir(mode=0o700, exist_ok=True)
    try:
        with FileLock(home.copies / "lock", timeout=0):
            parts = [part for of_source in layout(lake.reports).values() for part in of_source]
            missing = [part for part in parts if not _files(home, part)[1].exists()]
            for part in missing:
                _make(lake, part)
            _clear(home, parts)
            return len(missing)
    except Timeout:
        return 0


class Copies:
    """The copies of everything that was delivered by now, as far as they are made."""

    def __init__(self, home: Home) -> None:
        self._folder = str(home.copies)
        self._parts = _laid_out(home, when_changed(home))

    def of(self, source: str) -> "Iterator[tuple[Part, Copy]]":
        for part in self._parts.get(source, []):
            try:
                yield part, _opened(f"{self._folder}/{source}/{part.name}")
            except FileNotFoundError:
                continue


@lru_cache(maxsize=8)
def _laid_out(home: Home, _when_changed: int) -> dict[str, list[Part]]:
    return layout(deliveries(home))


class Copy:
    """One copy, opened: asked by any thread. Whoever has one open that is removed goes on reading it."""

    def __init__(self, name: str) -> None:
        found = pa.ipc.open_file(pa.memory_map(name + INDEX)).get_batch(0)
        self._keys, self._places = (found.column(name).to_numpy() for name in ("key", "place"))
        options = pa.ipc.IpcReadOptions(use_threads=False)
        self._blocks = pa.ipc.open_file(pa.memory_map(name + ROWS), options=options)
        self._one_at_a_time = threading.Lock()

    def rows(self, keys: Collection[int]) -> Iterator[Row]:
        """The rows that stand under any of these keys, in the order in which they lie."""
        wanted = np.fromiter(keys, np.int64)
        first, after = np.searchsorted(self._keys, wanted), np.searchsorted(self._keys, wanted, "right")
        places = {int(place) for one, end in zip(first, after, strict=True) for place in self._places[one:end]}
        for number, of_block in groupby(sorted(places), key=lambda place: place // BLOCK_ROWS):
            with self._one_at_a_time:
                block = self._blocks.get_batch(number)
            yield from block.take(pa.array([place % BLOCK_ROWS for place in of_block], pa.int32())).to_pylist()


@lru_cache(maxsize=512)
def _opened(name: str) -> Copy:
    return Copy(name)


def _files(home: Home, part: Part) -> tuple[Path, Path]:
    """Rows and index."""
    folder = home.copies / part.source
    return folder / (part.name + ROWS), folder / (part.name + INDEX)


def _make(lake: Lake, part: Part) -> None:
    room_for(part.rows * BYTES_A_ROW, lake.home.copies)
    rows, index = _files(lake.home, part)
    index.parent.mkdir(mode=0o700, exist_ok=True)
    keys, places = _write_rows(lake, part, _staged(rows))
    order = np.argsort(keys, kind="stable")
    table = pa.record_batch({"key": keys[order], "place": places[order]})
    with pa.OSFile(str(_staged(index)), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_batch(table)
    for path in (rows, index):
        with _staged(path).open("rb+") as stream:
            os.fsync(stream.fileno())
        _staged(path).rename(path)
    sync_folder(index.parent)


def _write_rows(lake: Lake, part: Part, path: Path) -> tuple[Any, Any]:
    """Writes the rows of a part in blocks; keys, and the place of the row of each."""
    of = contract(part.source)
    held = columns_of(of)
    keys, places, before = [np.empty(0, np.int64)], [np.empty(0, np.int32)], 0
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with lake.in_blocks(_sorted(lake, of, part.numbers), BLOCK_ROWS) as blocks:
        schema = pa.schema([blocks.schema.field(name) for name in held])
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
            for block in blocks:
                writer.write_batch(block.select(list(held)))
                for name in _ways(of):
                    way = block.column(name)
                    found = way.drop_null().to_numpy(zero_copy_only=False).view(np.int64)
                    keys.append(found.copy())  # a view would keep the whole block
                    places.append(np.flatnonzero(way.is_valid()).astype(np.int32) + np.int32(before))
                before += block.num_rows
    return np.concatenate(keys), np.concatenate(places)


def _ways(of: Contract) -> dict[str, str]:
    """By which columns rows of a source are found, and what DuckDB says for each: NULL where not by this one."""
    found = {}
    if of.has("household_no"):
        found[BY_HOUSEHOLD] = "md5_number_lower(household_no)"
    if of.has("id_number"):
        found["person"] = "person"
        found[BY_PLACE] = "CASE WHEN link = 'review' THEN (delivery::BIGINT << 32) | line END"
    if of.source == WATER:
        found[BY_VILLAGE] = "CASE WHEN person IS NULL AND link IS NULL THEN md5_number_lower(division_code) END"
    return found


def _sorted(lake: Lake, of: Contract, numbers: Collection[int]) -> str:
    """The rows of deliveries about somebody who can be asked for, as the departments had them: without what people decided."""
    ways = _ways(of)
    added = {name: said for name, said in ways.items() if name != said}
    rows = f"SELECT *{''.join(f', {said} AS {name}' for name, said in added.items())} FROM {lake.undecided(of.source, numbers)}"
    found = " OR ".join(f"{name} IS NOT NULL" for name in ways)
    return f"SELECT {', '.join((*columns_of(of), *added))} FROM ({rows}) AS r WHERE {found} ORDER BY {next(iter(ways))}, delivery, line"


def _staged(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _clear(home: Home, parts: Iterable[Part]) -> None:
    wanted = {path for part in parts for path in _files(home, part)}
    for path in home.copies.glob("*/*"):
        if path not in wanted:
            path.unlink()
