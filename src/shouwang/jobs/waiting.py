"""What deliveries left for people: rows in review and in quarantine, counted for the first page, not listed.

Counting reads the lake, which only grows; what it said is kept until there is another delivery or decision.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from shouwang.accounts.duties import Permission
from shouwang.accounts.models import User
from shouwang.accounts.scope import Scope, scope_of
from shouwang.deliveries.ledger import deliveries
from shouwang.deliveries.mending import open_lines
from shouwang.exchange.models import Delivery
from shouwang.exchange.reading import openable_by
from shouwang.jobs.quarantine import mendings_of
from shouwang.jobs.review import keys_in_scope, open_proposals
from shouwang.kernel.home import Home

State = tuple[int, int, int]


@dataclass(frozen=True)
class WaitingRows:
    """Rows of one kind that wait: `delivery` is the one that has waited longest, with why most of its rows wait.

    `source` is empty for rows in review, which are told together.
    """

    source: str
    source_title: str
    rows: int
    deliveries: int
    oldest: date
    delivery: int
    reason: str

    def days(self, on: date) -> int:
        """For how many days the oldest has waited."""
        return (on - self.oldest).days


def rows_waiting_for(home: Home, user: User, on: date, state: State) -> list[WaitingRows]:
    """The rows that somebody may decide or mend, those that have waited longest first; `state` is that of now.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    scope = scope_of(user, on)
    found = _mendable(home, user, state) if scope.may(Permission.UPLOAD) else []
    if scope.may(Permission.DECIDE_LINKS):
        found += _in_review(home, scope, state)
    return sorted(found, key=lambda each: (each.oldest, each.source))


def _in_review(home: Home, scope: Scope, state: State) -> list[WaitingRows]:
    proposed = _proposals(home, state)
    here = keys_in_scope(scope, {key for _, _, keys in proposed for key in keys})
    rows = [(received, number) for number, received, keys in proposed if here & keys]
    if not rows:
        return []
    oldest, number = min(rows)
    return [WaitingRows("", "", len(rows), len({each for _, each in rows}), oldest, number, "")]


def _mendable(home: Home, user: User, state: State) -> list[WaitingRows]:
    waiting = _in_quarantine(home, state)
    listed = openable_by(user).filter(quarantined__gt=0).values_list("source", "received_on", "number", "source_title")
    by_source: dict[str, list[tuple[date, int, str]]] = {}
    for source, received, number, title in listed:
        if number in waiting:
            by_source.setdefault(source, []).append((received, number, title))
    found = []
    for source, several in by_source.items():
        oldest, number, title = min(several)
        rows = sum(waiting[each][0] for _, each, _ in several)
        found.append(WaitingRows(source, title, rows, len(several), oldest, number, waiting[number][1]))
    return found


def state_of_waiting(home: Home) -> State:
    """Another one after every delivery, its listing at the desk, and every decision."""
    ledger = home.lake / "decisions" / "links.jsonl"
    return (
        sum(1 for _ in home.deliveries.glob("D*.json")),
        Delivery.objects.count(),
        ledger.stat().st_size if ledger.exists() else 0,
    )


@lru_cache(maxsize=2)
def _proposals(home: Home, state: State) -> list[tuple[int, date, frozenset[int]]]:
    return open_proposals(home)


@lru_cache(maxsize=2)
def _in_quarantine(home: Home, state: State) -> dict[int, tuple[int, str]]:
    """How many rows of each delivery wait to be mended, and the most frequent reason for which its rows were held."""
    found, by_source = {}, {}
    for report in deliveries(home):
        if report.quarantined:
            if report.source not in by_source:
                by_source[report.source] = mendings_of(home, report.number)
            mended = by_source[report.source]
            if rows := len(open_lines(home, report.number, mended)):
                reasons = Counter(report.quarantined_by_reason).most_common(1)
                found[report.number] = (rows, reasons[0][0] if reasons else "")
    return found
