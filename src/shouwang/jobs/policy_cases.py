"""The example cases of a rule, as sentences that can be read aloud."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.jobs.policy_words import Pack
from shouwang.policy.pack import Pack as PolicyPack
from shouwang.screening.cases import Case, load_cases
from shouwang.sources.contract import contract


@dataclass(frozen=True)
class CaseInWords:
    """One example: its point, whether the rule fires, and what is known of the household."""

    title: str
    fires: bool
    as_of: date
    sentences: tuple[str, ...]


def cases_in_words(words: Pack, rule: str) -> list[CaseInWords]:
    """The examples of one rule, in the order of its file."""
    return [
        CaseInWords(case.says, case.fires, case.as_of, tuple(_sentences(case)))
        for case in _cases(words.policy)
        if case.rule == rule
    ]


_KEPT: dict[str, list[Case]] = {}


def _cases(pack: PolicyPack) -> list[Case]:
    """Read once for each version of the pack."""
    if pack.version not in _KEPT:
        _KEPT.clear()
        _KEPT[pack.version] = load_cases(pack)
    return _KEPT[pack.version]


def _sentences(case: Case) -> list[str]:
    said = [f"{case.household_type}，{len(case.members)} 名成员" if case.members else case.household_type]
    said += [
        f"成员：{_row('household_register', member)}" for member in case.members if _row("household_register", member)
    ]
    said += [f"{contract(source).title}：{_row(source, row)}" for source, rows in case.rows.items() for row in rows]
    return said


def _row(source: str, row: Mapping[str, Any]) -> str:
    """The filled cells of a row, by the headers of the department's own file."""
    of = contract(source)
    parts = [str(row[name]) for name in ("who",) if row.get(name)]
    parts += [f"{of.column(field).header}{_cell(value)}" for field, value in row.items() if of.has(field)]
    return "，".join(parts)


def _cell(value: Any) -> str:
    return "（空）" if value is None else str(value)
