"""Values that were decided at the desk since the pack was written: a list that only grows, laid over the pack's parameters.

The list lies in the home (`policy/decided.yaml`). The pack's own files are never edited, so that what came with the program
and what an office decided can be told apart for ever.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home

HEAD = "# 已审定的参数数值，由程序按业务数据库写出，只增不减，请勿手工修改。\n"


@dataclass(frozen=True)
class Decided:
    """One decided value with its ground. `number` counts the decisions of this home; `value` is as the pack writes it."""

    number: int
    pack: str
    parameter: str
    value: str
    valid_from: date
    document: str
    document_number: str
    clause: str
    decided_on: date
    amendment: int


_TYPES = {each.name: each.type for each in fields(Decided)}


def decided_path(home: Home) -> Path:
    """Where the list of a home lies, whether there is one yet or not."""
    return home.path / "policy" / "decided.yaml"


def read_decided(data: Mapping[str, Any]) -> tuple[Decided, ...]:
    """The list from its file, in the order of decision.

    Raises:
        InputError: somebody has edited it: an entry is missing, incomplete, or not of its type.
    """
    found = tuple(_entry(each) for each in data.get("decided") or ())
    if [each.number for each in found] != list(range(1, len(found) + 1)):
        raise InputError("审定数值文件 decided.yaml 的序号不连续，可能被改动过", "用备份恢复该文件")
    return found


def _entry(data: Any) -> Decided:
    if not isinstance(data, dict) or set(data) != set(_TYPES):
        raise InputError("审定数值文件 decided.yaml 有一项不完整，可能被改动过", "用备份恢复该文件")
    wrong = [name for name, value in data.items() if type(value) is not _TYPES[name]]
    if wrong:
        raise InputError(f"审定数值文件 decided.yaml 的 {'、'.join(wrong)} 写法不对", "用备份恢复该文件")
    return Decided(**data)


def render(decided: Iterable[Decided]) -> bytes:
    """The file's content; the same list gives the same bytes."""
    listed = [asdict(each) for each in decided]
    return (HEAD + yaml.safe_dump({"decided": listed}, allow_unicode=True, sort_keys=False, width=120)).encode()
