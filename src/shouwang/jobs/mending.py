"""Quarantined rows mended in the browser: shown masked, sent again through the ordinary ingest as a sealed spreadsheet.

A masked cell that is left as it is keeps the value that lies sealed; what is typed replaces it whole.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext

from shouwang.accounts.models import User
from shouwang.audit.record import record
from shouwang.deliveries.mending import Mendings, OpenRow, open_lines, open_rows
from shouwang.deliveries.quarantine import OWN_HEADERS, QuarantinedRow, sheet_to_mend
from shouwang.exchange.models import Delivery, Upload
from shouwang.exchange.reading import may_open_rows
from shouwang.exchange.spool import SealedUpload, SealedWriter, spool_folder
from shouwang.jobs.quarantine import masked, mendings_of
from shouwang.jobs.uploads import take_in
from shouwang.kernel.home import Home
from shouwang.sources.contract import canonical_header, contracts

LONGEST_CELL = 4000
HIDDEN = "*"


@dataclass(frozen=True)
class MendableCell:
    """One cell with the codes of what is wrong with it; `name` is that of its input."""

    name: str
    header: str
    shown: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MendableRow:
    """A row that waits; `reasons` are those that belong to no single cell. `tried`: it was sent again before."""

    line: int
    version: str
    tried: bool
    reasons: tuple[str, ...]
    cells: list[MendableCell]


@dataclass
class OpenQuarantine:
    """The rows of one delivery that still wait."""

    home: Home
    delivery: Delivery
    found: Mendings
    lines: list[int]

    def rows(self, lines: Iterable[int]) -> list[MendableRow]:
        """Some of the rows, ready to be mended, masked."""
        return [self._mendable(each) for each in open_rows(self.home, self.delivery.number, lines, self.found)]

    def _mendable(self, each: OpenRow) -> MendableRow:
        cells = _data(each.row)
        called = {header: _contract_header(self.delivery.source, header) for header in cells}
        about: dict[str, list[str]] = {}
        for reason in each.row.reasons:
            code, _, header = reason.partition(":")
            is_of_cell = header in called.values()
            about.setdefault(header if is_of_cell else "", []).append(code if is_of_cell else reason)
        listed = [
            MendableCell(
                f"c-{each.row.line}-{place}",
                header,
                masked(self.delivery.source, header, cell),
                tuple(about.get(called[header], ())),
            )
            for place, (header, cell) in enumerate(cells.items())
        ]
        tried = each.at[0] != self.delivery.number
        return MendableRow(each.row.line, each.version, tried, tuple(about.get("", ())), listed)


@dataclass
class Sent:
    """What was sent again (None: nothing), how many rows, and why others were not."""

    upload: Upload | None = None
    rows: int = 0
    left: list[str] = field(default_factory=list)


def open_quarantine(home: Home, delivery: Delivery) -> OpenQuarantine:
    """The rows of a delivery that still wait. The caller has checked that they may be opened."""
    found = mendings_of(home, delivery.number)
    return OpenQuarantine(home, delivery, found, open_lines(home, delivery.number, found))


def send_mended(home: Home, delivery: Delivery, form: Mapping[str, str], *, acting_user: User) -> Sent:
    """Sends again those rows of the form of which a cell was changed, or which are ticked to be sent as they are.

    Args:
        form: `v-<line>` the version of the row that was on the screen, `c-<line>-<place>` its cells as they stand in
            the browser, `again-<line>` where an unchanged row is to be sent.

    Raises:
        PermissionDenied: the user brings in no files of that department, or not for that area.
        InputError: as the upload of a file.
    """
    if not may_open_rows(acting_user, delivery):
        raise PermissionDenied
    asked = {int(name[2:]): seen for name, seen in form.items() if name.startswith("v-") and name[2:].isdecimal()}
    waiting = open_quarantine(home, delivery)
    known = set(waiting.lines)
    sent, rows = Sent(), []
    for each in open_rows(home, delivery.number, sorted(known & set(asked)), waiting.found):
        if each.version != asked[each.row.line]:
            sent.left.append(gettext("第{line}行刚有人改正过，请看新的内容").format(line=each.row.line))
            continue
        cells, refused = _changed(delivery.source, each.row, form)
        if refused:
            sent.left.append(gettext("第{line}行未提交：{refused}").format(line=each.row.line, refused=refused))
        elif cells != _data(each.row) or form.get(f"again-{each.row.line}"):
            rows.append(QuarantinedRow(each.row.line, each.row.reasons, cells))
    sent.left += [
        gettext("第{line}行已经改正").format(line=line) for line in sorted(set(asked) - known) if _touched(form, line)
    ]
    if rows:
        sent.upload, sent.rows = _take_in(home, delivery, rows, acting_user), len(rows)
    return sent


def _data(row: QuarantinedRow) -> dict[str, str]:
    """The cells without our own columns."""
    return {header: cell for header, cell in row.cells.items() if header not in OWN_HEADERS}


def _contract_header(source: str, header: str) -> str:
    """What the contract, and with it a reason, calls a column that the file may call otherwise."""
    wanted = canonical_header(header)
    known = contracts()[source].columns if source in contracts() else ()
    return next((c.header for c in known if wanted in map(canonical_header, c.names())), header)


def _changed(source: str, row: QuarantinedRow, form: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The cells as they are to be sent, and why they cannot be, if so."""
    cells = {}
    for place, (header, cell) in enumerate(_data(row).items()):
        shown = masked(source, header, cell)
        typed = form.get(f"c-{row.line}-{place}", shown)
        is_same = typed.replace("\r\n", "\n") == shown.replace("\r\n", "\n")
        if not is_same and shown != cell and HIDDEN in typed:
            return {}, gettext("“{header}”有遮盖的字符，请写全，或保持原样").format(header=header)
        if len(typed) > LONGEST_CELL:
            return {}, gettext("“{header}”内容过长").format(header=header)
        cells[header] = cell if is_same else typed.strip()
    return cells, ""


def _touched(form: Mapping[str, str], line: int) -> bool:
    return any(name.startswith(f"c-{line}-") for name in form)


def _take_in(home: Home, delivery: Delivery, rows: list[QuarantinedRow], user: User) -> Upload:
    content = sheet_to_mend(delivery.number, rows)
    sealer = home.sealer()
    writer = SealedWriter(spool_folder() / f"{secrets.token_hex(16)}.sealed", sealer)
    writer.write(content)
    writer.finish()
    file = SealedUpload(
        writer.path,
        sealer,
        f"{delivery.label}改正{len(rows)}行.xlsx",
        len(content),
    )
    try:
        with transaction.atomic():
            upload = take_in(file, acting_user=user, source=delivery.source, received_on=localdate())
            if upload.spool == writer.path.name:
                record(user, "quarantine_mended", delivery, rows=len(rows))
    finally:
        file.close()
    return upload
