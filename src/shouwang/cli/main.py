"""`shouwang`: the command line. Each module here adds its own group of commands."""

import errno
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

import typer
from typer._click.core import Command
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.main import get_command

import shouwang.cli as shouwang_cli
from shouwang import __version__
from shouwang.cli.output import errors
from shouwang.cli.usage import PROGRAM, in_words, speak_chinese
from shouwang.kernel.errors import Failure, ShouwangError

REFUSALS = {
    errno.ENOSPC: ("磁盘已满", "腾出空间"),
    errno.EDQUOT: ("磁盘配额已用完", "腾出空间"),
    errno.EACCES: ("没有权限", "改正文件或目录的权限"),
    errno.EPERM: ("没有权限", "改正文件或目录的权限"),
    errno.EROFS: ("磁盘是只读的", "换到可写的磁盘"),
    errno.ENOENT: ("找不到文件或目录", "核对位置"),
    errno.ENOTDIR: ("应为目录的地方是一个文件", "核对位置"),
    errno.EISDIR: ("应为文件的地方是一个目录", "核对位置"),
    errno.EEXIST: ("同名文件已经存在", "核对位置"),
    errno.EADDRINUSE: ("端口已被占用", "用 --port 换一个端口"),
}
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


@cache
def command_line() -> Command:
    """Every group's commands, with help in Chinese."""
    for module in pkgutil.iter_modules(shouwang_cli.__path__):
        group = importlib.import_module(f"shouwang.cli.{module.name}")
        if hasattr(group, "register"):
            group.register(app)
    command = get_command(app)
    speak_chinese(command)
    return command


def run(words: Sequence[str] | None = None) -> NoReturn:
    """Runs one command (by default the one typed) and ends the process.

    A failure is told on standard error and by the exit code (2: bad usage or input, 1: failure).
    """
    try:
        code = command_line().main(words, prog_name=PROGRAM, standalone_mode=False)
    except NoArgsIsHelpError as problem:
        errors.print(problem.message, markup=False)
        sys.exit(2)
    except UsageError as problem:
        _end(in_words(problem))
    except typer.Abort:
        _end(Failure("已中止", "再次运行即可，数据目录未被改动"))
    except ShouwangError as problem:
        _end(problem)
    except OSError as problem:
        _end(_told(problem))
    sys.exit(code if isinstance(code, int) else 0)


def _end(problem: ShouwangError) -> NoReturn:
    errors.print(f"错误：{problem}", markup=False)
    sys.exit(problem.exit_code)


def _told(problem: OSError) -> Failure:
    """What the machine refused, and where."""
    what, advice = REFUSALS.get(problem.errno or 0, (problem.strerror or str(problem), "检查磁盘空间和目录权限"))
    where = f"：{problem.filename}" if problem.filename else ""
    return Failure(f"读写失败，{what}{where}", f"{advice}后再次运行；没有做完的部分不算数")
