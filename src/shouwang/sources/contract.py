"""What each department file looks like: one contract a source, read from `<source>/contract.yaml`.

A source is added by adding its folder; nothing else has to know of it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from shouwang.kernel.errors import InputError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ColumnType = Literal[
    "text", "long_text", "identifier", "name", "id_number", "division", "date", "amount", "count", "year", "code"
]
Subject = Literal["person", "household", "place"]

# DEPARTMENT_FILES, "Header synonyms"
ONE_COLUMN = (
    ("证件号码", "身份证号", "身份证号码", "公民身份号码"),
    ("姓名", "人员姓名"),
    ("行政区划代码", "村代码", "区划代码"),
)
HEAD = "户主"


@dataclass(frozen=True)
class Column:
    """One column of a department file."""

    field: str
    header: str
    type: ColumnType
    required: bool = False
    may_be_future: bool = False
    villages_only: bool = False
    codes: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """All headers under which the column is known, the best first."""
        bare = self.header.removeprefix(HEAD)
        same = next((group for group in ONE_COLUMN if bare in group), (bare,))
        headed = tuple(HEAD + name for name in same) + same if self.header.startswith(HEAD) else same
        return tuple(dict.fromkeys((self.header, *self.synonyms, *headed)))


@dataclass(frozen=True)
class SumCheck:
    """A total must equal the sum of its parts within a tolerance in yuan; empty parts count as nought."""

    name: str
    total: str
    parts: tuple[str, ...]
    within: str


@dataclass(frozen=True)
class Contract:
    """One recurring file from one owner. `key` names the fields that identify a row (natural key)."""

    source: str
    title: str
    owner: str
    subject: Subject
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    checks: tuple[SumCheck, ...] = ()

    @property
    def required(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.required)

    def column(self, field: str) -> Column:
        return next(column for column in self.columns if column.field == field)

    def has(self, field: str) -> bool:
        return any(column.field == field for column in self.columns)


def canonical_header(text: str) -> str:
    """A header as it is compared: no white space, no unit in brackets, no asterisk, full-width folded."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"\((元|万元|月|个月)\)$", "", folded.strip("*＊")).strip("*:")


@cache
def contracts() -> dict[str, Contract]:
    """Every source there is, by id."""
    found = sorted(Path(__file__).parent.glob("*/contract.yaml"))
    return {contract.source: contract for contract in map(_read, found)}


def contract(source: str) -> Contract:
    """The contract of one source.

    Raises:
        InputError: no such source.
    """
    known = contracts()
    if source not in known:
        listed = "、".join(f"{each.source}（{each.title}）" for each in known.values())
        raise InputError(f"没有名为 {source} 的数据来源", f"可用的来源：{listed}")
    return known[source]


def _read(path: Path) -> Contract:
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe loader
    columns = tuple(map(_column, data["columns"]))
    checks = tuple(SumCheck(c["name"], c["total"], tuple(c["parts"]), c["within"]) for c in data.get("checks", ()))
    read = Contract(data["source"], data["title"], data["owner"], data["subject"], tuple(data["key"]), columns, checks)
    _check(read, path)
    return read


def _column(data: dict[str, Any]) -> Column:
    lists = {name: tuple(data.get(name, ())) for name in ("codes", "synonyms")}
    return Column(**{**data, **lists})


def _check(read: Contract, path: Path) -> None:
    fields = [column.field for column in read.columns]
    wrong = [name for name in read.key if name not in fields]
    wrong += [column.field for column in read.columns if column.type not in get_args(ColumnType)]
    wrong += [field for field in fields if fields.count(field) > 1]
    wrong += [column.field for column in read.columns if (column.type == "code") != bool(column.codes)]
    if read.source != path.parent.name or read.subject not in get_args(Subject) or wrong:
        raise ValueError(f"{path}: contract is inconsistent: {wrong or read.source}")
