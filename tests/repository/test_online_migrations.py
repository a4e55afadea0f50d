"""No migration after an app's first keeps the desks waiting; and an index can be built beside their work."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from repository.online import LARGE, keeps_waiting
from runtime_role import owner
from shouwang.tables.online import AddIndexBesideWork

AGAINST = "about PostgreSQL: SHOUWANG_TEST_DATABASE=postgresql"


@pytest.mark.django_db
def test_large_tables_are_tables() -> None:
    assert set(LARGE) <= set(connection.introspection.table_names())


@pytest.mark.skipif(connection.vendor != "postgresql", reason=AGAINST)
@pytest.mark.django_db(transaction=True)  # within a transaction no index is built beside the work
def test_no_migration_keeps_the_desks_waiting() -> None:
    loader, wrong, read = MigrationLoader(connection), {}, 0
    for key, migration in sorted(loader.disk_migrations.items()):
        if not migration.__module__.startswith("shouwang.") or not migration.dependencies:
            continue
        if key not in loader.graph.nodes or not any(app == key[0] for app, _ in migration.dependencies):
            continue  # an app's first makes its tables
        read += 1
        if found := list(keeps_waiting(loader.collect_sql([(migration, False)]))):
            wrong[key] = found
    assert read >= 3
    assert wrong == {}


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ('CREATE INDEX "a" ON "clues_clue" ("level")', "AddIndexBesideWork"),
        ('CREATE UNIQUE INDEX "a" ON "clues_clue" ("level") WHERE "key" <> \'\'', "AddIndexBesideWork"),
        ('CREATE INDEX CONCURRENTLY "a" ON "clues_clue" ("level")', ""),
        ('CREATE INDEX "a" ON "assistance_plan" ("level")', ""),
        ('ALTER TABLE "clues_clue" ALTER COLUMN "number" TYPE bigint USING "number"::bigint', "another type"),
        ('ALTER TABLE "clues_clue" ALTER COLUMN "due_on" SET NOT NULL', "NULL"),
        ('ALTER TABLE "clues_clue" ADD CONSTRAINT "a" CHECK ("version" > 0)', "ValidateConstraint"),
        ('ALTER TABLE "clues_clue" ADD CONSTRAINT "a" CHECK ("version" > 0) NOT VALID', ""),
        (
            'ALTER TABLE "clues_clue" ADD COLUMN "b" bigint NULL CONSTRAINT "c" REFERENCES "areas_area" ("code")',
            "a key",
        ),
        ('ALTER TABLE "clues_clue" ADD COLUMN "b" date NULL', ""),
        ('ALTER TABLE "clues_clue" ADD COLUMN "b" integer DEFAULT 0 NOT NULL', ""),
    ],
)
def test_what_keeps_people_waiting_is_found(statement: str, word: str) -> None:
    found = list(keeps_waiting([statement]))
    assert len(found) == bool(word)
    assert all(word in each for each in found)
    assert list(keeps_waiting(['CREATE TABLE "clues_clue" ("id" bigint)', statement])) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_beside_the_work_and_taken_away_again() -> None:
    from django.apps import apps

    operation = AddIndexBesideWork("clue", models.Index(fields=["last_seen_on"], name="planted_index"))
    before = ProjectState.from_apps(apps)
    after = before.clone()
    operation.state_forwards("clues", after)
    assert not _stands()
    with owner(), connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("clues", editor, before, after)
    assert _stands()
    with owner(), connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("clues", editor, after, before)
    assert not _stands()


def _stands() -> bool:
    with connection.cursor() as cursor:
        known: dict[str, Any] = connection.introspection.get_constraints(cursor, "clues_clue")
    return "planted_index" in known
