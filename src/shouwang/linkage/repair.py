"""Which registered persons explain a wrong identity number.

DEPARTMENT_FILES, "Where it would be easy to differ": a wrong number is corrected only where exactly one registered
person of the same name has a number that differs by one digit, or by two neighbours swapped.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import polars as pl

from shouwang.kernel.citizen_id import LENGTH, OLD_LENGTH, WEIGHTS, birth_date, upgrade
from shouwang.linkage.names import canonical_names

PersonOf = Callable[[Sequence[str]], Sequence[int]]
"""From valid 18-character numbers to the keys under which their holders stand in the lake."""
Registered = Callable[[pl.Series], pl.DataFrame]
"""The register's rows of those of these persons who are in it, a person once: person (Int64), name, division_code."""

_MODULUS = 11
_WEIGHTS = (*WEIGHTS, 1)  # over all 18 characters, the weighted sum of a valid number leaves 1
_INVERSES = tuple(pow(weight, -1, _MODULUS) for weight in _WEIGHTS)
_SYMBOLS = "0123456789X"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_LAST = LENGTH - 1
_BIRTH = range(6, 14)
_SWAPPED = 100  # a change of 100 + i is a swap of characters i and i + 1; below that, character i is another one


def candidates(id_text: str) -> list[str]:
    """Every valid 18-character number that differs from a wrong one by one character or two swapped neighbours.

    `id_text` has 18 characters, or 15 for an old number, whose candidates are upgraded. Any other length and any
    valid number has none: no two valid numbers lie that close together. Sorted.
    """
    return sorted(_changes(id_text))


def explain_wrong_numbers(rows: pl.DataFrame, person_of: PersonOf, register: Registered) -> pl.DataFrame:
    """For each row with a wrong number, the one registered person of the same name who explains it.

    Args:
        rows: line (Int64), id_text (String), name (String).
        person_of: gives the keys of valid numbers.
        register: gives the register's rows of persons.

    Returns:
        Each line once, in the order given: line; person (Int64, null unless exactly one explains it); n, how many do;
        change, in words what was wrong with the number, null without person.
    """
    found = _registered(rows, person_of, register)
    names = rows.select("line", own=canonical_names(rows["name"]))
    same = (
        found.with_columns(name=canonical_names(found["name"]))
        .join(names, on="line")
        .filter(pl.col("name") == pl.col("own"))
        .group_by("line")
        .agg(pl.col("person").first(), pl.col("change").first(), n=pl.len().cast(pl.Int64))
    )
    alone = pl.col("n") == 1
    return (
        rows.select("line")
        .join(same, on="line", how="left", maintain_order="left")
        .with_columns(pl.col("n").fill_null(0))
        .select(
            "line",
            pl.when(alone).then("person").alias("person"),
            "n",
            pl.when(alone)
            .then(pl.col("change").map_elements(_change_in_words, return_dtype=pl.String))
            .alias("change"),
        )
    )


def explain_by_village(rows: pl.DataFrame, person_of: PersonOf, register: Registered) -> pl.DataFrame:
    """Registered persons of the row's village who explain a wrong number that came without a name, for people to judge.

    Args:
        rows: line (Int64), id_text (String), division_code (String, 12 digits).
        person_of: gives the keys of valid numbers.
        register: gives the register's rows of persons.

    Returns:
        line, person, change (in words); a line may have none or several.
    """
    found = _registered(rows, person_of, register)
    return (
        found.join(rows.select("line", own="division_code"), on="line")
        .filter(pl.col("division_code") == pl.col("own"))
        .sort("line", "person")
        .select("line", "person", pl.col("change").map_elements(_change_in_words, return_dtype=pl.String))
    )


def _registered(rows: pl.DataFrame, person_of: PersonOf, register: Registered) -> pl.DataFrame:
    """line, change and the register's columns for every registered person one change away from the row's number."""
    lines: list[int] = []
    changes: list[int] = []
    numbers: list[str] = []
    for line, id_text in rows.select("line", "id_text").iter_rows():
        for number, change in _changes(id_text or "").items():
            lines.append(line)
            changes.append(change)
            numbers.append(number)
    neighbours = pl.DataFrame(
        {"line": lines, "change": changes, "person": list(person_of(numbers))},
        schema={"line": rows.schema["line"], "change": pl.Int64, "person": pl.Int64},
    )
    return neighbours.join(register(neighbours["person"]), on="person")


