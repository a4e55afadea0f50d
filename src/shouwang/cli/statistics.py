"""`shouwang statistics`: the statistics of the desk, filled now."""

import typer

from shouwang.cli.output import emit, results
from shouwang.kernel import china_time
from shouwang.kernel.home import open_home


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("statistics")(statistics)


def statistics(
    again: bool = typer.Option(False, "--again", help="今天统计过的也重新统计"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """按村、按月统计，逐级汇总到市。后台进程每天自动做一次；中断后再运行即接着做。"""
    from shouwang.jobs.casework import require_ready

    require_ready(open_home())
    from shouwang.jobs.statistics import fill

    today = china_time.today()
    filled = fill(today, again=again)
    emit(
        {"on": today.isoformat(), "statistics": filled},
        as_json,
        lambda: results.print(f"统计到 {today}，更新 {filled} 项指标"),
    )
