"""A policy pack: documents, dated parameters, rules, risk types, levels and clocks, read from a folder of YAML files."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import yaml

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.kernel.pack import pack_folder
from shouwang.kernel.working_days import WorkingDays
from shouwang.policy.checklist import Checklist, read_checklist
from shouwang.policy.dated import Dated
from shouwang.policy.deadlines import PREFIX, Deadline, read_deadline
from shouwang.policy.decided import Decided, decided_path, read_decided, render
from shouwang.policy.expression import Term, read_condition
from shouwang.policy.holidays import Holidays, calendar_of, read_holidays
from shouwang.policy.measures import Measures, read_measures
from shouwang.policy.parameters import Parameter, Value, read_parameter
from shouwang.policy.rule import Rule, read_rule

CASES = ".cases.yaml"
KEPT = 8
TOP_FILES = (
    "pack.yaml",
    "documents.yaml",
    "risk_types.yaml",
    "levels.yaml",
    "deadlines.yaml",
    "calendar.yaml",
    "measures.yaml",
    "checklist.yaml",
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A document that parameters and rules rest on; `clauses` quotes what is referred to."""

    id: str
    title: str
    number: str
    issued_on: date | None
    clauses: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True)
class Level:
    """A level of clues; `when` may also speak of risk_types_hit and rules_hit_outside_income."""

    id: str
    title: str
    when: Term
    words: str


@dataclass(frozen=True)
class Pack:
    """One city's policy. `version` names its content: the pack's own version and a hash of its files.

    With decided values laid over it, it is 2021.1-3+…: the third decision, and a hash of files and decisions.
    """

    path: Path
    id: str
    title: str
    version: str
    documents: Mapping[str, Document]
    parameters: Mapping[str, Parameter]
    rules: Mapping[str, Rule]
    risk_types: Mapping[str, str]
    levels: tuple[Level, ...]
    income_area: str
    income_unknown: Term
    deadlines: Mapping[str, Deadline]
    holidays: Mapping[str, Holidays]
    calendar: WorkingDays
    measures: Measures
    checklist: Checklist
    decided: tuple[Decided, ...] = ()

    def with_decided(self, decided: Sequence[Decided]) -> "Pack":
        """This pack with the values that were decided for it; those of other packs do not count here.

        A decision about something that the pack has no more changes nothing: no rule and no step can speak of it.

        Raises:
            InputError: a decided value does not suit what it was decided for.
        """
        own = tuple(each for each in decided if each.pack == self.id)
        if not own:
            return self
        by_name: dict[str, list[Decided]] = {}
        for each in own:
            by_name.setdefault(each.parameter, []).append(each)
        parameters = {
            name: each.with_decided(by_name[name]) if name in by_name else each
            for name, each in self.parameters.items()
        }
        deadlines = {
            name: each.with_decided(by_name[each.id]) if each.id in by_name else each
            for name, each in self.deadlines.items()
        }
        holidays = {
            year: each.with_decided(by_name[each.id]) if each.id in by_name else each
            for year, each in self.holidays.items()
        }
        edition, _, files = self.version.partition("+")
        digest = hashlib.sha256(files.encode() + render(own)).hexdigest()
        version = f"{edition}-{len(own)}+{digest[:12]}"
        return replace(
            self,
            parameters=parameters,
            deadlines=deadlines,
            holidays=holidays,
            calendar=calendar_of(holidays),
            decided=own,
            version=version,
        )

    @property
    def dated(self) -> Mapping[str, Dated[Any]]:
        """All that an office may set anew, by id: the parameters, the clocks as deadline.village, the holidays of a year as
        calendar.2027."""
        others: list[Dated[Any]] = [*self.deadlines.values(), *self.holidays.values()]
        return {**self.parameters, **{each.id: each for each in others}}

    def decided_at(self, day: date) -> dict[str, Decided]:
        """The parameters that hold by a decision on a day, with it."""
        found = {name: each.decided_at(day) for name, each in self.parameters.items()}
        return {name: each for name, each in found.items() if each is not None}

    def at(self, day: date, overrides: Mapping[str, str] | None = None) -> dict[str, Value]:
        """Every parameter's value on a day, with some replaced by a person's words.

        Raises:
            InputError: an override names no parameter or cannot be read; a parameter has no value yet.
        """
        replaced = {name: self.parse(name, text) for name, text in (overrides or {}).items()}
        return {name: replaced[name] if name in replaced else each.at(day) for name, each in self.parameters.items()}

    def overdue(self, day: date) -> list[Parameter]:
        """Parameters whose last dated value is older than a year on a day; it goes on being used."""
        return [each for each in self.parameters.values() if each.is_older_than_a_year(day)]

    def parse(self, name: str, text: str) -> Value:
        """A parameter's value from a person's words. Raises InputError as `at` does."""
        if name not in self.parameters:
            raise InputError(f"没有参数 {name}", "用 shouwang policy list 查看全部参数")
        return self.parameters[name].parse(text)


