"""`shouwang linkage measure` and `thresholds`: how well linkage does on synthetic people, whose truth is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from shouwang.cli.output import emit, progress, results
from shouwang.kernel.home import open_home, replace_file

if TYPE_CHECKING:
    from shouwang.linkage.measurement import AtThreshold, Measurement, Score

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


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="部门数据与农户名册的关联", no_args_is_help=True)
    group.callback()(_group)
    group.command("measure")(linkage_measure)
    group.command("thresholds")(linkage_thresholds)
    app.add_typer(group, name="linkage")


def _group() -> None:
    """部门数据与农户名册的关联。"""


def linkage_measure(
    world: Path = typer.Option(..., "--world", help="演示城市的目录（shouwang world build 的产物）"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """用演示城市的真实情况检验关联的准确率和召回率。"""
    from shouwang.deliveries.against_truth import measure_linkage

    home = open_home()
    with progress("核对（文件）") as tell:
        found = measure_linkage(home, world, tell)
    emit(found.as_json(), as_json, lambda: _print(found))


def linkage_thresholds(
    world: Path = typer.Option(..., "--world", help="演示城市的目录（shouwang world build 的产物）"),
    chart: Path = typer.Option(None, "--chart", help="另存一张图（.svg）"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """门限报告：关联建议的概率不低于多少时，首位候选有多准、找到多少、还有多少行要人细看。"""
    from shouwang.deliveries.against_truth import measure_linkage
    from shouwang.linkage.measurement import chosen
    from shouwang.linkage.threshold_chart import threshold_chart

    home = open_home()
    with progress("核对（文件）") as tell:
        found = measure_linkage(home, world, tell).thresholds
    if chart:
        replace_file(chart, threshold_chart(found).encode())
    best = chosen(found)
    emit(
        {
            "thresholds": [each.as_json() for each in found],
            "chosen": best.threshold if best else None,
            "chart": str(chart) if chart else None,
        },
        as_json,
        lambda: _print_thresholds(found, chart),
    )


def _print_thresholds(found: "Sequence[AtThreshold]", chart: Path | None) -> None:
    from shouwang.linkage.measurement import PRECISION, RECALL, chosen

    results.print(_threshold_table(found))
    best = chosen(found)
    aim = f"准确率 {PRECISION:.0%}、召回率 {RECALL:.0%}"
    results.print(f"从 {best.threshold:g} 起达到{aim}。" if best else f"没有门限同时达到{aim}。")
    results.print("不论概率多高，建议都由人认定后才计入；门限只说哪些行可以先看、看得快些。")
    if chart:
        results.print(f"图已写入 {chart}", markup=False)


def _print(found: "Measurement") -> None:
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
    results.print(_threshold_table(found.thresholds))
    results.print(
        f"在册却没有找到的 {found.wrongly_missed} 行；本不在册、也判为未登记的 {found.rightly_unregistered} 行"
    )


def _score_table(title: str, first: str, named: "list[tuple[str, Score]]") -> Table:
    from shouwang.linkage.measurement import table_of_scores

    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for header in ("到此步且在册", "作出判断", "判断正确", "准确率", "召回率"):
        table.add_column(header, justify="right")
    for cells in table_of_scores(named):
        table.add_row(*cells)
    return table


def _outcome_table(found: "Measurement") -> Table:
    table = Table(title="各种错误的去向（行）", title_justify="left")
    table.add_column("错误")
    for header in OUTCOMES.values():
        table.add_column(header, justify="right")
    for dirt, counts in found.outcomes.items():
        table.add_row(dirt, *(str(counts.get(outcome, 0)) for outcome in OUTCOMES))
    return table


def _threshold_table(found: "Sequence[AtThreshold]") -> Table:
    from shouwang.linkage.measurement import percent

    table = Table(
        title="关联建议：首位候选的概率不低于……时（任一召回：候选之一正确；待细看：有候选但都不到）",
        title_justify="left",
    )
    for header in ("概率", "准确率", "召回率", "任一召回", "行", "候选/行", "待细看"):
        table.add_column(header, justify="right")
    for each in found:
        table.add_row(
            f"{each.threshold:g}",
            percent(each.first.precision),
            percent(each.first.recall),
            percent(each.any.recall),
            str(each.first.decided),
            "—" if each.candidates_a_row is None else f"{each.candidates_a_row:.2f}",
            str(each.uncertain),
        )
    return table
