"""The key map of the register: who has a number in it, sorted by person, in arrays that stay on disk between runs.

```
home/register/
  map.json                 which deliveries it holds, in the order in which they count; written last
  <number>/person.npy …    one array a column; texts are places in texts.parquet
```

To make it anew of a city's register costs as much as a day's files. So it is kept, and a delivery is merged into it once. It
holds nothing that the lake does not hold; whoever deletes it loses the time to make it again.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.parquet as pq

from shouwang.deliveries.ledger import DeliveryReport
from shouwang.kernel.divisions import A_COUNTY
from shouwang.kernel.home import Home, replace_file

REGISTER = "household_register"
WORTH_KEEPING = 200_000
"""Persons from which the map is kept; a smaller one is made in less time than it takes to write it down."""
ROWS_AT_ONCE = 1_000_000
MARKER, TEXTS = "map.json", "texts.parquet"
COLUMNS = {"person": np.int64, "name": np.int32, "division": np.int64, "birth": np.int32, "sex": np.int32}
TEXT_COLUMNS = ("name", "sex")
NONE = -(2**31)
MOMENT = "moment"
"""Rises with the order in which rows count: by delivery, then by line; in the file they lie by county."""
Ints = npt.NDArray[Any]


@dataclass(frozen=True)
class KeyMap:
    """`arrays` by the names of `COLUMNS`, rising by person, each person once, as delivered last; `texts` are distinct.

    Names and sex are places in `texts`, divisions their twelve digits as a number, births days since 1970.
    """

    deliveries: tuple[int, ...]
    arrays: dict[str, Ints]
    texts: pl.Series

    @property
    def height(self) -> int:
        return len(self.arrays["person"])

    def is_empty(self) -> bool:
        return not self.height

    def has(self, persons: pl.Series) -> pl.Series:
        """Whether each person is registered; null is not."""
        return pl.Series(self._places(persons)[1])

    def counties(self, persons: pl.Series) -> pl.Series:
        """The county (six digits as a number) in which each person is registered; null where they are not."""
        places, found = self._places(persons)
        counties = np.zeros(len(places), dtype=np.int32)
        counties[found] = self.arrays["division"][places[found]] // A_COUNTY
        return pl.Series(counties).set(pl.Series(~found), None)

    def rows_of(self, persons: pl.Series) -> pl.DataFrame:
        """person, name, division_code, birth_date, sex of those of these persons who are registered, each once."""
        places, found = self._places(persons.unique())
        return self._rows(places[found])

    def iter_slices(self, n_rows: int = ROWS_AT_ONCE) -> Iterator[pl.DataFrame]:
        """Everybody, `n_rows` at a time, as `rows_of`."""
        for start in range(0, self.height, n_rows):
            yield self._rows(slice(start, start + n_rows))

    def _places(self, persons: pl.Series) -> tuple[Ints, Ints]:
        """Where each person would stand, and whether they do. Sorted questions meet each page of the map once."""
        known, asked = self.arrays["person"], persons.fill_null(-1).to_numpy()
        if not len(known):
            return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=bool)
        order = np.argsort(asked)
        rising = asked[order]
        found = np.searchsorted(known, rising).clip(max=len(known) - 1)
        places, same = np.empty(len(asked), dtype=np.int64), np.empty(len(asked), dtype=bool)
        places[order], same[order] = found, known[found] == rising
        return places, same

    def _rows(self, where: Ints | slice) -> pl.DataFrame:
        cells = {name: array[where] for name, array in self.arrays.items()}
        births = pl.Series(cells["birth"])
        return pl.DataFrame(
            {
                "person": pl.Series(cells["person"], dtype=pl.Int64),
                "name": self._text(cells["name"]),
                "division_code": pl.Series(cells["division"]).cast(pl.String).str.zfill(12),
                "birth_date": births.set(births == NONE, None).cast(pl.Date),
                "sex": self._text(cells["sex"]),
            }
        )

    def _text(self, places: Ints) -> pl.Series:
        index = pl.Series(places, dtype=pl.Int32)
        return self.texts.gather(index.set(index == NONE, None))

    @cached_property
    def _known_texts(self) -> pl.DataFrame:
        return pl.DataFrame({"text": self.texts, "place": pl.int_range(len(self.texts), dtype=pl.Int32, eager=True)})

    def with_deliveries(self, home: Home, reports: Sequence[DeliveryReport]) -> "KeyMap":
        """This map with deliveries that count after its own."""
        parts, texts = [self.arrays | {MOMENT: np.zeros(self.height, dtype=np.int64)}], self._known_texts
        for place, report in enumerate(reports, start=1):
            for rows in _rows_of(home, report):
                coded, texts = _coded(rows, texts)
                parts.append(coded | {MOMENT: (place << 32) + rows["line"].to_numpy().astype(np.int64)})
        numbers = (*self.deliveries, *(report.number for report in reports))
        return KeyMap(numbers, _last_of_each(parts), texts["text"])


EMPTY = KeyMap((), {name: np.empty(0, dtype) for name, dtype in COLUMNS.items()}, pl.Series("text", [], pl.String))


def key_map(home: Home, reports: Sequence[DeliveryReport], keep: bool) -> KeyMap:
    """The map of these deliveries of the register, in the order in which they count.

    Args:
        keep: whether a map of more deliveries than the kept one takes its place. Whoever says so holds the home's lock.
    """
    kept = _kept(home)
    wanted = tuple(report.number for report in reports)
    if kept.deliveries == wanted:
        return kept
    begun = kept if kept.deliveries == wanted[: len(kept.deliveries)] else EMPTY
    made = begun.with_deliveries(home, reports[len(begun.deliveries) :])
    if not keep or made.height < WORTH_KEEPING or not set(kept.deliveries) <= set(wanted):
        return made
    _keep(home, made)
    return _kept(home)


def _rows_of(home: Home, report: DeliveryReport) -> Iterator[pl.DataFrame]:
    columns = ["line", "person", "name", "division_code", "birth_date", "sex"]
    with pq.ParquetFile(home.rows(REGISTER) / f"{report.label}.parquet") as file:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
            yield pl.DataFrame(pl.from_arrow(batch))


def _coded(rows: pl.DataFrame, texts: pl.DataFrame) -> tuple[dict[str, Ints], pl.DataFrame]:
    """The rows as arrays, and the texts with those that were not among them."""
    said = pl.concat([rows[name] for name in TEXT_COLUMNS]).drop_nulls().unique(maintain_order=True).to_frame("text")
    new = said.join(texts, on="text", how="anti", maintain_order="left")
    if new.height:
        place = pl.int_range(texts.height, texts.height + new.height, dtype=pl.Int32, eager=True)
        texts = pl.concat([texts, new.with_columns(place.alias("place"))])
    arrays: dict[str, Ints] = {
        "person": rows["person"].to_numpy(),
        "division": rows["division_code"].cast(pl.Int64).to_numpy(),
        "birth": rows["birth_date"].cast(pl.Int32).fill_null(NONE).to_numpy(),
    }
    for name in TEXT_COLUMNS:
        places = rows.select(text=name).join(texts, on="text", how="left", maintain_order="left")["place"]
        arrays[name] = places.fill_null(NONE).to_numpy()
    return arrays, texts


def _last_of_each(parts: list[dict[str, Ints]]) -> dict[str, Ints]:
    persons = np.concatenate([part["person"] for part in parts])
    order = np.argsort(persons, kind="stable")
    persons = persons[order]
    last = np.append(persons[1:] != persons[:-1], True) if len(persons) else np.empty(0, dtype=bool)
    several = np.flatnonzero(~last | np.append(False, ~last)[: len(last)])
    moments = np.concatenate([part[MOMENT] for part in parts])[order[several]]
    order[several] = order[several][np.lexsort((moments, persons[several]))]
    order = order[last]
    arrays: dict[str, Ints] = {"person": persons[last]}
    for name in COLUMNS:
        if name != "person":
            arrays[name] = np.concatenate([part[name] for part in parts])[order]
    return arrays


def _folder(home: Home) -> Path:
    return home.path / "register"


def _kept(home: Home) -> KeyMap:
    """The map on disk; the empty one where there is none, or where it is not whole."""
    try:
        noted = json.loads((_folder(home) / MARKER).read_text(encoding="utf-8"))
        folder = _folder(home) / noted["folder"]
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in COLUMNS}
        return KeyMap(tuple(noted["deliveries"]), arrays, pl.read_parquet(folder / TEXTS)["text"])
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        return EMPTY


def _keep(home: Home, made: KeyMap) -> None:
    """Puts the map in place of the kept one: whole and on disk before the marker names it."""
    folder = _folder(home) / str(max(made.deliveries))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, array in made.arrays.items():
        np.save(folder / f"{name}.npy", array.astype(COLUMNS[name], copy=False))
    made.texts.to_frame("text").write_parquet(folder / TEXTS)
    for path in folder.iterdir():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
    noted = {"deliveries": list(made.deliveries), "folder": folder.name}
    replace_file(_folder(home) / MARKER, json.dumps(noted).encode())
    for other in _folder(home).iterdir():
        if other.is_dir() and other != folder:
            shutil.rmtree(other, ignore_errors=True)
