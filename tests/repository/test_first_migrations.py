"""A home that stood at the last of the migrations that were put together into one carries on without a change."""

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from shouwang.jobs.casework import pending_migrations, prepare
from shouwang.kernel.errors import Failure

pytestmark = pytest.mark.django_db


@pytest.fixture
def stood_there(tables_owner: None) -> list[str]:
    """The database knows only the single migrations; returns the apps that had several."""
    put_together = MigrationRecorder(connection).migration_qs.filter(name="0001_squashed")
    apps = sorted(put_together.values_list("app", flat=True))
    put_together.delete()
    return apps


def test_nothing_is_made_again_where_all_was_made_singly(stood_there: list[str]) -> None:
    assert {"clues", "cases", "assistance"} <= set(stood_there)
    assert pending_migrations() == []


def test_one_that_stood_in_between_is_told_so(stood_there: list[str]) -> None:
    MigrationRecorder(connection).migration_qs.filter(app="clues", name="0011_help_first").delete()
    assert pending_migrations() == ["clues"]
    with pytest.raises(Failure, match="中间版本"):
        prepare(settings.HOME)
