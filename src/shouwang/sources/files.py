"""What kind of file came, and the reader for it. Everything that is not listed is refused with advice."""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import polars as pl

from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Contract
from shouwang.sources.csv_files import CsvFile
from shouwang.sources.headers import Header
from shouwang.sources.parquet_files import ParquetFile
from shouwang.sources.workbooks import Workbook

BLOCK_BYTES = 4 << 20
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "utf-8-sig": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gb18030",
}


class Reader(Protocol):
    """A file that was opened: its header, then its rows in chunks of bounded size."""

    encoding: str
    sheet: str | None

    def find_header(self, contract: Contract) -> Header: ...

    def chunks(self, header: Header) -> Iterator[pl.DataFrame]: ...


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes tells: digest, size in bytes, first bytes, whether all of it is UTF-8."""

    sha256: str
    size: int
    first: bytes
    is_utf8: bool
    is_cut_utf8: bool


def survey(stream: BinaryIO) -> Survey:
    """Reads the whole stream once in bounded memory and rewinds it."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    size, first, is_utf8, is_cut = 0, b"", True, False
    stream.seek(0)
    while block := stream.read(BLOCK_BYTES):
        digest.update(block)
        first = first or block[:4096]
        size += len(block)
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8, is_cut = False, True
    stream.seek(0)
    return Survey(digest.hexdigest(), size, first, is_utf8, is_cut and not first.isascii())


def open_reader(stream: BinaryIO, name: str, seen: Survey, encoding: str | None = None) -> Reader:
    """The reader for a file. `encoding` is what the sender says; otherwise UTF-8 is tried, then GB18030.

    Raises:
        InputError: the file is empty, damaged or of a kind that is not read.
    """
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise InputError(f"不支持的编码 {encoding}", "可用：utf-8、gb18030")
    if not seen.size:
        raise InputError("这是空文件", "请部门重新导出后再报送")
    ending = name.lower().rsplit(".", 1)[-1] if "." in name else ""
    if ending == "xlsm":
        raise InputError("带宏的工作簿（.xlsm）不予读取", "请另存为 .xlsx 后再报送")
    if seen.first.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError("旧格式（.xls）或加了密码的工作簿不予读取", "请去掉密码并另存为 .xlsx 后再报送")
    if seen.first.startswith(b"PK\x03\x04"):
        return Workbook(stream)
    if seen.first.startswith(b"PAR1"):
        return ParquetFile(stream)
    if ending in ("xlsx", "parquet"):
        raise InputError(f"内容与扩展名 .{ending} 不符，文件可能已损坏", "请重新导出后再报送")
    if ending not in ("csv", "txt", ""):
        raise InputError(f"不读取 .{ending} 文件", "请另存为 .xlsx 或 .csv 后再报送")
    return CsvFile(stream, _text_encoding(seen, encoding), seen.is_utf8)


def _text_encoding(seen: Survey, encoding: str | None) -> str:
    if seen.first.startswith(UTF_16) or _looks_like_utf16(seen.first):
        raise InputError("文件是 UTF-16（Unicode 文本）编码", "请另存为“CSV UTF-8（逗号分隔）”或 .xlsx 后再报送")
    if b"\0" in seen.first:
        raise InputError("文件含有二进制内容，不是文本表格", "请导出为 .csv 或 .xlsx 后再报送")
    if seen.is_cut_utf8 and encoding is None:
        raise InputError("文件最后一个字不完整，可能只传了一半", "请部门重新导出后再报送")
    if encoding is not None:
        return ENCODINGS[encoding.lower()]
    return "utf-8-sig" if seen.is_utf8 else "gb18030"


def _looks_like_utf16(first: bytes) -> bool:
    even, odd = first[0:64:2].count(0), first[1:64:2].count(0)
    return (even > 8 and odd == 0) or (odd > 8 and even == 0)
