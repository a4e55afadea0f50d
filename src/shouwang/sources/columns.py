"""From the text in a cell to a value, by column type (DEPARTMENT_FILES, "How files look in practice").

Each reading gives the values and the faults found: a reason code and for which rows it holds. The usual writing is
read for a whole column at once; the few texts that are written otherwise are read one by one, each distinct text once.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from shouwang.kernel import citizen_id
from shouwang.kernel.citizen_id_columns import as_bytes, birth_date_exists_many, check_digit_fits_many
from shouwang.kernel.divisions import VILLAGE, Divisions
from shouwang.sources.contract import Column

TEXT_LENGTH, LONG_TEXT_LENGTH = 200, 2000
AMOUNT = pl.Decimal(18, 2)
EARLIEST_YEAR = 1850
APOSTROPHES = "'`‘’＇"
INVISIBLE = r"[\u200b-\u200f\u2060\ufeff]"
UNTIDY = rf"^\s|\s$|[{APOSTROPHES}]|{INVISIBLE}"
PLAIN_AMOUNT = r"^[0-9]{1,15}(\.[0-9]{1,2})?$"
GROUPED_AMOUNT = r"^-?([0-9]{1,3}(,[0-9]{3}){0,4}|[0-9]{1,15})(\.[0-9]{1,2})?元?$"
FORMED, OLD = r"^[0-9]{17}[0-9X]$", r"^[0-9]{15}$"
WRONG_NUMBER = ("id_format", "id_check_digit", "id_birth_date")

_SEPARATED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_TIME = re.compile(r"[ T]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$|(?<=日)\d{1,2}:\d{2}(:\d{2})?$", re.ASCII)
_NUMERAL = re.compile(r"(-?)\s*¥?\s*(-?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?|\.(\d+))\s*(万元|万|元)?", re.ASCII)
_LOST = r"[0-9](\.[0-9]+)?E\+?[0-9]+|[0-9]{15,}\.0+"


@dataclass(frozen=True)
class Setting:
    """What reading depends on besides the cell: the day of receipt and the divisions there are."""

    received_on: date
    divisions: Divisions


@dataclass
class Reading:
    """Values of one column, and masks of rows at fault by reason code."""

    values: pl.Series
    faults: dict[str, pl.Series] = field(default_factory=dict)

    def note(self, reason: str, mask: pl.Series) -> None:
        if mask.any():
            self.faults[reason] = mask


def read_column(cells: pl.Series, column: Column, setting: Setting) -> Reading:
    """Reads one column of raw text; an empty cell is null, and a fault where the column is required."""
    text = _trimmed(cells)
    reading = _READERS[column.type](text, column, setting)
    if column.required:
        reading.note("missing_required", text.is_null())
    return reading


def parse_date(text: str) -> date | None:
    """A date in one of the writings that occur, or None. A time of day is dropped; day-first is not a date."""
    folded = _TIME.sub("", unicodedata.normalize("NFKC", text).strip()).strip()
    match = _SEPARATED.fullmatch(folded)
    parts = (match[1], match[3], match[4]) if match else None
    if parts is None:
        match = _COMPACT.fullmatch(folded) or _CHINESE.fullmatch(folded)
        parts = (match[1], match[2], match[3]) if match else None
    if parts is None or int(parts[0]) < EARLIEST_YEAR:
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def parse_amount(text: str) -> Decimal | None:
    """An amount in yuan that is exact in fen, or None: no exponent, no third decimal, no second point."""
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    match = _NUMERAL.fullmatch(folded)
    if not match or (match[1] and match[2]):
        return None
    value = Decimal(match[3].replace(",", ""))
    if match[6] in ("万元", "万"):
        value *= 10000
    if value != value.quantize(Decimal("0.01")) or value >= Decimal(10) ** 16:
        return None
    return -value if match[1] or match[2] else value


def _trimmed(cells: pl.Series) -> pl.Series:
    tidy = ~cells.str.contains(UNTIDY)
    trimmed = _mended(
        cells,
        tidy,
        lambda few: (
            few.str.strip_chars().str.replace_all(INVISIBLE, "").str.strip_chars_start(APOSTROPHES).str.strip_chars()
        ),
    )
    empty = trimmed.str.len_bytes() == 0
    return trimmed.set(empty, None) if empty.any() else trimmed


def _mended(text: pl.Series, usual: pl.Series, mend: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Applies `mend` to the few texts that are not written as usual; null is."""
    places = (~usual.fill_null(True)).arg_true()
    return text.scatter(places, mend(text.gather(places))) if len(places) else text


