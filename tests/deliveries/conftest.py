"""A home of its own for each test, and small department files made on the spot."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest

from conftest_numbers import number, village
from shouwang.deliveries.ingest import ingest_file
from shouwang.deliveries.ledger import DeliveryReport
from shouwang.kernel.home import Home, init_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return init_home(tmp_path / "home")


Send = Callable[..., DeliveryReport]


@pytest.fixture
def send(home: Home, tmp_path: Path) -> Send:
    """Writes lines as a CSV file and ingests it."""
    count = 0

    def _send(
        source: str, lines: Iterable[str], on: str = "2021-06-30", encoding: str = "utf-8", name: str | None = None
    ) -> DeliveryReport:
        nonlocal count
        count += 1
        path = tmp_path / (name or f"{source}-{count}.csv")
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return ingest_file(home, source, path, date.fromisoformat(on))

    return _send


@pytest.fixture
def register(send: Send) -> DeliveryReport:
    """Three registered persons in two households of one village."""
    return send(
        "household_register",
        [
            "户编号,行政区划代码,户类型,姓名,证件号码,与户主关系,失学原因,联系电话,住址",
            f"H1,{village()},脱贫户,向小山,{number(1)},户主,,19900000001,（合成数据）一组",
            f"H1,{village()},脱贫户,覃小河,{number(2)},配偶,,,",
            f"H2,{village()},一般农户,冉大田,{number(3)},户主,,,",
        ],
        on="2021-01-05",
    )
