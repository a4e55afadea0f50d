"""Reading .xlsx row by row in bounded memory: a library that loads the sheet takes a gigabyte for a million rows.

Cells written in the usual way are taken apart by Polars, many at a time; a part of the sheet with anything unusual
goes through lxml. Both give the same rows.
"""

import html
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import IO, Any, BinaryIO

import polars as pl
from lxml import etree

from shouwang.kernel.errors import InputError
from shouwang.sources.contract import Contract
from shouwang.sources.headers import SEARCHED_ROWS, Header, HeadRows, find_header, refuse_without_header
from shouwang.sources.merged_cells import Filling, merged_downwards

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BLOCK_BYTES = 8 << 20
LONGEST_ROW = 64 << 20
SLOW_BATCH = 5_000
LARGEST_PART = 8 << 30
LARGEST_TEXTS = 512 << 20
LARGEST_SMALL_PART = 64 << 20
"""What is read whole: the list of sheets, the styles, and as much of a sheet as may hold its header."""
LARGEST_DIRECTORY = 16 << 20
END_OF_DIRECTORY, TAIL = b"PK\x05\x06", 22 + 65_535
BROKEN = (
    zipfile.BadZipFile,
    etree.XMLSyntaxError,
    pl.exceptions.PolarsError,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
HARMLESS_PART = 100 << 20
LARGEST_RATIO = 150
MAX_WIDTH = 16_384
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
QUANTITIES = ("amount", "count")
LAST_SERIAL = 2_958_465
EXACT_DIGITS = 15

_CELL = (
    r'^r="([A-Z]{1,3})(\d+)"(?: s="(\d+)")?(?: t="([a-zA-Z]+)")?'
    r"(?:/>|>(?:<f[^>]*>[^<]*</f>|<f[^>]*/>)?"
    r"(?:<v[^>/]*>([^<]*)</v>|<v/>|<is><t[^>/]*>([^<]*)</t></is>|<is><t/></is>)?</c>)"
)


class Workbook:
    """One .xlsx file; the first visible sheet that holds the header is read."""

    encoding = "xlsx"

    def __init__(self, stream: BinaryIO) -> None:
        with _broken_refused():
            _guard_directory(stream)
            self._zip = zipfile.ZipFile(stream)
            self._guard()
            self._sheets = self._visible_sheets()
            self._dates, self._epoch = self._date_styles()
            self._texts = self._shared_texts()
        self.sheet: str | None = None
        self._part = ""
        self._filling = Filling((), 0, pl.DataFrame)

    def find_header(self, contract: Contract) -> Header:
        """Finds the sheet and its header.

        Raises:
            InputError: no visible sheet names every required column in its first twenty rows.
        """
        heads: list[HeadRows] = []
        with _broken_refused():
            for name, part in self._sheets:
                rows = self._head(part)
                heads.append(rows)
                header = find_header(rows, contract)
                if header:
                    self.sheet, self._part = name, part
                    self._filling = self._merged(header, contract)
                    return header
        raise refuse_without_header(max(heads, key=len, default=[]), contract)

    def chunks(self, header: Header) -> Iterator[pl.DataFrame]:
        """The rows below the header as text: `line`, `surplus` and `c0` … for each column of the header."""
        with _broken_refused(), self._zip.open(self._part) as stream:
            for block in _row_blocks(stream):
                frame = self._parse(block, header.width)
                frames = [frame] if frame is not None else self._slow_frames(block, header.width)
                for each in frames:
                    yield self._filling.fill(each.filter(pl.col("line") > header.line))

    def _guard(self) -> None:
        parts = self._zip.namelist()
        if "xl/workbook.xml" not in parts:
            raise InputError("这不是 .xlsx 工作簿", "请另存为 .xlsx 或 .csv 后再报送")
        if b"macroEnabled" in self._whole("[Content_Types].xml"):
            raise InputError("带宏的工作簿（.xlsm）不予读取", "请另存为 .xlsx 后再报送")
        for part in self._zip.infolist():
            ratio = part.file_size / max(part.compress_size, 1)
            if part.file_size > LARGEST_PART or (part.file_size > HARMLESS_PART and ratio > LARGEST_RATIO):
                raise _too_large()

    def _whole(self, part: str) -> bytes:
        if self._zip.getinfo(part).file_size > LARGEST_SMALL_PART:
            raise _too_large()
        return self._zip.read(part)

    def _visible_sheets(self) -> list[tuple[str, str]]:
        relations = etree.fromstring(self._whole("xl/_rels/workbook.xml.rels"), _parser())
        targets = {each.get("Id"): each.get("Target") for each in relations}
        book = etree.fromstring(self._whole("xl/workbook.xml"), _parser())
        found = []
        for sheet in book.iter(MAIN + "sheet"):
            target = str(targets.get(sheet.get(RELATION), ""))
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if sheet.get("state", "visible") == "visible" and "worksheets/" in part:
                found.append((str(sheet.get("name")), part))
        return found

    def _date_styles(self) -> tuple[list[str], date]:
        """Style numbers that show a number as a date, and the day on which serial 0 falls."""
        book = etree.fromstring(self._whole("xl/workbook.xml"), _parser())
        settings = book.find(MAIN + "workbookPr")
        is_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        epoch = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
        if "xl/styles.xml" not in self._zip.namelist():
            return [], epoch
        styles = etree.fromstring(self._whole("xl/styles.xml"), _parser())
        custom = {int(each.get("numFmtId")): str(each.get("formatCode")) for each in styles.iter(MAIN + "numFmt")}
        formats = styles.find(MAIN + "cellXfs")
        numbers = [int(each.get("numFmtId", 0)) for each in (formats if formats is not None else [])]
        dates = [str(place) for place, number in enumerate(numbers) if _is_date_format(number, custom.get(number))]
        return dates, epoch

    def _shared_texts(self) -> pl.Series:
        if "xl/sharedStrings.xml" not in self._zip.namelist():
            return pl.Series([], dtype=pl.String)
        if self._zip.getinfo("xl/sharedStrings.xml").file_size > LARGEST_TEXTS:
            raise InputError("工作簿文字量过大，已拒绝读取", "请部门拆分成较小的文件，或改报 .csv")
        batches: list[pl.Series] = []
        texts: list[str] = []
        with self._zip.open("xl/sharedStrings.xml") as stream:
            for _, item in etree.iterparse(stream, tag=MAIN + "si", resolve_entities=False, huge_tree=True):
                texts.append(_text_of(item))
                _forget(item)
                if len(texts) >= 200_000:
                    batches.append(pl.Series(texts, dtype=pl.String))
                    texts = []
        batches.append(pl.Series(texts, dtype=pl.String))
        return pl.concat(batches, rechunk=True)

    def _head(self, part: str) -> HeadRows:
        rows: HeadRows = []
        with self._zip.open(part) as stream:
            for line, cells in self._rows(_Beginning(stream)):  # type: ignore[arg-type]
                width = min(max(cells, default=-1) + 1, MAX_WIDTH)
                rows.append((line, [cells.get(place, "") for place in range(width)]))
                if line >= SEARCHED_ROWS or len(rows) >= SEARCHED_ROWS:
                    break
        return rows

    def _parse(self, block: bytes, width: int) -> pl.DataFrame | None:
        """A part of the sheet as columns, or None where a cell is written in an unusual way."""
        pieces = pl.select(pl.lit(block.decode()).str.split("<c ").alias("cell")).explode("cell").slice(1)
        groups = pieces.select(pl.col("cell").str.extract_groups(_CELL).alias("g")).unnest("g")
        cells = groups.rename(dict(zip(groups.columns, ("letters", "line", "style", "type", "v", "t"), strict=True)))
        if cells["letters"].null_count():
            return None
        letters = cells["letters"].unique()
        places = pl.DataFrame({"letters": letters, "place": [_place(each) for each in letters]})
        cells = cells.with_columns(
            pl.col("line").cast(pl.Int32), self._cell_text().alias("text"), places_of(places).alias("place")
        )
        cells = _tidy(self._fill_shared(cells))
        lines = cells.select(pl.col("line").unique(maintain_order=True))
        frame = lines
        for place in range(width):
            column = cells.filter(pl.col("place") == place).select("line", pl.col("text").alias(f"c{place}"))
            frame = frame.join(column, on="line", how="left", maintain_order="left")
        over = cells.filter((pl.col("place") >= width) & (pl.col("text").str.strip_chars() != "")).select("line")
        return frame.with_columns(pl.col("line").is_in(over["line"].implode()).alias("surplus"))

    def _cell_text(self) -> pl.Expr:
        kind, value = pl.col("type").fill_null("n"), pl.col("v")
        serial = value.cast(pl.Float64, strict=False).floor()
        dated = pl.col("style").is_in(self._dates) & (kind == "n") & serial.is_between(1, LAST_SERIAL)
        day = (pl.lit(self._epoch) + pl.duration(days=serial.cast(pl.Int64, strict=False))).dt.strftime("%Y-%m-%d")
        return (
            pl.when(kind.is_in(["inlineStr", "str"]))
            .then(pl.coalesce("t", "v", pl.lit("")))
            .when(kind == "b")
            .then(pl.when(value == "1").then(pl.lit("TRUE")).otherwise(pl.lit("FALSE")))
            .when(dated)
            .then(day)
            .otherwise(value.fill_null(""))
        )

    def _fill_shared(self, cells: pl.DataFrame) -> pl.DataFrame:
        index = pl.when(pl.col("type") == "s").then(pl.col("v").cast(pl.UInt32, strict=False))
        numbers = cells.select(index.alias("i"))["i"]
        if numbers.null_count() == cells.height:
            return cells
        found = self._texts.gather(numbers.fill_null(0)) if len(self._texts) else None
        if found is None:
            return cells
        shared = pl.Series("shared", found)
        return cells.with_columns(shared).with_columns(
            pl.when(pl.col("type") == "s").then(pl.col("shared")).otherwise(pl.col("text")).alias("text")
        )

    def _slow_rows(self, block: bytes) -> Iterator[list[tuple[int, dict[int, str]]]]:
        wrapped = b'<sheetData xmlns="' + MAIN[1:-1].encode() + b'">' + block + b"</sheetData>"
        batch: list[tuple[int, dict[int, str]]] = []
        for row in etree.fromstring(wrapped, _parser()):
            batch.append((int(row.get("r", 0)), dict(self._cells(row))))
            if len(batch) >= SLOW_BATCH:
                yield batch
                batch = []
        yield batch

    def _slow_frames(self, block: bytes, width: int) -> Iterator[pl.DataFrame]:
        return (self._frame(batch, width) for batch in self._slow_rows(block))

    def _merged(self, header: Header, contract: Contract) -> Filling:
        """Merged cells are filled but for quantities: one amount over three rows is no three amounts."""
        stated = [column.field for column in contract.columns if column.type not in QUANTITIES]
        places = [header.positions[field] for field in stated if field in header.positions]

        def ranges() -> pl.DataFrame:
            with self._zip.open(self._part) as stream:
                return merged_downwards(stream, _place)

        return Filling(places, header.line, ranges)

    def _frame(self, rows: list[tuple[int, dict[int, str]]], width: int) -> pl.DataFrame:
        columns: dict[str, Any] = {f"c{place}": [cells.get(place) for _, cells in rows] for place in range(width)}
        schema: dict[str, Any] = {"line": pl.Int32, **dict.fromkeys(columns, pl.String), "surplus": pl.Boolean}
        columns["line"] = [line for line, _ in rows]
        columns["surplus"] = [any(t.strip() for p, t in cells.items() if p >= width) for _, cells in rows]
        return pl.DataFrame({name: columns[name] for name in schema}, schema=schema)

    def _rows(self, stream: IO[bytes]) -> Iterator[tuple[int, dict[int, str]]]:
        line = 0
        for _, row in etree.iterparse(stream, tag=MAIN + "row", resolve_entities=False, huge_tree=True):
            line = int(row.get("r", line + 1))
            yield line, dict(self._cells(row))
            _forget(row)

    def _cells(self, row: Any) -> Iterator[tuple[int, str]]:
        place = -1
        for cell in row.iter(MAIN + "c"):
            reference = cell.get("r")
            place = _place(reference.rstrip("0123456789")) if reference else place + 1
            yield place, self._one_text(cell)

    def _one_text(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        value = cell.findtext(MAIN + "v") or ""
        if kind == "inlineStr":
            inline = cell.find(MAIN + "is")
            return _text_of(inline) if inline is not None else ""
        if kind == "s":
            return str(self._texts[int(value)]) if value else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n" and value:
            if cell.get("s") in self._dates and 1 <= float(value) <= LAST_SERIAL:
                return (self._epoch + timedelta(days=int(float(value)))).isoformat()
            return number_text(value)
        return value


def number_text(value: str) -> str:
    """A stored number as Excel shows it: 15 significant digits, beyond which its digits are lost (1.23E+17)."""
    try:
        shown = f"{float(value):.{EXACT_DIGITS}g}"
    except ValueError:
        return value
    return shown.upper() if "e" in shown else shown


def places_of(places: pl.DataFrame) -> pl.Expr:
    """Column letters as positions from 0."""
    return pl.col("letters").replace_strict(places["letters"], places["place"], return_dtype=pl.Int32)


def _tidy(cells: pl.DataFrame) -> pl.DataFrame:
    """Unfolds XML entities, and shows long numbers as Excel does."""
    is_number = pl.col("type").fill_null("n") == "n"
    long = is_number & ((pl.col("v").str.len_bytes() > EXACT_DIGITS) | pl.col("v").str.contains(r"[eE]|\.0$"))
    long = long & (pl.col("text") == pl.col("v"))
    odd = cells.select(pl.col("text").filter(long.fill_null(False)).unique())["text"].to_list()
    coded = cells.select(pl.col("text").filter(pl.col("text").str.contains("&", literal=True)).unique())["text"]
    if odd:
        shown = pl.col("text").replace_strict(odd, [number_text(each) for each in odd], default=pl.col("text"))
        cells = cells.with_columns(pl.when(long.fill_null(False)).then(shown).otherwise(pl.col("text")).alias("text"))
    if len(coded):
        plain = [html.unescape(each) for each in coded]
        cells = cells.with_columns(pl.col("text").replace_strict(coded.to_list(), plain, default=pl.col("text")))
    return cells


class _Beginning:
    """The first part of a sheet: a row without an end fills no memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, LARGEST_SMALL_PART

    def read(self, size: int = -1) -> bytes:
        found = self._stream.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise _too_large()
        return found


@contextmanager
def _broken_refused() -> Iterator[None]:
    """What no spreadsheet program writes is said to be broken, whatever it is that does not hold together."""
    try:
        yield
    except BROKEN:
        raise InputError("Excel 文件已损坏或不完整，可能只传了一半", "请重新另存为 .xlsx 后再报送") from None


def _too_large() -> InputError:
    return InputError("工作簿解压后过大，已拒绝读取", "请部门拆分成较小的文件，或改报 .csv")


def _guard_directory(stream: BinaryIO) -> None:
    """The list of a workbook's parts is read whole by whoever opens it, so its length is looked up first."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(size - TAIL, 0))
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(END_OF_DIRECTORY)
    if place >= 0 and int.from_bytes(tail[place + 12 : place + 16], "little") > LARGEST_DIRECTORY:
        raise _too_large()


def _row_blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The rows of a sheet in parts that end where a row ends."""
    carry, begun = b"", False
    while True:
        raw = stream.read(BLOCK_BYTES)
        carry += raw
        if not begun:
            start = carry.find(b"<sheetData")
            if start >= 0 and b">" in carry[start:]:
                carry, begun = carry[carry.index(b">", start) + 1 :], True
        end = carry.find(b"</sheetData>")
        cut = carry.rfind(b"</row>", 0, end if end >= 0 else len(carry)) + len(b"</row>")
        if begun and cut >= len(b"</row>"):
            yield carry[:cut]
            carry = carry[cut:]
            end = carry.find(b"</sheetData>")
        if end >= 0:
            return
        if not raw:
            if begun and b"<row" in carry:
                raise EOFError
            return
        if len(carry) > LONGEST_ROW:
            raise InputError("工作表的写法无法识别", "请用 Excel 或 WPS 另存为 .xlsx 后再报送")


def _is_date_format(number: int, code: str | None) -> bool:
    if code is None:
        return number in BUILT_IN_DATES
    shown, quoted, bracketed = "", False, False
    for character in code.lower():
        if character == '"':
            quoted = not quoted
        elif character in "[]":
            bracketed = character == "["
        elif not quoted and not bracketed:
            shown += character
    return any(letter in shown for letter in "yd") or ("m" in shown and "h" not in shown and "s" not in shown)


def _text_of(item: Any) -> str:
    """The text of a string item without its phonetic guide."""
    phonetic = {id(text) for guide in item.iter(MAIN + "rPh") for text in guide.iter(MAIN + "t")}
    return "".join(text.text or "" for text in item.iter(MAIN + "t") if id(text) not in phonetic)


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _forget(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
