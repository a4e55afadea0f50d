"""`shouwang linkage measure`: precision and recall on the synthetic people of a world, whose truth is known."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import typer
from rich.table import Table

from shouwang.cli.output import emit, progress, results
from shouwang.deliveries.identities import Pseudonyms, RegisteredPersons, ThreadConnections
from shouwang.deliveries.ledger import DeliveryReport, deliveries
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, open_home
from shouwang.linkage.measurement import Measurement, Score, measure, percent, table_of_scores

STEPS = {
    "linked": "按证件号码关联",
    "corrected": "更正号码后关联",
    "review": "关联建议（首位候选）",
    "review_any": "关联建议（任一候选）",
}
OUTCOMES = {
    "linked": "已关联",
    "corrected": "已更正",
    "review": "待人工判断",
    "unregistered": "未登记",
    "quarantined": "待改正",
}
TRUTH = Path("truth") / "links"


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="部门数据与农户名册的关联", no_args_is_help=True)
    group.callback()(_group)
    group.command("measure")(linkage_measure)
    app.add_typer(group, name="linkage")


def _group() -> None:
    """部门数据与农户名册的关联。"""


def linkage_measure(
    world: Path = typer.Option(..., "--world", help="演示城市的目录（shouwang world build 的产物）"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """用演示城市的真实情况检验关联的准确率和召回率。"""
    truth = _truth(world)
    home = open_home()
    rows, candidates = _cases(home, world, truth)
    if rows.is_empty():
        raise InputError(
            "数据目录中没有这座演示城市的交付",
            "先把该城市的文件用 shouwang ingest 读入，或用 SHOUWANG_HOME 指向演示的数据目录",
        )
    found = measure(rows, candidates)
    emit(found.as_json(), as_json, lambda: _print(found))


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


def _cases(home: Home, world: Path, truth: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of every delivery that is a file of the world, with their truth, and the candidates of those in review."""
    pseudonyms, connections = Pseudonyms(home.keys()), ThreadConnections()
    reports = [each for each in deliveries(home) if each.source != "household_register"]
    by_content = {each.sha256: each for each in reports}
    registers: dict[Any, RegisteredPersons] = {}
    rows, candidates = [], []
    files = truth.partition_by("file", as_dict=True)
    with progress("核对", total=len(files)) as tell:
        for done, ((name,), part) in enumerate(sorted(files.items()), 1):
            report = by_content.get(_sha256(world, str(name)))
            if report is not None:
                day = report.received_on
                if day not in registers:
                    registers = {day: RegisteredPersons(home, day, connections.get())}
                true_person = pseudonyms.of(part["id_number"])
                known = part.select("line", "dirt").with_columns(
                    true_person=true_person, registered=registers[day].has(true_person)
                )
                rows.append(_with_outcome(home, report, known))
                candidates.append(_candidates(home, report))
            tell(done)
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


def _print(found: Measurement) -> None:
    results.print(f"核对 {found.rows} 行（真实情况只在演示城市中已知）")
    results.print(_score_table("各步", "做法", [(STEPS[step], score) for step, score in found.by_step.items()]))
    per_dirt = [
        (f"{dirt} · {STEPS[step]}", score)
        for dirt, scores in found.by_dirt.items()
        for step, score in scores.items()
        if score.decided
    ]
    results.print(_score_table("按错误种类", "错误 · 做法", per_dirt))
    results.print(_outcome_table(found))
    results.print(_threshold_table(found))
    results.print(
        f"在册却没有找到的 {found.wrongly_missed} 行；本不在册、也判为未登记的 {found.rightly_unregistered} 行"
    )


def _score_table(title: str, first: str, named: list[tuple[str, Score]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for header in ("到此步且在册", "作出判断", "判断正确", "准确率", "召回率"):
        table.add_column(header, justify="right")
    for cells in table_of_scores(named):
        table.add_row(*cells)
    return table


def _outcome_table(found: Measurement) -> Table:
    table = Table(title="各种错误的去向（行）", title_justify="left")
    table.add_column("错误")
    for header in OUTCOMES.values():
        table.add_column(header, justify="right")
    for dirt, counts in found.outcomes.items():
        table.add_row(dirt, *(str(counts.get(outcome, 0)) for outcome in OUTCOMES))
    return table


def _threshold_table(found: Measurement) -> Table:
    table = Table(title="关联建议：只留概率不低于……的候选", title_justify="left")
    for header in ("概率", "候选", "有候选的行", "首位准确率", "首位召回率", "任一召回率"):
        table.add_column(header, justify="right")
    for each in found.thresholds:
        table.add_row(
            f"{each.threshold:g}",
            str(each.candidates),
            str(each.first.decided),
            percent(each.first.precision),
            percent(each.first.recall),
            percent(each.any.recall),
        )
    return table
