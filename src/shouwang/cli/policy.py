"""`shouwang policy`: the policy pack checked, listed, and one parameter or rule shown with its ground."""

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shouwang.cli.output import emit, progress, results
from shouwang.kernel import china_time
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import DEFAULT_HOME, Home

if TYPE_CHECKING:  # a command loads only what it runs
    from shouwang.policy.dated import Dated, Ground
    from shouwang.policy.pack import Pack

AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")
PATH = typer.Option(None, "--path", help="政策包目录，默认本机使用的政策包")


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    group = typer.Typer(help="政策包", no_args_is_help=True)
    group.command("check")(check)
    group.command("list")(list_pack)
    group.command("show")(show)
    app.add_typer(group, name="policy")


def check(path: Path = PATH, as_json: bool = AS_JSON) -> None:
    """检查政策包：所引用的都有定义和依据，每条规则的例子都得出应有的结果。"""
    from shouwang.screening.pack_check import check_pack

    with progress("检查政策包"):
        report = check_pack(path, china_time.today())
    version = report.pack.version if report.pack else None
    data = {
        "pack_version": version,
        "faults": report.faults,
        "warnings": report.warnings,
        "notes": report.notes,
        "cases": report.cases,
    }
    emit(data, as_json, lambda: _print_report(data))
    if report.faults:
        raise typer.Exit(1)


def list_pack(path: Path = PATH, as_json: bool = AS_JSON) -> None:
    """列出全部规则、参数和办理时限。"""
    from shouwang.screening.wording import parameter_json

    pack, today = _pack(path), china_time.today()
    data = {
        "pack": pack.id,
        "title": pack.title,
        "pack_version": pack.version,
        "rules": [
            {"id": rule.id, "title": rule.title, "risk_type": rule.risk_type, "version": rule.version}
            for rule in pack.rules.values()
        ],
        "parameters": [
            {"id": each.id, "title": each.title, "value": parameter_json(each.at(today)), "unit": each.unit}
            for each in pack.parameters.values()
        ],
        "clocks": [
            {"id": each.id, "title": each.title, "value": str(each.at(today))} for each in pack.deadlines.values()
        ],
    }
    emit(data, as_json, lambda: _print_list(pack, today))


def show(
    name: str = typer.Argument(..., metavar="ID", help="规则、参数或时限的编号，例如 income.monitoring_line"),
    path: Path = PATH,
    as_json: bool = AS_JSON,
) -> None:
    """显示一条规则、一个参数或一个办理时限及其依据。"""
    pack = _pack(path)
    found = [*_shown_rule(pack, name), *_shown_parameter(pack, name), *_shown_clock(pack, name)]
    if not found:
        raise InputError(f"政策包中没有 {name}", "用 shouwang policy list 查看全部规则、参数和时限")
    data: dict[str, Any] = {"id": name} | dict(found)
    emit(data, as_json, lambda: _print_shown(*(content for _, content in found)))


def _pack(path: Path | None) -> "Pack":
    """The pack in a folder as its files are; without one that of the installation, with what was decided in its home."""
    from shouwang.jobs.policy import pack_in_use
    from shouwang.policy.pack import load_pack

    home = Home(Path(os.environ.get("SHOUWANG_HOME", DEFAULT_HOME)).absolute())
    return load_pack(path) if path or not home.is_ready() else pack_in_use(home)


def _shown_rule(pack: "Pack", name: str) -> list[tuple[str, dict[str, Any]]]:
    rule = pack.rules.get(name)
    if rule is None:
        return []
    content = {
        "title": rule.title,
        "version": rule.version,
        "risk_type": pack.risk_types.get(rule.risk_type, rule.risk_type),
        "condition": rule.condition_text,
        "facts": rule.facts(),
        "parameters": rule.parameters(),
        "reasons": [reason.say for reason in rule.reasons],
        "ground": _ground(pack, rule.ground),
        "note": rule.note,
        "changes": [
            {"version": each.version, "since": each.since.isoformat(), "what": each.what} | _ground(pack, each.ground)
            for each in rule.changes
        ],
    }
    return [("rule", content)]