def _parsed(values: pl.Series, text: pl.Series, usual: pl.Series, parse: Callable[[str], Any]) -> pl.Series:
    """`values`, with the few texts that are not written as usual read one by one."""
    places = (~usual.fill_null(True)).arg_true()
    if not len(places):
        return values
    return values.scatter(places, _distinct(text.gather(places), parse, values.dtype))


def _distinct(text: pl.Series, parse: Callable[[str], Any], dtype: Any) -> pl.Series:
    """Applies `parse` once to each distinct text."""
    known = text.drop_nulls().unique().to_list()
    if not known:
        return pl.Series(text.name, [None] * len(text), dtype=dtype)
    parsed = pl.Series([parse(each) for each in known], dtype=dtype)
    return text.replace_strict(pl.Series(known), parsed, default=None, return_dtype=dtype)


def _read_text(text: pl.Series, column: Column, setting: Setting) -> Reading:
    reading = Reading(text)
    longest = LONG_TEXT_LENGTH if column.type == "long_text" else TEXT_LENGTH
    reading.note("too_long", (text.str.len_chars() > longest).fill_null(False))
    return reading


def _read_identifier(text: pl.Series, column: Column, setting: Setting) -> Reading:
    values = _mended(text, text.str.contains(r"^[\x21-\x7e]+$"), _folded)
    reading = _read_text(values, column, setting)
    lost = values.str.contains(rf"^(?i:{_LOST})$").fill_null(False)
    reading.note("id_precision_lost", lost)
    return reading


def _read_name(text: pl.Series, column: Column, setting: Setting) -> Reading:
    plain = ~text.str.contains(r"[\s·•‧・．\.･∙⋅]|[\uf900-\ufaff]")
    return _read_text(_mended(text, plain, _folded_names), column, setting)


def _folded(text: pl.Series) -> pl.Series:
    return text.str.normalize("NFKC").str.replace_all(r"\s", "")


def _folded_names(text: pl.Series) -> pl.Series:
    """Without white space unless there are Latin letters, and with one kind of middle dot."""
    text = text.str.normalize("NFKC")
    text = _mended(text, text.str.contains("[A-Za-z]"), lambda few: few.str.replace_all(r"\s", ""))
    return text.str.replace_all(r"[•‧・．\.･∙⋅]", "·")


def _read_code(text: pl.Series, column: Column, setting: Setting) -> Reading:
    codes = list(column.codes)
    text = _mended(text, text.is_in(codes), _folded)
    reading = Reading(text)
    reading.note("unknown_code", ~text.is_in(codes).fill_null(True))
    return reading


def _read_division(text: pl.Series, column: Column, setting: Setting) -> Reading:
    folded = _mended(text, text.str.contains(r"^[0-9]+$"), _folded)
    level = VILLAGE if column.villages_only else None
    reading = Reading(folded)
    reading.note("unknown_division", ~folded.is_in(setting.divisions.codes(level)).fill_null(True))
    return reading


def _read_date(text: pl.Series, column: Column, setting: Setting) -> Reading:
    usual = text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$").fill_null(True)
    values = _parsed(text.str.to_date("%Y-%m-%d", strict=False), text, usual, parse_date)
    values = values.set(values.dt.year() < EARLIEST_YEAR, None)
    reading = Reading(values)
    reading.note("bad_date", values.is_null() & text.is_not_null())
    if not column.may_be_future:
        reading.note("future_date", (values > setting.received_on).fill_null(False))
    return reading


