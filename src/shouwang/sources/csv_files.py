"""Reading CSV as text in blocks: UTF-8 or GB18030; comma, semicolon or tab.

Blocks whose quotes are regular are parsed by Polars; from the first irregular one on, the rest goes through
Python's csv module, which is slower and forgives more. Both give the same rows.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
import polars as pl

from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Contract
from shouwang.sources.headers import SEARCHED_ROWS, Header, HeadRows, find_header, refuse_without_header

SEPARATORS = (",", ";", "\t")
OTHER_SEPARATORS = ("|", "^", "~", "\x01", " ")
BLOCK_BYTES = 8 << 20
HEAD_BYTES = 1 << 20
LONGEST_RECORD = 32 << 20
SLOW_BATCH = 50_000
QUOTE, NEWLINE = ord('"'), ord("\n")
_BESIDE_QUOTES = np.isin(np.arange(256), list(b',;\t\r\n"'))


class CsvFile:
    """One CSV file; `encoding` is utf-8-sig or gb18030, `is_utf8` says that all of it was found to be UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, is_utf8: bool = False) -> None:
        self._stream = stream
        self._is_utf8 = is_utf8 and encoding == "utf-8-sig"
        self.encoding = encoding
        self.sheet: str | None = None
        self.separator = ","
        self._rest: Iterator[bytes] = iter(())
        self._carry = b""

    def find_header(self, contract: Contract) -> Header:
        """Finds the separator and the header.

        Raises:
            InputError: no row of the first twenty names every required column.
        """
        heads = {separator: self._head(separator) for separator in SEPARATORS}
        for separator, rows in heads.items():
            header = find_header(rows, contract)
            if header:
                self.separator = separator
                return header
        for separator in OTHER_SEPARATORS:
            if find_header(self._head(separator), contract):
                raise InputError(f"文件用“{separator}”分隔各列", "请另存为逗号、分号或制表符分隔的文件，或 .xlsx")
        raise refuse_without_header(
            max(heads.values(), key=lambda rows: max((len(r) for _, r in rows), default=0)), contract
        )

    def chunks(self, header: Header) -> Iterator[pl.DataFrame]:
        """The rows below the header as text: `line`, `surplus` and `c0` … for each column of the header."""
        line = 0
        for block, is_last in self._whole_records():
            if block is None:
                yield from self._slow_chunks(header, line)
                return
            frame = self._parse(block, header.width)
            if frame is None:
                self._rest = chain([block, self._carry], self._rest)
                yield from self._slow_chunks(header, line)
                return
            if is_last:
                self._refuse_torn_end(block, header)
            frame = frame.with_row_index("line", offset=line + 1).with_columns(pl.col("line").cast(pl.Int32))
            line += frame.height
            yield frame.filter(pl.col("line") > header.line)

    def _head(self, separator: str) -> HeadRows:
        self._stream.seek(0)
        raw = self._stream.read(HEAD_BYTES)
        text = codecs.getincrementaldecoder(self.encoding)("replace").decode(raw)
        if "\n" not in text:
            text = text.replace("\r", "\n")
        try:
            records = list(islice(csv.reader(io.StringIO(text), delimiter=separator), SEARCHED_ROWS))
        except csv.Error:
            records = []
        return list(enumerate(records, start=1))

    def _decoded(self) -> Iterator[bytes]:
        """The whole file as UTF-8 blocks with newline ends."""
        self._stream.seek(0)
        bare_returns: bool | None = None
        for block in self._as_it_is() if self._is_utf8 else self._recoded():
            if b"\0" in block:
                raise InputError("文件含有二进制内容，不是文本表格", "请部门导出为 .csv 或 .xlsx 后再报送")
            if bare_returns is None:
                bare_returns = b"\r" in block and b"\n" not in block
            yield block.replace(b"\r", b"\n") if bare_returns else block

    def _as_it_is(self) -> Iterator[bytes]:
        first = self._stream.read(BLOCK_BYTES)
        yield first.removeprefix(codecs.BOM_UTF8)
        while block := self._stream.read(BLOCK_BYTES):
            yield block

    def _recoded(self) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        while True:
            raw = self._stream.read(BLOCK_BYTES)
            try:
                text = decoder.decode(raw, final=not raw)
            except UnicodeDecodeError:
                raise InputError(
                    "文件内容不是完整的 UTF-8 或 GB18030 文本，可能只传了一半或编码有误", "请部门重新导出后再报送"
                ) from None
            if text:
                yield text.encode()
            if not raw:
                return

    def _whole_records(self) -> Iterator[tuple[bytes | None, bool]]:
        """Blocks that end where a record ends; None once quotes are irregular (the rest is in `_rest`)."""
        self._rest = self._decoded()
        carry = b""
        for block in self._rest:
            carry += block
            if _has_stray_quote(carry):
                self._rest = chain([carry], self._rest)
                yield None, False
                return
            cut = _record_end(carry)
            if cut:
                whole, carry = carry[:cut], carry[cut:]
                self._carry = carry
                yield whole, False
            elif len(carry) > LONGEST_RECORD:
                raise InputError("文件中引号不成对，无法分清行与列", "请部门重新导出后再报送")
        if carry:
            if carry.count(b'"') % 2:
                raise InputError("文件末尾的引号没有结束，文件可能只传了一半", "请部门重新导出后再报送")
            self._carry = b""
            yield carry, True

    def _parse(self, block: bytes, width: int) -> pl.DataFrame | None:
        """A block as columns, or None where it is not regular."""
        quoted = b'"' in block
        if quoted and _has_quoted_newline(block):
            return None
        expected = block.count(b"\n") + (not block.endswith(b"\n"))
        names = [f"c{place}" for place in range(width)]
        padding = (self.separator * width + "\n").encode()
        try:
            frame = pl.read_csv(
                padding + block,
                has_header=False,
                infer_schema=False,
                schema=dict.fromkeys([*names, "over"], pl.String),
                separator=self.separator,
                quote_char='"' if quoted else None,
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height == expected + 1:
            frame = frame.slice(1)
        elif frame.height != expected:
            return None
        surplus = pl.col("over").fill_null("").str.strip_chars() != ""
        return frame.select(*names, surplus.alias("surplus"))

    def _slow_chunks(self, header: Header, line: int) -> Iterator[pl.DataFrame]:
        records = csv.reader(_lines(self._rest), delimiter=self.separator)
        width = header.width
        names = [f"c{place}" for place in range(width)]
        while True:
            try:
                batch = list(islice(records, SLOW_BATCH))
            except csv.Error:
                raise InputError("文件中引号不成对，无法分清行与列", "请部门重新导出后再报送") from None
            if not batch:
                return
            surplus = [any(cell.strip() for cell in record[width:]) for record in batch]
            cells = [record[:width] + [""] * (width - len(record)) for record in batch]
            frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
            lines = pl.Series("line", range(line + 1, line + 1 + len(batch)), dtype=pl.Int32)
            line += len(batch)
            frame = frame.select(lines, *names, pl.Series("surplus", surplus, dtype=pl.Boolean))
            yield frame.filter(pl.col("line") > header.line)

    def _refuse_torn_end(self, block: bytes, header: Header) -> None:
        """A last record without a line end and with too few columns: the file was cut off while it was written."""
        if block.endswith(b"\n"):
            return
        last = next(csv.reader([block.rsplit(b"\n", 1)[-1].decode()], delimiter=self.separator), [])
        if 1 < len(last) < header.width and last[0].strip():
            raise InputError("文件最后一行不完整，可能只传了一半", "请部门重新导出后再报送")


def _has_stray_quote(block: bytes) -> bool:
    """Whether a quote stands with text on both sides, neither a separator nor a line's end nor another quote."""
    if b'"' not in block:
        return False
    codes = np.frombuffer(block, dtype=np.uint8)
    inner = np.flatnonzero(codes[1:-1] == QUOTE) + 1
    return bool((~_BESIDE_QUOTES[codes[inner - 1]] & ~_BESIDE_QUOTES[codes[inner + 1]]).any())


def _has_quoted_newline(block: bytes) -> bool:
    """Whether a line ends after an odd number of quotes."""
    codes = np.frombuffer(block, dtype=np.uint8)
    quotes_before = np.searchsorted(np.flatnonzero(codes == QUOTE), np.flatnonzero(codes == NEWLINE))
    return bool((quotes_before % 2).any())


def _record_end(block: bytes) -> int:
    """Where the last whole record ends; 0 where none does."""
    cut = block.rfind(b"\n") + 1
    if b'"' not in block:
        return cut
    while cut and block.count(b'"', 0, cut) % 2:
        cut = block.rfind(b"\n", 0, cut - 1) + 1
    return cut


def _lines(blocks: Iterator[bytes]) -> Iterator[str]:
    decoder, carry = codecs.getincrementaldecoder("utf-8")(), ""
    for block in blocks:
        *whole, carry = (carry + decoder.decode(block)).split("\n")
        for line in whole:
            yield line + "\n"
    if carry:
        yield carry
