"""`shouwang screen`, `explain` and `whatif`: the register screened, explained, and screened under other parameters."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shouwang.cli.days import read_day
from shouwang.cli.desk_register import bring_up_to_date
from shouwang.cli.output import emit, errors, progress, results
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, open_home

if TYPE_CHECKING:  # a command loads only what it runs
    from collections.abc import Callable

    from shouwang.policy.pack import Pack
    from shouwang.policy.parameters import Parameter
    from shouwang.screening.batch import BatchClue, ClueBatch, ClueKey
    from shouwang.screening.explain import Explanation
    from shouwang.screening.whatif import Difference

ASKED_FOR = "按 --full 的要求"
ALL_WRITTEN = "按 --out 写出全部线索"
AS_OF = typer.Option(..., "--as-of", help="截至日期，例如 2021-06-30")
KNOWN_AT = typer.Option(None, "--known-at", help="只用这一天及以前收到的交付，默认同截至日期")
AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    app.command("screen")(screen)
    app.command("explain")(explain)
    app.command("whatif")(whatif)


def screen(
    as_of: str = AS_OF,
    known_at: str = KNOWN_AT,
    dry_run: bool = typer.Option(False, "--dry-run", help="只看结果，不记入线索"),
    out: Path = typer.Option(None, "--out", help="把全部线索写入 .csv 或 .parquet 文件"),
    full: bool = typer.Option(False, "--full", help="重新看全部农户，不接着上一次的结果算"),
    engine: str = typer.Option(
        "duckdb", "--engine", help="计算引擎：duckdb（本机），spark（集群，SHOUWANG_SPARK_MASTER）"
    ),
    as_json: bool = AS_JSON,
) -> None:
    """按政策包筛查农户，生成线索：接着上一次的结果，只看有新数据的和到了日期的。"""
    from shouwang.jobs.auditing import note_command
    from shouwang.jobs.policy import pack_in_use
    from shouwang.screening.daily import room_to_screen
    from shouwang.screening.export import check_target, export_clues

    day, known = _days(as_of, known_at)
    if out:
        check_target(out)
    home = open_home()
    pack = pack_in_use(home)
    why_full = ASKED_FOR if full else ALL_WRITTEN if out else ""
    room = room_to_screen(home)
    if room.is_large:
        errors.print(room.words())
    with progress("筛查", 100) as tell:
        batch = _screened(home, pack, (day, known), engine, why_full, dry_run, tell)
    recorded = _recorded(home, batch, dry_run)
    if out:
        note_command(home, "clues_exported", rows=len(recorded["standing"]), as_of=day, file=out.name)
        export_clues(recorded["standing"], out)
    data = _summary(pack, batch, recorded) | {"dry_run": dry_run, "out": str(out) if out else None}
    emit(data, as_json, lambda: _print_summary(pack, data, _notes_in_short(pack, batch)))


def _screened(
    home: Home,
    pack: "Pack",
    days: tuple[date, date],
    engine: str,
    why_full: str,
    dry_run: bool,
    tell: "Callable[[int], None]",
) -> "ClueBatch":
    from shouwang.screening.daily import screen_daily
    from shouwang.screening.run import DUCKDB
    from shouwang.screening.run import screen as screen_all

    if engine != DUCKDB:
        return screen_all(home, pack, *days, progress=tell, engine=engine)
    recorded = None
    if _has_casework(home):
        from shouwang.jobs.screening import ground_of_last_run

        recorded = ground_of_last_run()
    return screen_daily(home, pack, *days, full=why_full, recorded=recorded, keeping=not dry_run, progress=tell)


def explain(
    household_no: str = typer.Argument(..., metavar="HOUSEHOLD_NO", help="户编号"),
    as_of: str = AS_OF,
    known_at: str = KNOWN_AT,
    as_json: bool = AS_JSON,
) -> None:
    """说明一户：每个事实及其来源，每条规则是否预警及原因。"""
    from shouwang.jobs.auditing import note_command
    from shouwang.jobs.policy import pack_in_use
    from shouwang.screening.explain import explain as run_explanation

    day, known = _days(as_of, known_at)
    home = open_home()
    pack = pack_in_use(home)
    found = run_explanation(home, pack, household_no, day, known)
    note_command(home, "household_explained", ("household", household_no), as_of=day)
    emit(found.as_json(), as_json, lambda: _print_explanation(found))


def whatif(
    as_of: str = AS_OF,
    settings: list[str] = typer.Option(..., "--set", metavar="参数=数值", help="例如 income.monitoring_line=7000"),
    area: str = typer.Option(None, "--area", help="只看这个行政区划（12位代码）"),
    known_at: str = KNOWN_AT,
    as_json: bool = AS_JSON,
) -> None:
    """换一组参数再筛查一次，看哪些线索会增加、哪些会消失；不记入线索。"""
    from shouwang.jobs.auditing import note_command
    from shouwang.jobs.policy import pack_in_use
    from shouwang.screening.whatif import whatif as run_comparison

    day, known = _days(as_of, known_at)
    overrides = dict(_setting(text) for text in settings)
    home = open_home()
    pack = pack_in_use(home)
    with progress("比较两次筛查", 100) as tell:
        found = run_comparison(home, pack, day, overrides, known_at=known, area=area, progress=tell)
    note_command(home, "whatif_run", area=area or "", as_of=day, parameters=overrides)
    emit(found.as_json(), as_json, lambda: _print_difference(pack, found))


def _days(as_of: str, known_at: str | None) -> tuple[date, date]:
    day = read_day(as_of, "--as-of")
    return day, day if known_at is None else read_day(known_at, "--known-at")


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise InputError(f"--set “{text}”无法识别", "请写成 参数=数值，例如 income.monitoring_line=7000")
    return name.strip(), value.strip()


def _recorded(home: Home, batch: "ClueBatch", dry_run: bool) -> dict[str, Any]:
    """What the casework makes of the batch. Before a casework database exists, a dry run finds every clue new."""
    if dry_run and not _has_casework(home):
        return {"new": batch.by_level(), "updated": {}, "suppressed": 0, "standing": batch.standing()}
    from shouwang.jobs import casework

    if dry_run:
        casework.require_ready(home)
    else:
        bring_up_to_date(home)
    from shouwang.jobs.clues import record_clues

    with progress("记入线索"):
        recorded = record_clues(batch, dry_run=dry_run)
    if not dry_run:
        from shouwang.jobs.coverage import mark_income

        mark_income(home, batch.as_of, batch.known_at)
    return {name: getattr(recorded, name) for name in ("new", "updated", "suppressed", "standing")}


def _has_casework(home: Home) -> bool:
    return home.database.exists() or bool(os.environ.get("SHOUWANG_DATABASE_URL"))


def _summary(pack: "Pack", batch: "ClueBatch", recorded: dict[str, Any]) -> dict[str, Any]:
    standing: list[BatchClue | ClueKey] = recorded["standing"]
    return {
        "as_of": batch.as_of.isoformat(),
        "known_at": batch.known_at.isoformat(),
        "pack_version": batch.pack_version,
        "households_screened": batch.households_screened,
        "households_looked_at": {
            "total": batch.looked.total,
            "new_rows": batch.looked.by_rows,
            "days": batch.looked.by_days,
            "counties": batch.looked.by_county,
            "everybody": batch.looked.everybody,
        },
        "why_everybody": batch.looked.why_everybody,
        "income_unknown": len(batch.income_unknown),
        "hits_by_rule": batch.hits_by_rule,
        "clues_new": _by_level(pack, recorded["new"]),
        "clues_updated": _by_level(pack, recorded["updated"]),
        "clues_suppressed": recorded["suppressed"],
        "clues": _by_level(pack, _count(standing)),
        "notes": _notes(pack, batch),
    }


def _notes(pack: "Pack", batch: "ClueBatch") -> list[str]:
    """What a person should know of a screening beside its figures."""
    return _nobody(batch) + [_overdue(each) for each in _overdue_amounts(pack, batch)]


def _notes_in_short(pack: "Pack", batch: "ClueBatch") -> list[str]:
    overdue = _overdue_amounts(pack, batch)
    told = [f"{len(overdue)} 项金额标准沿用一年以前的数值，用 shouwang policy check 逐项查看"] if overdue else []
    return _nobody(batch) + told


def _nobody(batch: "ClueBatch") -> list[str]:
    if batch.households_screened:
        return []
    advice = "先用 shouwang ingest household_register 读入农户名册"
    return [f"截至 {batch.known_at} 收到的农户名册中没有可筛查的农户，{advice}"]


def _overdue_amounts(pack: "Pack", batch: "ClueBatch") -> "list[Parameter]":
    return [each for each in pack.overdue(batch.as_of) if each.type == "amount"]


def _overdue(parameter: "Parameter") -> str:
    since, value = parameter.values[-1]
    return f"{parameter.title}（{parameter.id}）自{since}起为{parameter.words(value)}，已满一年没有新值，沿用中"


def _count(clues: "list[BatchClue | ClueKey]") -> dict[str, int]:
    counts: dict[str, int] = {}
    for clue in clues:
        counts[clue.level] = counts.get(clue.level, 0) + 1
    return counts


def _by_level(pack: "Pack", counts: dict[str, int]) -> dict[str, int]:
    return {level.id: counts.get(level.id, 0) for level in pack.levels}


def _print_summary(pack: "Pack", data: dict[str, Any], notes: list[str]) -> None:
    results.print(f"[bold]截至 {data['as_of']}[/bold]（已收到截至 {data['known_at']}，政策包 {data['pack_version']}）")
    results.print(f"  筛查 {data['households_screened']} 户，其中 {data['income_unknown']} 户没有有效的收入采集表")
    results.print(f"  {_looked_words(data)}", markup=False)
    for rule, count in data["hits_by_rule"].items():
        results.print(f"  {pack.rules[rule].title}（{rule}）：{count} 户")
    verb = "将新增" if data["dry_run"] else "新增"
    for name, words in (("clues_new", verb), ("clues_updated", "更新"), ("clues", "当日线索共")):
        listed = "，".join(f"{level.title} {data[name][level.id]}" for level in pack.levels)
        results.print(f"  {words}：{listed}")
    for note in notes:
        results.print(f"  注意：{note}", markup=False)
    if data["out"]:
        results.print(f"  线索清单已写入 {data['out']}", markup=False)
    if data["dry_run"]:
        results.print("  试运行：没有记入线索")


def _looked_words(data: dict[str, Any]) -> str:
    looked = data["households_looked_at"]
    if data["why_everybody"]:
        return f"本次全量查看 {looked['everybody']} 户：{data['why_everybody']}"
    parts = f"新数据 {looked['new_rows']}，日期临界 {looked['days']}，全区县 {looked['counties']}"
    return f"本次查看 {looked['total']} 户（{parts}），其余接着上一次的结果"


def _print_explanation(found: "Explanation") -> None:
    for line in found.lines():
        results.print(line, markup=False)


def _print_difference(pack: "Pack", found: "Difference") -> None:
    for line in found.lines(pack):
        results.print(line, markup=False)
