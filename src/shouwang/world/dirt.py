"""What goes wrong when people type, copy and export: seeded, at the rate of each source, and noted beside the rows."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

import numpy as np
import polars as pl

from shouwang.sources.contract import Column, Contract
from shouwang.world.draws import Ints, between, happens
from shouwang.world.names import homophone, variant
from shouwang.world.numbers import stranger_numbers

NOTHING = "无"
STRANGER, MISSING_NUMBER, OTHER = "名册外人员", "缺号码", "其他差错"


@dataclass(frozen=True)
class Rates:
    """Shares of rows. `wrong_number` and `missing_number` spoil the identity number, `writing` only how it is written,
    `name` the name; `stranger` rows are about people of no register, `repeated` rows stand twice, `other` rows have
    one spoilt cell of another kind. `date_style` is the share of dates that are typed in another style."""

    wrong_number: float = 0.006
    missing_number: float = 0.0004
    writing: float = 0.02
    name: float = 0.006
    stranger: float = 0.004
    repeated: float = 0.002
    other: float = 0.001
    date_style: float = 0.01


USUAL = Rates()
CLEAN = Rates(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
RATES = {
    "household_register": Rates(0.0003, 0.0, 0.01, 0.0, 0.0, 0.0005, 0.0003),
    "income_statement": Rates(0.0, 0.0, 0.0, 0.0, 0.0, 0.001, 0.001),
    "medical_enrolment": Rates(0.0003, 0.0, 0.01, 0.003, 0.002, 0.0005, 0.0001),
    "water_fault": Rates(0.01, 0.0, 0.02, 0.0, 0.0, 0.0, 0.002),
    "hotline_complaint": Rates(0.04, 0.45, 0.02, 0.12, 0.03, 0.0, 0.002),
}
NAME_BESIDE_WRONG_NUMBER = 0.12
"""Who mistypes a number mistypes the name beside it more often than others do."""


def strangers_and_repeats(frame: pl.DataFrame, rates: Rates, rng: np.random.Generator, first_day: int) -> pl.DataFrame:
    """Some rows about people whom nobody registered, some rows twice; adds `dirt`."""
    frame = frame.with_columns(pl.lit(NOTHING).alias("dirt"))
    strange = happens(rng, rates.stranger, frame.height) & (frame["person"] >= 0).to_numpy()
    if strange.any():
        where = np.flatnonzero(strange)
        numbers = stranger_numbers(rng, len(where), first_day)
        names = frame["name"].gather(rng.integers(0, frame.height, len(where)))
        frame = frame.with_columns(
            frame["id_number"].scatter(where, numbers),
            frame["true_id"].scatter(where, numbers),
            frame["name"].scatter(where, names),
            frame["dirt"].scatter(where, STRANGER),
        )
    again = np.flatnonzero(happens(rng, rates.repeated, frame.height))
    order = np.sort(np.concatenate([np.arange(frame.height), again]))
    return frame[order]


class _Cells:
    """A text column of which few cells change: a change is noted, and put in with the others at the end."""

    def __init__(self, texts: pl.Series) -> None:
        self._texts, self._changes = texts, dict[int, str]()

    def __getitem__(self, place: SupportsIndex) -> str:
        return self._changes[index(place)] if index(place) in self._changes else str(self._texts[index(place)])

    def __setitem__(self, place: SupportsIndex, text: str) -> None:
        self._changes[index(place)] = text

    def changed(self) -> pl.Series:
        places = pl.Series(list(self._changes), dtype=pl.UInt32)
        return self._texts.scatter(places, pl.Series(list(self._changes.values()), dtype=pl.String))


def spoil(
    texts: pl.DataFrame, contract: Contract, rates: Rates, rng: np.random.Generator, year: int, dirt: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Spoils cells of a table of texts by field; gives it back with what is wrong with each row."""
    labels, size = _Cells(dirt), texts.height
    cells = {name: _Cells(texts[name]) for name in texts.columns}
    if "id_number" in cells:
        named = (texts["id_number"] != "").to_numpy().copy()
        wrong = np.flatnonzero(happens(rng, rates.wrong_number, size) & named)
        named[wrong] = False
        missing = np.flatnonzero(happens(rng, rates.missing_number, size) & named)
        named[missing] = False
        _numbers(cells["id_number"], labels, wrong, missing, rng)
        if "name" in cells:
            chance = np.full(size, rates.name)
            chance[wrong] = chance[missing] = max(NAME_BESIDE_WRONG_NUMBER, rates.name)
            _names(cells["name"], labels, np.flatnonzero(happens(rng, chance, size)), rng)
        for place in np.flatnonzero(happens(rng, rates.writing, size) & named):
            cells["id_number"][place] = _written(cells["id_number"][place], rng)
    for place in np.flatnonzero(happens(rng, rates.other, size)):
        _spoil_other(cells, contract, int(place), rng, year)
        labels[place] = _joined(labels[place], OTHER)
    return pl.DataFrame([each.changed() for each in cells.values()]), labels.changed()


