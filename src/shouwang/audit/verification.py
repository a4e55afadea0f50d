"""Going over the whole chain: the first place where it is not what was written.

Entries are read a stretch at a time, each in a query of its own, so that nobody who writes has to wait; the anchors are
read beside them. Memory stays the same however long the chain is.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from shouwang.audit import chain
from shouwang.audit.anchors import Anchor, AnchorFiles, Broken
from shouwang.audit.diagnosis import UNREADABLE, Fault, Row, diagnosed, place
from shouwang.audit.models import Entry, Head
from shouwang.audit.record import anchor_files, chain_key
from shouwang.kernel.home import Home

STRETCH = 2000
FAR = 1 << 62


@dataclass
class Report:
    """What the verification found. `verified` is the last entry that was found sound; `anchored` the last anchor's."""

    entries: int = 0
    hash: str = chain.GENESIS
    verified: int = 0
    anchors: int = 0
    anchored: int = 0
    fault: Fault | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return self.fault is None

    @property
    def unanchored(self) -> int:
        return max(0, self.entries - self.anchored)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"sound": self.sound, "unanchored": self.unanchored}


def verify(home: Home, progress: Callable[[int], None] = lambda done: None) -> Report:
    """Verifies every entry, every anchor, and that they speak of the same chain. Changes nothing."""
    return _Verification(home, progress).report()


def length() -> int:
    """How many entries there should be, for whoever shows progress."""
    return Head.objects.filter(pk=Head.ONLY).values_list("sequence", flat=True).first() or 0


class _Verification:
    """One pass. What is written meanwhile is not looked at: anchors, entries and head are asked for in the order in which
    each can only be behind the next.
    """

    def __init__(self, home: Home, progress: Callable[[int], None]) -> None:
        self.key, self.files, self.progress = chain_key(home), anchor_files(home), progress
        last = self.files.last()
        self.anchored = last.sequence if last else 0
        self.known_anchored = _reach(last)
        self.last_entry = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        self.head = Head.objects.filter(pk=Head.ONLY).first() or Head(sequence=0, hash=chain.GENESIS)
        self.anchors = _Anchors(self.files)
        self.done = Report(anchored=self.anchored)

    def report(self) -> Report:
        report = self.done
        report.fault = self._first(self._fault_in_entries(), self._fault_between_places())
        report.entries, report.anchors = report.verified, self.anchors.seen
        if report.fault is None and report.unanchored:
            report.notes.append(
                _(
                    "末尾 {unanchored} 条还没有锚点（写入后程序可能中断过）；与前面的条目相连，下一次启动或下一条记录会补上"
                ).format(unanchored=report.unanchored)
            )
        return report

    @staticmethod
    def _first(*faults: Fault | None) -> Fault | None:
        return min((each for each in faults if each), key=lambda each: each.sequence, default=None)

    def _fault_in_entries(self) -> Fault | None:
        if Entry.objects.filter(sequence__lt=1).exists():
            return Fault("inserted", 0, _("第 1 条之前被插入了条目"))
        for row in self._rows():
            fault = self._fault_of(row)
            if fault is not None:
                return fault
            self.done.verified, self.done.hash = row.sequence, row.hash
            if row.sequence % STRETCH == 0:
                self.progress(row.sequence)
        return self._fault_at_the_end()

    def _fault_of(self, row: Row) -> Fault | None:
        number, before = self.done.verified + 1, self.done.hash
        anchor = self.anchors.at(number)
        if isinstance(anchor, Broken):
            return _broken(anchor)
        if not row.follows(self.key, number, before):
            last = max(self.head.sequence, self.anchored)
            return diagnosed(self.key, row, number, before, anchor.hash if anchor else None, self.head.sequence, last)
        if anchor is not None and anchor.hash != row.hash:
            return self._rewritten(row)
        if row.anchored > self.known_anchored:
            self.known_anchored = _reach(self.files.last())  # entries that came meanwhile may name later anchors
        if row.anchored > self.known_anchored:
            words = _("锚点文件在第 {anchored} 条之后被截断：第 {number} 条写入时已锚定到第 {anchored_2} 条").format(
                anchored=self.anchored, number=number, anchored_2=row.anchored
            )
            return Fault("anchors_cut", self.anchored + 1, words)
        return None

    def _rewritten(self, row: Row) -> Fault:
        where = place(self.anchors.before + 1, row.sequence)
        if row.anchored >= row.sequence:
            words = _("{where}与锚点不符：数据库曾被换成较旧的副本后继续使用，或有条目被抽去并用密钥重新计算").format(
                where=where
            )
            return Fault("older_copy", self.anchors.before + 1, words)
        return Fault(
            "recomputed",
            self.anchors.before + 1,
            _("{where}与锚点不符：从这里起被改动，并用密钥重新计算过").format(where=where),
        )

    def _fault_at_the_end(self) -> Fault | None:
        reached = self.done.verified
        left = self.anchors.at(self.anchored) if self.anchored > reached else self.anchors.at(reached + 1)
        if isinstance(left, Broken):
            return _broken(left)
        if self.head.sequence > reached:
            return Fault(
                "truncated",
                reached + 1,
                _("第 {reached} 条起被截断：链头记着第 {sequence} 条").format(
                    reached=reached + 1, sequence=self.head.sequence
                ),
            )
        if self.anchored > reached:
            words = _("锚点记到第 {anchored} 条，库中只到第 {reached} 条：末尾被截断，或数据库被换成较旧的副本").format(
                anchored=self.anchored, reached=reached
            )
            return Fault("older_copy", reached + 1, words)
        if (self.head.sequence, self.head.hash) != (reached, self.done.hash):
            return Fault(
                "head_edited",
                max(reached, 1),
                _("链头被改动：条目到第 {reached} 条，链头与它不符").format(reached=reached),
            )
        return None

    def _fault_between_places(self) -> Fault | None:
        difference = self.files.difference()
        if difference is None:
            return None
        words = _("两处锚点从第 {after} 条起不一致（{file} 第 {line} 行）").format(
            after=difference.after + 1, file=difference.file, line=difference.line
        )
        return Fault("anchors_differ", difference.after + 1, words)

    def _rows(self) -> Iterator[Row]:
        """All entries that were there at the beginning, in order; one that cannot be read as an empty row."""
        end, after = max(self.last_entry, self.head.sequence), 0
        while True:
            rows = _stretch(after, end)
            yield from rows
            if len(rows) < STRETCH:
                return
            after = rows[-1].sequence


