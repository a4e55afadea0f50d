"""A chain of entries with an anchor for each, as the application leaves it."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from tampering import Scene, sql

from shouwang.audit import triggers
from shouwang.audit.record import anchor_head, chain_key, record
from shouwang.kernel.home import Home

LENGTH = 14


@pytest.fixture
def scene(tables_owner: None, home: Home, tmp_path: Path) -> Callable[..., Scene]:
    """Makes a chain; the database's triggers are gone, as for somebody who owns it."""

    def make(seed: int = 0, *, length: int = LENGTH, anchor_every: int = 1) -> Scene:
        for statement in triggers.taking_down(connection.vendor, triggers.names(connection.vendor)):
            sql(statement)
        for number in range(1, length + 1):
            with transaction.atomic():
                record(None, "household_viewed", ("household", f"H{number}"), area="500101001001", rows=number)
            if number % anchor_every == 0:
                anchor_head()
        return Scene(length, chain_key(home), home.path / "anchors", tmp_path / "second", random.Random(seed))

    return make
