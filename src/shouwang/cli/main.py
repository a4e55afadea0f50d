"""`shouwang`: the command line. Each module here adds its own group of commands."""

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
from shouwang.cli import usage
from shouwang.cli.failures import end, in_words
from shouwang.cli.output import errors
from shouwang.cli.usage import PROGRAM, speak_chinese
from shouwang.kernel.errors import Failure

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
        end(usage.in_words(problem))
    except typer.Abort:
        end(Failure("已中止", "再次运行即可，没有做完的部分不算数"))
    except Exception as problem:  # whatever it is, a person is told in words
        end(in_words(problem))
    sys.exit(code if isinstance(code, int) else 0)
