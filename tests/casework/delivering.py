"""Department files, sent line by line."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import count
from pathlib import Path

from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.kernel.home import Home

Send = Callable[..., DeliveryReport]


def sending(home: Home, folder: Path) -> Send:
    """A way to ingest lines as a CSV file, which lies in `folder` meanwhile."""
    serial = count(1)

    def send(source: str, lines: Iterable[str], on: str = "2021-01-05") -> DeliveryReport:
        path = folder / f"{source}-{next(serial)}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        report = ingest_file(home, source, path, date.fromisoformat(on))
        path.unlink()
        return report

    return send
