"""What was found, in the words of the field: values, source rows and reasons."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from shouwang.deliveries.ledger import label
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact
from shouwang.facts.setting import Setting
from shouwang.policy.expression import Term, evaluate
from shouwang.policy.pack import Pack
from shouwang.policy.rule import PLACEHOLDER, Rule
from shouwang.sources.contract import contract

UNKNOWN = "未知"
LINES_NAMED = 3  # how many source lines a reason names before it says how many there are
UNIT_OF_TYPE = {"amount": "元"}


def value_words(fact: Fact, value: Any) -> str:
    """A fact's value with its unit: 23400.00元, 4人, 是."""
    if value is None:
        return UNKNOWN
    if fact.kind == "flag":
        return "是" if value else "否"
    return f"{json_value(fact, value)}{fact.unit}"


def json_value(fact: Fact, value: Any) -> str | int | bool | None:
    """A fact's value as plain JSON; amounts are text with two places."""
    if value is None:
        return None
    if fact.kind == "flag":
        return bool(value)
    return f"{Decimal(value):.2f}" if fact.kind == "amount" else int(value)


def parameter_json(value: Any) -> str | int | list[str]:
    """A parameter's value as plain JSON; amounts and ratios are text."""
    if isinstance(value, tuple):
        return list(value)
    return format(value, "f") if isinstance(value, Decimal) else int(value)


@cache
def shown_headers(fact_name: str) -> tuple[tuple[str, str], ...]:
    """The header and the unit of each column that a fact shows."""
    fact = catalogue()[fact_name]
    columns = [contract(fact.source).column(name) for name in fact.shows]
    return tuple((column.header, UNIT_OF_TYPE.get(column.type, "")) for column in columns)


def row_words(fact: Fact, cells: Sequence[Any]) -> str:
    """One source row as a reader is told of it: the shown columns that are filled."""
    parts = [
        f"{header}{cell.isoformat() if isinstance(cell, date) else cell}{unit}"
        for (header, unit), cell in zip(shown_headers(fact.name), cells, strict=True)
        if cell is not None and cell != ""
    ]
    return "，".join(parts)


def confirmed_words(office: str) -> str:
    """What stands behind a row whose person was decided by people; empty where nobody had to."""
    return f"（是本户成员，由{office}人工确认）" if office else ""


def lines_words(places: Sequence[tuple[int, int]]) -> str:
    """Where rows stand: D000012第345行、第1290行等5条; empty without any."""
    if not places:
        return ""
    by_delivery: dict[int, list[int]] = {}
    for delivery, line in places[:LINES_NAMED]:
        by_delivery.setdefault(delivery, []).append(line)
    named = "，".join(
        label(delivery) + "、".join(f"第{line}行" for line in lines) for delivery, lines in by_delivery.items()
    )
    return named if len(places) <= LINES_NAMED else f"{named}等{len(places)}条"


class Phrases:
    """Fills the words of rules for one setting; what does not depend on the household is filled once."""

    def __init__(self, pack: Pack, at: Setting) -> None:
        self._pack = pack
        self._at = at
        self._facts = catalogue()
        self._ready: dict[tuple[str, int], tuple[str | Fact, ...]] = {}

    def reason(self, rule: Rule, values: Mapping[str, Any]) -> str:
        """The words for a hit, without its sources."""
        for position, reason in enumerate(rule.reasons):
            if reason.when is None or self._holds(reason.when, values):
                key = (rule.id, position)
                if key not in self._ready:
                    self._ready[key] = self._parts(reason.say)
                parts = self._ready[key]
                return "".join(
                    part if isinstance(part, str) else value_words(part, values[part.name]) for part in parts
                )
        return rule.title

    def _holds(self, when: Term, values: Mapping[str, Any]) -> bool:
        scalars: dict[str, Any] = {**values, **self._at.parameters}
        return evaluate(when, scalars) is True

    def _parts(self, say: str) -> tuple[str | Fact, ...]:
        """The words of a reason, and the facts whose values stand between them."""
        between = PLACEHOLDER.split(say)  # text, name, text, name, …, text
        return tuple(self._part(name) if place % 2 else name for place, name in enumerate(between))

    def _part(self, name: str) -> str | Fact:
        if name.endswith(".period"):
            period = self._facts[name.removesuffix(".period")].period(self._at)
            return period.words() if period else ""
        if "." in name:
            return self._pack.parameters[name].words(self._at.parameters[name])
        return self._facts[name]
