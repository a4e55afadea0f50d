"""One household explained: every fact with its sources, every rule with what it compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact, Reach
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import qualifying_rows
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.policy.pack import Pack
from shouwang.screening.engine import MEMBERS, find_level, prepare
from shouwang.screening.reading import Comparison, Reader
from shouwang.screening.telling import used_parameters
from shouwang.screening.wording import Phrases, confirmed_words, json_value, parameter_json, row_words, value_words
from shouwang.sources.contract import contract

ROWS_SHOWN = 5  # on a screen; JSON has all


@dataclass(frozen=True)
class FactFound:
    """A fact's value, how it comes about in words, and the source rows that it rests on (all of them)."""

    name: str
    title: str
    value: str | int | bool | None
    words: str
    how: str
    source: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class RuleFound:
    """Whether a rule fired, and what its condition compared."""

    rule: str
    version: int
    title: str
    risk_type: str
    fired: bool
    why: str
    comparisons: list[Comparison]
    reason: str | None
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """Everything that a screening knows of one household at D. `level` is None where no rule fired."""

    household_no: str
    division_code: str
    as_of: date
    known_at: date
    pack_version: str
    screened: bool
    level: str | None
    facts: list[FactFound]
    rules: list[RuleFound]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "household_no": self.household_no,
            "division_code": self.division_code,
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
            "pack_version": self.pack_version,
            "screened": self.screened,
            "level": self.level,
            "facts": [vars(fact) for fact in self.facts],
            "rules": [
                vars(rule) | {"comparisons": [each.as_json() for each in rule.comparisons]} for rule in self.rules
            ],
        }

    def lines(self) -> Iterator[str]:
        """The same for a reader."""
        yield f"户编号 {self.household_no}，{self.division_code}，截至 {self.as_of}（已收到截至 {self.known_at}）"
        yield f"政策包 {self.pack_version}"
        if not self.screened:
            yield "全户已没有在册成员，不参加筛查"
        yield ""
        yield "事实"
        for fact in self.facts:
            yield f"  {fact.title}：{fact.words}    〔{fact.how}〕"
            for row in fact.rows[:ROWS_SHOWN]:
                yield f"      {row['delivery']} 第{row['line']}行  {row['text']}".rstrip()
            if len(fact.rows) > ROWS_SHOWN:
                yield f"      等{len(fact.rows)}条"
        yield ""
        yield "规则"
        for rule in self.rules:
            yield f"  {'●' if rule.fired else '○'} {rule.title}（{rule.rule}）：{'预警' if rule.fired else '不预警'}"
            yield f"      {rule.why}"
            if rule.reason:
                yield f"      {rule.reason}"


def explain(home: Home, pack: Pack, household_no: str, as_of: date, known_at: date | None = None) -> Explanation:
    """Explains one household as `screen` would see it.

    Raises:
        InputError: the register as known has no such household.
        Failure: as `screen`.
    """
    known_at = known_at or as_of
    at = Setting(as_of, pack.at(as_of))
    facts = list(catalogue().values())
    with Lake(home, known_at) as lake:
        prepare(lake, at, facts, f"household_no = {literal(household_no)}")
        columns = ", ".join(["division_code", *(fact.name for fact in facts)])
        row = lake.run(f"SELECT {columns} FROM household_facts").fetchone()
        if row is None:
            raise InputError(
                f"截至{known_at}收到的农户名册中没有户编号 {household_no}", "核对户编号，或选用更晚的 --known-at"
            )
        values = dict(zip((fact.name for fact in facts), row[1:], strict=True))
        found = [_fact(lake, at, fact, values[fact.name]) for fact in facts]
        screened = values[MEMBERS] > 0
        level = find_level(lake, pack, at) if screened else None
    rules = _rules(pack, at, values, screened)
    return Explanation(household_no, row[0], as_of, known_at, pack.version, screened, level, found, rules)


def _fact(lake: Lake, at: Setting, fact: Fact, value: Any) -> FactFound:
    rows = []
    if fact.reach is not Reach.COUNTY:
        shown = "".join(f", {name}" for name in fact.shows)
        sql = f"SELECT delivery, line{shown} FROM ({qualifying_rows(fact, lake, at)}) AS q"
        for delivery, line, *cells in lake.run(f"{sql} ORDER BY received_on, delivery, line").fetchall():
            place = {"source": fact.source, "delivery": label(delivery), "line": line}
            rows.append(place | {"text": row_words(fact, cells) + confirmed_words(lake.confirmed_by(delivery, line))})
    how = how_words(fact, at)
    return FactFound(fact.name, fact.title, json_value(fact, value), value_words(fact, value), how, fact.source, rows)


REACHES = {
    Reach.MEMBERS: "成员的",
    Reach.REGISTERED: "名册中任何人（含已去世）的",
    Reach.HOUSEHOLD: "本户的",
    Reach.OWN_OR_VILLAGE: "名册中任何人的，或全村的",
    Reach.COUNTY: "本区县任何在册人员的",
}


def how_words(fact: Fact, at: Setting) -> str:
    """In words: which rows of which source count."""
    of = contract(fact.source)
    headers = {column.field: column.header for column in of.columns}
    headers |= {f"member.{c.field}": f"名册{c.header}" for c in contract("household_register").columns}
    parts = [condition.words(at, headers) for condition in fact.where]
    if fact.last:
        parts.append(f"取{'每人' if fact.last.per == 'person' else '全户'}{headers[fact.last.by]}最近的一条")
    parts += [condition.words(at, headers) for condition in fact.keep]
    if fact.lacking:
        other = contract(fact.lacking.source)
        named = {column.field: column.header for column in other.columns}
        lacked = "且".join(condition.words(at, named) for condition in fact.lacking.where)
        parts.append(f"没有{lacked}的{other.title}记录")
    return f"{REACHES[fact.reach]}{of.title}" + (f"：{'；'.join(parts)}" if parts else "")


def _rules(pack: Pack, at: Setting, values: dict[str, Any], screened: bool) -> list[RuleFound]:
    reader = Reader(pack, {**values, **at.parameters})
    phrases = Phrases(pack, at)
    found = []
    for rule in pack.rules.values():
        fired = screened and reader.holds(rule.condition) is True
        parameters = {name: parameter_json(at.parameters[name]) for name in used_parameters(pack, rule.id)}
        why = reader.with_outcome(rule.condition) if screened else "全户已没有在册成员，不参加筛查"
        reason = phrases.reason(rule, values) if fired else None
        found.append(
            RuleFound(
                rule.id,
                rule.version,
                rule.title,
                rule.risk_type,
                fired,
                why,
                reader.comparisons(rule.condition),
                reason,
                parameters,
            )
        )
    return found
