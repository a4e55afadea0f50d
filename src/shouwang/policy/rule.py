"""A screening rule as its file gives it: condition, words for a hit, and the facts that are its evidence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.kernel.errors import InputError
from shouwang.policy.dated import Ground, read_ground
from shouwang.policy.expression import Term, names, read_condition

FIRST_VERSION = 1
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")


@dataclass(frozen=True)
class Reason:
    """Words for a hit, used where `when` holds (None: always). `{fact}`, `{fact.period}`, `{area.parameter}`."""

    when: Term | None
    say: str

    def placeholders(self) -> list[str]:
        return PLACEHOLDER.findall(self.say)


@dataclass(frozen=True)
class Change:
    """What a version of a rule does otherwise than the one before, since when, and on what ground."""

    version: int
    since: date
    what: str
    ground: Ground


@dataclass(frozen=True)
class Rule:
    """One rule. A condition that is unknown (a value it needs is missing) does not fire.

    `changes` tell of every version after the first, in order.
    """

    id: str
    version: int
    title: str
    risk_type: str
    ground: Ground
    condition: Term
    condition_text: str
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    note: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def area(self) -> str:
        return self.id.split(".")[0]

    def names(self) -> list[str]:
        """Facts and parameters of the condition and of the words."""
        spoken = [name for reason in self.reasons for name in (names(reason.when) if reason.when else [])]
        filled = [name.removesuffix(".period") for reason in self.reasons for name in reason.placeholders()]
        return list(dict.fromkeys([*names(self.condition), *spoken, *filled]))

    def facts(self) -> list[str]:
        return list(dict.fromkeys([*(name for name in self.names() if "." not in name), *self.evidence]))

    def parameters(self) -> list[str]:
        return [name for name in self.names() if "." in name]


def read_rule(name: str, data: Mapping[str, Any]) -> Rule:
    """One rule from its file; `name` is what its place in the pack calls it.

    Raises:
        InputError: something is missing or unreadable.
    """
    what = f"规则 {name}"
    for field in ("id", "version", "title", "risk_type", "ground", "condition", "reasons", "evidence"):
        if not data.get(field):
            raise InputError(f"{what}缺少 {field}", "补上后再试")
    if data["id"] != name:
        raise InputError(f"{what}的 id 写成了 {data['id']}", "文件位置和 id 须一致")
    reasons = tuple(
        Reason(read_condition(each["when"], what) if "when" in each else None, each["say"]) for each in data["reasons"]
    )
    return Rule(
        id=name,
        version=int(data["version"]),
        title=data["title"],
        risk_type=data["risk_type"],
        ground=read_ground(data["ground"], what),
        condition=read_condition(data["condition"], what),
        condition_text=" ".join(data["condition"].split()),
        reasons=reasons,
        evidence=tuple(data["evidence"]),
        note=data.get("note", ""),
        changes=_changes(data, what),
    )


def _changes(data: Mapping[str, Any], what: str) -> tuple[Change, ...]:
    """Raises InputError where a version after the first does not say what it changed, since when, and why."""
    found = []
    for version, told in enumerate(data.get("changes") or (), start=FIRST_VERSION + 1):
        if not isinstance(told, dict) or type(told.get("since")) is not date or not told.get("what"):
            raise InputError(f"{what}的 changes 须写明每次改动的 since（日期）、what 和 ground", "按改动先后补全")
        found.append(
            Change(version, told["since"], told["what"], read_ground(told.get("ground"), f"{what}第{version}版"))
        )
    if int(data["version"]) != FIRST_VERSION + len(found):
        raise InputError(f"{what}是第{data['version']}版，changes 却有{len(found)}次改动", "每改一版加一项，版本号加一")
    return tuple(found)
