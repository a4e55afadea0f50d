"""Spreadsheets that leave the house: who took what when stands on every sheet, on paper and on the screen.

The mark is in the head and foot of each printed page, behind the cells on the screen, and in the properties of the file; it
is in no cell, so a sheet can be uploaded elsewhere or sent again as it is. Rows go out one by one; nothing of them is kept
in memory, and nothing lies on the disk.
"""

import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

IN_MEMORY = Path("/dev/shm")
"""A folder that is no disk; where a machine has none, the rows are kept in this process."""
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
PREFIX = "shouwang-export-"
WIDEST = 60


@dataclass(frozen=True)
class Mark:
    """What stands on each sheet and page: the number of the export, who took it in which post, when, of which area."""

    number: str
    who: str
    username: str
    post: str
    at: datetime
    area: str

    @property
    def words(self) -> str:
        return _("{number}　{who}（{username}）　{at:%Y-%m-%d %H:%M}　{area}　内部资料，请勿外传").format(
            number=self.number, who=self.who, username=self.username, at=localtime(self.at), area=self.area
        )

    def dress(self, book: xlsxwriter.Workbook) -> None:
        """Puts the mark on every sheet that the book has."""
        picture = io.BytesIO(self.picture())
        words = self.words.replace("&", "&&")[:230]
        book.set_properties(
            {"title": self.number, "author": self.username, "company": self.area, "comments": self.words}
        )
        book.set_custom_property("export", self.number)
        for sheet in book.worksheets():
            sheet.set_header(f"&C&8{words}")
            sheet.set_footer(f"&L&8{self.number}&R&8&P / &N")
            sheet.set_background(picture)

    def picture(self) -> bytes:
        """What shows behind the cells on a screen, tiled: number, login name and minute, pale and slanting."""
        name = "".join(each if each.isascii() else "?" for each in self.username)
        text = f"{self.number}  {name}  {localtime(self.at):%Y-%m-%d %H:%M}"
        canvas = Image.new("RGB", (560, 300), "white")
        slip = Image.new("L", (640, 40), 0)
        ImageDraw.Draw(slip).text((10, 8), text, font=ImageFont.load_default(18), fill=255)
        slanting = slip.rotate(20, expand=True)
        canvas.paste(Image.new("RGB", slanting.size, (214, 220, 219)), (-30, 10), slanting)
        stream = io.BytesIO()
        canvas.save(stream, "PNG")
        return stream.getvalue()


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, the heads of its columns, and a way to write its rows as they come."""

    sheet: Any
    columns: int
    text: Any

    def write(self, row: int, cells: Sequence[str]) -> None:
        """Every cell is text: whatever it begins with, no program takes it for a formula, and no number loses digits."""
        for column, cell in enumerate(cells):
            if cell:
                self.sheet.write_string(row, column, cell, self.text)


class Book:
    """A book whose rows are written in order, sheet by sheet or in turns."""

    def __init__(self, stream: BinaryIO, mark: Mark, folder: str | None) -> None:
        where: dict[str, Any] = {"constant_memory": True, "tmpdir": folder} if folder else {"in_memory": True}
        self._book = xlsxwriter.Workbook(stream, where | OPTIONS)
        self._mark = mark
        self._text, self._bold = self._book.add_format({"num_format": "@"}), self._book.add_format({"bold": True})

    def sheet(self, title: str, heads: Sequence[str], widths: Sequence[int] = ()) -> Sheet:
        """A sheet with a head that stays in sight."""
        made = self._book.add_worksheet(title)
        made.freeze_panes(1, 0)
        made.repeat_rows(0)
        made.set_landscape()
        for column, head in enumerate(heads):
            width = widths[column] if column < len(widths) else min(max(2 * len(head) + 2, 10), WIDEST)
            made.set_column(column, column, width)
        for column, head in enumerate(heads):
            made.write_string(0, column, head, self._bold)
        return Sheet(made, len(heads), self._text)

    def close(self) -> None:
        self._mark.dress(self._book)
        self._book.close()


@contextmanager
def marked_book(stream: BinaryIO, mark: Mark) -> Iterator[Book]:
    """A marked book written to a stream when the block ends; what it needs meanwhile lies in memory and is gone afterwards."""
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=IN_MEMORY) if IN_MEMORY.is_dir() else None
    try:
        book = Book(stream, mark, folder)
        yield book
        book.close()
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def one_sheet(
    mark: Mark, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> bytes:
    """A book of one sheet, made at once: for lists that are short enough to be asked for and taken in one request."""
    stream = io.BytesIO()
    with marked_book(stream, mark) as book:
        sheet = book.sheet(title, heads, widths)
        for row, cells in enumerate(rows, start=1):
            sheet.write(row, cells)
    return stream.getvalue()


def sweep() -> int:
    """Takes away what processes that are gone have left in memory; returns how many.

    What a living one writes, be it of another installation on this machine, stays.
    """
    found = [each for each in IN_MEMORY.glob(f"{PREFIX}*") if each.is_dir()] if IN_MEMORY.is_dir() else []
    left = [each for each in found if not _lives(each.name.removeprefix(PREFIX).partition("-")[0])]
    for each in left:
        shutil.rmtree(each, ignore_errors=True)
    return len(left)


def _lives(process: str) -> bool:
    """Whether a process of that number runs; who may not ask about it hears that it does."""
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    return True
