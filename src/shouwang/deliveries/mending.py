"""What became of quarantined rows that were mended and sent again.

Nothing about the earlier delivery is rewritten: a mended row names the row that it mends, and where that one stands now
is read from the deliveries that came since. A row that was refused again is an attempt at the same row: whichever of
its attempts is accepted closes them all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shouwang.deliveries.ledger import DeliveryReport, deliveries, label
from shouwang.deliveries.quarantine import (
    QuarantinedRow,
    quarantine_headers,
    quarantined_lines,
    quarantined_rows,
)
from shouwang.kernel.home import Home
from shouwang.sources.headers import MENDS_DELIVERY, MENDS_LINE

Place = tuple[int, int]  # number of the delivery, line
Counts = Callable[[int, int], bool]


@dataclass
class Mendings:
    """Where the quarantined rows of a source stand now; `roots` leads from an attempt to the row it is to mend."""

    settled: dict[Place, Place] = field(default_factory=dict)
    latest: dict[Place, Place] = field(default_factory=dict)
    roots: dict[Place, Place] = field(default_factory=dict)

    def root(self, place: Place) -> Place:
        return self.roots.get(place, place)

    def settled_at(self, place: Place) -> Place | None:
        """Where the row, or an attempt at it, was accepted or found to be known already; the line is 0 if unknown."""
        return self.settled.get(self.root(place))

    def shown(self, place: Place) -> Place:
        """The latest attempt at a row, or the row itself."""
        return self.latest.get(self.root(place), self.root(place))


def _everybody(waiting: int, sent: int) -> bool:
    return True


def mendings(home: Home, source: str, counts: Counts = _everybody) -> Mendings:
    """Follows every mended row of a source back to the row that it mends.

    Args:
        counts: told the numbers of the delivery that waits and of the one that was sent, says whether the latter may
            mend the former; anybody can write any number into a spreadsheet.
    """
    found, lines = Mendings(), dict[int, set[int]]()

    def waits(place: Place, sent: int) -> bool:
        number, line = place
        if number >= sent or not counts(found.root(place)[0], sent) or not counts(number, sent):
            return False
        if number not in lines:
            lines[number] = set(quarantined_lines(home, number))
        return line in lines[number]

    of_source = sorted(deliveries(home, source=source), key=lambda report: report.number)
    known = {report.number for report in of_source}
    for report in of_source:
        for place, here in _accepted(report):
            if place[0] in known and waits(place, report.number):
                found.settled.setdefault(found.root(place), (report.number, here))
        for place, here in _refused(home, report):
            if place[0] in known and waits(place, report.number):
                root = found.root(place)
                found.roots[report.number, here] = root
                found.latest[root] = (report.number, here)
    return found


def _accepted(report: DeliveryReport) -> Iterable[tuple[Place, int]]:
    for of, there in report.mended.items():
        here = report.mended_at.get(of) or (0,) * len(there)
        number = _number(of)
        yield from (((number, line), at) for line, at in zip(there, here, strict=True))


def _refused(home: Home, report: DeliveryReport) -> Iterable[tuple[Place, int]]:
    if not report.quarantined or MENDS_DELIVERY not in quarantine_headers(home, report.number):
        return
    for row in quarantined_rows(home, report.number):
        line = row.cells.get(MENDS_LINE, "").strip()
        if line.isdecimal():
            yield (_number(row.cells[MENDS_DELIVERY]), int(line)), row.line


def _number(of: str) -> int:
    """12 for D000012; 0, which no delivery has, for anything else."""
    digits = of.strip().removeprefix("D")
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def open_lines(home: Home, number: int, found: Mendings) -> list[int]:
    """The lines of a delivery that still wait to be mended."""
    return [line for line in quarantined_lines(home, number) if found.settled_at((number, line)) is None]


@dataclass(frozen=True)
class OpenRow:
    """A row that waits, as it was sent last: `at` says where, `row` has the line of the delivery at hand."""

    at: Place
    row: QuarantinedRow

    @property
    def version(self) -> str:
        return f"{label(self.at[0])}.{self.at[1]}"


def open_rows(home: Home, number: int, lines: Iterable[int], found: Mendings) -> list[OpenRow]:
    """Rows of a delivery with the cells and the reasons of their latest attempt, in the order of `lines`."""
    places = {line: found.shown((number, line)) for line in lines}
    asked: dict[int, set[int]] = {}
    for at in places.values():
        asked.setdefault(at[0], set()).add(at[1])
    rows = {(of, row.line): row for of, wanted in asked.items() for row in quarantined_rows(home, of, lines=wanted)}
    return [
        OpenRow(at, QuarantinedRow(line, rows[at].reasons, rows[at].cells)) for line, at in places.items() if at in rows
    ]
