"""Rows whose person is for people to decide: what came, and whom the linkage proposes, within a user's scope."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from shouwang.accounts.scope import Scope
from shouwang.deliveries.lake import Lake
from shouwang.deliveries.ledger import deliveries, label
from shouwang.households.models import Person
from shouwang.kernel.home import Home
from shouwang.sources.contract import contract


@dataclass(frozen=True)
class Candidate:
    """A registered person who may be meant; `probability` is None where a rule, not a model, proposes."""

    name: str
    id_masked: str
    household_no: str
    probability: float | None
    evidence: str


@dataclass(frozen=True)
class WaitingRow:
    """A row that waits: its place, why its number did not do, and the candidates within scope."""

    delivery: int
    source_title: str
    owner: str
    received_on: date
    line: int
    reason: str
    candidates: list[Candidate]

    @property
    def label(self) -> str:
        return label(self.delivery)


def rows_in_review(home: Home, scope: Scope, offset: int = 0, limit: int = 50) -> list[WaitingRow]:
    """Rows awaiting review with at least one candidate within scope, the latest delivery first.

    A candidate outside scope is left out; a row with none inside is not shown at all.

    Raises:
        Failure: a file of the lake cannot be read.
    """
    raw = _raw_rows(home)
    keys = {candidate["person"] for row in raw for candidate in row[3]}
    people = _people(scope, keys)
    waiting = []
    for report, line, reason, proposed in raw:
        candidates = [_candidate(each, people[each["person"]]) for each in proposed if each["person"] in people]
        if candidates:
            of = contract(report.source)
            waiting.append(WaitingRow(report.number, of.title, of.owner, report.received_on, line, reason, candidates))
    return waiting[offset : offset + limit]


def _raw_rows(home: Home) -> list[tuple[Any, int, str, list[dict[str, Any]]]]:
    reports = [each for each in reversed(deliveries(home)) if each.review]
    found = []
    with Lake(home, None) as lake:
        for report in reports:
            path = str(home.lake / "review" / f"{report.label}.parquet").replace("'", "''")
            rows = lake.run(f"SELECT line, reason, candidates FROM read_parquet('{path}') ORDER BY line").fetchall()
            found += [(report, line, reason, json.loads(text)) for line, reason, text in rows]
    return found


def _people(scope: Scope, keys: set[int]) -> dict[int, Person]:
    listed, found = sorted(keys), {}
    for start in range(0, len(listed), 500):
        chosen = Person.objects.filter(key__in=listed[start : start + 500]).defer("sealed")
        found.update({person.key: person for person in scope.filter(chosen, path="household__area")})
    return found


def _candidate(proposed: dict[str, Any], person: Person) -> Candidate:
    return Candidate(
        person.name,
        person.id_masked,
        person.household_id,
        proposed.get("probability"),
        str(proposed.get("evidence") or ""),
    )
