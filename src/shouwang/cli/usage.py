"""Help and errors of usage in Chinese.

Typer (pinned to one release) says both in English and lets nobody choose the words, so this module reaches into the
classes by which it says them. tests/cli/test_usage.py goes through every kind of error.
"""

import re
from difflib import get_close_matches
from typing import Any

from rich.cells import cell_len
from typer._click import Context, HelpFormatter
from typer._click.core import Command
from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption, UsageError

from shouwang.kernel.errors import InputError

PROGRAM = "shouwang"
HEADINGS = {"Arguments": "参数", "Options": "选项", "Commands": "命令"}
PLACEHOLDERS = {"[OPTIONS]": "[选项]", "COMMAND": "命令", "[ARGS]": "[参数]"}
PHRASES = {
    "Show this message and exit.": "显示本说明",
    "[required]": "［必填］",
    "; required]": "；必填]",
    "[default: ": "[默认：",
    "<str>": "<文字>",
    "<path>": "<文件>",
    "<list[Path]>": "<文件>",
    "<list[str]>": "<文字>",
    "<int>": "<整数>",
    "<int range>": "<整数>",
}
NO_COMMAND = re.compile(r"No such command '(?P<name>.*?)'\.( Did you mean .*)?$", re.DOTALL)
SURPLUS = re.compile(r"Got unexpected extra argument\(s\) \((?P<words>.*)\)$", re.DOTALL)


def in_words(problem: UsageError) -> InputError:
    """What is wrong with a command line, and what to write instead."""
    path = problem.ctx.command_path if problem.ctx else PROGRAM
    message, advice = _said(problem)
    return InputError(message, "；".join(filter(None, [advice, f"完整写法见 {path} --help"])))


def _said(problem: UsageError) -> tuple[str, str]:
    match problem:
        case MissingParameter():
            return f"缺少{_named(problem.param)}", "补上后再运行"
        case NoSuchOption():
            likely = "、".join(sorted(problem.possibilities or ()))
            return f"没有选项 {problem.option_name}", f"是不是要写 {likely}" if likely else ""
        case BadOptionUsage():
            if "does not take a value" in problem.message:
                return f"选项 {problem.option_name} 后面不带数值", f"只写 {problem.option_name}"
            return f"选项 {problem.option_name} 后面缺少数值", ""
        case BadParameter():
            return f"{_named(problem.param)}的数值无法使用", _wanted(problem.param)
    return _said_in_passing(problem)


def _said_in_passing(problem: UsageError) -> tuple[str, str]:
    """Errors that Typer tells apart only by their sentence."""
    if found := NO_COMMAND.match(problem.message):
        known = list(getattr(problem.cmd, "commands", {}))
        likely = get_close_matches(found["name"], known)
        return f"没有命令 {found['name']}", f"可用的命令：{'、'.join(likely or known)}"
    if found := SURPLUS.match(problem.message):
        return f"多出了内容：{found['words']}", "去掉多余的部分；文件名中有空格时用引号括起来"
    return f"命令的写法不对（{problem.message}）", ""


def _named(param: Any) -> str:
    if param is None:
        return "参数"
    is_option = param.param_type_name == "option"
    name = "/".join(param.opts) if is_option else param.metavar or str(param.name).upper()
    about = f"（{param.help}）" if getattr(param, "help", None) else ""
    return f"{'选项' if is_option else '参数'} {name}{about}"


def _wanted(param: Any) -> str:
    lowest, highest = getattr(param, "min", None), getattr(param, "max", None)
    if lowest is not None and highest is not None:
        return f"写成{lowest}至{highest}之间的整数"
    return f"写成不小于{lowest}的整数" if lowest is not None else "写成整数"


class ChineseHelp(HelpFormatter):
    """Typer's help with Chinese headings and phrases."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, _replaced(args, PLACEHOLDERS), "用法：")

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{HEADINGS.get(heading, heading)}：\n")

    def write_dl(self, rows: Any, *args: Any, **settings: Any) -> None:
        """Two columns; a Chinese character is as wide as two letters."""
        said = [(_replaced(name, PHRASES), _replaced(text, PHRASES)) for name, text in rows]
        widest = max(cell_len(name) for name, _ in said)
        for name, text in said:
            self.write(f"{'':>{self.current_indent}}{name}{' ' * (widest - cell_len(name))}  {text}\n")


class ChineseContext(Context):
    """A command's context whose help is Chinese."""

    formatter_class = ChineseHelp


def _replaced(text: str, words: dict[str, str]) -> str:
    for english, chinese in words.items():
        text = text.replace(english, chinese)
    return text


def speak_chinese(command: Command) -> None:
    """Gives a command and all commands below it Chinese help."""
    command.context_class = ChineseContext
    for below in getattr(command, "commands", {}).values():
        speak_chinese(below)
