"""The evidence that screening stored with a clue, made ready to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from shouwang.exchange.models import Delivery
from shouwang.jobs.policy_words import Named, Pack, pack_words
from shouwang.sources.contract import contracts


@dataclass(frozen=True)
class SourceRow:
    """One row of a department file: delivery and line say where, `words` what stands there, `person` about whom."""

    source_title: str
    owner: str
    delivery: int
    line: int
    person: str
    words: str

    @property
    def label(self) -> str:
        return Delivery(number=self.delivery).label


@dataclass(frozen=True)
class Finding:
    """One rule that fired. `more_rows` are those that the stored evidence counts but does not list.

    `decided` says which parameters held by a decision of the city, and on what ground.
    """

    rule: str
    version: str
    title: str
    said: str
    facts: tuple[Named, ...]
    parameters: tuple[Named, ...]
    rows: tuple[SourceRow, ...]
    more_rows: int
    rule_known: bool
    decided: tuple[str, ...] = ()


def findings_of(evidence: Mapping[str, Mapping[str, Any]], names: Mapping[int, str]) -> list[Finding]:
    """The rules that fired; `names` are those of the household's persons by their key."""
    words = pack_words()
    return [_finding(entry, words, names) for entry in evidence.values()]


def _finding(entry: Mapping[str, Any], words: Pack, names: Mapping[int, str]) -> Finding:
    rows = source_rows(entry["rows"], names)
    said, _, _ = entry["reason"].partition("（依据：")
    return Finding(
        rule=entry["rule"],
        version=str(entry["version"]),
        title=entry["title"],
        said=said,
        facts=tuple(words.fact(name, value) for name, value in entry["facts"].items()),
        parameters=tuple(words.parameter(name, value) for name, value in entry["parameters"].items()),
        rows=tuple(rows),
        more_rows=max(0, entry.get("rows_total", len(rows)) - len(rows)),
        rule_known=entry["rule"] in words.rules,
        decided=tuple(_decided(words, name, told) for name, told in entry.get("decided", {}).items()),
    )


def _decided(words: Pack, parameter: str, told: Mapping[str, Any]) -> str:
    """Why a value is not the pack's own: 监测线自2022-07-01起按《…》（渝乡振〔2022〕1号）第二条."""
    number = (
        gettext("（{document_number}）").format(document_number=told["document_number"])
        if told["document_number"]
        else ""
    )
    return gettext("{parameter}自{since}起按{document}{number}{clause}").format(
        parameter=words.title_of(parameter),
        since=told["since"],
        document=told["document"],
        number=number,
        clause=told["clause"],
    )


def source_rows(rows: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> list[SourceRow]:
    """Stored rows with the title of their source and the name of the person; the same row is told once."""
    known = contracts()
    found = {}
    for row in rows:
        contract = known.get(row["source"])
        number, line = int(row["delivery"].removeprefix("D")), int(row["line"])
        found[number, line] = SourceRow(
            contract.title if contract else row["source"],
            contract.owner if contract else "",
            number,
            line,
            names.get(row.get("person") or 0, ""),
            row["text"],
        )
    return list(found.values())
