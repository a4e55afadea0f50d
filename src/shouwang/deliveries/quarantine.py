"""Rows that wait for a person: kept sealed with their reasons, shown, exported for mending, and sent again."""

import io
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import xlsxwriter

from shouwang.deliveries.examination import Examined, Fault
from shouwang.deliveries.ledger import delivery, label
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.kernel.keys import Sealer
from shouwang.sources.headers import MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS, Header

OWN_HEADERS = (MENDS_DELIVERY, MENDS_LINE, MENDS_REASONS)
MADE = datetime(2021, 1, 1, tzinfo=UTC)
SCHEMA: dict[str, Any] = {"line": pl.Int32, "reasons": pl.List(pl.String), "sealed": pl.Binary}
REASONS = {
    "missing_required": "必填项为空",
    "id_format": "证件号码位数或字符不对",
    "id_check_digit": "证件号码校验码不符",
    "id_birth_date": "证件号码中的出生日期不存在",
    "id_precision_lost": "号码被存成数值，末几位已丢失",
    "bad_date": "日期无法识别",
    "future_date": "日期晚于收到日期",
    "bad_amount": "金额或数目无法识别",
    "negative_amount": "金额为负",
    "unknown_code": "取值不在规定范围内",
    "unknown_division": "没有这个行政区划代码",
    "inconsistent": "各列之间不一致",
    "too_long": "内容过长",
}


@dataclass(frozen=True)
class QuarantinedRow:
    """A row as it came: `cells` by header, `reasons` as `code:column`."""

    line: int
    reasons: list[str]
    cells: dict[str, str]

    @property
    def in_words(self) -> str:
        return "；".join(reason_in_words(reason) for reason in self.reasons)


def reason_in_words(reason: str) -> str:
    """`bad_date:结算日期` as 结算日期：日期无法识别."""
    code, _, about = reason.partition(":")
    return f"{about}：{REASONS[code]}" if about else REASONS[code]


def seal_rows(
    examined: Examined, faults: Iterable[Fault], chosen: pl.Series, header: Header, number: int, sealer: Sealer
) -> pl.DataFrame:
    """The chosen rows as they are kept: line, reasons, and the raw cells sealed to their place."""
    reasons: dict[int, list[str]] = {}
    lines = examined.rows["line"]
    for fault in faults:
        for line in lines.filter(fault.mask & chosen):
            reasons.setdefault(line, []).append(fault.text)
    raw = examined.raw.filter(chosen).select("line", *(f"c{place}" for place in range(header.width)))
    sealed = [
        sealer.seal(json.dumps(cells, ensure_ascii=False), context_of(number, line)) for line, *cells in raw.iter_rows()
    ]
    kept = raw["line"].to_list()
    return pl.DataFrame(
        {"line": kept, "reasons": [reasons.get(line, []) for line in kept], "sealed": sealed}, schema=SCHEMA
    )


def quarantined_rows(
    home: Home, number: int, offset: int = 0, limit: int | None = None, lines: Collection[int] | None = None
) -> list[QuarantinedRow]:
    """The quarantined rows of one delivery in the order of the file; with `lines`, only those.

    Raises:
        InputError: there is no such delivery.
    """
    report = delivery(home, number)
    path = _path(home, number)
    if not report.quarantined or not path.exists():
        return []
    header = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    frame = _kept(path, list(SCHEMA))
    if lines is not None:
        frame = frame.filter(pl.col("line").is_in(sorted(lines)))
    frame = frame.slice(offset, limit)
    sealer = home.sealer()
    rows = []
    for line, reasons, sealed in frame.iter_rows():
        cells = json.loads(sealer.unseal(sealed, context_of(number, line)))
        named = {
            name or f"第{place + 1}列": cell or "" for place, (name, cell) in enumerate(zip(header, cells, strict=True))
        }
        rows.append(QuarantinedRow(line, reasons, named))
    return rows


def quarantined_lines(home: Home, number: int) -> list[int]:
    """The lines of the quarantined rows of one delivery; nothing is unsealed."""
    path = _path(home, number)
    return _kept(path, ["line"])["line"].to_list() if path.exists() else []


def _kept(path: Path, columns: list[str]) -> pl.DataFrame:
    """Read over one opening of the file: a rotation of keys may put another in its place at any moment (decision 0010)."""
    with pq.ParquetFile(path) as file:
        return pl.DataFrame(file.read(columns))


def quarantine_headers(home: Home, number: int) -> list[str]:
    """The headers of the file whose rows are quarantined."""
    path = _path(home, number).with_suffix(".json")
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def export_quarantine(home: Home, number: int, out: Path) -> int:
    """Writes the quarantined rows as a spreadsheet to mend and send again; returns how many.

    The file holds identity numbers.
    """
    if out.suffix.lower() != ".xlsx":
        raise InputError(f"{out.name} 不是 .xlsx 文件名", "请写成例如 待改正.xlsx")
    if not out.parent.is_dir():
        raise InputError(f"目录 {out.parent} 不存在", "先建立目录，或换一个位置")
    rows = quarantined_rows(home, number)
    temporary = out.with_name(out.name + ".part")
    temporary.write_bytes(sheet_to_mend(number, rows))
    temporary.replace(out)
    return len(rows)


def sheet_to_mend(
    number: int, rows: Iterable[QuarantinedRow], dress: Callable[[Any], None] = lambda book: None
) -> bytes:
    """Rows of a delivery as a spreadsheet that says which row of it each one mends.

    Made in memory. Every cell is text, so that no number loses digits and no cell is a formula. The same rows give
    the same bytes. `dress` puts on the whole book what is to stand on every sheet, but in no cell.
    """
    listed, sheet_file = list(rows), io.BytesIO()
    headers = [name for name in dict.fromkeys(name for row in listed for name in row.cells) if name not in OWN_HEADERS]
    with xlsxwriter.Workbook(sheet_file, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": MADE})
        sheet, text = book.add_worksheet("待改正"), book.add_format({"num_format": "@"})
        for column, name in enumerate([*OWN_HEADERS, *headers]):
            sheet.write_string(0, column, name)
        for place, row in enumerate(listed, start=1):
            cells = [label(number), str(row.line), row.in_words, *(row.cells.get(name, "") for name in headers)]
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell, text)
        dress(book)
    return sheet_file.getvalue()


def _path(home: Home, number: int) -> Path:
    return home.lake / "quarantine" / f"{label(number)}.parquet"


def context_of(number: int, line: int) -> str:
    """What the seal of a quarantined row is bound to."""
    return f"quarantine:{label(number)}:{line}"
