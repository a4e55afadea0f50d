"""`shouwang audit verify`: whether the audit is what was written, from the first entry to the last."""

from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from shouwang.cli.output import emit, progress, results
from shouwang.kernel.home import open_home

if TYPE_CHECKING:  # a command loads only what it runs
    from shouwang.audit.verification import Report


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="审计记录", no_args_is_help=True)
    group.callback()(_audit)
    group.command("verify")(verify)
    app.add_typer(group, name="audit")


def _audit() -> None:
    """审计记录"""


def verify(as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象")) -> None:
    """逐条核对审计记录：说出第一处被修改、删除、插入、调换、截断或重新计算的地方。"""
    from shouwang.jobs.casework import require_ready

    home = open_home()
    require_ready(home)
    from shouwang.audit.record import anchor_files
    from shouwang.audit.verification import length
    from shouwang.audit.verification import verify as verify_chain
    from shouwang.audit.verified import note_verified

    with progress("核对审计记录", length()) as tell:
        report = verify_chain(home, tell)
    with suppress(OSError):  # the home may lie on a disk that can only be read
        note_verified(anchor_files(home), report)
    emit(report.as_json(), as_json, lambda: _print(report))
    if not report.sound:
        raise typer.Exit(1)


def _print(report: "Report") -> None:
    if report.fault is None:
        results.print(f"[green]完好[/]  审计记录 {report.entries} 条，与锚点 {report.anchors} 个相符")
    else:
        results.print(f"[red]不符[/]  {report.fault.words}")
        results.print(f"      此前 {report.verified} 条完好。办法：保留现场，不要改动数据目录，告诉审计管理员")
    for note in report.notes:
        results.print(f"[yellow]注意[/]  {note}")
    if report.verified:
        results.print(f"  核对到第 {report.verified} 条，散列值 {report.hash}", markup=False)
