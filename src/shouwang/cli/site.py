"""`shouwang init`, `serve`, `user`, `doctor`: an installation made, run, and looked after."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shouwang.cli.days import read_day
from shouwang.cli.output import emit, errors, progress, results
from shouwang.kernel import china_time
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import DEFAULT_HOME, Home, init_home, open_home
from shouwang.sources.contract import contracts

if TYPE_CHECKING:
    from shouwang.jobs.doctor import Finding

HOST = typer.Option("127.0.0.1", "--host", help="监听的地址；默认只有本机能访问")
PORT = typer.Option(8000, "--port", min=1, max=65535, help="端口")
AS_JSON = typer.Option(False, "--json", help="只输出一个 JSON 对象")
MARKS = {"ok": "正常", "note": "提示", "warning": "注意", "insecure": "不安全", "broken": "有故障"}
COLOURS = {"ok": "green", "note": "blue", "warning": "yellow", "insecure": "red", "broken": "red"}


def register(app: typer.Typer) -> None:
    """Adds the commands of this group."""
    app.command("init")(init)
    app.command("serve")(serve)
    app.command("doctor")(doctor)
    group = typer.Typer(help="账号", no_args_is_help=True)
    group.callback()(_users)
    group.command("add")(user_add)
    app.add_typer(group, name="user")


def _users() -> None:
    """账号"""


def named_home() -> Path:
    return Path(os.environ.get("SHOUWANG_HOME", DEFAULT_HOME)).absolute()


def init(as_json: bool = AS_JSON) -> None:
    """建立数据目录、密钥和业务数据库；再次运行不改动已有内容。"""
    from shouwang.jobs.casework import prepare

    path = named_home()
    existed = (path / "shouwang.json").exists()
    home = init_home(path)
    with progress("建立业务数据库和行政区划"):
        prepare(home)
    data = {"home": str(home.path), "created": not existed}
    verb = "已建立" if not existed else "未作改动："
    emit(data, as_json, lambda: _print_made(home, verb))


def _print_made(home: Home, verb: str) -> None:
    results.print(f"{verb}数据目录 {home.path}", markup=False)
    results.print("  下一步：shouwang user add 建立账号，shouwang ingest 读入农户名册，shouwang serve 打开网站")


def serve(host: str = HOST, port: int = PORT, as_json: bool = AS_JSON) -> None:
    """打开网站，并在后台读入上传的文件、执行筛查。按 Ctrl+C 停止。"""
    serve_home(open_home(), host, port, as_json)


def serve_home(home: Home, host: str, port: int, as_json: bool, beside: Mapping[str, Any] | None = None) -> None:
    """Serves the site of a home until somebody stops it; `beside` goes into the JSON object next to the address."""
    from shouwang.jobs.serving import serve as run

    def announce(address: str) -> None:
        emit(
            {"address": address, **(beside or {})},
            as_json,
            lambda: results.print(f"网站已打开：{address}　按 Ctrl+C 停止"),
        )
        sys.stdout.flush()

    try:
        run(home, host, port, announce)
    except KeyboardInterrupt:
        errors.print("网站已停止。")


def doctor(as_json: bool = AS_JSON) -> None:
    """检查本机的安装：缺什么、哪里不安全、怎么改正。"""
    from shouwang.jobs.doctor import examine

    findings = examine(Home(named_home()))
    healthy = not any(each.is_bad for each in findings)
    data = {"healthy": healthy, "findings": [each.as_json() for each in findings]}
    emit(data, as_json, lambda: _print_findings(findings))
    if not healthy:
        raise typer.Exit(1)


def _print_findings(findings: "list[Finding]") -> None:
    for each in findings:
        results.print(f"[{COLOURS[each.state]}]{MARKS[each.state]}[/]  ", end="")
        results.print(each.message, markup=False)
        if each.mend:
            results.print(f"      办法：{each.mend}", markup=False)


def user_add(
    username: str = typer.Argument(..., help="登录用的用户名"),
    name: str = typer.Option(..., "--name", help="姓名"),
    area: str = typer.Option(..., "--area", help="岗位所在区域的12位区划代码"),
    duty: str = typer.Option(..., "--duty", help="职责，例如 county；写错时列出全部"),
    department: str = typer.Option("", "--department", help="行业部门，例如 医保；只用于 department"),
    starts_on: str = typer.Option(None, "--from", help="任职起，默认今天"),
    ends_on: str = typer.Option(None, "--until", help="任职止，默认长期"),
    password_stdin: bool = typer.Option(False, "--password-stdin", help="从标准输入读密码；默认生成随机密码"),
    as_json: bool = AS_JSON,
) -> None:
    """建立账号和岗位。没有在任岗位的账号看不到任何数据。"""
    from shouwang.jobs.casework import require_ready

    begins = read_day(starts_on, "--from") if starts_on else china_time.today()
    ends = read_day(ends_on, "--until") if ends_on else None
    if department:
        _require_department(department)
    require_ready(open_home())
    from shouwang.accounts.actions import add_user
    from shouwang.accounts.initial_passwords import random_password

    password = sys.stdin.readline().rstrip("\n") if password_stdin else random_password()
    add_user(
        username=username,
        password=password,
        display_name=name,
        area_code=area,
        duty=duty,
        department=department,
        starts_on=begins,
        ends_on=ends,
        must_change_password=not password_stdin,
    )
    data = {"username": username} | ({} if password_stdin else {"password": password})
    emit(data, as_json, lambda: _print_user(username, "" if password_stdin else password))


def _require_department(name: str) -> None:
    """Raises InputError where no source comes from such a department: the post would never see a row."""
    owners = sorted({owner for each in contracts().values() for owner in each.owner.split("/")})
    if name not in owners:
        raise InputError(f"没有行业部门 {name}", f"可用：{'、'.join(owners)}")


def _print_user(username: str, password: str) -> None:
    results.print(f"已建立账号 {username}", markup=False)
    if password:
        results.print(f"  初始密码：{password}（只显示这一次）", markup=False)
