"""`shouwang`: the command line. Each module here adds its own group of commands."""

import importlib
import sys

import click
import typer

from shouwang import __version__
from shouwang.cli.output import errors
from shouwang.kernel.errors import Failure, ShouwangError

GROUPS = ("ingest", "screening", "policy", "linkage", "world", "site")

app = typer.Typer(
    name="shouwang",
    help="守望：防止返贫大数据监测",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def shouwang(context: typer.Context, version: bool = typer.Option(False, "--version", help="显示版本")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def run() -> None:
    """Runs one command; a failure is told on standard error and by the exit code (2: bad usage or input, 1: failure)."""
    for group in GROUPS:
        importlib.import_module(f"shouwang.cli.{group}").register(app)
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        errors.print("已中断。再次运行同一命令即可继续，已完成的不受影响。")
        sys.exit(1)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except ShouwangError as problem:
        errors.print(f"错误：{problem}", markup=False)
        sys.exit(problem.exit_code)
    except OSError as problem:
        failure = Failure(
            f"读写失败：{problem.strerror or problem}", "检查磁盘空间和目录权限后再次运行，数据目录未被改动"
        )
        errors.print(f"错误：{failure}", markup=False)
        sys.exit(1)
