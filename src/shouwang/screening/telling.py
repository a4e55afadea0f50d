"""What is told of a finding: which rows it rests on, and why, in words.

The rows are fetched at once, their words are made when somebody asks for a clue: of a city's clues all words at once would be
a gigabyte, and whoever only wants the list reads none of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import label
from shouwang.facts.catalogue import catalogue
from shouwang.facts.declaration import Fact
from shouwang.facts.setting import Setting
from shouwang.policy.decided import Decided
from shouwang.policy.pack import Pack
from shouwang.policy.rule import Rule
from shouwang.screening.batch import BatchClue, FoundClue
from shouwang.screening.engine import ASSETS, HEAD, Hits, Row, evidence_of, without_collecting
from shouwang.screening.wording import Phrases, confirmed_words, json_value, lines_words, parameter_json, row_words

if TYPE_CHECKING:
    import pyarrow as pa

NOWHERE = (0, 0)
EVIDENCE_ROWS = 200  # of one fact of one rule; the total is always said


class Telling:
    """Tells of what was found in one screening; what it needs of the lake it has fetched."""

    def __init__(self, lake: Lake, pack: Pack, at: Setting, hits: Hits) -> None:
        self._pack, self._hits = pack, hits
        self._phrases = Phrases(pack, at)
        self._evidence = _Evidence(lake, pack, at, hits)
        self._parameters = {
            rule.id: {name: parameter_json(at.parameters[name]) for name in used_parameters(pack, rule.id)}
            for rule in pack.rules.values()
        }
        self._decided = {
            name: _decided_json(each)
            for name, each in pack.decided_at(at.as_of).items()
            if at.parameters[name] == pack.parameters[name].at(at.as_of)  # not where somebody tries another value
        }
        self._facts = {rule.id: [catalogue()[name] for name in rule.facts()] for rule in pack.rules.values()}

    def found(self, rows: Iterable[Row]) -> Iterator["Found"]:
        """One clue for each household and risk type, in order of household number, then risk type, from the rows of `rows_of`."""
        place = {name: len(HEAD) + number for number, name in enumerate(self._hits.facts)}
        known: dict[int, list[tuple[str, list[Rule], list[str]]]] = {}
        for row in rows:
            if row[-1] not in known:
                known[row[-1]] = list(self._by_type(row[-1]))
            for risk_type, rules, facts in known[row[-1]]:
                values = {name: row[place[name]] for name in facts}
                reasons = "；".join(self._reason(row[0], rule, values) for rule in rules)
                fired = tuple(rule.id for rule in rules)
                yield Found(row[0], FoundClue(row[1], row[2], risk_type, row[3], fired, reasons), values)

    def _by_type(self, mask: int) -> Iterator[tuple[str, list[Rule], list[str]]]:
        """Of the rules that fired those of each risk type, in order, with the facts that they speak of."""
        fired = sorted(
            (self._pack.rules[rule] for rule in self._hits.fired(mask)), key=lambda rule: (rule.risk_type, rule.id)
        )
        for risk_type, of_type in groupby(fired, key=lambda rule: rule.risk_type):
            rules = list(of_type)
            yield risk_type, rules, list(dict.fromkeys(fact.name for rule in rules for fact in self._facts[rule.id]))

    def explained(self, found: "Found") -> BatchClue:
        """A clue with all that it rests on."""
        clue = found.clue
        evidence = {rule: self._finding(found, self._pack.rules[rule]) for rule in clue.rules}
        flags = self._evidence.flags(found.household)
        return BatchClue(
            clue.household_no,
            clue.division_code,
            clue.risk_type,
            clue.level,
            clue.rules,
            clue.reasons,
            evidence,
            flags,
        )

    def _reason(self, household: int, rule: Rule, values: Mapping[str, Any]) -> str:
        places = [place for name in rule.evidence for place in self._evidence.places(name, household)]
        sources = lines_words(list(dict.fromkeys(places)))
        return self._phrases.reason(rule, values) + (f"（依据：{sources}）" if sources else "")

    def _rows(self, household: int, rule: Rule) -> list[tuple[Fact, Row]]:
        known = catalogue()
        return [(known[name], each) for name in rule.evidence for each in self._evidence.rows(name, household)]

    def _finding(self, found: "Found", rule: Rule) -> dict[str, Any]:
        rows, values = self._rows(found.household, rule), found.values
        return {
            "rule": rule.id,
            "version": rule.version,
            "title": rule.title,
            "parameters": self._parameters[rule.id],
            **_by_decision(self._decided, self._parameters[rule.id]),
            "facts": {fact.name: json_value(fact, values[fact.name]) for fact in self._facts[rule.id]},
            "reason": self._reason(found.household, rule, values),
            "rows": [self._evidence.row_json(fact, each) for fact, each in rows[:EVIDENCE_ROWS]],
            "rows_total": len(rows),
        }


class Found(NamedTuple):
    """A clue, the household by its key in the lake, and the values of the facts that its rules speak of."""

    household: int
    clue: FoundClue
    values: dict[str, Any]


class Clues(Sequence[BatchClue]):
    """The clues of one screening in order; each is explained when it is looked at."""

    def __init__(self, telling: Telling, rows: Iterable[Row]) -> None:
        self._telling = telling
        self._found = list(telling.found(rows))

    def found(self) -> list[FoundClue]:
        """All of them without what they rest on."""
        return [each.clue for each in self._found]

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> BatchClue: ...
    @overload
    def __getitem__(self, place: slice) -> list[BatchClue]: ...
    def __getitem__(self, place: int | slice) -> BatchClue | list[BatchClue]:
        if isinstance(place, slice):
            return [self._telling.explained(each) for each in self._found[place]]
        return self._telling.explained(self._found[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


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
            name: _Rows(evidence_of(lake, at, known[name], rules)) for name, rules in users.items() if fired & {*rules}
        }
        self._assets = _Rows(evidence_of(lake, at, known[ASSETS], ())) if fired else None
        self._confirmed_by = lake.confirmed_by

    def rows(self, fact: str, household: int) -> Sequence[Row]:
        return self._rows[fact].of(household)

    def places(self, fact: str, household: int) -> Sequence[tuple[int, int]]:
        """Delivery and line of each row."""
        return self._rows[fact].places(household)

    def flags(self, household: int) -> list[dict[str, Any]]:
        fact = catalogue()[ASSETS]
        flags = []
        for row in self._assets.of(household) if self._assets else ():
            category, registered_on, value = row[4:]
            flag = self.row_json(fact, row) | {"category": category, "registered_on": registered_on.isoformat()}
            flags.append(flag | {"value": None if value is None else str(value)})
        return flags

    def row_json(self, fact: Fact, row: Row) -> dict[str, Any]:
        """One source row: where it stands, whom it names (by pseudonym) and who confirmed that, and what it says."""
        _, delivery, line, person, *cells = row
        place = {"source": fact.source, "delivery": label(delivery), "line": line, "person": person}
        return place | {"text": row_words(fact, cells) + confirmed_words(self._confirmed_by(delivery, line))}


class _Rows:
    """Source rows in order of household. They lie in columns, and become tuples when the first of them is asked for: whoever only
    wants the list of clues needs to know where they stand, and a city's tuples take half a gigabyte."""

    def __init__(self, table: "pa.Table") -> None:
        import numpy as np

        self._table = table
        households, delivery, line = (
            np.from_dlpack(table.column(name).combine_chunks()) for name in ("household", "delivery", "line")
        )
        begins = np.flatnonzero(np.diff(households, prepend=-1))
        ends = np.append(begins, len(households))[1:]
        spans = zip(begins.tolist(), ends.tolist(), strict=True)
        self._spans = dict(zip(households[begins].tolist(), spans, strict=True))
        self._places = list(zip(delivery.tolist(), line.tolist(), strict=True))

    def places(self, household: int) -> Sequence[tuple[int, int]]:
        begin, end = self._spans.get(household, NOWHERE)
        return self._places[begin:end]

    def of(self, household: int) -> Sequence[Row]:
        begin, end = self._spans.get(household, NOWHERE)
        return self._tuples[begin:end] if end else ()

    @cached_property
    def _tuples(self) -> list[Row]:
        with without_collecting():
            return list(zip(*(column.to_pylist() for column in self._table.columns), strict=True))


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
