"""One screening: what was known on a day, under a policy pack, for an as-of day, becomes a batch of clues."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from shouwang.deliveries.engines import DUCKDB, open_lake
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact
from shouwang.facts.register import EVERYONE
from shouwang.facts.setting import Setting, literal
from shouwang.facts.tables import scans
from shouwang.kernel.divisions import load_divisions
from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home
from shouwang.policy.decided import Decided
from shouwang.policy.pack import Pack
from shouwang.screening.batch import BatchClue, ClueBatch, ClueKey, Looked
from shouwang.screening.engine import ASSETS, HEAD, Done, Hits, Row, evidence_of, facts_of, find_hits, prepare
from shouwang.screening.wording import Phrases, confirmed_words, json_value, lines_words, parameter_json, row_words

WHOLE = "不接着此前的结果"
EVIDENCE_ROWS = 200  # of one fact of one rule; the total is always said
Progress = Callable[[int], None]


def screen(
    home: Home,
    pack: Pack,
    as_of: date,
    known_at: date | None = None,
    overrides: Mapping[str, str] | None = None,
    area: str | None = None,
    progress: Progress | None = None,
    engine: str = DUCKDB,
) -> ClueBatch:
    """Screens every household of the register, or of one area.

    Args:
        known_at: only deliveries received by this day count; by default the as-of day.
        overrides: parameter values to use instead of the pack's, as people write them.
        area: code of a division; only households within it are screened.
        progress: told how much is done, in percent.
        engine: what computes it, one of `deliveries.engines.ENGINES`; the batch is the same.

    Raises:
        InputError: an unknown area, parameter or engine, an unreadable value, or a day before the pack's parameters.
        Failure: memory or disk did not suffice, or a file of the lake is missing.
    """
    known_at = known_at or as_of
    at = Setting(as_of, pack.at(as_of, overrides))
    where = within_area(pack, area)
    facts = facts_of(pack)
    with open_lake(engine, home, known_at) as lake:
        told = Told(progress, steps=scans(facts) + 4)
        prepare(lake, at, facts, where, told.step)
        hits = find_hits(lake, pack, at, facts)
        told.step()
        clues = clues_of(lake, pack, at, hits, told.step)
    looked = Looked(everybody=hits.screened, why_everybody=WHOLE)
    screened, by_rule, unknown = hits.screened, hits.by_rule, hits.income_unknown
    return ClueBatch(as_of, known_at, pack.version, screened, by_rule, clues, unknown, looked=looked)


def clue_keys(
    home: Home,
    pack: Pack,
    as_of: date,
    known_at: date,
    overrides: Mapping[str, str] | None = None,
    area: str | None = None,
) -> list[ClueKey]:
    """The clues that `screen` would find, without evidence. Raises as `screen`."""
    at = Setting(as_of, pack.at(as_of, overrides))
    where = within_area(pack, area)
    facts = facts_of(pack)
    with Lake(home, known_at) as lake:
        prepare(lake, at, facts, where)
        hits = find_hits(lake, pack, at, facts)
    first_rule = len(HEAD) + len(hits.facts)
    keys = []
    for row in hits.rows:
        fired = [rule for rule, hit in zip(hits.rules, row[first_rule:], strict=True) if hit]
        for risk_type in sorted({pack.rules[rule].risk_type for rule in fired}):
            keys.append(ClueKey(row[1], row[2], risk_type, row[3]))
    return keys


def within_area(pack: Pack, area: str | None) -> str:
    """The condition on a household's division that an area makes.

    Raises:
        InputError: the pack knows no such division.
    """
    if area is None:
        return EVERYONE
    division = load_divisions(pack.path / "divisions").get(area)
    if division is None:
        raise InputError(f"没有行政区划 {area}", "使用12位统计用区划代码，例如万州区 500101000000")
    scope = division.scope
    return f"substr(division_code, 1, {len(scope)}) = {literal(scope)}"


@contextmanager
def without_collecting() -> Iterator[None]:
    """Many small objects that all stay: looking for garbage among them costs more than making them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def clues_of(lake: Lake, pack: Pack, at: Setting, hits: Hits, done: Done = lambda: None) -> list[BatchClue]:
    """The clues of what was hit, each explained to the last row."""
    with without_collecting():
        evidence = _Evidence(lake, pack, at, hits)
    done()
    with without_collecting():
        clues = _clues(pack, at, hits, evidence)
    done()
    return clues


