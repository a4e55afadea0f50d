"""The list of clues as a file, one row a clue: whole or not at all."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from shouwang.kernel.errors import Failure, InputError
from shouwang.screening.batch import BatchClue, FoundClue

COLUMNS = ("household_no", "division_code", "risk_type", "level", "rules", "reasons")
FORMULA_STARTS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a Chinese spreadsheet takes wide ones too


def check_target(out: Path) -> None:
    """Raises InputError where the file could not be written, before anything is computed."""
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"不能写成 {out.name} 这种文件", "输出文件名须以 .csv 或 .parquet 结尾")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise InputError(f"输出位置 {out} 不是可写的文件，或所在目录不存在", "先建好目录，再给出文件名")


def export_clues(clues: Sequence[BatchClue | FoundClue], out: Path) -> None:
    """Writes household_no, division_code, risk_type, level, rules (`;`-separated) and reasons; UTF-8 without BOM.

    In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe; Parquet holds it as it is.

    Raises:
        Failure: the disk is full or the place is not writable; an older file stays as it was.
    """
    rows = ((c.household_no, c.division_code, c.risk_type, c.level, ";".join(c.rules), c.reasons) for c in clues)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        if out.suffix.lower() == ".csv":
            _write_csv(rows, temporary)
        else:
            _write_parquet(list(rows), temporary)
        temporary.replace(out)
    except OSError as problem:
        raise Failure(
            f"线索清单写入 {out} 失败：{problem.strerror or problem}", "检查磁盘空间和目录权限后再试"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def _write_csv(rows: object, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:  # type: ignore[attr-defined]
            writer.writerow(["'" + cell if cell.startswith(FORMULA_STARTS) else cell for cell in row])
        stream.flush()
        os.fsync(stream.fileno())


def _write_parquet(rows: list[tuple[str, ...]], path: Path) -> None:
    import polars as pl
    import pyarrow.parquet as pq

    pq.write_table(pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row").to_arrow(), path)
