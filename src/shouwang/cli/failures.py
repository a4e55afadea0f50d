"""What stopped a command, in words: a refusal of the machine, of the database, or a fault of the program."""

import sys
import traceback
from typing import NoReturn

from shouwang.cli.output import errors
from shouwang.kernel.citizen_id import mask_identity_numbers
from shouwang.kernel.errors import Failure, ShouwangError
from shouwang.kernel.refusals import refusal

UNDONE = "没有做完的部分不算数"


def end(problem: ShouwangError) -> NoReturn:
    """Tells on standard error what happened and ends the process."""
    errors.print(f"错误：{mask_identity_numbers(str(problem))}", markup=False)
    sys.exit(problem.exit_code)


def in_words(problem: Exception) -> ShouwangError:
    """What a person is told of anything that stopped a command."""
    if isinstance(problem, ShouwangError):
        return problem
    if isinstance(problem, OSError):
        what, advice = refusal(problem)
        return Failure(f"读写失败，{what}", f"{advice}后再次运行；{UNDONE}")
    if _is_of_database(problem):
        advice = f"检查磁盘空间、数据目录的权限和数据库的连接后再次运行；{UNDONE}"
        return Failure(f"业务数据库拒绝了操作（{mask_identity_numbers(str(problem))}）", advice)
    _show_trace(problem)
    return Failure(f"程序内部出错（{type(problem).__name__}）", f"把上面的记录交给维护人员；再次运行是安全的，{UNDONE}")


def _is_of_database(problem: Exception) -> bool:
    loaded = sys.modules.get("django.db")
    return loaded is not None and isinstance(problem, (loaded.OperationalError, loaded.InterfaceError))


def _show_trace(problem: Exception) -> None:
    """For whoever maintains the program; no identity number is shown."""
    errors.print(mask_identity_numbers("".join(traceback.format_exception(problem))), markup=False)