class Told:
    """Whoever waits, told after each of so many steps."""

    def __init__(self, progress: Progress | None, steps: int) -> None:
        self._progress, self._steps, self._done = progress, steps, 0

    def step(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(min(100, self._done * 100 // self._steps))


class _Evidence:
    """Source rows of what fired, by fact and household."""

    def __init__(self, lake: Lake, pack: Pack, at: Setting, hits: Hits) -> None:
        known = catalogue()
        users: dict[str, list[str]] = {}
        for rule in pack.rules.values():
            for name in rule.evidence:
                users.setdefault(name, []).append(rule.id)
        fired = {rule for rule, households in hits.by_rule.items() if households}
        self._rows = {
            name: _by_household(evidence_of(lake, at, known[name], rules))
            for name, rules in users.items()
            if fired & {*rules}
        }
        self._assets = _by_household(evidence_of(lake, at, known[ASSETS], ())) if fired else {}
        self._confirmed_by = lake.confirmed_by

    def rows(self, fact: str, household: int) -> list[Row]:
        return self._rows[fact].get(household, [])

    def flags(self, household: int) -> list[dict[str, Any]]:
        fact = catalogue()[ASSETS]
        flags = []
        for row in self._assets.get(household, []):
            category, registered_on, value = row[4:]
            flag = self.row_json(fact, row) | {"category": category, "registered_on": registered_on.isoformat()}
            flags.append(flag | {"value": None if value is None else str(value)})
        return flags

    def forget(self, household: int) -> None:
        """Its clues are made: of a city, rows and clues side by side would be half a gigabyte more."""
        for rows in (*self._rows.values(), self._assets):
            rows.pop(household, None)

    def row_json(self, fact: Fact, row: Row) -> dict[str, Any]:
        """One source row: where it stands, whom it names (by pseudonym) and who confirmed that, and what it says."""
        _, delivery, line, person, *cells = row
        place = {"source": fact.source, "delivery": label(delivery), "line": line, "person": person}
        return place | {"text": row_words(fact, cells) + confirmed_words(self._confirmed_by(delivery, line))}


def _by_household(rows: list[Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row[0], []).append(row)
    return grouped


def _clues(pack: Pack, at: Setting, hits: Hits, evidence: _Evidence) -> list[BatchClue]:
    """One clue for each household and risk type, in order of household number, then risk type."""
    known = catalogue()
    phrases = Phrases(pack, at)
    parameters = {
        rule.id: {name: parameter_json(at.parameters[name]) for name in used_parameters(pack, rule.id)}
        for rule in pack.rules.values()
    }
    decided = {
        name: _decided_json(each)
        for name, each in pack.decided_at(at.as_of).items()
        if at.parameters[name] == pack.parameters[name].at(at.as_of)  # not where somebody tries another value
    }
    facts_of_rule = {rule.id: [known[name] for name in rule.facts()] for rule in pack.rules.values()}
    first_fact, first_rule = len(HEAD), len(HEAD) + len(hits.facts)
    clues = []
    for row in hits.rows:
        household, number, division, level = row[:first_fact]
        values = dict(zip(hits.facts, row[first_fact:first_rule], strict=True))
        by_type: dict[str, list[str]] = {}
        for rule_id, fired in zip(hits.rules, row[first_rule:], strict=True):
            if fired:
                by_type.setdefault(pack.rules[rule_id].risk_type, []).append(rule_id)
        flags = evidence.flags(household)
        for risk_type in sorted(by_type):
            found = {}
            for rule_id in sorted(by_type[risk_type]):
                rule = pack.rules[rule_id]
                rows = [(known[name], each) for name in rule.evidence for each in evidence.rows(name, household)]
                sources = lines_words(list(dict.fromkeys((each[1], each[2]) for _, each in rows)))
                reason = phrases.reason(rule, values) + (f"（依据：{sources}）" if sources else "")
                found[rule_id] = {
                    "rule": rule_id,
                    "version": rule.version,
                    "title": rule.title,
                    "parameters": parameters[rule_id],
                    **_by_decision(decided, parameters[rule_id]),
                    "facts": {fact.name: json_value(fact, values[fact.name]) for fact in facts_of_rule[rule_id]},
                    "reason": reason,
                    "rows": [evidence.row_json(fact, each) for fact, each in rows[:EVIDENCE_ROWS]],
                    "rows_total": len(rows),
                }
            reasons = "；".join(str(each["reason"]) for each in found.values())
            clues.append(BatchClue(number, division, risk_type, level, tuple(found), reasons, found, flags))
        evidence.forget(household)
    return clues


def _decided_json(decided: Decided) -> dict[str, Any]:
    return {
        "number": decided.number,
        "since": decided.valid_from.isoformat(),
        "document": decided.document,
        "document_number": decided.document_number,
        "clause": decided.clause,
    }


def _by_decision(decided: Mapping[str, dict[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The grounds of those parameters of a rule that hold by a decision and not by the pack's own files."""
    found = {name: decided[name] for name in parameters if name in decided}
    return {"decided": found} if found else {}


def used_parameters(pack: Pack, rule_id: str) -> list[str]:
    """Every parameter that a rule's outcome depends on: its own, and those of its facts."""
    rule = pack.rules[rule_id]
    known = catalogue()
    of_facts = [name for fact in rule.facts() for name in known[fact].parameters()]
    return sorted(dict.fromkeys([*rule.parameters(), *of_facts]))
