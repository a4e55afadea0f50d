"""The source rows that a clue rests on, and whether there are new ones: what decides when a question is open again."""

from collections.abc import Mapping
from typing import Any

SourceRow = tuple[str, str, int]
Evidence = Mapping[str, Any]


def source_rows(evidence: Evidence) -> set[SourceRow]:
    """The source rows that evidence rests on."""
    return {(row["source"], row["delivery"], row["line"]) for found in evidence.values() for row in found["rows"]}


def rows_of(evidence: Evidence) -> dict[str, Any]:
    """As much of evidence as tells later whether there is something new: by rule the rows' places and their number."""
    return {
        rule: {
            "rows": [{name: row[name] for name in ("source", "delivery", "line")} for row in found["rows"]],
            "rows_total": found.get("rows_total", len(found["rows"])),
        }
        for rule, found in evidence.items()
    }


def has_new_rows(now: Evidence, then: Evidence) -> bool:
    """Whether evidence rests on a source row that it did not rest on then."""
    if source_rows(now) - source_rows(then):
        return True
    return any(
        _beyond_listed(found) and found["rows_total"] > then.get(rule, {}).get("rows_total", 0)
        for rule, found in now.items()
    )


def _beyond_listed(found: Evidence) -> bool:
    """Evidence lists only so many rows of a rule; beyond them only their number can tell a new one."""
    return bool(found.get("rows_total", 0) > len(found["rows"]))
