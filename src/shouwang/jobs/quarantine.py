"""Quarantined rows for the desk: masked on the screen, in clear only in the sheet that is mended and sent again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _

from shouwang.areas.models import Area
from shouwang.deliveries.ledger import delivery, label
from shouwang.deliveries.mending import Mendings, mendings, open_lines, open_rows
from shouwang.deliveries.quarantine import quarantine_headers, quarantined_lines, quarantined_rows, sheet_to_mend
from shouwang.exchange.models import Delivery
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.home import Home
from shouwang.sources.contract import canonical_header, contracts
from shouwang.sources.headers import MENDS_DELIVERY

TAKEN, KNOWN, WAITING = _("已接收"), _("与已有的行相同"), _("仍待改正")
HIDDEN_FIELDS = ("phone", "address")
SHOWN_BEFORE, SHOWN_AFTER = 6, 4


@dataclass(frozen=True)
class MaskedRow:
    """One quarantined row as the desk shows it: its cells in the order of the headers."""

    line: int
    reasons: list[str]
    cells: list[str]


def masked_rows(home: Home, number: int, source: str, offset: int, limit: int) -> tuple[list[str], list[MaskedRow]]:
    """Headers and a stretch of a delivery's quarantined rows, without what identifies a person.

    Columns of identity numbers keep place and last four, however wrong the number; telephone and address are hidden;
    whatever looks like an identity number elsewhere is masked too.
    """
    rows = quarantined_rows(home, number, offset, limit)
    headers = list(rows[0].cells) if rows else []
    numbers, hidden = _sensitive_headers(source)
    shown = [
        MaskedRow(
            row.line,
            row.reasons,
            [_masked(canonical_header(h), cell, numbers, hidden) for h, cell in row.cells.items()],
        )
        for row in rows
    ]
    return headers, shown


def _sensitive_headers(source: str) -> tuple[set[str], set[str]]:
    columns = contracts()[source].columns if source in contracts() else ()
    numbers = {canonical_header(name) for each in columns if each.type == "id_number" for name in each.names()}
    hidden = {canonical_header(name) for each in columns if each.field in HIDDEN_FIELDS for name in each.names()}
    return numbers, hidden


def _masked(header: str, cell: str, numbers: set[str], hidden: set[str]) -> str:
    if header in numbers:
        bare = re.sub(r"\s", "", cell)
        kept = len(bare) > SHOWN_BEFORE + SHOWN_AFTER
        return f"{bare[:SHOWN_BEFORE]}********{bare[-SHOWN_AFTER:]}" if kept else "*" * len(bare)
    if header in hidden:
        return "*" * min(len(cell), 8)
    return mask_identity_numbers(cell)


def masked(source: str, header: str, cell: str) -> str:
    """A cell as the desk shows it."""
    return _masked(canonical_header(header), cell, *_sensitive_headers(source))


def quarantine_sheet(home: Home, number: int, dress: Callable[[Any], None]) -> bytes:
    """The rows of a delivery that still wait, as they were sent last, as a spreadsheet to mend and send again.

    Made in memory: it holds identity numbers, which never lie on the disk in clear.
    """
    found = mendings_of(home, number)
    rows = open_rows(home, number, open_lines(home, number, found), found)
    return sheet_to_mend(number, [each.row for each in rows], dress)


def mendings_of(home: Home, number: int) -> Mendings:
    """Where the quarantined rows of a delivery's source stand.

    A file that was brought in for an area mends what was brought in for that area or within it; one for the whole
    city, or by the command line, mends anything.
    """
    source = delivery(home, number).source
    listed = Delivery.objects.filter(source=source).select_related("area")
    scopes = {each.number: each.area.scope if each.area and each.area.level > Area.CITY else "" for each in listed}

    def counts(waiting: int, sent: int) -> bool:
        return scopes.get(waiting, "").startswith(scopes.get(sent, ""))

    return mendings(home, source, counts)


@dataclass(frozen=True)
class Standing:
    """How many rows of a delivery still wait, and where the others were accepted (line 0: unknown), by line."""

    waiting: int
    settled: dict[int, tuple[int, int]]


@dataclass(frozen=True)
class Resent:
    """A row of this file that mends another; `reasons` are why it was refused again."""

    of: str
    of_line: int
    line: int
    outcome: str
    reasons: tuple[str, ...] = ()


def standing_of(home: Home, number: int) -> Standing:
    """Where the quarantined rows of a delivery stand now."""
    found = mendings_of(home, number)
    at = {line: found.settled_at((number, line)) for line in quarantined_lines(home, number)}
    settled = {line: place for line, place in at.items() if place is not None}
    return Standing(len(at) - len(settled), settled)


def resent_rows(home: Home, listed: Delivery) -> list[Resent]:
    """What became of the rows of this file that say which quarantined row they mend, in the order of the file."""
    number = listed.number
    if not listed.report.get("mended") and MENDS_DELIVERY not in quarantine_headers(home, number):
        return []
    report = delivery(home, number)
    found = mendings_of(home, number)
    refused = {line: root for (of, line), root in found.roots.items() if of == number}
    rows = quarantined_rows(home, number, lines=refused) if refused else []
    told = [Resent(label(refused[r.line][0]), refused[r.line][1], r.line, WAITING, tuple(r.reasons)) for r in rows]
    path = home.rows(report.source) / f"{report.label}.parquet"
    taken = set(pl.read_parquet(path, columns=["line"])["line"]) if report.mended and path.exists() else set()
    for of, lines in report.mended.items():
        for there, here in zip(lines, report.mended_at.get(of) or (0,) * len(lines), strict=True):
            told.append(Resent(of, there, here, TAKEN if here in taken or not here else KNOWN))
    return sorted(told, key=lambda each: each.line)
