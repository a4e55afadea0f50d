"""The least that anybody must do who begins with files: decode the columns that their contracts name, and nothing else.

python -m bench.file_scan WORLD

DuckDB reads them: every cell as text, then dates, amounts and whole numbers as what they are. The scan is told what the product
has to find out, how each department writes; what is written otherwise it leaves empty. Workbooks it leaves out altogether.
"""

import codecs
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from shouwang.sources.contract import Column, contract
from shouwang.world.habits import HABITS, THOUSANDS, WITH_UNIT, Habit

MANIFEST, THREADS = "files.json", 2  # said again here: importing what says it would be measured with the scan
BLOCK_BYTES = 8 << 20


def main(world: str) -> None:
    """Prints how many rows were decoded."""
    print(rows_of_files(Path(world)))


def rows_of_files(world: Path) -> int:
    """How many rows the text files and parquet files of a world have, every cell that is used decoded on the way."""
    rows = 0
    with duckdb.connect(config={"threads": THREADS}) as connection:
        for sent in json.loads((world / MANIFEST).read_text(encoding="utf-8"))["files"]:
            file, source, habit = world / sent["file"], sent["source"], HABITS[sent["source"]]
            if file.suffix == ".parquet":
                rows += _decoded(connection, source, habit, f"read_parquet('{file}')")
            elif file.suffix == ".csv":
                with _as_utf8(file, habit.encoding) as readable:
                    rows += _decoded(connection, source, habit, _text(readable, habit))
    return rows


@contextmanager
def _as_utf8(file: Path, encoding: str) -> Iterator[Path]:
    """DuckDB knows no GB18030."""
    if encoding != "gb18030":
        yield file
        return
    with tempfile.NamedTemporaryFile(suffix=".csv") as recoded:
        decoder = codecs.getincrementaldecoder(encoding)()
        with file.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                recoded.write(decoder.decode(block).encode())
        recoded.flush()
        yield Path(recoded.name)


def _text(file: Path, habit: Habit) -> str:
    """A FROM item of the file's rows under the department's own headers, all cells text."""
    with file.open(encoding="utf-8-sig") as stream:
        head = [next(stream) for _ in range(2 if habit.title else 1)][-1]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in head.strip().split(habit.separator))
    return (
        f"read_csv('{file}', auto_detect=false, skip={int(habit.title)}, header=true, columns={{{columns}}}, "
        f"delim='{habit.separator}', quote='\"', escape='\"', strict_mode=false)"
    )


def _decoded(connection: duckdb.DuckDBPyConnection, source: str, habit: Habit, rows: str) -> int:
    there = {name for name, *_ in connection.execute(f"DESCRIBE FROM {rows}").fetchall()}
    used = {column: habit.headers.get(column.field, column.header) for column in contract(source).columns}
    cells = [f"count({_value(column, name, habit)})" for column, name in used.items() if name in there]
    found = connection.execute(f"SELECT count(*), {', '.join(cells)} FROM {rows}").fetchone()
    assert found is not None
    return int(found[0]) - bool(habit.closing)


def _value(column: Column, name: str, habit: Habit) -> str:
    """A cell as what it is, in SQL."""
    cell = f'"{name}"'
    if column.type == "date":
        return f"try_strptime({cell}, '{habit.dates}')"
    if column.type in ("count", "year"):
        return f"try_cast({cell} AS INTEGER)"
    if column.type != "amount":
        return cell
    plain = {THOUSANDS: f"replace({cell}, ',', '')", WITH_UNIT: f"rtrim({cell}, '元')"}.get(habit.amounts, cell)
    return f"try_cast({plain} AS DECIMAL(18, 2))"


if __name__ == "__main__":
    main(*sys.argv[1:])
