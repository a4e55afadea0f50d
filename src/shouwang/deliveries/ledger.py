"""The ledger of deliveries: what came, when, and what became of its rows.

A delivery exists exactly when its report does. The report is the last file written, in one rename, so a killed
ingest leaves nothing that counts.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from shouwang.kernel.errors import InputError
from shouwang.kernel.home import Home, replace_file

SETTLED_NS = 2 * 10**9
"""A folder that changed twice within a tick of the clock bears the same time: only an older one is trusted."""


def label(number: int) -> str:
    """How people name a delivery: 12 is D000012."""
    return f"D{number:06d}"


@dataclass(frozen=True)
class DeliveryReport:
    """What became of one file. `read == accepted + duplicate + quarantined` always."""

    number: int
    source: str
    file: str
    sha256: str
    size: int
    received_on: date
    ingested_at: str
    encoding: str
    sheet: str | None
    header_line: int
    ignored_columns: tuple[str, ...] = ()
    skipped_lines: tuple[int, ...] = ()
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    quarantined_by_reason: Mapping[str, int] = field(default_factory=dict)
    linked: int = 0
    corrected: int = 0
    review: int = 0
    unregistered: int = 0
    superseded: int = 0
    mended: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    mended_at: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # the lines here of those in `mended`
    notes: tuple[str, ...] = ()
    same_as: str | None = None

    @property
    def label(self) -> str:
        return label(self.number)

    def as_json(self) -> dict[str, Any]:
        """The report as plain JSON values, with `delivery` for its label."""
        data = asdict(self) | {"delivery": self.label, "received_on": self.received_on.isoformat()}
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "DeliveryReport":
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        for name in ("ignored_columns", "skipped_lines", "notes"):
            values[name] = tuple(values.get(name, ()))
        for name in ("mended", "mended_at"):
            values[name] = {of: tuple(lines) for of, lines in values.get(name, {}).items()}
        return cls(**values | {"received_on": date.fromisoformat(data["received_on"])})


def deliveries(home: Home, known_at: date | None = None, source: str | None = None) -> list[DeliveryReport]:
    """The deliveries received by a day, in the order in which they count: by day of receipt, then by number."""
    return [
        report
        for report in _all(home.deliveries, when_changed(home))
        if (known_at is None or report.received_on <= known_at) and source in (None, report.source)
    ]


def delivery(home: Home, name: str | int) -> DeliveryReport:
    """One delivery by its label or number.

    Raises:
        InputError: there is none of that name.
    """
    digits = str(name).removeprefix("D")
    path = home.deliveries / f"{label(int(digits))}.json" if digits.isdigit() else None
    if path is None or not path.exists():
        raise InputError(f"没有交付 {name}", "用 shouwang ingest 的报告或页面“交付”中的编号，例如 D000012")
    return _report(path)


def next_number(home: Home) -> int:
    """The number that the next delivery gets; called under the home's write lock."""
    taken = [int(path.stem[1:]) for path in home.deliveries.glob("D*.json")]
    return max(taken, default=0) + 1


def commit(home: Home, report: DeliveryReport) -> None:
    """Makes the delivery count; its rows and quarantine must be in place."""
    content = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    replace_file(home.deliveries / f"{report.label}.json", content.encode())


def now_text() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def when_changed(home: Home) -> int:
    """A number that is another after each delivery: when the folder last changed; of the last seconds none is twice the same."""
    now, changed = time.time_ns(), home.deliveries.stat().st_mtime_ns
    return changed if changed < now - SETTLED_NS else now


@lru_cache(maxsize=8)
def _all(folder: Path, _when_changed: int) -> tuple[DeliveryReport, ...]:
    found = (_report(path) for path in folder.glob("D*.json"))
    return tuple(sorted(found, key=lambda report: (report.received_on, report.number)))


def _report(path: Path) -> DeliveryReport:
    """Read once as long as the file is the same: a page asks for all deliveries of each source."""
    is_now = path.stat()
    return _read(path, is_now.st_ino, is_now.st_mtime_ns, is_now.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, *_is_now: int) -> DeliveryReport:
    return DeliveryReport.from_json(json.loads(path.read_bytes()))