_LOOKED_AT: dict[Path, tuple[float, Pack]] = {}


def load_pack(path: Path | None = None, within: float = 0) -> Pack:
    """The pack in a folder; by default the one that SHOUWANG_POLICY names, else Chongqing's.

    Args:
        within: for so many seconds after its files were looked at they are taken for the same.

    Raises:
        InputError: there is none, or a file of it is unreadable or incomplete; the message names the file.
    """
    folder, now = path or pack_folder(), monotonic()
    if within and folder in _LOOKED_AT and _LOOKED_AT[folder][0] > now - within:
        return _LOOKED_AT[folder][1]
    pack = _looked_at(folder)
    if within:
        _LOOKED_AT[folder] = now, pack
    return pack


def _looked_at(folder: Path) -> Pack:
    try:
        stamps = tuple(_stamps(str(folder)))
    except FileNotFoundError:
        raise _incomplete(folder) from None
    return _load(folder, stamps)


def _incomplete(folder: Path) -> InputError:
    if not (folder / "pack.yaml").is_file():
        return InputError(f"政策包目录 {folder} 不存在或缺少 pack.yaml", "核对 --path 或 SHOUWANG_POLICY 指向的目录")
    missing = [name for name in TOP_FILES if not (folder / name).is_file()]
    return InputError(f"政策包 {folder.name} 缺少文件 {'、'.join(missing)}", "补上后再试")


def pack_of(home: Home, within: float = 0) -> Pack:
    """The pack that a home works by: the installation's, with the values that were decided in this home, which count at once.

    Args:
        within: as `load_pack`.

    Raises:
        InputError: as `load_pack`; or the file of decided values was edited by hand.
    """
    pack, path = load_pack(within=within), decided_path(home)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return pack
    return _layered(pack, content)


def decided_in(path: Path) -> tuple[Decided, ...]:
    """The decided values that a file lists; none where there is no file. Raises InputError where it was edited."""
    return read_decided(read_yaml(path)) if path.exists() else ()


_LAYERED: dict[tuple[Path, str, bytes], Pack] = {}


def _layered(pack: Pack, content: bytes) -> Pack:
    """Kept by content, so that a decision counts from the moment its file is in place."""
    named = (pack.path, pack.version, content)
    found = _LAYERED.get(named)
    if found is None:
        found = pack.with_decided(read_decided(read_yaml(Path("decided.yaml"), content)))
        if len(_LAYERED) >= KEPT:
            _LAYERED.clear()
        _LAYERED[named] = found
    return found


def _stamps(folder: str) -> Iterator[tuple[str, int, int]]:
    """Name, time of the last change and size of every file of a pack; every page asks for them."""
    for name in TOP_FILES:
        path = f"{folder}/{name}"
        stat = os.stat(path)
        yield path, stat.st_mtime_ns, stat.st_size
    inner = [file for part in ("parameters", "rules") for file in _inner(f"{folder}/{part}")]
    for file in sorted(inner, key=lambda each: each.path):
        yield file.path, file.stat().st_mtime_ns, file.stat().st_size