def _joined(label: str, more: str) -> str:
    return more if label == NOTHING else f"{label}，{more}"


def _numbers(cells: _Cells, labels: _Cells, wrong: Ints, missing: Ints, rng: np.random.Generator) -> None:
    kinds = list(_MISTAKES)
    chosen = rng.choice(len(kinds), len(wrong), p=[_MISTAKES[kind][0] for kind in kinds])
    for place, kind in zip(wrong, chosen, strict=True):
        cells[place] = _MISTAKES[kinds[kind]][1](cells[place], rng)
        labels[place] = _joined(labels[place], kinds[kind])
    for place in missing:
        cells[place] = ""
        labels[place] = _joined(labels[place], MISSING_NUMBER)


def _names(cells: _Cells, labels: _Cells, places: Ints, rng: np.random.Generator) -> None:
    for place in places:
        heard = rng.random() < 0.6
        name = homophone(rng, cells[place]) if heard else variant(rng, cells[place])
        if name != cells[place]:
            cells[place] = name
            labels[place] = _joined(labels[place], "姓名同音字" if heard else "姓名异体字")


def _wrong_digit(number: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(0, 17))
    other = (int(number[place]) + int(rng.integers(1, 10))) % 10
    return number[:place] + str(other) + number[place + 1 :]


def _swapped(number: str, rng: np.random.Generator) -> str:
    """Two neighbours that differ; a number of equal digits cannot be."""
    places = [place for place in range(16) if number[place] != number[place + 1]]
    place = places[int(rng.integers(len(places)))]
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _lost_digit(number: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(0, 18))
    return number[:place] + number[place + 1 :]


def _as_float(number: str, _: np.random.Generator) -> str:
    """What a spreadsheet makes of a number of eighteen digits."""
    return f"{number[0]}.{number[1:6]}E+17"


_MISTAKES: dict[str, tuple[float, Callable[[str, np.random.Generator], str]]] = {
    "错一位号码": (0.5, _wrong_digit),
    "相邻两位颠倒": (0.28, _swapped),
    "少一位号码": (0.14, _lost_digit),
    "号码失精度": (0.08, _as_float),
}


def _written(number: str, rng: np.random.Generator) -> str:
    """The same number in another writing, which says the same to whoever knows these writings."""
    kind = int(rng.integers(0, 5))
    if kind == 0:
        return f"'{number}"
    if kind == 1:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if kind == 2:
        return number.translate(_FULL_WIDTH)
    if kind == 3 and number[6:8] == "19" and number[14:17] < "996":
        return number[:6] + number[8:17]
    return number.lower()


_FULL_WIDTH = {ord(plain): ord(wide) for plain, wide in zip("0123456789X", "０１２３４５６７８９Ｘ", strict=True)}


def _spoil_other(cells: dict[str, _Cells], contract: Contract, place: int, rng: np.random.Generator, year: int) -> None:
    """One cell of the row that its column refuses."""
    columns = [column for column in contract.columns if column.field in cells and column.type in _SPOILERS]
    if contract.source == "medical_settlement" and rng.random() < 0.3:
        cells["out_of_pocket"][place] = f"{float(cells['total_cost'][place]) + 50:.2f}"
        return
    column = columns[int(rng.integers(len(columns)))]
    cells[column.field][place] = _SPOILERS[column.type](cells[column.field][place], column, rng, year)


def _bad_date(_: str, column: Column, rng: np.random.Generator, year: int) -> str:
    later = f"{year + 2}-0{between(rng, 1, 9, 1)[0]}-15"
    choices = [f"{year}-13-05", f"{year}年2月30日", "不详", *([] if column.may_be_future else [later])]
    return choices[int(rng.integers(len(choices)))]


def _bad_amount(text: str, _: Column, rng: np.random.Generator, __: int) -> str:
    return ("-120.00", "约三千", "1.2.5", "12.345")[int(rng.integers(4))]


def _bad_code(_: str, column: Column, rng: np.random.Generator, __: int) -> str:
    return "" if column.required and rng.random() < 0.5 else "待核"


_SPOILERS: dict[str, Callable[[str, Column, np.random.Generator, int], str]] = {
    "date": _bad_date,
    "amount": _bad_amount,
    "code": _bad_code,
}