def _changes(id_text: str) -> dict[str, int]:
    """Candidate numbers with the change that leads to each."""
    text = id_text.upper()
    if len(text) == LENGTH:
        return _changes_of_18(text)
    if len(text) == OLD_LENGTH:
        return _changes_of_15(text)
    return {}


def _changes_of_18(text: str) -> dict[str, int]:
    values = [_VALUES.get(symbol, -1) for symbol in text]
    wrong = [i for i, value in enumerate(values) if value < 0 or (value == 10 and i != _LAST)]
    if len(wrong) > 1:
        return {}
    if wrong:
        return _changes_at_wrong_symbol(text, values, wrong[0])
    # A change must make up for what the weighted sum lacks, which leaves one symbol per place.
    lack = (1 - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))) % _MODULUS
    if lack == 0:
        return {}
    found: dict[str, int] = {}
    born = _is_birth_date(text[6:14])
    for i, value in enumerate(values):
        symbol = (value + lack * _INVERSES[i]) % _MODULUS
        if (symbol != 10 or i == _LAST) and (born or i in _BIRTH):
            _take(found, f"{text[:i]}{_SYMBOLS[symbol]}{text[i + 1 :]}", i)
        if i < _LAST and values[i + 1] != 10:
            gain = (_WEIGHTS[i] - _WEIGHTS[i + 1]) * (values[i + 1] - value)
            if (gain - lack) % _MODULUS == 0:
                _take(found, f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}", _SWAPPED + i)
    return found


def _changes_at_wrong_symbol(text: str, values: list[int], place: int) -> dict[str, int]:
    """A character that cannot stand where it does is the wrong one, or an X that belongs after its neighbour."""
    found: dict[str, int] = {}
    rest = sum(_WEIGHTS[i] * value for i, value in enumerate(values) if i != place)
    symbol = (1 - rest) * _INVERSES[place] % _MODULUS
    if symbol != 10 or place == _LAST:
        _take(found, f"{text[:place]}{_SYMBOLS[symbol]}{text[place + 1 :]}", place)
    if place == _LAST - 1 and values[place] == 10 and values[_LAST] != 10:
        swapped = sum(map(int.__mul__, _WEIGHTS, [*values[:place], values[_LAST], 10]))
        if swapped % _MODULUS == 1:
            _take(found, f"{text[:place]}{text[_LAST]}X", _SWAPPED + place)
    return found


def _changes_of_15(text: str) -> dict[str, int]:
    """An old number has no check character: what is wrong shows in a character that is no digit, or in the date."""
    wrong = [i for i, symbol in enumerate(text) if symbol not in "0123456789"]
    if len(wrong) > 1 or (not wrong and _is_birth_date("19" + text[6:12])):
        return {}
    found: dict[str, int] = {}
    for i in wrong or range(6, 12):
        for digit in "0123456789":
            _take_old(found, f"{text[:i]}{digit}{text[i + 1 :]}", i)
    if not wrong:
        for i in range(5, 12):
            if text[i] != text[i + 1]:
                _take_old(found, f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}", _SWAPPED + i)
    return found


def _take(found: dict[str, int], number: str, change: int) -> None:
    if _is_birth_date(number[6:14]):
        found[number] = change


def _take_old(found: dict[str, int], number: str, change: int) -> None:
    if _is_birth_date("19" + number[6:12]):
        found.setdefault(upgrade(number), change)


@lru_cache(maxsize=200_000)
def _is_birth_date(digits: str) -> bool:
    return birth_date("000000" + digits) is not None


def _change_in_words(change: int) -> str:
    if change >= _SWAPPED:
        place = change - _SWAPPED + 1
        return f"第{place}、{place + 1}位颠倒"
    return f"第{change + 1}位有误"