def _inner(part: str) -> Iterator[os.DirEntry[str]]:
    """The files of a part that are read: those in its folders, except the cases by which rules are tested."""
    for folder in os.scandir(part) if os.path.isdir(part) else ():
        if folder.is_dir():
            yield from (
                file for file in os.scandir(folder) if file.name.endswith(".yaml") and not file.name.endswith(CASES)
            )


@lru_cache(maxsize=KEPT)
def _load(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> Pack:
    try:
        return _read(folder, [Path(name) for name, _, _ in stamps])
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise InputError(
            f"政策包 {folder.name} 的文件缺少内容或写法不对：{problem}", "按相邻文件的样子改正"
        ) from problem


def _read(folder: Path, files: list[Path]) -> Pack:
    digest = hashlib.sha256()
    contents: dict[Path, Any] = {}
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
        contents[file] = read_yaml(file, content)
    top = {name: contents.pop(folder / name) for name in TOP_FILES}
    named = {file: f"{file.parent.name}.{file.stem}" for file in contents}
    parameters = {named[f]: read_parameter(named[f], d) for f, d in contents.items() if _part(f) == "parameters"}
    if of_clocks := sorted(name for name in parameters if name.startswith(PREFIX)):
        raise InputError(f"参数 {of_clocks[0]} 与时限重名", "时限写在 deadlines.yaml 中")
    rules = {named[f]: read_rule(named[f], d) for f, d in contents.items() if _part(f) == "rules"}
    levels, holidays = top["levels.yaml"], read_holidays(top["calendar.yaml"])
    return Pack(
        path=folder,
        id=top["pack.yaml"]["id"],
        title=top["pack.yaml"]["title"],
        version=f"{top['pack.yaml']['version']}+{digest.hexdigest()[:12]}",
        documents={name: _document(name, data) for name, data in top["documents.yaml"].items()},
        parameters=parameters,
        rules=rules,
        risk_types=top["risk_types.yaml"],
        levels=tuple(
            Level(each["id"], each["title"], read_condition(each["when"], f"级别 {each['id']}"), each["words"])
            for each in levels["levels"]
        ),
        income_area=levels["income_area"],
        income_unknown=read_condition(levels["income_unknown"], "收入未知"),
        deadlines={name: read_deadline(name, data) for name, data in top["deadlines.yaml"].items()},
        holidays=holidays,
        calendar=calendar_of(holidays),
        measures=read_measures(top["measures.yaml"]),
        checklist=read_checklist(top["checklist.yaml"]),
    )


def _part(file: Path) -> str:
    return file.parent.parent.name


def _document(name: str, data: Mapping[str, Any]) -> Document:
    clauses = {str(clause): text for clause, text in data.get("clauses", {}).items()}
    return Document(name, data["title"], data.get("number", ""), data.get("date"), clauses, data.get("note", ""))


def read_yaml(path: Path, content: bytes | None = None) -> Any:
    """One YAML file of a pack.

    Raises:
        InputError: it is not YAML, or not a mapping.
    """
    try:
        data = yaml.load(path.read_bytes() if content is None else content, Loader=_Loader)  # noqa: S506 - safe loader
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f"第 {mark.line + 1} 行第 {mark.column + 1} 列附近" if mark else "编码（应为 UTF-8）"
        raise InputError(
            f"政策包文件 {path.parent.name}/{path.name} 不是正确的 YAML：{place}写法有误",
            "检查缩进、引号和括号，按相邻文件的样子改正",
        ) from problem
    if not isinstance(data, dict):
        raise InputError(f"政策包文件 {path.name} 的内容不完整", "按相邻文件的样子补全")
    return data
