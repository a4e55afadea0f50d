"""Quarantined rows for the desk: masked on the screen, in clear only in the sheet that is mended and sent again."""

import io
import re
from dataclasses import dataclass

import xlsxwriter

from shouwang.accounts.privacy import mask_identity_numbers
from shouwang.deliveries.ledger import label
from shouwang.deliveries.quarantine import quarantined_rows
from shouwang.kernel.home import Home
from shouwang.sources.contract import canonical_header, contracts
from shouwang.sources.headers import MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS

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
    masked = [
        MaskedRow(
            row.line,
            row.reasons,
            [_masked(canonical_header(h), cell, numbers, hidden) for h, cell in row.cells.items()],
        )
        for row in rows
    ]
    return headers, masked


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


def quarantine_sheet(home: Home, number: int) -> bytes:
    """The quarantined rows of a delivery as a spreadsheet to mend and send again.

    Made in memory: it holds identity numbers, which never lie on the disk in clear. Every cell is text.
    """
    rows = quarantined_rows(home, number)
    sheet_file = io.BytesIO()
    with xlsxwriter.Workbook(sheet_file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, text = book.add_worksheet("待改正"), book.add_format({"num_format": "@"})
        headers = [MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS, *(rows[0].cells if rows else ())]
        for column, name in enumerate(headers):
            sheet.write_string(0, column, name)
        for place, row in enumerate(rows, start=1):
            for column, cell in enumerate([label(number), str(row.line), row.in_words, *row.cells.values()]):
                sheet.write_string(place, column, cell, text)
    return sheet_file.getvalue()
