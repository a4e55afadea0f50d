"""The rows of a lake beside the truth of the synthetic city that they came from: what linkage made of each."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from shouwang.deliveries.identities import Pseudonyms, RegisteredPersons
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.linkage.measurement import Measurement, measure

TRUTH = Path("truth") / "links"


def measure_linkage(home: Home, world: Path, progress: Callable[[int], None]) -> Measurement:
    """Precision and recall on the deliveries of `home` that are files of `world`; `progress` hears of files compared.

    Raises:
        InputError: the folder is no world, its truth was deleted, or none of its files was taken in.
    """
    rows, candidates = _cases(home, world, _truth(world), progress)
    if rows.is_empty():
        raise InputError(
            "数据目录中没有这座演示城市的交付",
            "先把该城市的文件用 shouwang ingest 读入，或用 SHOUWANG_HOME 指向演示的数据目录",
        )
    return measure(rows, candidates)


def _truth(world: Path) -> pl.DataFrame:
    """file, line, source, id_number, dirt.

    Raises:
        InputError: the folder is no world, or its truth was deleted.
    """
    path = world / TRUTH
    files = sorted(path.glob("**/*.parquet"))
    if not files:
        raise InputError(
            f"{path} 里没有演示城市的真实情况", "用 --world 指向写出过部门文件（shouwang world files）的目录"
        )
    return pl.read_parquet(files)


def _cases(
    home: Home, world: Path, truth: pl.DataFrame, progress: Callable[[int], None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of every delivery that is a file of the world, with their truth, and the candidates of those in review."""
    pseudonyms = Pseudonyms(home.keys())
    reports = [each for each in deliveries(home) if each.source != "household_register"]
    by_content = {each.sha256: each for each in reports}
    registers: dict[Any, RegisteredPersons] = {}
    rows, candidates = [], []
    files = truth.partition_by("file", as_dict=True)
    for done, ((name,), part) in enumerate(sorted(files.items()), 1):
        report = by_content.get(_sha256(world, str(name)))
        if report is not None:
            day = report.received_on
            if day not in registers:
                registers = {day: RegisteredPersons(home, day)}
            true_person = pseudonyms.of(part["id_number"])
            known = part.select("line", "dirt").with_columns(
                true_person=true_person, registered=registers[day].map.has(true_person)
            )
            rows.append(_with_outcome(home, report, known))
            candidates.append(_candidates(home, report))
        progress(done)
    if not rows:
        return pl.DataFrame(), pl.DataFrame()
    return pl.concat(rows), pl.concat(candidates)


def _sha256(world: Path, name: str) -> str:
    path = next((folder / name for folder in (world, world / "files") if (folder / name).is_file()), None)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


def _with_outcome(home: Home, report: DeliveryReport, known: pl.DataFrame) -> pl.DataFrame:
    """row, dirt, true_person, registered, outcome, person; duplicates of earlier rows are left out."""
    accepted = home.rows(report.source) / f"{report.label}.parquet"
    quarantine = home.lake / "quarantine" / f"{report.label}.parquet"
    schema = {"line": pl.Int64, "person": pl.Int64, "outcome": pl.String}
    parts = [pl.DataFrame(schema=schema)]
    if accepted.exists():
        kept = pl.read_parquet(accepted, columns=["line", "person", "link"])
        parts.append(kept.select(pl.col("line").cast(pl.Int64), "person", pl.col("link").alias("outcome")))
    if quarantine.exists():
        lines = pl.read_parquet(quarantine, columns=["line"])["line"].cast(pl.Int64)
        parts.append(
            pl.DataFrame({"line": lines, "person": [None] * len(lines), "outcome": "quarantined"}, schema=schema)
        )
    found = pl.concat(parts).filter(pl.col("outcome").is_not_null())
    joined = known.with_columns(pl.col("line").cast(pl.Int64)).join(found, on="line")
    return joined.select(_row(report), "dirt", "true_person", "registered", "outcome", "person")


def _row(report: DeliveryReport) -> pl.Expr:
    return (pl.col("line").cast(pl.Int64) + report.number * 10**9).alias("row")


def _candidates(home: Home, report: DeliveryReport) -> pl.DataFrame:
    """row, person, probability."""
    path = home.lake / "review" / f"{report.label}.parquet"
    cells = []
    if path.exists():
        for line, text in pl.read_parquet(path, columns=["line", "candidates"]).iter_rows():
            cells += [(line, each["person"], each["probability"]) for each in json.loads(text)]
    schema = {"line": pl.Int64, "person": pl.Int64, "probability": pl.Float64}
    return pl.DataFrame(cells, schema=schema, orient="row").select(_row(report), "person", "probability")