def _stretch(after: int, end: int) -> list[Row]:
    every = Entry.objects.filter(sequence__gt=after, sequence__lte=end).order_by("sequence")
    found = every.values_list(*chain.FIELDS, "hash")
    try:
        return [Row(tuple(values)) for values in found[:STRETCH]]
    except UNREADABLE:
        return _one_by_one(after, found)


def _one_by_one(after: int, found: Any) -> list[Row]:
    """The entries up to the first that cannot be read, and that one as an empty row."""
    rows: list[Row] = []
    for place_in_stretch in range(STRETCH):
        try:
            rows += [Row(tuple(values)) for values in found[place_in_stretch : place_in_stretch + 1]]
        except UNREADABLE:
            last = rows[-1].sequence if rows else after
            return [*rows, Row.unreadable(last + 1)]
    return rows


def _reach(last: Anchor | None) -> int:
    """The number of the last anchor; a last line that says nothing is told of as a broken one, not as a missing one."""
    return FAR if last is not None and not last.hash else last.sequence if last else 0


def _broken(line: Broken) -> Fault:
    words = _("锚点文件 {file} 第 {line} 行（第 {after} 条之后的锚点）被改动，或它之前的行被删去").format(
        file=line.file, line=line.line, after=line.after
    )
    return Fault("anchors_edited", line.after + 1, words)


class _Anchors:
    """The anchors, asked for in the order of the entries; `before` is the last one that was passed."""

    def __init__(self, files: AnchorFiles) -> None:
        self._lines = files.lines()
        self._next: Anchor | Broken | None = next(self._lines, None)
        self.seen = self.before = 0

    def at(self, number: int) -> Anchor | Broken | None:
        """The anchor of an entry, if it has one; or what is broken before it."""
        while isinstance(self._next, Anchor) and self._next.sequence < number:
            self.seen, self.before = self.seen + 1, self._next.sequence
            self._next = next(self._lines, None)
        if isinstance(self._next, Broken):
            return self._next
        return self._next if self._next and self._next.sequence == number else None
