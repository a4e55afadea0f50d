"""A chain of entries with an anchor for each, as the application leaves it."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from tampering import Scene, sql

from runtime_role import owner
from shouwang.audit import triggers
from shouwang.audit.record import anchor_head, chain_key, record
from shouwang.kernel.home import Home

LENGTH = 14


def lengthen(length: int, anchor_every: int = 1) -> None:
    for number in range(1, length + 1):
        with transaction.atomic():
            record(None, "household_viewed", ("household", f"H{number}"), area="500101001001", rows=number)
        if number % anchor_every == 0:
            anchor_head()


@pytest.fixture(scope="module")
def chained(rows_of_the_file: None, home_of_the_file: Home, django_db_blocker: Any) -> Path:
    """The home with the anchors of the chain that all tests of a file begin with, in a database without the triggers, as
    somebody who owns it may have it."""
    with django_db_blocker.unblock(), owner():
        for statement in triggers.taking_down(connection.vendor, triggers.names(connection.vendor)):
            sql(statement)
        lengthen(LENGTH)
    return home_of_the_file.path


@pytest.fixture
def scene(chained: Path, tables_owner: None, home: Home, tmp_path: Path) -> Callable[..., Scene]:
    """The chain of the file, or one of another length that is made anew."""

    def make(seed: int = 0, *, length: int | None = None, anchor_every: int = 1) -> Scene:
        if length is not None:
            for table in ("audit_entry", "audit_head"):
                sql(f"DELETE FROM {table}")
            shutil.rmtree(home.path / "anchors")
            lengthen(length, anchor_every)
        last = LENGTH if length is None else length
        return Scene(last, chain_key(home), home.path / "anchors", tmp_path / "second", random.Random(seed))

    return make