def _shown_parameter(pack: "Pack", name: str) -> list[tuple[str, dict[str, Any]]]:
    from shouwang.screening.telling import used_parameters
    from shouwang.screening.wording import parameter_json

    parameter = pack.parameters.get(name)
    if parameter is None:
        return []
    content = {
        "title": parameter.title,
        "type": parameter.type,
        "unit": parameter.unit,
        "values": {since.isoformat(): parameter_json(value) for since, value in parameter.values},
        "older_than_a_year": parameter.is_older_than_a_year(china_time.today()),
        "ground": _ground(pack, parameter.ground),
        "decided": _decided(parameter),
        "review": parameter.review,
        "used_by": [rule for rule in pack.rules if name in used_parameters(pack, rule)],
    }
    return [("parameter", content)]


def _shown_clock(pack: "Pack", name: str) -> list[tuple[str, dict[str, Any]]]:
    deadline = next((each for each in pack.deadlines.values() if each.id == name), None)
    if deadline is None:
        return []
    content = {
        "title": deadline.title,
        "values": {since.isoformat(): str(limit) for since, limit in deadline.values},
        "confidence": deadline.confidence,
        "ground": _ground(pack, deadline.ground),
        "decided": _decided(deadline),
        "review": deadline.review,
    }
    return [("clock", content)]


def _decided(dated: "Dated[Any]") -> list[dict[str, Any]]:
    return [
        {
            "number": each.number,
            "since": each.valid_from.isoformat(),
            "value": each.value,
            "document": each.document,
            "document_number": each.document_number,
            "clause": each.clause,
        }
        for each in dated.decided
    ]


def _ground(pack: "Pack", ground: "Ground") -> dict[str, str]:
    document = pack.documents.get(ground.document)
    if document is None:
        return {"document": ground.document, "clause": ground.clause}
    return {
        "document": document.title,
        "number": document.number,
        "clause": ground.clause,
        "text": document.clauses.get(ground.clause, ""),
    }


LABELS = {
    "title": "名称",
    "version": "版本",
    "risk_type": "风险类型",
    "condition": "条件",
    "facts": "事实",
    "parameters": "参数",
    "reasons": "理由",
    "note": "说明",
    "changes": "改动",
    "what": "内容",
    "type": "类型",
    "unit": "单位",
    "values": "数值",
    "older_than_a_year": "已满一年没有新值",
    "ground": "依据",
    "confidence": "可信程度",
    "review": "待核定事项",
    "decided": "本市审定",
    "since": "自",
    "value": "数值",
    "document_number": "文号",
    "used_by": "用于规则",
    "document": "文件",
    "number": "文号",
    "clause": "条款",
    "text": "内容",
}


def _print_shown(*contents: dict[str, Any]) -> None:
    for content in contents:
        for name, value in content.items():
            if value not in ("", [], {}, False, None):
                results.print(f"{LABELS[name]}：{_in_words(value)}", markup=False)


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return "；".join(f"{LABELS.get(key, key)} {_in_words(each)}" for key, each in value.items() if each)
    if isinstance(value, list):
        return "、".join(_in_words(each) for each in value)
    return "是" if value is True else str(value)


def _print_list(pack: "Pack", today: date) -> None:
    results.print(f"{pack.title}，版本 {pack.version}", markup=False)
    results.print("规则")
    for rule in pack.rules.values():
        risk = pack.risk_types.get(rule.risk_type, rule.risk_type)
        results.print(f"  {rule.id}  {rule.title}（{risk}）", markup=False)
    results.print("参数")
    for each in pack.parameters.values():
        results.print(f"  {each.id}  {each.title}：{each.words(each.at(today))}", markup=False)
    results.print("办理时限")
    for clock in pack.deadlines.values():
        results.print(f"  {clock.id}  {clock.title}：{clock.at(today)}", markup=False)


def _print_report(data: dict[str, Any]) -> None:
    for fault in data["faults"]:
        results.print(f"错误：{fault}", markup=False)
    for warning in data["warnings"]:
        results.print(f"提醒：{warning}", markup=False)
    for note in data["notes"]:
        results.print(f"说明：{note}", markup=False)
    words = "没有错误" if not data["faults"] else f"{len(data['faults'])} 处错误"
    results.print(
        f"政策包 {data['pack_version'] or '未能读入'}：{words}，{len(data['warnings'])} 条提醒，例子 {data['cases']} 个"
    )
