"""`shouwang clocks`: what runs by itself about clues, done now."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from shouwang.cli.days import read_day
from shouwang.cli.output import emit, results
from shouwang.kernel import china_time
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import open_home

if TYPE_CHECKING:
    from shouwang.jobs.handling import LookedAfter


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("clocks")(clocks)


def clocks(
    on: str = typer.Option("", "--on", metavar="DATE", help="办到哪一天为止，默认今天"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """推进线索办理时限：新线索交到市级，按下发规则下发，逾期的逐级上报，到期的提醒。后台进程每刻钟自动做一次。"""
    from shouwang.jobs.casework import require_ready

    day = read_day(on, "--on") if on else china_time.today()
    if day > china_time.today():
        raise InputError(f"{day} 还没有到", "不写 --on 即办到今天")
    require_ready(open_home())
    from shouwang.jobs.handling import look_after

    done = look_after(day)
    emit({"on": day.isoformat()} | asdict(done), as_json, lambda: _print(done))


def _print(done: "LookedAfter") -> None:
    results.print(
        f"新到市级 {done.arrived} 条，随区划调整划转 {done.followed} 件，按规则下发 {done.sent_on} 步，"
        f"逾期上报 {done.raised} 步，立案 {done.cases} 条，建立和结束帮扶计划 {done.plans} 份，"
        f"提出回退 {done.relapsed} 户，提醒 {done.reminded} 个单位"
    )
