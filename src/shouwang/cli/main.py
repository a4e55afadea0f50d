"""`shouwang`: the command line. Each module here adds its own group of commands."""

import importlib
import pkgutil
import sys

import typer

import shouwang.cli as shouwang_cli
from shouwang import __version__
from shouwang.cli.output import errors
from shouwang.kernel.errors import Failure, ShouwangError

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
    for module in pkgutil.iter_modules(shouwang_cli.__path__):
        group = importlib.import_module(f"shouwang.cli.{module.name}")
        if hasattr(group, "register"):
            group.register(app)
    try:
        app()
    except ShouwangError as problem:
        errors.print(f"错误：{problem}", markup=False)
        sys.exit(problem.exit_code)
    except OSError as problem:
        failure = Failure(
            f"读写失败：{problem.strerror or problem}", "检查磁盘空间和目录权限后再次运行，数据目录未被改动"
        )
        errors.print(f"错误：{failure}", markup=False)
        sys.exit(1)