def _read_amount(text: pl.Series, column: Column, setting: Setting) -> Reading:
    plain = text.str.contains(PLAIN_AMOUNT).fill_null(True)
    values = text.set(~plain, None).cast(AMOUNT, strict=False)
    odd = (~plain).arg_true()
    if len(odd):
        values = values.scatter(odd, _grouped_amounts(text.gather(odd)))
    reading = Reading(values)
    reading.note("bad_amount", values.is_null() & text.is_not_null())
    reading.note("negative_amount", (values < Decimal(0)).fill_null(False))
    return reading


def _grouped_amounts(text: pl.Series) -> pl.Series:
    """1,234.50 and 1234元 all at once, what is written still otherwise one by one."""
    grouped = text.str.contains(GROUPED_AMOUNT)
    bare = text.set(~grouped, None).str.replace_all(",", "", literal=True).str.strip_chars_end("元")
    return _parsed(bare.cast(AMOUNT, strict=False), text, grouped, parse_amount)


def _read_count(text: pl.Series, column: Column, setting: Setting) -> Reading:
    folded = text.str.normalize("NFKC")
    values = folded.set(~folded.str.contains(r"^-?[0-9]{1,6}$").fill_null(False), None).cast(pl.Int32)
    reading = Reading(values)
    reading.note("bad_amount", values.is_null() & text.is_not_null())
    reading.note("negative_amount", (values < 0).fill_null(False))
    return reading


def _read_year(text: pl.Series, column: Column, setting: Setting) -> Reading:
    values = text.str.normalize("NFKC").str.extract(r"^((?:19|20)[0-9]{2})\s*年?度?$", 1).cast(pl.Int32)
    reading = Reading(values)
    reading.note("bad_date", values.is_null() & text.is_not_null())
    return reading


def _read_id_number(text: pl.Series, column: Column, setting: Setting) -> Reading:
    formed = text.str.contains(FORMED).fill_null(False)
    odd = (~formed & text.is_not_null()).arg_true()
    few = _upgraded(_folded_numbers(text.gather(odd)), setting.received_on)
    text, formed = text.scatter(odd, few), formed.scatter(odd, few.str.contains(FORMED))
    lost, old = few.str.contains(rf"^({_LOST})$"), few.str.contains(OLD)
    reading = Reading(text)
    reading.note("id_precision_lost", _spread(odd, lost, len(text)))
    reading.note("id_format", _spread(odd, ~few.str.contains(FORMED) & ~lost & ~old, len(text)))
    codes, places = as_bytes(text.filter(formed)), formed.arg_true()
    wrong = pl.Series(~check_digit_fits_many(codes))
    unborn = pl.Series(~birth_date_exists_many(codes, setting.received_on))
    reading.note("id_check_digit", _spread(places, wrong, len(text)))
    reading.note("id_birth_date", _spread(places, unborn, len(text)) | _spread(odd, old, len(text)))
    return reading


def _folded_numbers(text: pl.Series) -> pl.Series:
    return text.str.normalize("NFKC").str.replace_all(rf"[\s{APOSTROPHES}]", "").str.to_uppercase()


def _upgraded(text: pl.Series, latest: date) -> pl.Series:
    """Numbers of 15 digits with 18, but for those that state no real day; all else as it is."""
    old = text.str.contains(OLD).arg_true()
    upgraded = _distinct(text.gather(old), citizen_id.upgrade, pl.String)
    real = pl.Series(birth_date_exists_many(as_bytes(upgraded), latest))
    return text.scatter(old.filter(real), upgraded.filter(real))


def _spread(places: pl.Series, flags: pl.Series, size: int) -> pl.Series:
    """Flags of the rows at `places` as flags of all rows."""
    return pl.Series([False]).new_from_index(0, size).scatter(places, flags)


_READERS: dict[str, Callable[[pl.Series, Column, Setting], Reading]] = {
    "text": _read_text,
    "long_text": _read_text,
    "identifier": _read_identifier,
    "name": _read_name,
    "code": _read_code,
    "division": _read_division,
    "date": _read_date,
    "amount": _read_amount,
    "count": _read_count,
    "year": _read_year,
    "id_number": _read_id_number,
}
