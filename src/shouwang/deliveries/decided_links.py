"""Links that people decided: who a row in review is about, kept in a ledger that is only added to.

`lake/decisions/links.jsonl` holds one decision a line. The last one of a row counts, and of those only what was known
by the day asked for, so a screening of an earlier day comes out as it did. A line that was not finished when the
process was killed has no line feed: it does not count, and the next decision removes it.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from shouwang.deliveries.ledger import delivery, label
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import Home, sync_folder

PERSON, NOBODY, UNDONE = "person", "nobody", "undone"
DECIDED = "decided"  # what `link` says of a row whose person was decided
PATIENCE_SECONDS = 20
Place = tuple[int, int]  # number of the delivery, line


class AlreadyDecided(Failure):
    """Somebody else was first, or undid it first."""


@dataclass(frozen=True)
class Decision:
    """One line of the ledger.

    `person` is the pseudonym of the person meant, only where `verdict` is `person`. `office` says in words for whom it
    was decided and `user` by which account; `key` is that of the form, so that the same form sent again is recognised.
    """

    delivery: int
    line: int
    verdict: str
    person: int | None
    office: str
    user: str
    reason: str
    known: date
    at: str
    key: str

    @property
    def place(self) -> Place:
        return self.delivery, self.line


@dataclass(frozen=True)
class Proposal:
    """A registered person who may be meant; `probability` is None where a rule, not a model, proposes."""

    person: int
    probability: float | None
    evidence: str


@dataclass(frozen=True)
class Waiting:
    """What the linkage left to people about one row."""

    delivery: int
    line: int
    reason: str
    proposals: tuple[Proposal, ...]


def decisions(home: Home, known_at: date | None = None) -> list[Decision]:
    """Every decision made by the end of a day (None: ever), in the order in which they were made.

    Raises:
        Failure: the ledger is damaged.
    """
    try:
        lines = _ledger(home).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    found = [_read(line) for line in lines]
    return [each for each in found if known_at is None or each.known <= known_at]


def standing(home: Home, known_at: date | None = None) -> dict[Place, Decision]:
    """The decision that counts for each decided row; what was undone is missing."""
    last = {each.place: each for each in decisions(home, known_at)}
    return {place: each for place, each in last.items() if each.verdict != UNDONE}


def rows_with_decided(rows: str, decided: Iterable[Decision]) -> str:
    """A FROM item for DuckDB: `rows` of a source with the persons whom people decided on, and `link` saying so."""
    values = ", ".join(
        f"({each.delivery}, {each.line}, {each.person}::BIGINT)" for each in decided if each.verdict == PERSON
    )
    if not values:
        return rows
    return (
        f"(SELECT r.* EXCLUDE (person, link), coalesce(r.person, d.person) AS person, "
        f"CASE WHEN d.person IS NULL THEN r.link ELSE '{DECIDED}' END AS link FROM {rows} AS r "
        f"LEFT JOIN (VALUES {values}) AS d(delivery, line, person) "
        "ON r.delivery = d.delivery AND r.line = d.line AND r.link = 'review')"
    )


def waiting_row(home: Home, number: int, line: int) -> Waiting:
    """One row in review with everybody whom the linkage proposes, decided or not.

    Raises:
        InputError: that row does not wait for a decision.
    """
    path = home.lake / "review" / f"{label(number)}.parquet"
    if path.exists() and delivery(home, number).review:
        import polars as pl

        found = pl.scan_parquet(path).filter(pl.col("line") == line).collect()
        if found.height:
            return waiting(number, *found.row(0))
    raise InputError(f"{label(number)} 第{line}行不在待认定之列", "从“待认定的行”中选择")


def waiting(number: int, line: int, reason: str, candidates: str) -> Waiting:
    """A row of the lake's `review` table."""
    proposals = tuple(
        Proposal(each["person"], each["probability"], each["evidence"]) for each in json.loads(candidates)
    )
    return Waiting(number, line, reason, proposals)


@dataclass
class LinkDesk:
    """The ledger while one process alone may add to it."""

    home: Home
    made: list[Decision] = field(default_factory=list)

    def of_key(self, key: str) -> Decision | None:
        """The decision that this very form led to before."""
        return next((each for each in reversed(self.made) if key and each.key == key), None)

    def add(self, decision: Decision) -> None:
        """Takes a decision down, on disk when this returns.

        Raises:
            AlreadyDecided: the row was decided meanwhile, or what is to be undone is no longer decided.
            InputError: the row is not in review, or the person is none of its candidates.
        """
        row = waiting_row(self.home, decision.delivery, decision.line)
        last = next((each for each in reversed(self.made) if each.place == decision.place), None)
        is_decided = last is not None and last.verdict != UNDONE
        if last is not None and is_decided and decision.verdict != UNDONE:
            raise AlreadyDecided(f"这一行已由{last.office}认定", "刷新页面；如要改变，先撤销该认定")
        if not is_decided and decision.verdict == UNDONE:
            raise AlreadyDecided("这一行的认定已被撤销", "刷新页面后再看")
        if decision.verdict == PERSON and decision.person not in {each.person for each in row.proposals}:
            raise InputError("所选的人不是这一行的候选人员", "从页面列出的候选人员中选择")
        _append(_ledger(self.home), decision)
        self.made.append(decision)


@contextmanager
def deciding(home: Home) -> Iterator[LinkDesk]:
    """Opens the ledger for adding; one process at a time. An ingest that is under way is not waited for.

    Raises:
        Failure: somebody else has held it for longer than 20 seconds.
    """
    folder = _ledger(home).parent
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=PATIENCE_SECONDS):
            _drop_unfinished(_ledger(home))
            yield LinkDesk(home, decisions(home))
    except Timeout:
        raise Failure("另一位同事正在认定，暂时记不进去", "稍等片刻再试") from None


def _ledger(home: Home) -> Path:
    return home.lake / "decisions" / "links.jsonl"


def _read(line: bytes) -> Decision:
    try:
        values: dict[str, Any] = json.loads(line)
        return Decision(**values | {"known": date.fromisoformat(values["known"])})
    except (ValueError, TypeError, KeyError):
        raise Failure("人工认定的记录 links.jsonl 已损坏", "从备份恢复该文件后再试") from None


def _append(path: Path, decision: Decision) -> None:
    is_new = not path.exists()
    text = json.dumps(asdict(decision) | {"known": decision.known.isoformat()}, ensure_ascii=False)
    with path.open("ab") as stream:
        stream.write(text.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if is_new:
        sync_folder(path.parent)


def _drop_unfinished(path: Path) -> None:
    if not path.exists():
        return
    content = path.read_bytes()
    finished = content.rfind(b"\n") + 1
    if finished < len(content):
        with path.open("rb+") as stream:
            stream.truncate(finished)
            os.fsync(stream.fileno())
