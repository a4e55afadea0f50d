"""`shouwang ingest` and `shouwang quarantine`: department files in, rows to mend out."""

from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from shouwang.cli.days import read_day
from shouwang.cli.desk_register import bring_up_to_date, disk_at_the_desk
from shouwang.cli.output import emit, errors, progress_and_search, results
from shouwang.deliveries.ledger import DeliveryReport, delivery
from shouwang.kernel import china_time
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import InputError, ShouwangError
from shouwang.kernel.file_names import readable_name
from shouwang.kernel.home import open_home
from shouwang.kernel.limits import room_for
from shouwang.sources.contract import contract

LINKS = {"linked": "已关联", "corrected": "已更正", "review": "待人工判断", "unregistered": "未登记"}


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    app.command("ingest")(ingest)
    group = typer.Typer(help="待改正的行", no_args_is_help=True)
    group.command("export")(quarantine_export)
    app.add_typer(group, name="quarantine")


def ingest(
    source: str = typer.Argument(..., metavar="SOURCE", help="数据来源，例如 medical_settlement"),
    files: list[Path] = typer.Argument(..., metavar="FILE…", help="一个或多个文件"),
    received_on: str = typer.Option(None, "--received-on", help="收到日期，默认今天"),
    encoding: str = typer.Option(None, "--encoding", help="文本编码：utf-8 或 gb18030，默认自动判断"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """读入部门文件。"""
    from shouwang.deliveries.ingest import disk_for, ingest_file

    day = read_day(received_on, "--received-on") if received_on else china_time.today()
    contract(source)
    for path in files:
        if path.is_dir():
            raise InputError(f"{path} 是目录，不是文件", "写出其中的文件名；没有读入任何文件")
        if not path.is_file():
            raise InputError(f"找不到文件 {path.with_name(readable_name(path))}", "核对文件名和位置；没有读入任何文件")
    home = open_home()
    if day > china_time.today():
        errors.print(f"注意：收到日期 {day} 晚于今天，这些行要到那一天才算已知。")
    sizes = [path.stat().st_size for path in files]
    wanted = sum(disk_for(path.name, size) for path, size in zip(files, sizes, strict=True))
    room = room_for(wanted + disk_at_the_desk(home, source, wanted), home.path)
    if room.is_large:
        errors.print(room.words())
    reports: list[DeliveryReport] = []
    refused: list[tuple[Path, ShouwangError]] = []
    for path in files:
        try:
            title = f"读入 {mask_identity_numbers(readable_name(path))}"
            with progress_and_search(title, "在名册中查找没有号码的人（人）") as (tell, searched):
                reports.append(
                    ingest_file(home, source, path, day, encoding=encoding, progress=tell, searched=searched)
                )
        except ShouwangError as problem:
            refused.append((path, problem))
            errors.print(f"错误：{mask_identity_numbers(str(problem))}", markup=False)
    if reports:
        bring_up_to_date(home)
    emit(
        {"files": [_as_json(each) for each in reports], "refused": [_refusal(*each) for each in refused]},
        as_json,
        lambda: _print_all(reports),
    )
    if refused:
        raise typer.Exit(max(problem.exit_code for _, problem in refused))


def quarantine_export(
    name: str = typer.Argument(..., metavar="DELIVERY", help="交付编号，例如 D000012"),
    out: Path = typer.Argument(..., help="写入的 .xlsx 文件"),
    as_json: bool = typer.Option(False, "--json", help="只输出一个 JSON 对象"),
) -> None:
    """导出一次交付中待改正的行，改好后可单独再报送。"""
    from shouwang.deliveries.quarantine import export_quarantine
    from shouwang.jobs.auditing import note_command

    home = open_home()
    report = delivery(home, name)
    note_command(home, "quarantine_exported", ("delivery", report.label), rows=report.quarantined, file=out.name)
    count = export_quarantine(home, report.number, out)
    errors.print("注意：导出的文件含有完整身份证号，请妥善保管，用后删除。")
    emit(
        {"delivery": report.label, "rows": count, "file": str(out)},
        as_json,
        lambda: results.print(f"{report.label} 待改正 {count} 行，已写入 {out}", markup=False),
    )


def _as_json(report: DeliveryReport) -> dict[str, Any]:
    return report.as_json()


def _refusal(path: Path, problem: ShouwangError) -> dict[str, Any]:
    told = {"file": readable_name(path), "message": problem.message, "advice": problem.advice}
    return {name: mask_identity_numbers(words) for name, words in told.items()}


def _print_all(reports: list[DeliveryReport]) -> None:
    for report in reports:
        _print(report)


def _print(report: DeliveryReport) -> None:
    from shouwang.deliveries.quarantine import REASONS

    results.print(
        f"[bold]{escape(report.file)}[/bold] → {report.label} {contract(report.source).title}，收到 {report.received_on}"
    )
    if report.same_as:
        results.print(f"  与 {report.same_as} 是同一份文件，{report.read} 行全部重复，未作任何改动")
        return
    results.print(
        f"  读 {report.read} = 接受 {report.accepted} + 重复 {report.duplicate} + 待改正 {report.quarantined}"
    )
    links = "，".join(f"{words} {getattr(report, kind)}" for kind, words in LINKS.items())
    results.print(f"  {links}；替代旧行 {report.superseded}")
    for reason, count in report.quarantined_by_reason.items():
        results.print(f"  待改正：{REASONS[reason]} {count} 行")
    if report.quarantined:
        results.print(f"  改正办法：shouwang quarantine export {report.label} 待改正.xlsx，改好后再次 ingest")
    if report.ignored_columns:
        results.print(f"  未用到的列：{'、'.join(report.ignored_columns)}", markup=False)
    if report.skipped_lines:
        results.print(f"  不是数据的行（合计、填表人等）：第 {'、'.join(map(str, report.skipped_lines))} 行")
