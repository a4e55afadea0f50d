"""What a screening keeps for the next day: the register and the hits as they stood, and on what they rest.

It lies in the lake under `screened/` and holds nothing that could not be computed anew: whoever removes it pays with one full
run. `state.json` is replaced last, so that a killed run leaves what was kept before.
"""

import hashlib
import json
import logging
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

import shouwang
from shouwang.deliveries.lake import Lake
from shouwang.facts.setting import Setting, literal
from shouwang.kernel.errors import Failure
from shouwang.kernel.home import Home, replace_file
from shouwang.policy.pack import Pack
from shouwang.policy.parameters import plain

FORMAT = "FORMAT parquet, COMPRESSION uncompressed"
"""It is read every day, and most of it are numbers that nothing packs."""
NOTHING_KEPT = "没有可以接着算的上一次筛查结果"
DAMAGED = "上一次筛查留下的结果不完整或已损坏"
STATE, LOCK = "state.json", "lock"
CHANGED, MOST_CHANGED = "_changed", 0.1
KEYS = {"household": "household_no", "person": "person"}
PARTS = ("deliveries", "facts", "policy", "screening", "sources")
"""The packages on which the outcome of a screening depends."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ground:
    """All that a screening is a function of. Two of one `digest` find the same.

    `deliveries` says of each by its number what it is, `decided` of each row in review whom people said that it is about.
    """

    as_of: date
    known_at: date
    policy: str
    parameters: Mapping[str, str]
    code: str
    deliveries: Mapping[str, str]
    decided: Mapping[str, str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"as_of": self.as_of.isoformat(), "known_at": self.known_at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Ground":
        days = {name: date.fromisoformat(data[name]) for name in ("as_of", "known_at")}
        return cls(**{**data, **days})

    def is_before(self, other: "Ground") -> bool:
        return self.as_of < other.as_of or self.known_at < other.known_at

    def why_not_from(self, earlier: "Ground") -> str:
        """Why nothing that was found on an earlier ground tells of this one, in words; empty where it does."""
        if self.is_before(earlier):
            return f"截至日期早于上一次筛查（{earlier.as_of}）"
        if self.policy != earlier.policy:
            return "政策包或审定的数值有变化"
        if self.parameters != earlier.parameters:
            changed = sorted(name for name, value in self.parameters.items() if earlier.parameters.get(name) != value)
            return f"参数在两次筛查之间换了数值：{'、'.join(changed)}"
        if self.code != earlier.code:
            return "程序已更新"
        if not earlier.deliveries.items() <= self.deliveries.items():
            return "此前的交付与上一次筛查时不同"
        return ""

    def came_since(self, earlier: "Ground") -> list[int]:
        """The numbers of the deliveries that were not known before."""
        return [int(number) for number in self.deliveries if number not in earlier.deliveries]

    def persons_decided_since(self, earlier: "Ground") -> list[int]:
        """Of whom people said since, or no longer say, that a row is about them."""
        apart = set(self.decided.items()) ^ set(earlier.decided.items())
        return sorted({int(said.partition(" ")[0]) for _, said in apart})


def ground_of(lake: Lake, pack: Pack, at: Setting, known_at: date) -> Ground:
    """What a screening of the lake would rest on."""
    return Ground(
        at.as_of,
        known_at,
        pack.version,
        {name: f"{plain(value)} {_decision(pack, at, name)}".strip() for name, value in at.parameters.items()},
        _code(),
        {
            str(each.number): f"{each.source} {each.received_on} {each.sha256} {each.accepted}"
            for each in lake.reports
            if each.accepted
        },
        {f"{place[0]} {place[1]}": f"{each.person} {each.office}" for place, each in lake.decided.items()},
    )


def _decision(pack: Pack, at: Setting, name: str) -> str:
    decided = pack.parameters[name].decided_at(at.as_of)
    return "" if decided is None else str(decided.number)


@cache
def _code() -> str:
    """A fingerprint of the program's own files and of what computes."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    home = Path(shouwang.__file__).parent
    for part in PARTS:
        for file in sorted(each for each in (home / part).rglob("*") if each.suffix in (".py", ".yaml")):
            digest.update(file.relative_to(home).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class File:
    """A table as it lies there, with its size and checksum: of what is not as it was written nothing is believed."""

    path: Path
    size: int
    checksum: int

    @classmethod
    def written(cls, path: Path) -> "File":
        return cls(path, path.stat().st_size, _checksum(path))

    @property
    def is_whole(self) -> bool:
        return self.path.stat().st_size == self.size and _checksum(self.path) == self.checksum

    @property
    def rows(self) -> str:
        """A FROM item."""
        return f"read_parquet({literal(str(self.path))})"


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as stream:
        while part := stream.read(2**20):
            checksum = zlib.crc32(part, checksum)
    return checksum


@dataclass(frozen=True)
class Kept:
    """What the last screening left: a file for each table, and how many households it screened.

    Of the register there may be two: as it once was, and what is otherwise since (…_changed).
    """

    ground: Ground
    files: Mapping[str, File]
    screened: int

    def offer(self, lake: Lake) -> None:
        """Makes a view kept_… of each table, of the register as it was last."""
        for table, file in self.files.items():
            rows = f"SELECT * FROM {file.rows}"
            if f"{table}{CHANGED}" in self.files:
                changed, key = self.files[table + CHANGED].rows, KEYS[table]
                rows = f"SELECT b.* FROM ({rows}) AS b ANTI JOIN {changed} AS c ON c.{key} = b.{key}"
                rows += f" UNION ALL SELECT * FROM {changed} AS c"
            lake.view(f"kept_{table}", rows)

    def households(self, lake: Lake) -> int:
        """How many there are, but for those that came since the register was written as a whole."""
        return self._once(lake, "household")

    def persons(self, lake: Lake) -> int:
        """How many there are, in the same way."""
        return self._once(lake, "person")

    def _once(self, lake: Lake, table: str) -> int:
        """How many rows the foot of its file speaks of."""
        [(rows,)] = lake.run(f"SELECT count(*) FROM {self.files[table].rows}").fetchall()
        return int(rows)

    def register_now(self, lake: Lake) -> dict[str, str | File]:
        """What to keep of a register that was made anew from this one: mostly only what is otherwise."""
        tables: dict[str, str | File] = {}
        for table in KEYS:
            key, changed = KEYS[table], f"{table}{CHANGED}"
            rows = f"SELECT * FROM renewed_{table}"
            if changed in self.files:
                renewed = f"renewed_{table} AS n ON n.{key} = k.{key}"
                rows += f" UNION ALL SELECT k.* FROM kept_{changed} AS k ANTI JOIN {renewed}"
            [(few,)] = lake.run(f"SELECT count(*) FROM ({rows}) AS r").fetchall()
            if few > self._once(lake, table) * MOST_CHANGED:
                tables[table] = f"SELECT * FROM registered_{table}"
            else:
                tables |= {table: self.files[table], changed: rows}
        return tables


def last_kept(home: Home) -> tuple[Kept | None, str]:
    """What the last screening left; None, and why, where there is nothing, or not all of it, or not as it was written."""
    folder = _folder(home)
    try:
        state = json.loads((folder / STATE).read_bytes())
        files = {table: File(folder / name, size, checksum) for table, (name, size, checksum) in state["files"].items()}
        kept = Kept(Ground.from_json(state["ground"]), files, state["screened"])
        return (kept, "") if all(file.is_whole for file in files.values()) else (None, DAMAGED)
    except FileNotFoundError as missing:
        return None, NOTHING_KEPT if missing.filename == str(folder / STATE) else DAMAGED
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None, DAMAGED


def keep(home: Home, lake: Lake, ground: Ground, screened: int, tables: Mapping[str, str | File]) -> None:
    """Keeps tables, each a SELECT or the file where it lies already. Where that is impossible nothing is kept, and it is
    logged: the next run is a full one."""
    folder = _folder(home)
    taken = {path.name for path in folder.iterdir()}
    paths = (folder / name for number in count(1) if (name := f"{number}.parquet") not in taken)
    files: dict[str, File] = {}
    try:
        for table, rows in tables.items():
            if isinstance(rows, File):
                files[table] = rows
                continue
            path = next(paths)
            lake.run(f"COPY ({rows}) TO {literal(str(path))} ({FORMAT})")
            files[table] = File.written(path)
        named = {table: (file.path.name, file.size, file.checksum) for table, file in files.items()}
        state = {"ground": ground.as_json(), "screened": screened, "files": named}
        replace_file(folder / STATE, json.dumps(state, ensure_ascii=False).encode())
    except (Failure, OSError) as problem:
        logger.warning("nothing was kept of the screening of %s: %s", ground.as_of, problem)
        (folder / STATE).unlink(missing_ok=True)
        files = {}
    names = {file.path.name for file in files.values()}
    for path in folder.glob("*.parquet"):
        if path.name not in names:
            path.unlink()


@contextmanager
def alone(home: Home) -> Iterator[bool]:
    """Whether this process alone reads and writes what is kept; nobody waits."""
    _folder(home).mkdir(exist_ok=True)
    lock = FileLock(_folder(home) / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _folder(home: Home) -> Path:
    return home.lake / "screened"
